"""What a page says of itself in JSON-LD (schema.org), read leniently and never believed blindly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

from lxml.html import HtmlElement

from monitor.extract.blocks import read_blocks
from monitor.extract.tree import parse

Node = dict[str, Any]

# 840 kB of broken JSON-LD were met on a real page; good blocks are below 200 kB.
LONGEST_BLOCK = 2_000_000
MOST_NODES = 5_000

_ARTICLE = re.compile(r"(?i)(article|posting|report|review)$|^(article|newsarticle)")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.{0,40}?\*/)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_MARKUP = re.compile(r"</?(?:p|br|div|a|b|i|em|strong|h[1-6]|ul|li|span)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f]+")
# Keys whose articles are others than the page's own.
_ELSEWHERE = frozenset(
    {
        "itemlistelement",
        "haspart",
        "relatedlink",
        "citation",
        "comment",
        "mentions",
        "about",
        "publisher",
        "author",
        "ispartof",
        "sourceorganization",
        "video",
        "image",
        "breadcrumb",
        "significantlink",
        "isbasedon",
        "review",
        "associatedmedia",
        "hasofferdocument",
        "subjectof",
    }
)


def read_json_ld(scripts: Iterable[HtmlElement]) -> tuple[Node, ...]:
    """Return every object that the JSON-LD among a page's scripts holds at its top, in order.

    Broken blocks give what can be read of them; nothing is raised.
    """
    nodes: list[Node] = []
    for script in scripts:
        kind = (script.get("type") or "").lower()
        if "ld+json" not in kind or not script.text:
            continue
        nodes.extend(_top_nodes(parse_lenient(script.text)))
        if len(nodes) > MOST_NODES:
            break
    return tuple(nodes[:MOST_NODES])


def parse_lenient(text: str) -> Any:
    """Return the value of a JSON text, mending what publishers commonly break; None if hopeless."""
    if len(text) > LONGEST_BLOCK:
        return None
    text = _WRAPPING.sub("", text.strip()).strip().rstrip(";")
    for attempt in (_as_is, _without_trailing_commas, _first_value):
        try:
            return attempt(text)
        except (ValueError, RecursionError):
            continue
    return None


def _as_is(text: str) -> Any:
    return json.loads(text, strict=False)


def _without_trailing_commas(text: str) -> Any:
    return json.loads(_TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", text)), strict=False)


def _first_value(text: str) -> Any:
    return json.JSONDecoder(strict=False).raw_decode(text)[0]


def _top_nodes(value: Any) -> Iterator[Node]:
    """Yield the objects at the top of a block: lists, `@graph` and `mainEntity` opened."""
    waiting = [value]
    budget = MOST_NODES
    while waiting and budget:
        budget -= 1
        current = waiting.pop(0)
        if isinstance(current, list):
            waiting[:0] = current[:MOST_NODES]
        elif isinstance(current, dict):
            yield current
            for key, inner in current.items():
                if key.lower() not in _ELSEWHERE and isinstance(inner, (dict, list)):
                    waiting.append(inner)


def types_of(node: Node) -> tuple[str, ...]:
    """Return the schema.org types of a node, without their prefix."""
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return tuple(str(k).rpartition("/")[2] for k in kinds if isinstance(k, str))


def is_article(node: Node) -> bool:
    """Tell whether a node describes an article."""
    return any(_ARTICLE.search(kind) for kind in types_of(node))


def text_value(node: Node, *keys: str) -> str:
    """Return the first string under one of `keys`, looking into `@value` and lists."""
    for key in keys:
        value = node.get(key)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = value.get("@value") or value.get("name")
        if isinstance(value, str) and value.strip():
            return value
    return ""


def find_article_body(node: Node) -> str:
    """Return the article's text as JSON-LD carries it, markup dropped; may be cut by its publisher.

    Paragraphs survive where the publisher kept them apart by line ends or markup.
    """
    body = text_value(node, "articleBody", "text")
    if "<" in body and _MARKUP.search(body):
        parsed = parse(f"<html><body><div>{body}</div></body></html>")
        return "\n".join(block.text for block in read_blocks(parsed.root)) if parsed else ""
    return unescape(body)
