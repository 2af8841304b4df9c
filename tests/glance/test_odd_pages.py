"""Pages that nothing can be said of, and hostile ones: never ruled out, never a crash."""

from __future__ import annotations

import random

import pytest

from monitor.extract.tree import MOST_TAGS
from monitor.glance import records
from tests.glance.pages import KEYWORDS, PROSE, Look, frame, script


def test_page_with_nothing_is_ruled_out(look: Look) -> None:
    """Without this the tests below could not fail."""
    assert look.rules_out("")
    assert look.rules_out_source("")
    assert look.rules_out_source(PROSE)
    assert look.rules_out("<!-- a --><!DOCTYPE x><?xml y?><p>a</p>" + script("var a = '<b>';"))
    assert look.rules_out("<!--[if IE]><p>a</p><![endif]-->")
    assert look.rules_out("<!--[if !IE]><!--><p>a</p><!--<![endif]-->")


@pytest.mark.parametrize(
    "part",
    [
        pytest.param("<xmp>a</xmp>", id="xmp"),
        pytest.param("<plaintext>a", id="plaintext"),
        pytest.param("<noframes>a</noframes>", id="noframes"),
        pytest.param("<noembed>a</noembed>", id="noembed"),
        pytest.param("<listing>a</listing>", id="listing"),
        pytest.param("<frameset></frameset>", id="frames"),
        pytest.param("ᄒ\u1161\u11ab", id="letters in parts"),
        pytest.param("か\u3099", id="a syllable in parts"),
        pytest.param("<div data-preloaded='{}'></div>", id="data in an attribute"),
        pytest.param("&NotEqualTilde;", id="a reference to two characters"),
        pytest.param("<meta content='a &lt b'>", id="what may begin a tag"),
        pytest.param("<meta content='a &amp#98; b'>", id="a sign that may begin a reference"),
    ],
)
def test_odd_page_is_not_ruled_out(look: Look, part: str) -> None:
    assert not look.rules_out(part)


def test_page_that_is_too_long_is_not_ruled_out(look: Look) -> None:
    page = frame("")
    most = page + " " * (records.LONGEST - len(page))
    assert look.rules_out_source(most)
    assert not look.rules_out_source(f"{most} ")


def test_page_with_more_tags_than_extraction_reads_is_not_ruled_out(look: Look) -> None:
    allowed = MOST_TAGS - frame("").count("<")
    assert look.rules_out("<b></b>" * (MOST_TAGS // 3))
    assert look.rules_out(f"{'<br>' * allowed}")
    assert not look.rules_out(f"{'<br>' * (allowed + 1)}")


def test_page_that_outgrows_a_record_is_not_ruled_out(look: Look) -> None:
    assert not look.rules_out("<b>" * (records.DEEPEST + 1))
    assert not look.rules_out("<p>a" * (records.MOST_LINES // 2 + 1))
    assert not look.rules_out("ﷺ" * (records.LETTERS // 15))
    # Read again after each of these, as if nothing had been.
    assert look.rules_out("")
    assert not look.rules_out("<p>saltmarsh</p>")


HOSTILE = [
    pytest.param("<" * 300_000, id="signs"),
    pytest.param("<b>" * 1_500, id="elements in elements"),
    pytest.param("<b>" * 100_000, id="very many elements in elements"),
    pytest.param("<div>" * 1_000 + "</p>" * 50_000, id="ends that nothing begins"),
    pytest.param("</div>" * 100_000, id="ends"),
    pytest.param("<table><tr><td>" * 600, id="tables in tables"),
    pytest.param("</table>" * 1_000 + "<td>" * 1_000, id="ends of tables"),
    pytest.param("<select>" * 1_000 + "<h1>" * 1_000, id="choices and headings"),
    pytest.param("&" * 300_000, id="ampersands"),
    pytest.param("&amp;" * 100_000, id="references"),
    pytest.param("<title>" + "&amp;amp" * 50_000, id="references in references"),
    pytest.param("<title>&" + "amp;" * 100_000, id="one reference, again and again"),
    pytest.param("&#" + "9" * 300_000 + ";", id="a large number"),
    pytest.param("&" + "a" * 300_000 + ";", id="a long name"),
    pytest.param("&#xD800;&#xDFFF;&#0;&#x110000;&#128;", id="numbers that are no characters"),
    pytest.param("<!--" * 50_000, id="comments in comments"),
    pytest.param("<script>" + '"' * 100_000, id="quotation marks"),
    pytest.param("<script>" + "\\" * 100_000 + "</script>", id="backslashes"),
    pytest.param("<script>" + '\\"' * 100_000 + "</script>", id="escaped marks"),
    pytest.param('<script>"' + "\\u" * 50_000 + '"</script>', id="escapes cut short"),
    pytest.param('<script>"' + "\\ud800" * 50_000 + ' a. b"</script>', id="halves of characters"),
    pytest.param('<script>"\\u12', id="an escape at the end of all"),
    pytest.param('<a href="' + "x" * 300_000, id="a value never closed"),
    pytest.param("<a " + "b " * 100_000, id="a tag never closed"),
    pytest.param("<a" * 100_000, id="tags in tags"),
    pytest.param("<meta content=" * 20_000, id="claims in claims"),
    pytest.param("<meta content='" + "&" * 50_000 + "'>", id="a claim of ampersands"),
    pytest.param("\ud800\udfff\udc00" * 10_000, id="halves of characters as they are"),
    pytest.param("\U0010ffff" * 10_000, id="the last character"),
    pytest.param("".join(map(chr, range(1, 0x3000))), id="many characters"),
    pytest.param("<p>" + "salt" * 100_000, id="one long word"),
    pytest.param("<p>" + "feuerschif" * 50_000, id="nearly a term, again and again"),
    pytest.param("<p>" + "海" * 200_000, id="Chinese without an end"),
    pytest.param("<button>x</button>a" * 20_000, id="dropped elements in one word"),
    pytest.param("salt<button>a</button>marsh " * 10_000, id="dropped elements in many words"),
    pytest.param("s\u0430" * 100_000, id="one word of two alphabets"),
    pytest.param("saltmarsh " * 60_000, id="hits"),
    pytest.param("<p>otter</p>" * 40_000, id="lines"),
    pytest.param("otter zwam " * 40_000, id="hits in one line"),
    pytest.param("x\ufdfa" * 30_000, id="characters that become many"),
    pytest.param("\x1b\x7f\x80\x85\x0b" * 10_000, id="control characters"),
]


@pytest.mark.parametrize("part", HOSTILE)
def test_hostile_page_raises_nothing_and_hides_nothing(look: Look, part: str) -> None:
    """The term in front of it is found, whatever follows."""
    look.rules_out_source(part)
    look.rules_out_source(f"<html><title>{part}")
    assert not look.rules_out_source(f"<p>saltmarsh</p>{part}")
    assert look.rules_out("")


def test_page_cut_anywhere_raises_nothing(look: Look) -> None:
    chance = random.Random(4)
    page = (
        "<!doctype html><html lang='en'><head><title>A &amp;#97; b</title><meta content='x &lt; y'>"
        '<script type="application/ld+json">{"a": "b \\u0041 \\"c\\" \\ud83d\\ude00 d"}</script>'
        f'</head><body><!-- c --><p class="x">s\u0430lt<b hidden>x</b>marsh &eacute; &#x41;</p>'
        f"<table><tr><td>otter a <i>b</i> badger</table><select><option>x</select>"
        f'<script>a = "{"Zwam zwem. " * 20} {{\\"b\\": \\"{"Zwim zwom. " * 9}\\"}}"</script>'
        "<style>a</style></body></html>"
    )
    for at in range(len(page)):
        look.rules_out_source(page[:at])
        look.rules_out_source(page[at:])
    signs = "<>&\"'/\\!-=;# \x01u[]{}" + KEYWORDS[:20]
    for _ in range(500):
        letters = list(page)
        for _ in range(chance.randrange(1, 12)):
            letters[chance.randrange(len(letters))] = chance.choice(signs)
        look.rules_out_source("".join(letters))
    assert look.rules_out("")
