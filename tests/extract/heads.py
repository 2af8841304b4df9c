"""Heads of pages for the tests: their JSON-LD, and what is gathered from them."""

from __future__ import annotations

import json
from typing import Any

from lxml.html import HtmlElement

from monitor.extract.facts import PageFacts, gather_facts
from monitor.extract.tree import parse
from tests.extract.pages import URL


def head_of(markup: str, url: str = URL) -> tuple[PageFacts, HtmlElement]:
    parsed = parse(f"<html>{markup}</html>")
    assert parsed is not None
    return gather_facts(parsed.root, url), parsed.root


def ld(*nodes: Any) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(n)}</script>' for n in nodes)
