"""Floors on a sample of real pages; benchmarks/extraction.py measures all of them."""

from __future__ import annotations

from pathlib import Path
from statistics import mean

import pytest
from trafilatura import extract
from trafilatura.utils import decode_file

from monitor.extract import extract_article
from monitor.extract.decode import decode
from tests.extract.real_pages import (
    RealPage,
    as_page,
    f1_of,
    is_near_title,
    is_right_day,
    precision_recall,
    read_fundus,
    read_scrapinghub,
)

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def web(shared: Path) -> list[RealPage]:
    return list(read_scrapinghub(shared))[::7]


@pytest.fixture(scope="module")
def news(shared: Path) -> list[RealPage]:
    return list(read_fundus(shared))[::8]


def our_f1(pages: list[RealPage]) -> float:
    articles = [extract_article(as_page(page)).article for page in pages]
    return f1_of(
        [
            precision_recall(page.text, article.text if article else "")
            for page, article in zip(pages, articles, strict=True)
        ]
    )


def plain_f1(pages: list[RealPage]) -> float:
    return f1_of([precision_recall(page.text, extract(page.body) or "") for page in pages])


def test_text_is_better_than_plain_trafilatura(web: list[RealPage], news: list[RealPage]) -> None:
    ours, plain = our_f1(web), plain_f1(web)
    assert ours >= 0.965  # all 181: .978, plain .961
    assert ours > plain
    ours, plain = our_f1(news), plain_f1(news)
    assert ours >= 0.955  # all 258: .968, plain .949
    assert ours > plain


def test_titles_days_and_outcomes_are_right(news: list[RealPage]) -> None:
    found = [extract_article(as_page(page)) for page in news]
    articles = [extraction.article for extraction in found]
    assert all(articles)
    assert [e.outcome for e in found if e.outcome is not None] == []
    assert [e.wall for e in found if e.wall is not None] == []
    pairs = [(p, a) for p, a in zip(news, articles, strict=True) if a is not None]
    assert mean(is_near_title(p.title or "", a.title) for p, a in pairs) >= 0.8  # all 258: .89
    days = [
        is_right_day(p.published, a.published, a.published_precision)
        for p, a in pairs
        if p.published
    ]
    assert mean(days) >= 0.95


def test_no_real_page_of_the_other_set_is_taken_for_a_wall(web: list[RealPage]) -> None:
    found = [extract_article(as_page(page)) for page in web]
    assert [(e.outcome, e.wall) for e in found if e.outcome or e.wall] == []


def test_utf_8_pages_are_read_as_what_they_are(web: list[RealPage], news: list[RealPage]) -> None:
    for page in [*web, *news]:
        try:
            true = page.body.decode("utf-8")
        except UnicodeDecodeError:
            true = decode_file(page.body)
        assert decode(page.body).text.removeprefix("\ufeff") == true.removeprefix("\ufeff")
