"""Words whose halves come together where extraction drops what stands between them (FAULTS G)."""

from __future__ import annotations

import pytest

from monitor.prepare import Preparer
from tests.glance.pages import PROSE, Look, is_flagged

DROPPED = (
    '<div class="footer">x</div>',
    '<div id="cookie-notice">x</div>',
    '<div class="menu">x</div>',
    '<div role="navigation">x</div>',
    '<div id="caption">x</div>',
    '<div class="nocomments">x</div>',
    '<span id="footer">x</span>',
    '<span role="navigation">x</span>',
    '<span data-component="MostPopularStories"> </span>',
    '<b class="message">x</b>',
    '<i class="noprint">x</i>',
    '<b id="akismet">x</b>',
)


def page(inside: str) -> str:
    return f"<html><body><div>{inside}</div>{PROSE}</body></html>"


@pytest.mark.parametrize("between", DROPPED)
@pytest.mark.parametrize("shape", ["<div>{}</div>", "<pre>{}</pre>", "<p>{}</p>"])
def test_box_that_is_dropped_for_its_name_brings_a_word_together(
    look: Look, between: str, shape: str
) -> None:
    assert not look.rules_out(shape.format(f"salt{between}marsh"))
    assert not look.rules_out(shape.format(f"quiet har{between}bour master"))
    assert look.rules_out(shape.format(f"silt{between}marsh"))
    assert look.rules_out(shape.format(f"salt {between} marsh").replace("pre>", "div>"))


def test_most_such_boxes_are_dropped(preparer: Preparer) -> None:
    """Without this nothing would be known of the test above."""
    found = [is_flagged(preparer, page(f"salt{each}marsh")) for each in DROPPED]
    assert sum(found) >= len(found) / 2


@pytest.mark.parametrize(
    "tag", ["<a href='/x'>", "<b title='x'>", "<span lang=en>", "<a rel=x target=y>", "<div>"]
)
def test_element_with_harmless_attributes_is_kept(look: Look, tag: str) -> None:
    name = tag[1:-1].split(maxsplit=1)[0]
    assert look.rules_out(f"<p>salt{tag}x</{name}>marsh</p>")


@pytest.mark.parametrize("number", [2, 9, 30, 200])
@pytest.mark.parametrize("element", ["<button>x</button>", "<time>zwam </time>", "<b hidden>x</b>"])
def test_word_may_go_on_behind_any_number_of_elements(
    look: Look, element: str, number: int
) -> None:
    assert not look.rules_out(f"<p>feuer{element * number}schiff</p>")
    assert not look.rules_out(f"<p>feu{element}er{element * number}sch{element}iff</p>")
    assert not look.rules_out(f"<p>sal{element * number}t{element * number}marsh</p>")
    assert look.rules_out(f"<p>feier{element * number}schiff</p>")


def test_last_of_many_elements_may_stay(look: Look) -> None:
    row = "<button>x</button>" * 12
    assert not look.rules_out(f"<p>feuer{row}<button>schiff</button></p>")
    assert not look.rules_out(f"<p>feuer{row}<i></i>sch{row}<time>iff</time></p>")


READINGS = (
    "海<rt>x</rt>(hǎi)燕",
    "海<b></b><rt>x</rt><i>(hǎi)</i>燕",
    "海(x)<rt>x</rt>燕",
    "海<rp>(</rp><i>(hǎi)</i>燕",
    "海<rt>x</rt>（yàn）<rt>x</rt>燕",
    "海(hǎi)<li>燕",
)


@pytest.mark.parametrize("body", READINGS)
def test_reading_beside_what_is_dropped_may_be_left_out(look: Look, body: str) -> None:
    assert not look.rules_out(f"<pre>群{body}群</pre>")
    assert look.rules_out(f"<pre>群{body.replace('燕', '鳥')}群</pre>")


@pytest.mark.parametrize("body", READINGS)
def test_readings_of_the_test_above_are_left_out(preparer: Preparer, body: str) -> None:
    assert is_flagged(preparer, page(f"群{body}群"))
