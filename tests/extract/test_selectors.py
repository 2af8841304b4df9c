"""Expressions answered without XPath give what XPath gives, in its order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document

from monitor.extract import selectors
from monitor.extract.decode import decode
from monitor.extract.quick_trafilatura import CLEANING, LISTS, quicken_expressions, read_text
from monitor.extract.selector_grammar import Unreadable
from monitor.extract.selectors import Selector, quicken
from monitor.extract.tree import parse
from tests.extract.pages import STORIES, Layout, render
from tests.extract.real_pages import read_fundus, read_scrapinghub

EXSLT = {"re": "http://exslt.org/regular-expressions"}
CLEANER = import_module("trafilatura.baseline")
EXPRESSIONS = import_module("trafilatura.xpaths")
HELD = [getattr(EXPRESSIONS, name) for name in LISTS]
PATHS = [str(each.path) for held in [*HELD, [getattr(CLEANER, CLEANING)]] for each in held]
"""What trafilatura asks of whole pages, as it writes it."""

SEVERAL = """(.//*[self::div or self::p or self::section][
    @id='a' or contains(@class, 'b') or re:test(@class|@id, 'c$') or starts-with(@id|@role, 'd')
    or contains(translate(@style, 'EF', 'ef'), 'ef') and not(@hidden)])[1]"""
TAGS = ["div", "p", "section", "span", "ul", "li", "list", "item", "article", "main", "aside"]
WORDS = sorted(
    {
        re.sub(r"[^\w -]", "", word)
        for path in [*PATHS, SEVERAL]
        for text in re.findall(r"'([^']*)'", path)
        for word in text.split("|")
    }
)


def ask(path: str) -> etree.XPath:
    """Return the expression as lxml answers it."""
    return etree.XPath(path, namespaces=EXSLT)


@st.composite
def trees(draw: st.DrawFn) -> HtmlElement:
    """Draw a page with words that the expressions ask for, whole and in parts, in any attribute."""
    words = st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS).map(str.upper), st.just(""))
    values = st.lists(words, min_size=1, max_size=2).map("-".join)
    names = st.sampled_from(["class", "id", "style", "role", "aria-hidden", "itemprop", "hidden"])
    opened: list[str] = []
    written = ["<html><body>"]
    for _ in range(draw(st.integers(1, 14))):
        tag = draw(st.sampled_from(TAGS))
        claims = draw(st.lists(st.tuples(names, values), max_size=3))
        said = " ".join(f'{name}="{value}"' for name, value in claims)
        written.append(f"<{tag} {said}>x")
        opened.append(tag)
        while opened and draw(st.booleans()):
            written.append(f"</{opened.pop()}>y")
    parsed = parse("".join(written))
    assert parsed is not None
    return parsed.root


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=trees())
def test_every_expression_gives_what_xpath_gives(tree: HtmlElement) -> None:
    for path in [*PATHS, SEVERAL]:
        assert list(quicken(ask(path))(tree)) == ask(path)(tree), path


@pytest.mark.shared
def test_real_pages_give_what_xpath_gives(shared: Path) -> None:
    pages = [*list(read_fundus(shared))[::20], *list(read_scrapinghub(shared))[::20]]
    for path in PATHS:
        quick, slow = quicken(ask(path)), ask(path)
        for page in pages:
            parsed = parse(decode(page.body).text)
            assert parsed is not None
            assert list(quick(parsed.root)) == slow(parsed.root), path


def test_attribute_that_is_written_first_counts_where_either_is_asked_for() -> None:
    parsed = parse("<div><p class=one id=two>a</p><p id=two class=one>b</p><p id=one>c</p></div>")
    assert parsed is not None
    for path in (".//p[contains(@id|@class, 'one')]", ".//p[contains(@class|@id, 'one')]"):
        found = Selector(path)(parsed.root)
        assert [each.text for each in found] == ["a", "c"]
        assert found == ask(path)(parsed.root)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile page has as many classes as elements, and long ones."""
    monkeypatch.setattr(selectors, "MOST_LOOKS", 50)
    asked = Selector(".//p[contains(@class, '7')]")
    short = parse("".join(f"<p class=c{number}>x</p>" for number in range(500)))
    long = parse("".join(f"<p class={'c' * 400}{number}>x</p>" for number in range(20)))
    assert short is not None
    assert long is not None
    for _ in range(2):
        assert asked(short.root) == ask(asked.path)(short.root)
        assert len(asked.known) <= 50
    asked.known.clear()
    assert len(asked(long.root)) == 2
    assert len(asked.known) <= 2  # html and body have none


def test_all_but_one_of_the_expressions_are_answered_sooner() -> None:
    """Where a new version asks otherwise, nothing breaks and all is slower: here it is told."""
    left = [path for path in PATHS if not isinstance(quicken(ask(path)), Selector)]
    assert len(PATHS) == 13
    assert [path.split()[-1] for path in left] == ["'main')])[1]|(.//main)[1]"]


@pytest.mark.parametrize(
    "path",
    [
        "//div",
        ".//div/a",
        ".//div[2]",
        ".//div[1][@id='a']",
        ".//div[position()=1]",
        ".//p[.='text']",
        ".//p[contains(., 'text')]",
        ".//p[a='text']",
        ".//p[@id!='a']",
        ".//p[translate(@id, 'AB', 'a')='a']",
        ".//p[@id='a'][1]|.//div[1]",
        "(.//p)[1]|.//div",
        ".//p[count(a)>1]",
        ".//p[ancestor::div]",
        ".//x:p",
    ],
)
def test_expression_that_asks_for_more_is_left_to_xpath(path: str) -> None:
    with pytest.raises(Unreadable):
        Selector(path)


@pytest.fixture
def as_shipped() -> Iterator[None]:
    """Put trafilatura's own expressions back for the time of a test."""
    before = [list(each) for each in HELD]
    cleaning = getattr(CLEANER, CLEANING)
    for held in HELD:
        held[:] = [ask(str(each.path)) for each in held]
    setattr(CLEANER, CLEANING, ask(str(cleaning.path)))
    yield
    for held, kept in zip(HELD, before, strict=True):
        held[:] = kept
    setattr(CLEANER, CLEANING, cleaning)


@pytest.mark.parametrize("quick", [True, False])
def test_text_is_what_trafilatura_gives_when_it_is_asked_itself(
    quick: bool,
    request: pytest.FixtureRequest,
) -> None:
    quicken_expressions()
    layouts = [Layout(), Layout(body="<p>Short.</p>")]
    pages = [render(story, layout) for story in STORIES for layout in layouts]
    parsed = [each for page in pages if (each := parse(page))]
    ours = [read_text(each.root, quick=quick) for each in parsed]
    assert isinstance(HELD[0][0], Selector)
    request.getfixturevalue("as_shipped")
    assert isinstance(HELD[0][0], etree.XPath)
    theirs = [
        bare_extraction(
            each.root,
            fast=quick,
            favor_recall=quick,
            include_comments=False,
            with_metadata=False,
        )
        for each in parsed
    ]
    assert ours == [(each.text or "") if isinstance(each, Document) else "" for each in theirs]
    assert any(ours)
