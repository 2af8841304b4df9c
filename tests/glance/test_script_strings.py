"""What scripts carry is read as extraction reads it: a page with a match in it is let through.

Ways of carrying a text that an earlier filter took for another (FAULTS G).
"""

from __future__ import annotations

import json
import random

import pytest

from monitor.prepare import Preparer
from tests.backfill.planting import FILLER
from tests.glance.pages import Look, is_flagged

PROSE = (FILLER * 4).strip() + " A kestrel flew above the parks, and a plover watched it."
MARKUP = f"<p>One of the first things.</p><p>{PROSE}</p><ul><li>Last</li></ul>"


def script(code: str, kind: str = "text/javascript") -> str:
    return f'<html><body><script type="{kind}">{code}</script></body></html>'


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
    "wide": f"var a = {json.dumps('市议会周一开会讨论公园，红隼和千鸟在公园上空。' * 30)};",
    "control characters": f'var a = "{PROSE[:99]}\x03\x0b{PROSE[99:]}";',
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_text_that_extraction_reads_from_a_script_is_let_through(
    preparer: Preparer, look: Look, name: str
) -> None:
    source = script(SCRIPTS[name])
    assert is_flagged(preparer, source)
    assert not look.rules_out_source(source)


def test_script_of_any_pieces_is_read_as_extraction_reads_it(
    preparer: Preparer, look: Look
) -> None:
    chance = random.Random(5)
    pieces = ['"', "'", "\\", '\\"', "/", " ", ",", "\n", "<p>", "</p>", "\\u003cbr>", "{", "x=1;"]
    strings = [PROSE, MARKUP, INNER, "short", PROSE[:60], f'"{PROSE}"', PROSE.replace(" ", "\t")]
    flagged = ruled_out = 0
    for _ in range(300):
        code = "".join(
            json.dumps(chance.choice(strings)) if chance.random() < 0.3 else chance.choice(pieces)
            for _ in range(chance.randrange(2, 14))
        )
        if look.rules_out_source(script(code)):
            ruled_out += 1
            assert not is_flagged(preparer, script(code)), code
        else:
            flagged += is_flagged(preparer, script(code))
    # Without these the test could not fail.
    assert flagged > 20
    assert ruled_out > 20


def test_string_of_data_with_nothing_to_read_in_it_is_read_itself(
    preparer: Preparer, look: Look
) -> None:
    """It has paragraphs, and what is in it has none."""
    code = f"push({json.dumps('<p>' + json.dumps({'a': 'x ' * 40}) + '</p>' + PROSE)})"
    assert is_flagged(preparer, script(code))
    assert not look.rules_out_source(script(code))


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
def test_text_that_extraction_reads_from_json_ld_is_let_through(
    preparer: Preparer, look: Look, name: str
) -> None:
    node = {"@type": "NewsArticle", "headline": "Of one thing", "articleBody": CLAIMS[name]}
    source = script(json.dumps(node), "application/ld+json")
    assert is_flagged(preparer, source)
    assert not look.rules_out_source(source)
