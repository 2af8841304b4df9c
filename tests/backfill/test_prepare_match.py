"""A backfill prepares what matches as any other does; of the rest it tells the same outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.extract.page_languages import find_page_languages
from monitor.extract.page_text import PageText
from monitor.model import Page
from monitor.prepare import Preparer
from monitor.sieve import PageSieve

REPORT = "Dublin orders Chinese police station to close"
TEXT = "Ireland told China to close the Chinese police station that it ran in Dublin's centre."
SIGNED = '<meta name="author" content="Mara Lind"><time datetime="2026-03-01T10:00Z"></time>'


def page_of(title: str, text: str, *, head: str = SIGNED, status: int = 200) -> Page:
    filler = "<p>They said that it was more than they had, but some will not have it.</p>" * 6
    body = f"<title>{title}</title>{head}<body><article><h1>{title}</h1><p>{text}</p>{filler}"
    return Page(
        url="https://paper.example/2026/03/01/1",
        final_url="https://paper.example/2026/03/01/1",
        status=status,
        headers=(),
        body=body.encode(),
        wire_body=body.encode(),
        fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


def test_page_that_matches_comes_to_the_same(preparer: Preparer) -> None:
    page = page_of(REPORT, TEXT)
    prepared = preparer.prepare(page)
    assert prepared.analysis is not None
    assert prepared.analysis.matches
    assert prepared.article is not None
    assert (prepared.article.author, prepared.article.published) == (
        "Mara Lind",
        datetime(2026, 3, 1, 10, tzinfo=UTC),
    )
    assert preparer.prepare_match(page) == prepared


def test_page_without_match_comes_to_the_same_outcome_and_analysis(preparer: Preparer) -> None:
    page = page_of("Rain falls", "Rain fell over the country and the rivers rose. " * 9)
    prepared, brief = preparer.prepare(page), preparer.prepare_match(page)
    assert (brief.outcome, brief.analysis) == (prepared.outcome, prepared.analysis)
    assert (brief.body_sha256, brief.reason) == (prepared.body_sha256, prepared.reason)
    assert prepared.article is not None
    assert brief.article == replace(
        prepared.article, author=None, published=None, published_precision=None
    )
    assert brief.fingerprint is None


@pytest.mark.parametrize(
    "page",
    [
        page_of(REPORT, TEXT, status=404),
        replace(page_of(REPORT, TEXT), body=b"%PDF-1.4 and so on"),
        replace(page_of(REPORT, TEXT), body=b""),
        page_of("Just a moment...", "x"),
        replace(page_of("", ""), body=b"<title>404 Not found</title><p>Not found"),
        replace(page_of("", ""), body=b"<ul>" + b"<li><a href='/a'>One of many</a>" * 30),
    ],
    ids=["refused", "no page", "empty", "wall", "not found", "list"],
)
def test_page_that_is_no_article_comes_to_the_same_outcome(preparer: Preparer, page: Page) -> None:
    prepared, brief = preparer.prepare(page), preparer.prepare_match(page)
    assert (brief.outcome, brief.reason) == (prepared.outcome, prepared.reason)
    assert prepared.outcome is not None
    assert bool(brief.analysis and brief.analysis.matches) == bool(
        prepared.analysis and prepared.analysis.matches
    )


def test_page_is_read_once_for_filter_and_languages(preparer: Preparer, sieve: PageSieve) -> None:
    """What a filter asked before changes nothing in what is told afterwards."""
    page = page_of(REPORT, TEXT)
    text = preparer.begin(page)
    assert not sieve.rules_out(page, text=text)
    decoded, words = text.decoded, text.words
    assert find_page_languages(page, text=text) == find_page_languages(page)
    assert preparer.prepare(page, text=text) == preparer.prepare(page)
    assert text.decoded is decoded
    assert text.words is words


def test_page_text_of_another_kind_of_file_holds_nothing_to_read() -> None:
    page = replace(page_of("", ""), body=b"%PDF-1.4")
    assert PageText(page).kind == "a PDF file"
    assert PageText(page).words is None
