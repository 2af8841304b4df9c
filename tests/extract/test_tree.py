"""No nesting, length or number of elements keeps a page from being parsed (FAULTS D1)."""

from __future__ import annotations

import pytest

from monitor.extract import tree
from monitor.extract.tree import LONGEST_PAGE, MOST_TAGS, parse, text_of


@pytest.mark.parametrize("depth", [100, 255, 300, 2000])
def test_nesting_that_the_parser_bears_changes_nothing(depth: int) -> None:
    parsed = parse(
        "<html><body>" + "<div>" * depth + "<p>deep</p>" + "</div>" * depth + "<p>after</p>"
    )
    assert parsed is not None
    assert parsed.note is None
    assert text_of(parsed.root) == "deepafter"


@pytest.mark.parametrize("depth", [2100, 30_000])
def test_nesting_beyond_the_parser_loses_wrappers_not_text(depth: int) -> None:
    parsed = parse(
        "<html><body>" + "<div>" * depth + "<p>deep</p>" + "</div>" * depth + "<p>after</p>"
    )
    assert parsed is not None
    assert parsed.note is not None
    assert "nested" in parsed.note
    assert text_of(parsed.root) == "deep after"


@pytest.mark.parametrize("end", ["</html>", "</body></html>", "</HTML >", "</html\n><!-- x -->"])
def test_page_that_goes_on_behind_its_end_is_read_to_its_end(end: str) -> None:
    """FAULTS D2: publishers put pages together from parts that have ends of their own."""
    for depth in (1, 30_000):
        opened = "<div>" * depth
        parsed = parse(f"<html><body>{opened}<p>first</p>{end}{opened}<p>second</p>{end}<p>third")
        assert parsed is not None
        assert [text_of(each) for each in parsed.root.iter("p")] == ["first", "second", "third"]


def test_page_of_which_the_head_ends_it_has_its_body() -> None:
    parsed = parse("<html><head><title>a</title></head></html><body><p>text</p></body>")
    assert parsed is not None
    assert text_of(parsed.root.find("body")) == "text"


def test_unclosed_inline_tags_nest_without_loss() -> None:
    parsed = parse("<html><body>" + "<font><b>word " * 900 + "<p>end</p>")
    assert parsed is not None
    assert text_of(parsed.root).endswith("word end")


def test_page_with_too_many_tags_is_cut_and_says_so() -> None:
    parsed = parse("<html><body>" + "<p>x" * (MOST_TAGS + 5000))
    assert parsed is not None
    assert parsed.elements <= MOST_TAGS + 1000
    assert parsed.note is not None
    assert "only the first" in parsed.note


def test_page_that_is_too_long_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "LONGEST_PAGE", 2000)
    parsed = parse("<html><body><p>begin</p>" + "x" * 5000 + "<p>end</p>")
    assert parsed is not None
    assert "end" not in text_of(parsed.root)
    assert parsed.note == "only the first 2000 characters of the page were read"
    assert LONGEST_PAGE > 2_300_000  # the longest of the real pages that were measured


@pytest.mark.parametrize("text", ["", " ", "\0", "<!-- -->", "<?xml version='1.0'?>"])
def test_nothing_has_no_tree(text: str) -> None:
    assert parse(text) is None


def test_controls_and_surrogates_do_not_break_the_parser() -> None:
    parsed = parse("<html><body><p>a\0b\x0bc\ud800d</p></body></html>")
    assert parsed is not None
    assert text_of(parsed.root) == "abcd"


@pytest.mark.parametrize("before", ["", "<p>", "<script>" + "x" * 30_000 + "</script>"])
@pytest.mark.parametrize("after", [">end", "><p>end", "<p>end", ">end<script>" + "y>" * 20_000])
@pytest.mark.parametrize("spare", [0, 1, 7000])
def test_tag_with_thousands_of_attributes_is_read_without_them(
    before: str, after: str, spare: int
) -> None:
    """Each step would take the square of their number."""
    attributes = " ".join(f"a{number}=b" for number in range(2500))
    tag = f"<div {attributes}{' ' * (20_000 + spare - len(attributes))}"
    parsed = parse(f"<html><body>{before}{tag}{after}")
    assert parsed is not None
    assert all(len(element.attrib) <= 1 for element in parsed.root.iter("div"))
    assert "end" in text_of(parsed.root)


def test_long_tag_with_few_attributes_keeps_them() -> None:
    parsed = parse(f"<body><p data-text='{'x' * 30_000}' class='one'>end</p>")
    assert parsed is not None
    assert [element.get("class") for element in parsed.root.iter("p")] == ["one"]
