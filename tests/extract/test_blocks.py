"""Blocks are what a reader sees, in order, each with where it stands."""

from __future__ import annotations

import pytest

from monitor.extract.blocks import MOST_BLOCKS, Blocks, read_blocks
from monitor.extract.container import find_container_lines, split_articles
from monitor.extract.tree import parse
from monitor.extract.visible import find_visible_text, linked_share

LONG = "The council met on Friday to speak about roads, schools and the weather of the week."


def blocks_of(markup: str) -> Blocks:
    parsed = parse(f"<html><body>{markup}</body></html>")
    assert parsed is not None
    return read_blocks(parsed.root)


def texts(markup: str) -> list[str]:
    return [block.text for block in blocks_of(markup)]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>one</p><p>two</p>", ["one", "two"]),
        ("one<br>two", ["one two"]),
        ("one<br><br>two", ["one", "two"]),
        ("one<br> \n<br/>two", ["one", "two"]),
        ("bare <p>inside</p> after", ["bare", "inside", "after"]),
        ("Gro<em>ß</em>bank", ["Großbank"]),
        ("Mül<!-- x -->ler", ["Müller"]),
        ("Mül&shy;ler", ["Mül\xadler"]),
        ("long<wbr>word", ["longword"]),
        ("<ruby>災害<rp>(</rp><rt>さいがい</rt><rp>)</rp></ruby>です", ["災害です"]),
        ("<p>a<script>var b;</script>c<style>d{}</style></p>", ["ac"]),
        ("<p>a <span hidden>unseen</span>b</p>", ["a b"]),
        ("<p>a <span style='display: none'>unseen</span>b</p>", ["a b"]),
        ("<table><tr><td>one</td><td>two</td></tr></table>", ["one", "two"]),
        ("<select><option>x</option></select><button>y</button>", []),
        ("<p> \n\t </p>", []),
    ],
)
def test_blocks_end_where_a_reader_sees_a_line_end(markup: str, expected: list[str]) -> None:
    assert texts(markup) == expected


def test_share_of_links_is_known_for_each_block() -> None:
    block = blocks_of('<p>see <a href="/x">these words</a></p>')[0]
    assert block.text == "see these words"
    assert block.link_share == pytest.approx(11 / 15)


def test_headings_menus_captions_and_link_lists_are_no_prose() -> None:
    markup = (
        f"<h2>{LONG}</h2><nav><p>{LONG}</p></nav><figure><figcaption>{LONG}</figcaption></figure>"
        f'<p><a href="/">{LONG}</a></p><p>short</p>'
    )
    assert [block.prose for block in blocks_of(markup)] == [0, 0, 0, 0, 0]
    assert blocks_of(f"<p>{LONG}</p>")[0].prose == len(LONG)


@pytest.mark.parametrize(
    "wrap",
    [
        '<div class="newsletter-signup">{}</div>',
        '<div id="comments">{}</div>',
        "<aside>{}</aside>",
        "<footer>{}</footer>",
        "<form>{}</form>",
        "<div hidden>{}</div>",
        '<div aria-hidden="true">{}</div>',
    ],
)
def test_what_stands_around_the_article_is_marked(wrap: str) -> None:
    article = "".join(f"<p>{number} {LONG}</p>" for number in range(5))
    around = wrap.format(f"<p>Around. {LONG}</p>")
    kept = [block.text for block in blocks_of(f"<div>{article}</div>{around}").unmarked]
    assert len(kept) == 5
    assert not any("Around" in text for text in kept)


@pytest.mark.parametrize(
    "wrap",
    ["<form>{}</form>", '<div class="has-sidebar">{}</div>', '<div hidden id="S:0">{}</div>'],
)
def test_mark_that_covers_the_whole_article_is_not_believed(wrap: str) -> None:
    """Sites wrap everything in a form, or stream the article hidden and show it by script."""
    article = wrap.format("".join(f"<p>{number} {LONG}</p>" for number in range(5)))
    assert len(find_container_lines(blocks_of(article))) == 5


def test_id_that_is_a_headline_is_no_mark() -> None:
    article = "".join(f"<p>{number} {LONG}</p>" for number in range(5))
    markup = (
        f'{article}<div id="officer-promoted-after-sharing-photos-of-harbour"><p>{LONG}</p></div>'
    )
    assert len(blocks_of(markup).unmarked) == 6


def test_other_articles_are_told_by_the_heading() -> None:
    markup = "".join(
        f"<article><h1>{title}</h1>"
        + "".join(f"<p>{title} {i} {LONG}</p>" for i in range(6))
        + "</article>"
        for title in ("First long headline", "Second long headline")
    )
    parts = split_articles(blocks_of(f"<p>Before</p>{markup}"), ["Second long headline - Site"])
    assert [block.text for block in parts.own][:2] == ["Before", "Second long headline"]
    assert parts.others[0].text == "First long headline"
    assert split_articles(blocks_of(markup), ["Nothing of the kind"]).others == ()


def test_visible_text_leaves_out_menus_only_while_something_is_left() -> None:
    menu = '<nav><a href="/">Home</a></nav>'
    assert find_visible_text(blocks_of(f"{menu}<p>Text</p>")) == "Text"
    assert find_visible_text(blocks_of(menu)) == "Home"
    assert find_visible_text(Blocks()) == ""
    assert linked_share(blocks_of(menu)) == 1.0


def test_number_of_blocks_is_bounded() -> None:
    assert len(blocks_of("<p>x</p>" * (MOST_BLOCKS + 10))) == MOST_BLOCKS
