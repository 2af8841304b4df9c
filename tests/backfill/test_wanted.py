"""Which flagged pages a backfill leaves out, and for what: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.model import Article, Outcome, Prepared
from spiders.units import OUTSIDE, UNDATED, Wanted, languages_of
from storage.archive_entries import EntryEnd
from storage.archive_lists import ListHeld, NewEntry, NewList
from storage.database import Storage
from tests.storage.building import NOON, HeldClock, make_analysis, make_article

LONG = "The office in the old town was closed, and nobody answered the door. " * 4


def prepared(**changes: object) -> Prepared:
    return Prepared(
        url="https://daily.example/1", final_url="https://daily.example/1", fetched_at=NOON,
        status=200, body_sha256="ab" * 32, analysis=make_analysis(),
        article=make_article(**changes),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("published", "said"),
    [
        (datetime(2019, 5, 5, tzinfo=UTC), OUTSIDE),
        (None, UNDATED),
        (datetime(2025, 5, 5, tzinfo=UTC), None),
    ],
)
def test_page_without_a_date_is_left_out_as_such(
    published: datetime | None, said: str | None
) -> None:
    """It was told as published outside the period, which nobody knows."""
    wanted = Wanted(since=datetime(2025, 1, 1, tzinfo=UTC), until=datetime(2026, 1, 1, tzinfo=UTC))
    assert wanted.has(prepared(published=published)) == said


@pytest.mark.parametrize(
    ("text", "language", "declared", "counts_for"),
    [
        (LONG, "en", "hu", {"en"}),
        (LONG, "zh-Hant", "en", {"zh"}),
        ("Short.", "en", "hu-HU", {"en", "hu"}),
        ("Short.", "en", None, {"en"}),
        ("1 2 3", None, "nb", {"no"}),
        ("1 2 3", None, None, set()),
    ],
)
def test_language_is_that_of_the_text_unless_it_is_too_short(
    text: str, language: str | None, declared: str | None, counts_for: set[str]
) -> None:
    article: Article = replace(
        make_article(), title="T", text=text, language=language, declared_language=declared
    )
    assert languages_of(article) == counts_for


@pytest.mark.parametrize(
    ("language", "said"), [("hu", None), ("en", "in another language"), (None, None)]
)
def test_article_is_left_out_only_for_a_language_that_is_known(
    language: str | None, said: str | None
) -> None:
    """Nothing is lost for want of knowing."""
    page = prepared(text=LONG, language=language)
    assert Wanted(languages=("hu",)).has(page) == said


def test_page_of_a_host_that_is_left_out_keeps_its_reason(tmp_path: Path) -> None:
    """Reports of sites' own archives counted it, and never said why."""
    with Storage.create(tmp_path, HeldClock()) as storage:
        url = "https://daily.example/map.xml"
        entry = NewEntry(
            key="k", url="https://daily.example/1", source_id="daily", host="daily.example",
            rules="r", replay=False, published=None, dated=NOON,
        )  # fmt: skip
        storage.archive_lists.add("q", [NewList(url=url, source_id="daily", form="sitemap")])
        storage.archive_lists.finish("q", url, ListHeld(entries=(entry,)))
        end = EntryEnd(key="k", outcome="unwanted", counted=None, reason="in another language")
        storage.archive_entries.finish("q", "run", [end])
        (month,) = storage.archive_entries.read_months("q")
    assert (month.outcome, month.reason, month.pages) == ("unwanted", "in another language", 1)


def test_left_out_is_an_outcome_of_its_own() -> None:
    assert Outcome("flagged but left out") is Outcome.LEFT_OUT
