"""Names of countries and languages and dates, as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.render.names import country_name, language_name, say_published
from tests.render.messages import one
from tests.render.samples import NOW


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (None, "not given"),
        (datetime(2026, 11, 20, tzinfo=UTC), "20 November 2026"),
        (datetime(2026, 11, 20, 13, 5, tzinfo=UTC), "20 November 2026, 14:05"),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), "not believable"),
        (datetime(1900, 1, 1, tzinfo=UTC), "not believable"),
        (NOW + timedelta(days=30), "not believable"),
    ],
)
def test_date_that_cannot_be_is_shown_as_a_claim(moment: datetime | None, words: str) -> None:
    """B4."""
    assert say_published(moment, "Europe/Zagreb", now=NOW).startswith(words)
    message = one(published=moment)
    assert message.html is not None


@pytest.mark.parametrize(
    ("code", "name"),
    [("HU", "Hungary"), ("hr", "Croatia"), ("ZZ9", "ZZ9"), (None, "country not known")],
)
def test_country_has_its_name(code: str | None, name: str) -> None:
    assert country_name(code) == name


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("zh-Hant", "Chinese (Traditional)"),
        ("sr-Cyrl", "Serbian (Cyrillic)"),
        ("xx-broken-tag", "xx-broken-tag"),
        (None, "language not known"),
    ],
)
def test_language_has_its_name(tag: str | None, name: str) -> None:
    assert language_name(tag) == name
