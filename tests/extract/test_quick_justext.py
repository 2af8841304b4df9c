"""justext gives the same paragraphs when it does nothing twice."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement
from trafilatura.external import try_justext

from monitor.extract.quick_justext import (
    QuickPath,
    make_spaces_one,
    quicken_justext,
    text_once,
)
from monitor.extract.tree import parse
from tests.extract.pages import STORIES, Layout, render

CORE, PARAGRAPH = import_module("justext.core"), import_module("justext.paragraph")
SPACES = import_module("justext.utils").normalize_whitespace
ODD = """<body><div>One <b>two</b>\r\n three<br>four<br><br>five<p><a href="/">six</a> \u2003 seven
<select><option>eight</select><table><tr><td>nine<td>ten</table></div>eleven<p> </p>&nbsp;</body>"""


@given(st.text(alphabet=" \n\r\t\xa0\x1c\u2028\u3000ab"))
def test_white_space_is_made_one_as_justext_does(text: str) -> None:
    assert make_spaces_one(SPACES)(text) == SPACES(text)


def paragraphs(root: HtmlElement) -> list[tuple[str, str, int, int]]:
    made = CORE.ParagraphMaker.make_paragraphs(root)
    return [(each.dom_path, each.text, each.tags_count, each.chars_count_in_links) for each in made]


def put_together(paragraph: Any) -> str:
    """Return a paragraph's text as justext does."""
    return str(SPACES("".join(paragraph.text_nodes).strip()))


class NumberedPath(list[str]):
    """The path of a paragraph in the plainest way."""

    xpath = ""

    @property
    def dom(self) -> str:
        return ".".join(self)


def test_paragraphs_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [ODD, *(render(story, Layout()) for story in STORIES)]
    roots = [parsed.root for page in pages if (parsed := parse(page))]
    quicken_justext()
    assert CORE.PathInfo is QuickPath
    ours = [paragraphs(root) for root in roots]
    kept = [[each.text for each in try_justext(root, None, None)] for root in roots]
    monkeypatch.setattr(CORE, "PathInfo", NumberedPath)
    monkeypatch.setattr(PARAGRAPH, "normalize_whitespace", SPACES)
    monkeypatch.setattr(CORE.Paragraph, "text", property(put_together))
    assert ours == [paragraphs(root) for root in roots]
    assert kept == [[each.text for each in try_justext(root, None, None)] for root in roots]
    assert "eleven" in {text for _, text, _, _ in ours[0]}
    assert any(kept)


def test_text_is_put_together_again_when_a_piece_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def count(paragraph: object) -> str:
        asked.append(paragraph)
        return put_together(paragraph)

    monkeypatch.setattr(CORE.Paragraph, "text", text_once(count))
    paragraph = CORE.Paragraph(QuickPath().append("body").append("p"))
    paragraph.append_text("One  two")
    assert (paragraph.text, len(paragraph), paragraph.dom_path) == ("One two", 7, "body.p")
    paragraph.append_text(" three")
    assert (paragraph.text, len(paragraph)) == ("One two three", 13)
    assert len(asked) == 2
