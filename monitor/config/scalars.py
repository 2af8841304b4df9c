"""Unquoted YAML values after the core schema of YAML 1.2: what is a number, what is text.

Without domain knowledge. `NO`, `on`, `12:30:45` and `2026-01-01` are text, exactly as written.
"""

from __future__ import annotations

import re

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
TRUTHS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
WHOLE = re.compile(r"[-+]?[0-9]+")
OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
# SQLite, JSON readers and pydantic all stop at 64 bits.
LONGEST_NUMBER = 18

Scalar = str | int | float | bool | None


class UnclearValue(ValueError):
    """An unquoted value that one reader takes for this and another for that; holds the cure."""

    def __init__(self, problem: str, cure: str) -> None:
        self.problem = problem
        self.cure = cure
        super().__init__(problem)


def read_scalar(written: str) -> Scalar:
    """Return what the unquoted text `written` means in YAML 1.2.

    Refuses with UnclearValue what a person may have meant in two ways: a number with a leading
    zero (8 or 10?), one that is longer than 18 digits, and infinity.
    """
    if written in NULLS:
        return None
    if written in TRUTHS:
        return TRUTHS[written]
    if not FRACTION.fullmatch(written) and not OTHER_BASE.fullmatch(written):
        if NOT_FINITE.fullmatch(written):
            raise UnclearValue(
                f"{written!r} is not a number here", 'write a number, or quote it: "…"'
            )
        return written
    return _read_number(written)


def _read_number(written: str) -> int | float:
    if LEADING_ZERO.fullmatch(written):
        raise UnclearValue(
            f"the number {written} begins with a zero",
            f'write "{written}" in quotation marks if it is text, or leave out the zero',
        )
    if len(written) > LONGEST_NUMBER:
        raise UnclearValue(
            f"the number {written[:40]}{'…' if len(written) > 40 else ''} is too long",
            "write it in quotation marks if it is text",
        )
    if OTHER_BASE.fullmatch(written):
        return int(written, 0)
    number: int | float = int(written) if WHOLE.fullmatch(written) else float(written)
    if number in {float("inf"), float("-inf")}:
        raise UnclearValue(f"the number {written} is too large", "write a smaller one")
    return number
