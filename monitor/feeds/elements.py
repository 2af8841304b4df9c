"""Elements of feeds: one short key for each name, whichever of its namespaces it came in."""

from __future__ import annotations

import html
from typing import Any

from lxml import etree

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

Element = Any  # lxml ships no types
Fields = dict[str, list[Element]]

# Namespace → the prefix of its keys. RSS has none, and has had many by mistake; they count as it.
PREFIXES = {
    "": "",
    "http://purl.org/rss/1.0/": "",
    "http://purl.org/net/rss1.1#": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/rss/2.0/": "",
    ATOM: "atom:",
    "http://purl.org/atom/ns#": "atom:",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "",
    "http://www.google.com/schemas/sitemap/0.84": "",
    "http://www.google.com/schemas/sitemap/0.9": "",
    "http://www.google.com/schemas/sitemap-news/0.9": "news:",
    "http://purl.org/dc/elements/1.0/": "dc:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://search.yahoo.com/mrss": "media:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "http://www.pheedo.com/namespace/pheedo": "feedburner:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
    RDF: "rdf:",
}
_FOLDED = {name.lower(): prefix for name, prefix in PREFIXES.items()}

# What a prefix means where a broken feed does not say; the keys' own prefixes mean themselves.
USUAL = {
    "atom": ATOM,
    "a10": ATOM,
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "rdf": RDF,
    "xhtml": "http://www.w3.org/1999/xhtml",
}


def read_key(tag: Any, home: str) -> str:
    """Return the key of an element's tag: `title`, `dc:date`; an unknown namespace gives `?:name`.

    `home` is the namespace of the item or feed element itself: its children in the same one need no
    prefix. Comments and the like give an empty key.
    """
    if not isinstance(tag, str):
        return ""
    if tag[0] != "{":
        prefix, colon, name = tag.rpartition(":")
        if not colon:
            return tag.lower()
        return f"{_FOLDED.get(USUAL.get(prefix, '?').lower(), '?:')}{name.lower()}"
    namespace, _, name = tag[1:].partition("}")
    if namespace == home:
        return name.lower()
    return _FOLDED.get(namespace.lower(), "?:") + name.lower()


def home_of(tag: str) -> str:
    """Return the namespace of a tag, or an empty string."""
    return tag[1:].partition("}")[0] if tag[0] == "{" else ""


def read_fields(element: Element) -> Fields:
    """Return the children of an element by key; those of media:group and the like belong to it."""
    home = home_of(element.tag)
    fields: Fields = {}
    for child in element.iterchildren(etree.Element):
        key = read_key(child.tag, home)
        fields.setdefault(key, []).append(child)
        if key in {"media:group", "media:content"}:
            for inner in child.iterchildren(etree.Element):
                fields.setdefault(read_key(inner.tag, home), []).append(inner)
    return fields


def read_text(element: Element) -> str:
    """Return the text of an element, or its inside as markup where it has children."""
    if len(element) == 0:
        return element.text or ""
    inner = [etree.tostring(child, encoding="unicode") for child in element]  # with their tails
    return html.escape(element.text or "", quote=False) + "".join(inner)
