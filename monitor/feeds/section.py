"""Section pages → links to articles: by a selector, by a glob, or by the links' own look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cssselect import SelectorError
from lxml.cssselect import CSSSelector

from monitor.feeds.autodiscovery import find_feeds
from monitor.feeds.disguise import unmask
from monitor.feeds.elements import Element
from monitor.feeds.html_links import (
    PageLink,
    find_page_base,
    list_bare_links,
    list_links,
    parse_page,
    read_link,
)
from monitor.feeds.item import read_language
from monitor.feeds.link_shape import choose_article_links
from monitor.feeds.plain import LONGEST_TITLE, clean_text
from monitor.feeds.reading import Disguise, FeedReading, Format
from monitor.model import Entry, SectionLinks


def read_section(body: bytes, *, url: str, links: SectionLinks | None) -> FeedReading:
    """Read the article links of a UTF-8 HTML page; without `links` they are told by their look.

    A page that yields none has a `problem`, and a `disguise` where it is not what was expected.
    """
    root = parse_page(body)
    problem = None
    if root is None:
        found: list[PageLink] = list(list_bare_links(body, url))
        found = choose_article_links(found, url) if links is None else _by_glob(found, links)
    elif links is not None and links.selector is not None:
        found, problem = _by_selector(root, url, links.selector)
        found = _by_glob(found, links)
    elif links is not None and links.url is not None:
        found = _by_glob(list_links(root, url), links)
    else:
        found = choose_article_links(list_links(root, url), url)
    entries = tuple(_build_entries(found))
    disguise = unmask(body, url) if len(entries) < 3 else None
    if disguise is Disguise.WEB_PAGE:
        disguise = None
    if not entries and problem is None:
        problem = _say_empty(disguise, links)
    return FeedReading(
        format=Format.SECTION,
        entries=entries,
        feeds=find_feeds(body, url),
        problem=problem,
        disguise=disguise,
        title=_find_title(root),
        language=None if root is None else read_language(root.get("lang")),
    )


def _by_selector(root: Element, url: str, selector: str) -> tuple[list[PageLink], str | None]:
    try:
        chosen = CSSSelector(selector, translator="html")(root)
    except (SelectorError, ValueError) as error:
        return [], f"the selector {selector!r} is not CSS ({error}): correct it in sources.yaml"
    base = find_page_base(root, url)
    found = []
    for element in chosen:
        anchors = [element] if element.tag == "a" else element.iter("a")
        found += [link for anchor in anchors if (link := read_link(anchor, base)) is not None]
    return found, None


def _by_glob(found: Iterable[PageLink], links: SectionLinks) -> list[PageLink]:
    glob = links.url
    return [link for link in found if glob is None or matches_glob(link.url, glob)]


def matches_glob(url: str, glob: str) -> bool:
    """Say whether the whole of `url` is `glob`, whose `*` stands for any characters or none.

    Linear, whatever the glob. A `?` is a question mark, as in every URL.
    """
    first, *others = glob.split("*")
    if not others:
        return url == glob
    if not url.startswith(first):
        return False
    position = len(first)
    for part in others[:-1]:
        found = url.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return url.endswith(others[-1]) and len(url) - len(others[-1]) >= position


def _build_entries(found: Iterable[PageLink]) -> Iterator[Entry]:
    """Yield an entry for each address, once, in the page's order, with its longest text as title.

    A card links its picture, its headline and "read more" to the same article.
    """
    texts: dict[str, list[PageLink]] = {}
    for link in found:
        texts.setdefault(link.url, []).append(link)
    for url, same in texts.items():
        best = max(same, key=lambda link: (link.headline, len(link.text)))
        yield Entry(url=url, title=best.text)


def _find_title(root: Element | None) -> str:
    if root is None:
        return ""
    title = next(root.iter("title"), None)
    return "" if title is None else clean_text(title.text or "", LONGEST_TITLE)


def _say_empty(disguise: Disguise | None, links: SectionLinks | None) -> str:
    if disguise is not None:
        return f"the address answers with {disguise.value}: look at it in a browser"
    if links is not None:
        return "no link on the page fits `links` in sources.yaml: the page may have a new layout"
    return (
        "no links to articles could be told on the page: give a selector or a URL pattern under "
        "`links` in sources.yaml"
    )
