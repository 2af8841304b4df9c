"""The part of XPath 1.0 that asks only of an element's name and attributes, read into conditions.

    .//div[@id='a' or contains(@class, 'b')] | (.//*[self::p][re:test(@class|@id, 'c', 'i')])[1]

What else there is in XPath is refused.  `re:test` is EXSLT's; lxml answers it with Python's `re`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from lxml.etree import _Element

Look = tuple[str | None, ...]
"""An element's name, then the values of the attributes that are asked for."""
Condition = Callable[[Look], bool]
Value = Callable[[Look], str]

_TOKEN = re.compile(
    r"""\s*(?:('[^']*'|"[^"]*")
    |((?:self::|@|\.//)(?:\*|[a-z][a-z0-9-]*))
    |((?:re:test|contains|starts-with|translate|not|or|and)(?![\w:-]))
    |([()\[\]|=,]|1(?=\s*\])))""",
    re.VERBOSE,
)


class Unreadable(ValueError):
    """An expression asks for more than an element's own name and attributes."""


class Inside(NamedTuple):
    """`not(.//name) or condition`: none of that name inside, or the condition holds."""

    path: str
    condition: Condition


class Step(NamedTuple):
    """One `.//name[…]`: elements with one of these names, whose look fulfils all conditions.

    `is_first` is `[1]`: the first of each parent.
    """

    tags: frozenset[str]
    conditions: tuple[Condition, ...] = ()
    inside: tuple[Inside, ...] = ()
    is_first: bool = False

    def holds(self, look: Look) -> bool:
        """Say whether a look fulfils what can be told by it."""
        named = look[0] is None or "*" in self.tags or look[0] in self.tags
        return named and all(condition(look) for condition in self.conditions)

    def holds_inside(self, look: Look, element: _Element) -> bool:
        """Say whether an element fulfils the rest."""
        return all(one.condition(look) or element.find(one.path) is None for one in self.inside)


class Expression(NamedTuple):
    """What was read: steps of which any may hold, and which attributes a look consists of.

    A look is the name, or None unless `asks_name`, then the values of the attributes `names`.  Of
    `pairs`, places in the look, both may have a value: then what follows is, for each pair, the
    value that is written first.  `is_first`: `(…)[1]`, the first of all.
    """

    steps: tuple[Step, ...]
    names: tuple[str, ...]
    pairs: tuple[tuple[int, int], ...]
    is_first: bool
    asks_name: bool


def read_expression(path: str) -> Expression:
    """Return an expression as it was understood; raises Unreadable where it was not."""
    reader = _Reader(_cut(path))
    is_first = reader.take("(")
    steps = [reader.read_step()]
    while reader.take("|"):
        steps.append(reader.read_step())
    if is_first:
        reader.need(")", "[", "1", "]")
    if reader.tokens or (len(steps) > 1 and any(step.is_first for step in steps)):
        raise Unreadable(f"while reading {path!r}: more than can be told is asked for")
    asks_name = reader.asks_name or len({step.tags for step in steps}) > 1
    return Expression(tuple(steps), reader.names, reader.pairs, is_first, asks_name)


def _cut(path: str) -> list[str]:
    """Return the words and signs of an expression."""
    tokens, at, path = [], 0, path.strip()
    while at < len(path):
        found = _TOKEN.match(path, at)
        if found is None:
            raise Unreadable(f"while reading {path!r}: unknown at {path[at : at + 20]!r}")
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


class _Reader:
    """One pass over the words and signs of an expression, by recursive descent."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        asked = [token[1:] if token.startswith("@") else "" for token in tokens]
        self.names = tuple(dict.fromkeys(name for name in asked if name))
        pairs = [
            (1 + self.names.index(one), 1 + self.names.index(other))
            for one, sign, other in zip(asked, tokens[1:], asked[2:], strict=False)
            if one and sign == "|" and other
        ]
        self.pairs = tuple(dict.fromkeys(pairs))
        self.asks_name = False

    def take(self, *expected: str) -> bool:
        """Go on behind these words and signs where they come next, and say whether they do."""
        if self.tokens[: len(expected)] != list(expected):
            return False
        del self.tokens[: len(expected)]
        return True

    def need(self, *expected: str) -> None:
        """Go on behind these words and signs; raises Unreadable where others come."""
        if not self.take(*expected):
            raise Unreadable(f"{' '.join(self.tokens[:8])!r} where {' '.join(expected)!r} is known")

    def take_any(self, first: str) -> str:
        """Go on behind a word or sign that begins with `first`, and return the rest of it."""
        if not self.tokens or not self.tokens[0].startswith(first):
            raise Unreadable(f"{' '.join(self.tokens[:8])!r} where {first!r} is known")
        return self.tokens.pop(0)[len(first) :]

    def read_step(self) -> Step:
        """Read `.//name[…]…`, with `[1]` only at its end."""
        tags = frozenset([self.take_any(".//")])
        if tags == {"*"}:
            tags = self._read_tags() or tags
        conditions: list[Condition] = []
        inside: list[Inside] = []
        while self.take("["):
            if self.take("1", "]"):
                return Step(tags, tuple(conditions), tuple(inside), is_first=True)
            if self.tokens[:2] == ["not", "("] and self.tokens[2:3] and self.tokens[2][0] == ".":
                self.need("not", "(")
                name = self.take_any(".//")
                self.need(")", "or")
                inside.append(Inside(f".//{name}", self.read_any()))
            else:
                conditions.append(self.read_any())
            self.need("]")
        return Step(tags, tuple(conditions), tuple(inside))

    def _read_tags(self) -> frozenset[str]:
        """Read `[self::a or self::b]`, if that is what comes next."""
        end = self.tokens.index("]") if "]" in self.tokens else 0
        names, signs = self.tokens[1:end:2], self.tokens[2:end:2]
        if not all(name.startswith("self::") for name in names) or {*signs} - {"or"}:
            return frozenset()
        if self.tokens[:1] != ["["]:
            return frozenset()
        del self.tokens[: end + 1]
        return frozenset(name.removeprefix("self::") for name in names)

    def read_any(self) -> Condition:
        """Read conditions with `or` between them."""
        parts = [self._read_all()]
        while self.take("or"):
            parts.append(self._read_all())
        return parts[0] if len(parts) == 1 else _any_of(parts)

    def _read_all(self) -> Condition:
        parts = [self._read_one()]
        while self.take("and"):
            parts.append(self._read_one())
        return parts[0] if len(parts) == 1 else lambda look: all(part(look) for part in parts)

    def _read_one(self) -> Condition:
        """Read one condition: `(…)`, `not(…)`, a test of a value, `@name`, `@name='…'`, a name."""
        if self.take("("):
            inner = self.read_any()
            self.need(")")
            return inner
        if self.take("not", "("):
            inner = self.read_any()
            self.need(")")
            return lambda look: not inner(look)
        for test, build in _TESTS.items():
            if self.take(test, "("):
                return self._read_test(build)
        if self.tokens and self.tokens[0].startswith("self::"):
            tag = self.take_any("self::")
            self.asks_name = True
            return lambda look: look[0] == tag
        at = 1 + self.names.index(self.take_any("@"))
        if self.take("="):
            text = self._read_text()
            return lambda look: look[at] == text
        return lambda look: look[at] is not None

    def _read_test(self, build: Callable[..., Callable[[str], bool]]) -> Condition:
        """Read what is tested and what for, up to the closing bracket."""
        value = self._read_value()
        texts = []
        while self.take(","):
            texts.append(self._read_text())
        self.need(")")
        holds = build(*texts)
        return lambda look: holds(value(look))

    def _read_value(self) -> Value:
        """Read `@name`, `@name|@name` or a `translate(…)` of these; what is not there is empty."""
        if self.take("translate", "("):
            value = self._read_value()
            self.need(",")
            source = self._read_text()
            self.need(",")
            target = self._read_text()
            self.need(")")
            if len(source) != len(target) or len({*source}) != len(source):
                raise Unreadable(f"translate() of {source!r} to {target!r}")
            table = str.maketrans(source, target)
            return lambda look: value(look).translate(table)
        at = 1 + self.names.index(self.take_any("@"))
        if not self.take("|"):
            return lambda look: look[at] or ""
        other = 1 + self.names.index(self.take_any("@"))
        first = 1 + len(self.names) + self.pairs.index((at, other))
        return lambda look: (
            look[at if look[other] is None else other if look[at] is None else first] or ""
        )

    def _read_text(self) -> str:
        if not self.tokens or self.tokens[0][0] not in "'\"":
            raise Unreadable(f"{' '.join(self.tokens[:8])!r} where a text is known")
        return self.tokens.pop(0)[1:-1]


def _any_of(parts: list[Condition]) -> Condition:
    def holds(look: Look) -> bool:
        for part in parts:  # noqa: SIM110  a generator takes as long as what it asks
            if part(look):
                return True
        return False

    return holds


def _contains(part: str) -> Callable[[str], bool]:
    return lambda value: part in value


def _starts_with(part: str) -> Callable[[str], bool]:
    return lambda value: value.startswith(part)


def _is_found(pattern: str, flags: str = "") -> Callable[[str], bool]:
    search = re.compile(pattern, re.IGNORECASE if "i" in flags else 0).search

    @lru_cache(maxsize=512)  # one class stands beside many ids
    def is_found(value: str) -> bool:
        return search(value) is not None

    return is_found


_TESTS: dict[str, Callable[..., Callable[[str], bool]]] = {
    "contains": _contains,
    "starts-with": _starts_with,
    "re:test": _is_found,
}
