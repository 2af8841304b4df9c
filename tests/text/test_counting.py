"""Counts and their nouns agree."""

from __future__ import annotations

from monitor.text.counting import plural


def test_one_is_no_plural() -> None:
    assert (plural(1, "page"), plural(0, "page")) == ("1 page", "0 pages")
    assert plural(1204, "entry", "entries") == "1,204 entries"
