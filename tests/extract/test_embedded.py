"""The text in a page's data is found where scripts would build the page from it."""

from __future__ import annotations

import json
from html import escape

import pytest

from monitor.extract.embedded import find_embedded_text
from monitor.extract.tree import parse
from tests.extract.pages import STORIES, Story

MARKUP = {s.language: "".join(f"<p>{escape(p)}</p>" for p in s.paragraphs) for s in STORIES}


def embedded(*scripts: str) -> str:
    parsed = parse("<html><body>" + "".join(f"<script>{s}</script>" for s in scripts))
    assert parsed is not None
    return find_embedded_text(parsed.root)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.language)
def test_html_in_data_is_read(story: Story) -> None:
    data = json.dumps({"props": {"article": {"body": MARKUP[story.language]}}}).replace(
        "</", "<\\/"
    )
    wanted = story.text if len(story.text) >= 300 else ""
    assert embedded(f"window.__DATA__ = {data};") == wanted


def test_html_in_streamed_data_within_data_is_read() -> None:
    inner = '5:["$","div",' + json.dumps({"content": MARKUP["en"]}) + "]"
    script = f"self.__next_f.push([1,{json.dumps(inner)}])".replace("<", "\\u003c")
    assert embedded("var a = 1;", script) == STORIES[0].text


def test_paragraphs_as_separate_strings_are_joined_in_order() -> None:
    data = {"blocks": [{"type": "p", "text": p} for p in STORIES[0].paragraphs]}
    assert embedded(f"window.state = {json.dumps(data)}") == STORIES[0].text


@pytest.mark.parametrize(
    "script",
    [
        "",
        'var a = "',
        'var a = "\\',
        '"' * 100_001,
        "\\" * 100_000 + '"',
        '"\\"' * 50_000,
        "var css = '" + ".a { color: red; } " * 1000 + "';",
        '"' + "function(){return 1};" * 500 + '"',
        '{"url": "' + "https://example.org/a " * 100 + '"}',
    ],
)
def test_what_is_no_text_gives_none(script: str) -> None:
    assert embedded(script) == ""
