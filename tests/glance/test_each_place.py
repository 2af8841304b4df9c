"""Pages that one small fault would lose, each in another place of the first look (FAULTS G).

Each was drawn against code with that fault, which no other test had seen, and made small.
"""

from __future__ import annotations

import pytest

from monitor.prepare import Preparer
from tests.glance.pages import PROSE, Look, is_flagged, script

LD = "application/ld+json"

BODIES = [
    pytest.param(f"{PROSE}feuer<button> zwam<video>x</button>schiff", id="leaps out of order"),
    pytest.param("<div>salt<video><p>xx</video>marsh</div>", id="leaps from one place"),
    pytest.param(
        "<dl><dd>ibis<p>zwam</p><font><dt><header></header>stork", id="an item that may go on"
    ),
    pytest.param("海<form>x</form><div class=footer>x</div>燕", id="behind a box nobody knows"),
    pytest.param("<div>salt<div>marsh</div>", id="a box directly in a box"),
    pytest.param("<p><span>otter<div> x</p><aside>x</aside> badger", id="held open by a box"),
    pytest.param("<p><x-y>ibis<h2> x</h2><p>stork", id="an unknown element in a paragraph"),
    pytest.param(
        "<p>otter <button>zwam zwem zwim zwom zwum badger</button> badger</p>",
        id="a far one in what is dropped and a near one behind it",
    ),
    pytest.param(
        "<p>kestrel<section class=share>(x)</section><option><select></select>plover",
        id="a block in a paragraph that may have ended",
    ),
    pytest.param("<quote>lantern <center>x</center><option>keeper", id="a quote"),
    pytest.param("<p>雷雀字字字字字字字字字秧<b></b>雀</p>", id="a tag in a term without spaces"),
    pytest.param("<p>otter ก ข ค ง badger</p>", id="Thai letters are no words"),
    pytest.param("<p>red dunnock quiet harbour master</p>", id="a short phrase and a long one"),
]


@pytest.mark.parametrize("body", BODIES)
def test_page_that_a_fault_would_lose_is_let_through(
    preparer: Preparer, look: Look, body: str
) -> None:
    pages = [f"<html><body>{body}{PROSE}</body></html>", f"<html><body>{PROSE}{body}</body></html>"]
    assert any(is_flagged(preparer, source) for source in pages)
    for source in pages:
        assert not look.rules_out_source(source)


@pytest.mark.parametrize("stop", [".&amp;#32;", "&amp;#46; ", "&amp;period; "])
def test_stop_of_a_heading_may_stay_a_reference(preparer: Preparer, look: Look, stop: str) -> None:
    source = f"<title></title><article>{PROSE}<h1>Kestrel zwam{stop}Zwem plover</h1></article>"
    assert is_flagged(preparer, source)
    assert not look.rules_out_source(source)


def test_page_with_next_to_nothing_is_a_line_up_to_its_limit(
    preparer: Preparer, look: Look
) -> None:
    few = "".join(f"{part}</p>" for part in PROSE.split("</p>")[:5])
    source = f"<ul><li>海<p><form></form>燕 zwam</li></ul>{few}"
    assert is_flagged(preparer, source)
    assert not look.rules_out_source(source)


LONG = "Zarnu koplet vendrim oskapu tirlon. " * 30
BACKSLASHES = r"Zwam\\zwem zwim\\zwam\\zwo. "  # each two stand for one


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            script(r'{"@type": "NewsArticle", "headline": "zwam \\feuerschiff zwem"}', LD),
            id="a backslash",
        ),
        pytest.param(
            script(rf'a = "{BACKSLASHES * 30} zwam\\feuerschiff."'), id="a backslash in prose"
        ),
        pytest.param(
            script('a = "' + r"\"zwamzwamzwa\" " * 60 + 'saltmarsh. Zwam."'),
            id="words so long that marks around them count",
        ),
        pytest.param(
            script(f'a = "{BACKSLASHES * 8}saltmarsh = zw", b = "{LONG}"'),
            id="a sign of code among backslashes",
        ),
    ],
)
def test_string_with_many_escapes_is_read(preparer: Preparer, look: Look, code: str) -> None:
    source = f"<html><head>{code}</head><body><p>Zwam.</p></body></html>"
    assert is_flagged(preparer, source)
    assert not look.rules_out_source(source)
