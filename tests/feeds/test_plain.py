"""HTML fragments become plain text."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.plain import clean_text, read_html_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("<p>one</p><p>two</p>", "one two"),
        ("one<br>two<br/>three", "one two three"),
        ("<li>a<li>b", "a b"),
        ("<td>a</td><td>b</td>", "a b"),
        ("Gro<em>ß</em>bank", "Großbank"),
        ("soft<wbr>break", "softbreak"),
        ("<b>A</b> <i>B</i>", "A B"),
        ("1 < 2 > 0 & 3", "1 < 2 > 0 & 3"),
        ("x<y and y>z", "xz"),
        ("x<y and z", "x<y and z"),
        ("&lt;b&gt; &amp;amp; &eacute; &#233; &#xE9;", "<b> &amp; é é é"),
        ("it&#146;s", "it’s"),
        ("&#0;&#xD800;&#99999999999;", "\ufffd\ufffd\ufffd"),
        (f"a&#{'9' * 5000};b&#x{'f' * 5000};c", "a\ufffdb\ufffdc"),
        ("&bogus; &", "&bogus; &"),
        ("a<script>alert('<p>')</script>b", "a b"),
        ("a<style>p{}</style >b", "a b"),
        ("a<script>never closed", "a"),
        ("a<!-- comment -->b", "ab"),
        ("a<!-->b", "ab"),
        ("a<!-- never closed", "a"),
        ("a<![CDATA[b]]>c", "ab]]>c"),
        ("a<?php echo 1 ?>b", "ab"),
        ('<a title="x > y">link</a>', "link"),
        ("<a title='\"'>link</a>", "link"),
        ('<img alt="a>b">after', "after"),
        ('cut off <a href="http', "cut off"),
        ("<svg><title>icon</title></svg>text", "text"),
        ("</p></div>x", "x"),
        ("<>x", "<>x"),
        ("< p>x", "< p>x"),
        ("", ""),
    ],
)
def test_text_of_html_is_what_a_person_reads(markup: str, text: str) -> None:
    assert read_html_text(markup, 1000) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (" a\n\tb\u2028c\u00a0d ", "a b c d"),
        ("a\x00b\x08c\x1bd\x7fe", "abcde"),
        ("a\ud800b\uffffc\ufdd0d", "abcd"),
        ("don\x92t \x96 x\x81", "don’t – x"),
        ("soft\u00adhyphen zero\u200bwidth", "soft\u00adhyphen zero\u200bwidth"),
        ("&amp; <b>", "&amp; <b>"),
        ("x" * 50, "x" * 20),
        ("x" * 19 + " yyy", "x" * 19),
    ],
)
def test_cleaned_text_is_one_bounded_line(text: str, cleaned: str) -> None:
    assert clean_text(text, 20 if "x" * 19 in text else 1000) == cleaned


ANYTHING = st.text(st.characters(codec=None), max_size=300)
MARKUP = st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "</",
            "<!--",
            "-->",
            "&",
            ";",
            "&#",
            "x",
            "=",
            '"',
            "'",
            "script",
            "p",
            " ",
            "]]>",
        ]
    ),
    max_size=60,
).map("".join)


@given(ANYTHING | MARKUP, st.integers(1, 400))
def test_text_is_bounded_printable_and_one_line_whatever_comes(markup: str, longest: int) -> None:
    text = read_html_text(markup, longest)
    assert len(text) <= longest
    assert text == text.strip()
    text.encode("utf-8")
    assert not any(
        letter < " " or ("\x7f" <= letter < "\xa0" and letter != "\x85") for letter in text
    )
    assert not {"\n", "\r", "\t", "\x00", "\u2028"} & set(text)


@given(st.text(st.characters(exclude_categories=("C", "Z")), max_size=100))
def test_text_that_was_escaped_comes_back(text: str) -> None:
    assert read_html_text(f"<p>{html.escape(text)}</p>", 1000) == text.strip()
