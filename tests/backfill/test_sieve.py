from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

import pytest

from monitor.model import Entry, Page
from monitor.prepare import Preparer
from monitor.sieve import PageSieve
from tests.backfill.planting import FILLER, TRICKS, as_page, frame
from tests.extract.real_pages import as_page as as_real_page
from tests.extract.real_pages import read_fundus, read_scrapinghub

REPORTS = {
    "en": (
        "Secret Chinese police station found in Dublin",
        "Ireland's government has ordered China to close an overseas police station in Dublin.\n"
        "The Fuzhou police service station had no permission to operate, a minister said on Monday."
        " Dissidents say that officers pressed them to return to China.",
    ),
    "de": (
        "Geheime chinesische Polizeistation in Frankfurt",
        "Die Behörden prüfen, ob China in Frankfurt eine Übersee-Polizeistation betreibt.\n"
        "Dissidenten wurden nach eigenen Angaben bedrängt, nach China zurückzukehren.",
    ),
    "zh": (
        "中国在荷兰设海外警察站",
        "荷兰政府下令关闭中国在鹿特丹和阿姆斯特丹的海外警务服务站。\n"
        "福州市公安局设立的警侨服务站被指施压异见人士回国。",
    ),
    "sr": (
        "Кинеска полиција патролира у Београду",
        "Кинески полицајци поново патролирају улицама Београда заједно са српским колегама.\n"
        "Заједничке патроле полиције Србије и Кине трајаће месец дана.",
    ),
}
CHARSETS = {"en": "cp1252", "de": "iso-8859-1", "zh": "gb18030", "sr": "cp1251"}


# Much of it: a page with little may be read as a single line.
PROSE = "".join(f"The council met on day {day} of the year. {FILLER}\n" for day in range(20))


@cache
def is_flagged(preparer: Preparer, page: Page) -> bool:
    """Say whether a page is flagged; each is asked about once."""
    analysis = preparer.prepare(page).analysis
    return bool(analysis and analysis.matches)


@pytest.mark.parametrize("language", REPORTS)
@pytest.mark.parametrize("trick", TRICKS)
def test_report_in_disguise_is_let_through_where_it_would_be_flagged(
    preparer: Preparer, sieve: PageSieve, trick: str, language: str
) -> None:
    page = as_page(TRICKS[trick](*REPORTS[language]))
    assert not (sieve.rules_out(page) and is_flagged(preparer, page))


def test_tricks_are_seen_through_by_the_pipeline_itself(preparer: Preparer) -> None:
    """Without this the test above could not fail."""
    flagged = [
        t for t, plant in TRICKS.items() if is_flagged(preparer, as_page(plant(*REPORTS["en"])))
    ]
    assert len(flagged) > 0.8 * len(TRICKS)


@pytest.mark.parametrize("language", REPORTS)
@pytest.mark.parametrize("declared", [None, "utf-8", "iso-8859-1"])
def test_legacy_charset_is_read_as_extraction_reads_it(
    preparer: Preparer, sieve: PageSieve, language: str, declared: str | None
) -> None:
    html = TRICKS["plain"](*REPORTS[language])
    page = as_page(html, CHARSETS[language], declared=declared)
    assert is_flagged(preparer, page)
    assert not sieve.rules_out(page)


@pytest.mark.parametrize(
    "text",
    [
        FILLER * 10,
        "Police in Leeds opened a new station.\n" + PROSE + "China exports more cars.",
        "",
    ],
)
def test_page_that_holds_nothing_is_ruled_out(sieve: PageSieve, text: str) -> None:
    html = frame("News of the town", "".join(f"<p>{part}</p>" for part in text.split("\n")))
    assert sieve.rules_out(as_page(html))


def test_page_with_more_tags_than_are_parsed_is_let_through(sieve: PageSieve) -> None:
    """Its languages are not told by its words, so that it is matched in all of them."""
    page = as_page(frame("News", f"<p>{FILLER * 20}</p>"))
    assert sieve.rules_out(page)
    assert not sieve.rules_out(as_page(frame("News", f"<p>{FILLER * 20}</p>{'<b>' * 200_001}")))


def test_what_the_source_says_counts(sieve: PageSieve) -> None:
    page = as_page(frame("News", f"<p>{FILLER}</p>"))
    title, summary = REPORTS["en"]
    entry = Entry(url=page.url, title=title, summary=summary)
    assert sieve.rules_out(page)
    assert not sieve.rules_out(page, entry)


def test_what_the_source_says_counts_beside_what_the_page_says(
    preparer: Preparer, sieve: PageSieve
) -> None:
    """The headline comes from the feed, the text from the page."""
    text = "A secret police station in Dublin was closed on Monday, the ministry said. "
    page = as_page(frame("", f"<p>{text}</p><p>{FILLER * 5}</p>"))
    entry = Entry(url=page.url, title="China denies it")
    flagged = preparer.prepare(page, entry).analysis
    assert flagged is not None
    assert not (flagged.matches and sieve.rules_out(page, entry))
    assert flagged.matches


def test_tag_with_a_quotation_mark_in_its_name_hides_nothing(sieve: PageSieve) -> None:
    html = TRICKS["words marked"](*REPORTS["en"])
    for odd in ('<mark">', '<mark a"b="c">', "<mark a'b>", '<mark a="b"c>'):
        at = html.rindex("<p>") + 3
        assert not sieve.rules_out(as_page(f"{html[:at]}{odd}{html[at:]}"))


@pytest.mark.parametrize("body", [b"", b"\x00" * 99, b"%PDF-1.7", b"<" * 300_000, b"\xff\xfe<\x00"])
def test_what_is_no_page_raises_nothing(sieve: PageSieve, body: bytes) -> None:
    from dataclasses import replace

    sieve.rules_out(replace(as_page(""), body=body, wire_body=body))


@pytest.mark.shared
@pytest.mark.parametrize("trick", TRICKS)
def test_labelled_text_in_disguise_is_not_lost(
    preparer: Preparer, sieve: PageSieve, shared: Path, trick: str
) -> None:
    lines = (shared / "labelled" / "match.jsonl").read_text("utf-8").splitlines()
    own = list(TRICKS).index(trick)
    for line in lines[own % 5 :: 5]:
        row = json.loads(line)
        page = as_page(TRICKS[trick](row.get("title") or "", row.get("text") or ""))
        if sieve.rules_out(page):
            assert not is_flagged(preparer, page), row["id"]


@pytest.mark.shared
def test_real_page_that_is_ruled_out_is_not_flagged(
    preparer: Preparer, sieve: PageSieve, shared: Path
) -> None:
    pages = [*read_scrapinghub(shared), *read_fundus(shared)]
    ruled_out = [page for page in map(as_real_page, pages) if sieve.rules_out(page)]
    assert len(ruled_out) > 0.8 * len(pages)
    for page in ruled_out[::18]:
        assert not is_flagged(preparer, page), page.url


@pytest.mark.shared
@pytest.mark.parametrize("language", REPORTS)
def test_report_planted_in_a_real_page_is_let_through(
    preparer: Preparer, sieve: PageSieve, shared: Path, language: str
) -> None:
    files = sorted((shared / "pages" / "fundus").glob("*/*.html.gz"))[::24]
    title, text = REPORTS[language]
    planted = "".join(f"<p>{part}</p>" for part in text.split("\n"))
    for file in files:
        html = gzip.decompress(file.read_bytes()).decode("utf-8", "replace")
        for at in (html.find("<p"), html.rfind("</p>") + 4):
            page = as_page(f"{html[:at]}<p>{title}.</p>{planted}{html[at:]}")
            assert not (sieve.rules_out(page) and is_flagged(preparer, page)), file.name
