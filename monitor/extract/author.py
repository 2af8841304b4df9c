"""Who signed an article: people before organisations, names without titles, links or greetings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement
from trafilatura.xpaths import AUTHOR_XPATHS

from monitor.extract.clean import clean_line, clean_markup
from monitor.extract.facts import PageFacts
from monitor.extract.json_ld import types_of
from monitor.extract.tree import text_of

MOST_AUTHORS = 12
_LONGEST_NAME = 80

_META = (
    "author",
    "authors",
    "byl",
    "parsely-author",
    "article:author",
    "article:author_name",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "citation_author",
    "shareaholic:article_author_name",
    "cxenseparse:author",
    "twitter:creator",
)
# "and" where bylines are known to use it between names; a lone letter only between spaces.
_BETWEEN = re.compile(
    r"\s*[;|/•·、，،]\s*|\s*,\s+|\s+(?:and|und|et|y|e|i|en|och|og|ve|и|та|και|és|dan|ja|oraz|&)\s+",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"^\s*(?:(?:written|words|story|text|report|reporting|photo(?:graph)?s?)\s+by|by|von|par|por|"
    r"di|da|door|av|af|od|текст|автор|autor(?:a|in)?|autore|auteur|författare|reporter|記者|记者|文|"
    r"écrit par|publié par)(?:\s*[:：]\s*|\s+)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[(（\[][^)）\]]{0,60}[)）\]]\s*")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|^/\S+$")
_NO_NAME = re.compile(
    r"^[\W\d_]*$|^(?:admin|administrator|redaktion|author|unknown|null|none)$", re.IGNORECASE
)


def find_author(facts: PageFacts, root: HtmlElement, *, site_name: str | None) -> str | None:
    """Return the names of those who signed, joined by `, `, or None.

    JSON-LD, `<meta>`, then what the page marks as its byline. A claim that only repeats the
    outlet's name gives way to one that names somebody.
    """
    fallback: list[str] = []
    for claims in _claims(facts, root):
        names = clean_names(claims)
        if not names:
            continue
        if not _only_names_outlet(names, site_name):
            return ", ".join(names)
        fallback = fallback or names
    return ", ".join(fallback or clean_names(_from_classes(root))) or None


def _claims(facts: PageFacts, root: HtmlElement) -> Iterator[list[str]]:
    """Yield the claims of each place in turn; what is not asked for is not looked up."""
    yield _from_json_ld(facts)
    yield _from_metas(facts)
    yield _from_marks(root)


def clean_names(claims: list[str]) -> list[str]:
    """Return the single names in `claims`, each once, at most MOST_AUTHORS."""
    names: list[str] = []
    for claim in claims:
        line = _ADDRESS.sub("", _BRACKETS.sub(" ", clean_markup(claim, longest=600)))
        for part in _BETWEEN.split(_BEFORE.sub("", line)):
            name = clean_line(_BEFORE.sub("", part), longest=_LONGEST_NAME + 1).strip(" .,:;–—-|/@")
            if not name or len(name) > _LONGEST_NAME or _NO_NAME.match(name):
                continue
            if name.casefold() not in {known.casefold() for known in names}:
                names.append(name)
    return names[:MOST_AUTHORS]


def _from_json_ld(facts: PageFacts) -> list[str]:
    """Return the names of the article's `author`, those of people if there are any."""
    given = facts.node.get("author") or facts.node.get("creator")
    people: list[str] = []
    others: list[str] = []
    for value in given if isinstance(given, list) else [given]:
        if isinstance(value, str):
            people.append(value)
        elif isinstance(value, dict):
            node = value if "name" in value else _by_id(facts, value.get("@id"))
            is_person = "Organization" not in " ".join(types_of(node))
            (people if is_person else others).extend(_names_in(node))
    return people or others


def _by_id(facts: PageFacts, identifier: Any) -> dict[str, Any]:
    if not isinstance(identifier, str):
        return {}
    return next((n for n in facts.nodes if n.get("@id") == identifier and "name" in n), {})


def _names_in(node: dict[str, Any]) -> list[str]:
    name = node.get("name")
    return [n for n in (name if isinstance(name, list) else [name]) if isinstance(n, str)]


def _from_metas(facts: PageFacts) -> list[str]:
    for name in _META:
        claims = [v for v in facts.metas.get(name, ()) if not v.startswith(("http", "@", "/"))]
        if clean_names(claims):
            return claims
    return []


def _from_marks(root: HtmlElement) -> list[str]:
    """Return what the page marks as its author by `rel` or `itemprop`."""
    marked: list[str] = []
    for element in root.iter("a", "span", "div", "p", "address", "li"):
        mark = f"{element.get('rel') or ''} {element.get('itemprop') or ''}".lower()
        if "author" in mark.split():
            marked.append(text_of(element)[:200])
        if len(marked) >= MOST_AUTHORS:
            break
    return [text for text in marked if text]


def _from_classes(root: HtmlElement) -> list[str]:
    """Return the first byline that one of trafilatura's expressions finds."""
    for expression in AUTHOR_XPATHS:
        for element in expression(root)[:5]:
            line = text_of(element)
            if 2 < len(line) < 120:
                return [line]
    return []


def _only_names_outlet(names: list[str], site_name: str | None) -> bool:
    if not site_name:
        return False
    outlet = re.sub(r"\W", "", site_name.casefold())
    return all(re.sub(r"\W", "", name.casefold()) in outlet for name in names)
