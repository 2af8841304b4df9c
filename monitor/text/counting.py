"""Counts with their nouns, in English."""

from __future__ import annotations


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return `1 report`, `2 reports`, `1,204 pages`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
