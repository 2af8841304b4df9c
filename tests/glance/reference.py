"""What the rules say could match, told slowly and plainly from the concepts in each line."""

from __future__ import annotations

from collections.abc import Sequence, Set

from monitor.match.conditions import Node
from monitor.match.matcher import Matcher
from monitor.match.sieve import Sieve


class Reference:
    """The necessary conditions of one set of rules; distances in words are not asked."""

    def __init__(self, matcher: Matcher) -> None:
        sieve = Sieve(matcher)
        self._numbers = matcher.table.numbers
        self._holders = matcher.table.find_holders()
        self._topics = list(zip(sieve.scoring, sieve.enough, strict=True))

    def may_match(self, page: Sequence[Sequence[str]]) -> bool:
        """Say whether any topic could be mentioned on a page, given as names of concepts a line."""
        lines = [
            frozenset[int]().union(*(self._holders[self._numbers[word]] for word in line))
            for line in page
        ]
        whole = frozenset[int]().union(*lines)
        return any(
            sum(points for node, points in rules if _may_hold(node, whole, (whole, lines)))
            >= enough
            for rules, enough in self._topics
        )


def _may_hold(node: Node, here: Set[int], page: tuple[Set[int], Sequence[Set[int]]]) -> bool:
    """Say whether a condition can hold where `here` is: on the whole page, or in one line.

    What must also be there may stand anywhere on the page.
    """
    whole, lines = page
    if node.concept is not None:
        return node.concept in here
    holds = (
        all(_may_hold(part, here, page) for part in (*node.all, *node.near))
        and (not node.any or any(_may_hold(part, here, page) for part in node.any))
        and all(_may_hold(part, whole, page) for part in node.and_)
    )
    if not holds or here is not whole or not node.near:
        return holds
    if node.within is not None and node.within.span == "next sentence":
        return True
    return any(all(_may_hold(part, line, page) for part in node.near) for line in lines)
