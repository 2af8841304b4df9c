"""What the head of a page says of the page, gathered in one pass over the tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.html import HtmlElement

from monitor.extract.json_ld import Node, is_article, read_json_ld, text_value, types_of
from monitor.extract.tree import text_of
from monitor.urls import canonical_url, join

MOST_METAS = 2_000
LONGEST_VALUE = 20_000
# A page's own address is asked for five times.
key_of = lru_cache(maxsize=16)(canonical_url)
_RELS = frozenset({"canonical", "amphtml", "shortlink"})


@dataclass(frozen=True, kw_only=True)
class PageFacts:
    """The claims of one page about itself; every value is as written, nothing is believed yet.

    `metas` has each `name`, `property`, `itemprop` or `http-equiv` in lower case.
    `links` has the absolute targets of `<link>` by those `rel` that name the page itself.
    `node` is the JSON-LD object of the page's own article, or an empty one.
    """

    url: str
    metas: dict[str, tuple[str, ...]] = field(default_factory=dict)
    links: dict[str, tuple[str, ...]] = field(default_factory=dict)
    nodes: tuple[Node, ...] = ()
    node: Node = field(default_factory=dict)
    title: str = ""
    headings: tuple[str, ...] = ()
    html_language: str = ""

    def meta(self, *names: str) -> str:
        """Return the first value that is not empty among `names`, in their order."""
        for name in names:
            for value in self.metas.get(name, ()):
                if value.strip():
                    return value
        return ""


def gather_facts(root: HtmlElement, url: str) -> PageFacts:
    """Return what the page at `url` says of itself."""
    told: dict[str, list[HtmlElement]] = {
        "script": [],
        "title": [],
        "h1": [],
        "meta": [],
        "link": [],
    }
    for element in root.iter(*told):
        told[element.tag].append(element)
    nodes = read_json_ld(told["script"])
    title = next((text for e in told["title"] if (text := text_of(e))), "")
    headings = tuple(text for e in told["h1"] if (text := text_of(e)[:LONGEST_VALUE]))[:20]
    return PageFacts(
        url=url,
        metas=_read_metas(told["meta"]),
        links=_read_links(told["link"], url),
        nodes=nodes,
        node=choose_article_node(nodes, url, title=title, headings=headings),
        title=title[:LONGEST_VALUE],
        headings=headings,
        html_language=(root.get("lang") or root.get("xml:lang") or "")[:40],
    )


def _read_metas(metas: Iterable[HtmlElement]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for count, meta in enumerate(metas):
        if count > MOST_METAS:
            break
        content = meta.get("content")
        if not content:
            continue
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = meta.get(attribute)
            if name:
                found[name.strip().lower()].append(content[:LONGEST_VALUE])
    return {name: tuple(values) for name, values in found.items()}


def _read_links(links: Iterable[HtmlElement], url: str) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for count, link in enumerate(links):
        if count > MOST_METAS:
            break
        rels = [rel for rel in (link.get("rel") or "").lower().split()[:4] if rel in _RELS]
        target = join(url, link.get("href") or "") if rels else None
        for rel in rels if target else ():
            found[rel].append(target or "")
    return {rel: tuple(targets) for rel, targets in found.items()}


def choose_article_node(
    nodes: tuple[Node, ...], url: str, *, title: str, headings: tuple[str, ...]
) -> Node:
    """Return the JSON-LD object of the page's own article, or an empty one.

    A page may carry those of its teasers too: one whose address is this page's comes first, then
    one whose headline stands in the title or a heading, then the only one there is.
    """
    articles = [node for node in nodes if is_article(node)]
    if not articles:
        return next((n for n in nodes if "WebPage" in types_of(n) and "datePublished" in n), {})
    own_key = _key(url)
    for node in articles:
        if own_key and _node_key(node, url) == own_key:
            return node
    for node in articles:
        headline = " ".join(text_value(node, "headline", "name").split())
        if len(headline) > 10 and (headline in title or headline in headings):
            return node
    return articles[0] if len(articles) == 1 or "headline" in articles[0] else {}


def _node_key(node: Node, base: str) -> str | None:
    page = node.get("mainEntityOfPage")
    if isinstance(page, dict):
        page = page.get("@id") or page.get("url")
    for value in (page, node.get("url"), node.get("@id")):
        if isinstance(value, str) and value.strip():
            key = _key(join(base, value) or "")
            if key:
                return key
    return None


def _key(url: str) -> str | None:
    try:
        return key_of(url)
    except ValueError:
        return None
