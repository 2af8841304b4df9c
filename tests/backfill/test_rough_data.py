"""What scripts carry is read as extraction reads it: all its lines, and few others (FAULTS G)."""

from __future__ import annotations

import json
import random

import pytest
from lxml.html import document_fromstring
from trafilatura.baseline import baseline

from monitor.extract.embedded import find_embedded_text
from monitor.extract.json_ld import find_article_body
from monitor.extract.rough import Rough, read_rough
from monitor.extract.rough_lines import plain
from monitor.extract.title import clean_markup
from monitor.prepare import Preparer
from monitor.sieve import PageSieve
from tests.backfill.planting import FILLER, as_page, frame

PROSE = (FILLER * 5).strip()
MARKUP = f"<p>One of the first things.</p><p>{PROSE}</p><ul><li>Last</li></ul>"


def script(code: str, kind: str = "text/javascript") -> str:
    return f'<html><body><script type="{kind}">{code}</script></body></html>'


def read(html: str) -> Rough:
    rough = read_rough(html)
    assert rough is not None
    return rough


def read_lines(html: str) -> set[str]:
    rough = read(html)
    return as_lines(plain(rough.read_data_lines(rough.data)))


def as_lines(text: str) -> set[str]:
    return {" ".join(line.split()) for line in text.split("\n") if line.strip()}


INNER = json.dumps({"title": "Of one thing", "body": PROSE, "more": [MARKUP]})
SCRIPTS = {
    "prose": f"var a = {json.dumps(PROSE)};",
    "markup": f"var a = {json.dumps(MARKUP)};",
    "data within data": f"push([1, {json.dumps(INNER)}])",
    "data within data, no prose": f"push([1, {json.dumps(json.dumps({'a': MARKUP}))}])",
    "a string opened by one": f'var a = /\\" {PROSE}"; var b = 1;',
    "a backslash at the end": f'var a = "x\\\\", b = {json.dumps(PROSE)};',
    "lines": f"var a = {json.dumps(PROSE.replace('. ', '.' + chr(10)))};",
    "single tags": f"var a = {json.dumps(PROSE.replace('parks', '<p>parks', 1) * 2)};",
    "escapes JSON does not know": f"var a = {json.dumps(PROSE)}, b = '\\x41 \"{PROSE}\\x41\"';",
    "wide": f"var a = {json.dumps('市议会周一开会讨论公园、学校和面包价格。' * 30)};",
    "control characters": f'var a = "{PROSE[:99]}\x03\x0b{PROSE[99:]}";',
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_line_that_extraction_reads_from_a_script_is_known(name: str) -> None:
    html = script(SCRIPTS[name])
    root = document_fromstring("".join(c for c in html if c >= " " or c == "\n"))
    made = as_lines(find_embedded_text(root))
    assert made
    assert made <= read_lines(html)


@pytest.mark.parametrize("seed", range(60))
def test_script_of_any_pieces_is_read_as_extraction_reads_it(seed: int) -> None:
    chance = random.Random(seed)
    pieces = ['"', "'", "\\", '\\"', "/", " ", ",", "\n", "<p>", "</p>", "\\u003cbr>", "{", "x=1;"]
    strings = [PROSE, MARKUP, INNER, "short", PROSE[:60], f'"{PROSE}"', PROSE.replace(" ", "\t")]
    code = "".join(
        json.dumps(chance.choice(strings)) if chance.random() < 0.4 else chance.choice(pieces)
        for _ in range(chance.randrange(2, 14))
    )
    made = as_lines(find_embedded_text(document_fromstring(script(code))))
    assert made <= read_lines(script(code))


def test_string_of_data_is_no_line_where_extraction_reads_what_is_in_it() -> None:
    lines = read_lines(script(SCRIPTS["data within data"]))
    assert PROSE in lines
    assert not any('"title"' in line for line in lines)


def test_string_of_data_with_nothing_to_read_in_it_is_read_itself() -> None:
    """It has paragraphs, and what is in it has none."""
    code = f"push({json.dumps('<p>' + json.dumps({'a': 'x ' * 40}) + '</p>' + PROSE)})"
    made = as_lines(find_embedded_text(document_fromstring(script(code))))
    assert made
    assert made <= read_lines(script(code))


CLAIMS = {
    "plain": f"{PROSE}\nA second paragraph.",
    "markup": MARKUP,
    "escaped markup": MARKUP.replace("<", "&lt;"),
    "references": PROSE.replace("bread", "caf&eacute; &amp;amp; more"),
    "boxes": f"<div>One of two<div>boxes.{PROSE}</div></div>",
    "a sign": f"1 < 2, {PROSE}",
    "a line end behind references": PROSE.replace("parks", "&amp;#10; parks"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_line_that_extraction_reads_from_json_ld_is_known(name: str) -> None:
    node = {"@type": "NewsArticle", "headline": "Of one thing", "articleBody": CLAIMS[name]}
    html = script(json.dumps(node), "application/ld+json")
    rough = read(html)
    lines = rough.read_data_lines(rough.data)
    assert len(plain(lines).split("\n")) == len(lines)
    known = read_lines(html)
    assert as_lines(find_article_body(node)) <= known
    assert {clean_markup(CLAIMS[name], longest=len(CLAIMS[name]))} <= known
    whole, text, _ = baseline(html)
    assert [" ".join(text.split())] == [each.text for each in whole]
    assert as_lines(text) <= known


def test_tags_of_json_ld_keep_its_sentences_apart(preparer: Preparer, sieve: PageSieve) -> None:
    """Its paragraphs are known as extraction has them, so that a page is not let through."""
    body = (
        f"<p>{PROSE}</p>"
        "<iframe></iframe> <div>Police said nothing.</div> The <b>station</b> opened. "
        f"China has <a>more</a> trade. {PROSE} Dublin has rain."
    )
    node = {"@type": "NewsArticle", "headline": "Of one thing", "articleBody": body}
    data = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    page = as_page(frame("News", f"<p>{FILLER * 30}</p>", data))
    assert sieve.rules_out(page)
    found = preparer.prepare(page).analysis
    assert found is not None
    assert not found.matches
