"""Which words must stand in any line that can matter to a rule: no other line needs a look.

    rules that could hold on a page → for each condition of nearness, the part with the fewest words

What must stand together stands in one line, so a line without a word of the part that was chosen
cannot hold the condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from monitor.match.conditions import Node

Concepts = frozenset[int]
FEW = 2
"""So many words more are worth it: what has anchors is known to be there, not taken to be."""


class Anchors(NamedTuple):
    """Words as written, and the concepts that are only there where one of the words is."""

    words: frozenset[str]
    concepts: Concepts


def choose_anchors(
    nodes: Iterable[Node], always: set[int], words_of: Callable[[int], frozenset[str]]
) -> Anchors | None:
    """Return anchors of all conditions that could hold on a page; None where one has none.

    `always` are the concepts that are not looked for, `words_of` gives the words of the page that a
    concept could be read from.  Few words are better, so those of the conditions with least choice
    come first, and what they brought costs nothing more.
    """
    conditions = dict.fromkeys(part for node in nodes for part in (node, *_find_near(node)))
    choices = [_find_choices(condition, always, words_of) for condition in conditions]
    chosen: set[int] = set()
    words: set[str] = set()
    for choice in sorted(choices, key=len):
        if not choice:
            return None
        best = min(choice, key=lambda one: len(choice[one] - words))
        for concepts, their_words in choice.items():
            if concepts is best or len(their_words - words) <= FEW:
                chosen |= concepts
                words |= their_words
    return Anchors(frozenset(words), frozenset(chosen))


def _find_near(node: Node) -> Iterable[Node]:
    """Yield every condition of nearness within one line, however deep."""
    span = node.within.span if node.within is not None else "same sentence"
    if node.near and span != "next sentence":
        yield node
    for part in (*node.any, *node.all, *node.near, *node.and_):
        yield from _find_near(part)


def _find_choices(
    node: Node, always: set[int], words_of: Callable[[int], frozenset[str]]
) -> dict[Concepts, frozenset[str]]:
    """Return sets of concepts, one of each of which must be in a line where the node holds.

    With each set stand the words of the page that its concepts could be read from.
    """
    if node.concept is not None:
        return {} if node.concept in always else {frozenset({node.concept}): words_of(node.concept)}
    choices: dict[Concepts, frozenset[str]] = {}
    for part in (*node.near, *node.all):
        choices |= _find_choices(part, always, words_of)
    each = [_find_choices(part, always, words_of) for part in node.any]
    if each and all(each):
        fewest = [min(some.items(), key=lambda item: len(item[1])) for some in each]
        concepts = frozenset[int]().union(*(one for one, _ in fewest))
        choices[concepts] = frozenset[str]().union(*(words for _, words in fewest))
    return choices
