"""Feeds that are broken: what can be saved of them, and that it is said (FAULTS C10, C13)."""

from __future__ import annotations

import gzip

import pytest

from tests.feeds.samples import RSS, item, links_of, read, rss

POISONED = {
    "number beyond Unicode": "<title>&#99999999999;</title>",
    "number of five thousand digits": f"<title>&#{'9' * 5000};</title>",
    "surrogate": "<title>&#xD800;</title>",
    "zero": "<title>a&#0;b</title>",
    "control character": "<title>a\x08b</title>",
    "control character by number": "<title>a&#8;b</title>",
    "unknown entity": "<title>a&bogus;b</title>",
    "entity of HTML": "<title>caf&eacute;&nbsp;x</title>",
    "bare ampersand": "<title>A & B</title>",
    "bare less-than": "<title>a < b</title>",
    "unclosed tag": "<description><b>bold</description>",
    "crossed tags": "<description><b><i>x</b></i></description>",
    "attribute without quotes": "<category a=b>x</category>",
    "attribute that is no name": '<title mod\xdc\xec\xbde="1">x<b></title>',
    "attribute with a prefix of its own": '<title q:r="1" xml:x="2">x<b></title>',
    "undeclared prefix around": "<r:group><title>x</title></r:group>",
    "attribute twice": '<category a="1" a="2">x</category>',
    "undeclared prefix": "<foo:bar>x</foo:bar>",
    "unclosed CDATA": "<description><![CDATA[x</description>",
    "CDATA end twice": "<description><![CDATA[x]]>]]></description>",
    "comment with dashes": "<!-- a -- b -->",
    "processing instruction cut off": "<?php echo 1",
    "HTML without closing tags": "<description><p>one<p>two<br><img src=x></description>",
    "doctype within": "<!DOCTYPE html>",
    "date of nowhere": "<pubDate>99999-99-99T99:99:99+99:99</pubDate>",
    "date that overflows": "<pubDate>9999-12-31T23:59:59-23:59</pubDate>",
    "empty fields": "<title/><guid/><pubDate/><author/><description/><source/>",
    "base64 that is none": '<content mode="base64" type="application/x">!!!</content>',
    "base that is none": '<link xml:base="http://[" href="x"/>',
    "deep": "<a>" * 300 + "</a>" * 300,
}


@pytest.mark.parametrize("inside", POISONED.values(), ids=POISONED.keys())
def test_poisoned_item_costs_no_other_item(inside: str) -> None:
    """C13."""
    reading = read(rss(item(1), item(2), item(3, inside), item(4), item(5)))
    assert links_of(reading) == [f"/story/{number}" for number in range(1, 6)]


@pytest.mark.parametrize("inside", POISONED.values(), ids=POISONED.keys())
def test_poisoned_head_costs_no_item(inside: str) -> None:
    reading = read(rss(item(1), item(2), head=inside))
    assert links_of(reading) == ["/story/1", "/story/2"]


@pytest.mark.parametrize(
    ("inside", "field", "text"),
    [
        ("<description>caf&eacute;</description>", "summary", "café"),
        ("<description>A & B &amp; C</description>", "summary", "A & B & C"),
        ("<description>a\x08b</description>", "summary", "ab"),
        ("<description>it&#146;s</description>", "summary", "it’s"),
        ("<description><b>bold</description>", "summary", "bold"),
        ("<description><p>one<p>two<br>three</description>", "summary", "one two three"),
        ("<author>A<b</author>", "author", "A<b"),
    ],
)
def test_text_of_a_broken_item_is_saved(inside: str, field: str, text: str) -> None:
    assert getattr(read(rss(item(1, inside))).entries[0], field) == text


def test_faults_that_cost_nothing_are_a_note_and_no_problem() -> None:
    reading = read(rss(item(1, "<description>caf&eacute; & x</description>"), item(2)))
    assert (reading.problem, reading.salvaged) == (None, False)
    assert "faulty" in reading.notes[0]


def test_torn_item_is_a_problem_that_says_how_many_were_saved() -> None:
    reading = read(rss(item(1), "<item><title>no link<b></title></item>", item(2)))
    assert reading.salvaged
    assert reading.problem is not None
    assert "2 of 3 items could be read" in reading.problem


@pytest.mark.parametrize("text", [RSS, rss(*(item(n, "<guid>g</guid>") for n in range(9)))])
def test_feed_cut_at_every_byte_keeps_what_was_whole(text: str) -> None:
    """C10."""
    body = text.encode()
    whole = links_of(read(body))
    ends = [at + 7 for at in range(len(body)) if body.startswith(b"</item>", at)]
    for cut in range(len(body)):
        reading = read(body[:cut])
        found = links_of(reading)
        complete = sum(end <= cut for end in ends)
        assert found[:complete] == whole[:complete]
        assert set(found) <= set(whole), "a link that was cut off is no link"
        if cut < body.rindex(b"</channel>"):
            assert reading.problem is not None, f"cut at {cut} and nothing is said"


def test_cut_feed_in_gzip_keeps_what_was_whole() -> None:
    packed = gzip.compress(rss(*(item(number) for number in range(2000))).encode())
    reading = read(packed[: len(packed) // 2])
    assert 100 < len(reading.entries) < 2000
    assert reading.problem is not None
    assert reading.salvaged


def test_gzip_with_a_broken_byte_keeps_what_came_before() -> None:
    packed = bytearray(
        gzip.compress(rss(*(item(n, f"<guid>{n * 7}</guid>") for n in range(5000))).encode())
    )
    packed[len(packed) // 2] ^= 0xFF
    reading = read(bytes(packed))
    assert len(reading.entries) > 100
    assert reading.problem is not None


def test_warning_of_the_server_before_the_feed_is_passed_over() -> None:
    text = (
        f"<br />\n<b>Warning</b>: mysql_connect(): no in <b>/srv/x.php</b> on line 3<br />\n{RSS}"
    )
    reading = read(text)
    assert len(reading.entries) == 3


def test_white_space_and_rubbish_before_the_feed_is_passed_over() -> None:
    assert len(read("\n\n \ufeff x " + RSS).entries) == 3


def test_items_in_a_channel_of_an_undeclared_prefix_are_read() -> None:
    text = f"<rss><r:channel>{item(1)}{item(2)}</r:channel></rss>"
    assert links_of(read(text)) == ["/story/1", "/story/2"]


def test_items_far_behind_a_broken_one_are_all_saved() -> None:
    items = [item(number, "<description><p>A<p></description>") for number in range(300)]
    reading = read(rss(item(-1, "<b>"), *items))
    assert len(reading.entries) == 301


def test_item_written_inside_cdata_of_a_broken_feed_is_no_item() -> None:
    quoted = (
        "<description><![CDATA[<item><link>https://herald.example/no</link></item>]]></description>"
    )
    reading = read(rss(item(1, quoted), item(2, "<b>")))
    assert links_of(reading) == ["/story/1", "/story/2"]


def test_item_inside_a_comment_of_a_broken_feed_is_no_item() -> None:
    reading = read(rss(item(1), f"<!-- {item(9)} -->", item(2, "<b>")))
    assert links_of(reading) == ["/story/1", "/story/2"]


def test_unclosed_cdata_swallows_no_other_item() -> None:
    torn = "<description><![CDATA[text</description>"
    fine = "<description><![CDATA[fine]]></description>"
    reading = read(rss(item(1, torn), item(2, fine), item(3, fine)))
    assert links_of(reading) == ["/story/1", "/story/2", "/story/3"]
    assert reading.entries[1].summary == "fine"


def test_entities_that_the_feed_declares_are_known() -> None:
    doctype = '<!DOCTYPE rss [<!ENTITY herald "The Herald"><!ENTITY % x SYSTEM "http://a/">]>'
    reading = read(doctype + rss(item(1, "<author>&herald;</author>")).partition("?>")[2])
    assert reading.entries[0].author == "The Herald"
    assert reading.problem is None


def test_language_and_base_of_a_broken_atom_feed_are_inherited() -> None:
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="hu" xml:base="https://herald.example/b/">'
        '<title>T</title><entry><title>A & B</title><link href="x"/></entry>'
        '<entry><title><b>C</title><link href="y"/></entry></feed>'
    )
    first, second = read(text).entries
    assert (first.url, first.title, first.language) == ("https://herald.example/b/x", "A & B", "hu")
    assert (second.url, second.title) == ("https://herald.example/b/y", "C")


@pytest.mark.parametrize("cut", [60, 150, 250, 300])
def test_json_feed_that_was_cut_off_keeps_what_was_whole(cut: int) -> None:
    items = ", ".join(f'{{"id": "{n}", "url": "https://herald.example/{n}"}}' for n in range(9))
    whole = f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{items}]}}'
    reading = read(whole[:cut])
    complete = whole[:cut].count("}")
    assert links_of(reading)[:complete] == [f"/{n}" for n in range(complete)]
    assert reading.problem is not None


@pytest.mark.parametrize(
    "bad",
    ['"\\ud800"', "NaN", '{"a": 1}', "[1]", "null", "1e999", '"\\u0000"', '"' + "x" * 10_000 + '"'],
)
def test_poisoned_item_of_a_json_feed_costs_no_other(bad: str) -> None:
    good = '{"url": "https://herald.example/a"}, {"url": "https://herald.example/b", "title": '
    reading = read(f'{{"items": [{good}{bad}}}, {bad}, {{"url": "https://herald.example/c"}}]}}')
    assert {"/a", "/c"} <= set(links_of(reading))
