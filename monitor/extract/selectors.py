"""XPath expressions that ask only of an element itself, answered without XPath and the same.

    expression → steps, each some names and conditions on an element's own attributes
      → one walk over the tree; elements of one look (name, those attributes) are judged once

libxml2 takes half a microsecond for each element and step, and lxml calls Python for `re:test`.
Without knowledge of what the expressions are for.
"""

from __future__ import annotations

from lxml.etree import XPath, _Element

from monitor.extract.selector_grammar import Look, Step, Unreadable, read_expression

MOST_LOOKS = 3_000
"""Looks that an expression remembers before it begins anew: a page has some hundreds."""
LONGEST_LOOK = 300
"""Characters in all attributes of a look that is remembered."""


class Selector:
    """An expression, to be called with an element as an `lxml.etree.XPath` is."""

    def __init__(self, path: str) -> None:
        """Read an expression; raises Unreadable where it asks for more than an element's look."""
        self.path = path
        self._read = read_expression(path)
        tags = frozenset[str]().union(*(step.tags for step in self._read.steps))
        self._tags = ("*",) if "*" in tags else tuple(tags)
        self.known: dict[Look, tuple[Step, ...]] = {}

    def __call__(self, tree: _Element) -> list[_Element]:
        """Return the elements below `tree` that the expression names, in document order."""
        steps, names, pairs, is_first, asks_name = self._read
        known = self.known
        parents: set[_Element | None] | None = set() if steps[0].is_first else None
        found: list[_Element] = []
        for element in tree.iterdescendants(*self._tags):
            look: Look = (element.tag if asks_name else None, *map(element.get, names))
            for one, other in pairs:
                if look[one] is not None and look[other] is not None:
                    look += tuple(_first_of(element, names, pair) for pair in pairs)
                    break
            held = known[look] if look in known else self._judge(look)
            if not held or not any(step.holds_inside(look, element) for step in held):
                continue
            if parents is not None:  # `[1]`: the first of each parent
                parent = element.getparent()
                if parent in parents:
                    continue
                parents.add(parent)
            found.append(element)
            if is_first:
                break
        return found

    def _judge(self, look: Look) -> tuple[Step, ...]:
        """Return the steps whose conditions a look fulfils; remembered within bounds."""
        steps = tuple(step for step in self._read.steps if step.holds(look))
        if sum(len(value) for value in look if value) <= LONGEST_LOOK:
            if len(self.known) >= MOST_LOOKS:
                self.known.clear()
            self.known[look] = steps
        return steps


def _first_of(element: _Element, names: tuple[str, ...], pair: tuple[int, int]) -> str | None:
    """Return the value of whichever of two attributes is written first; XPath's `@id|@class`."""
    one, other = names[pair[0] - 1], names[pair[1] - 1]
    for name in element.attrib:
        if name in {one, other}:
            value: str | None = element.get(name)
            return value
    return None


def quicken(expression: XPath) -> XPath | Selector:
    """Return what answers as `expression` does, and sooner where that can be."""
    try:
        return Selector(str(expression.path))
    except Unreadable:
        return expression
