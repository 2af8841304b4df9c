"""A page as the blocks of text that a reader sees, each with where it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from lxml.html import HtmlElement

# Elements whose text is not read as text.
_UNREAD = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "button",
        "select",
        "option",
        "datalist",
        "svg",
        "math",
        "iframe",
        "textarea",
        "video",
        "audio",
        "object",
        "embed",
        "applet",
        "canvas",
        "head",
        "map",
        "img",
        "picture",
        "source",
        "input",
        "meta",
        "link",
        "title",
        "rp",
        "rt",
    ]
)
# Elements that run on within a line; every other element begins a block.
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "html",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "q",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_NAVIGATION = frozenset({"nav", "menu", "figure", "figcaption"})
_MARGINS = frozenset({"aside", "footer", "form", "dialog"})
_PARAGRAPHS = frozenset({"p", "li", "blockquote", "pre", "dd", "dt"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

# Words in `class` and `id` by which publishers name what is not the article. Substrings in English,
# since markup is written in English everywhere.
_AROUND = re.compile(
    r"promo|newsletter|shar(?:e|ing)|social|sidebar|teaser|breadcrumb|subscri|widget|advert|banner|"
    r"footer|\bnav|menu|byline|caption|disclaimer|copyright|popup|modal|author-bio|sign-?up|login|"
    r"tag-?list|toolbar|print-only|paywall-(?:offer|promo)"
)
_NEVER = re.compile(
    r"comment|disqus|related|recommend|outbrain|taboola|cookie|consent|gdpr|also-?read|most-?read|"
    r"read-?more|popular|trending"
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

MOST_BLOCKS = 20_000
# Less prose than this is a teaser with a heading, not the article.
LEAST_ARTICLE = 400


@dataclass(frozen=True, kw_only=True, eq=False)
class Mark:
    """What sets a subtree apart from the article; one and the same for all elements of one look.

    `limit` is the share of the page's prose beyond which the mark is not believed: sites wrap the
    whole article in a `form`, or in a `div` with "sidebar" in its class.
    """

    tag: str
    name: str
    limit: float


class Block(NamedTuple):
    """One run of text between block borders.

    `element` is the block element that holds it; `link_share` is the share of the text in links.
    `marks` are those of all its ancestors; `in_navigation` means a menu or a picture's caption.
    `prose` is how many characters count as running text: none in headings, menus, lists of links.
    """

    element: HtmlElement
    text: str
    link_share: float
    prose: int
    marks: tuple[Mark, ...] = ()
    in_navigation: bool = False

    def containers(self) -> Iterator[HtmlElement]:
        """Yield the elements that hold the block, from the inside out, a paragraph's own apart."""
        if self.element.tag not in _PARAGRAPHS:
            yield self.element
        yield from self.element.iterancestors()


class Blocks(tuple[Block, ...]):
    """The blocks of a page, or some of them, in document order."""

    @cached_property
    def unmarked(self) -> Blocks:
        """Return the blocks that stand in no menu, margin, teaser, comment or hidden part.

        A mark is not believed where more of the page's prose bears it than its limit; of a page
        with hardly any prose, a banner may be most.
        """
        total = sum(block.prose for block in self)
        share: Counter[Mark] = Counter()
        for block in self:
            for mark in block.marks:
                share[mark] += block.prose
        believed = {
            mark
            for mark, prose in share.items()
            if prose <= mark.limit * total or (mark.limit > 0.5 and prose < LEAST_ARTICLE)
        }
        return Blocks(b for b in self if not b.in_navigation and believed.isdisjoint(b.marks))


class _Place(NamedTuple):
    """Where the pass stands: the block element it is in, and what is known of its surroundings."""

    element: HtmlElement
    marks: tuple[Mark, ...] = ()
    in_navigation: bool = False
    in_link: bool = False


def read_blocks(root: HtmlElement) -> Blocks:
    """Return the page's blocks in document order, at most MOST_BLOCKS.

    Menus and margins are in it, marked; text of scripts, forms' fields and pictures is not. One
    `<br>` is a space and two end a block. Without recursion, so that no nesting exhausts the stack.
    """
    body = root.find("body")
    walk = _Walk()
    walk.read(root if body is None else body)
    return Blocks(walk.blocks[:MOST_BLOCKS])


class _Walk:
    """The state of one pass over the tree."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.pieces: list[str] = []
        self.linked = 0
        self._looks: dict[tuple[str, str, str, bool], Mark | None] = {}
        self._marks: dict[tuple[str, str, float], Mark] = {}

    def read(self, start: HtmlElement) -> None:
        """Read an element with all that is in it; stops soon after MOST_BLOCKS."""
        place = self.enter(start, _Place(start))
        if place is None:
            return
        waiting = [(start, iter(start), place)]  # what the pass is inside of, the innermost last
        while waiting and len(self.blocks) < MOST_BLOCKS:
            element, children, place = waiting[-1]
            child = next(children, None)
            if child is not None:
                inner = self.enter(child, place)
                if inner is not None and len(child):
                    waiting.append((child, iter(child), inner))
                else:
                    self.leave(child, inner, place)
            else:
                waiting.pop()
                self.leave(element, place, waiting[-1][2] if waiting else None)

    def enter(self, element: HtmlElement, place: _Place) -> _Place | None:
        """Return the place inside `element`, its first text read; None where nothing is read.

        The present block ends where it begins a new one.  What is hidden within a line is not read:
        it would stand in mid-sentence, unseen by readers.
        """
        tag = element.tag
        if tag == "br":
            self._break_line(element, place)
            return None
        if not isinstance(tag, str) or tag in _UNREAD:
            return None
        names = element.keys()
        hidden = bool(names) and _is_hidden(element, names)
        if tag in _INLINE:
            if hidden:
                return None
            inner = place
            if tag == "a" and not place.in_link:
                inner = _Place(place.element, place.marks, place.in_navigation, True)
        else:
            self._flush(place)
            mark = self._mark_of(element, tag, hidden=hidden, is_bare=not names)
            marks = place.marks
            if mark is not None and mark not in marks:
                marks = (*marks, mark)
            inner = _Place(element, marks, place.in_navigation or tag in _NAVIGATION)
        text = element.text
        if text:
            self._take(text, inner)
        return inner

    def leave(self, element: HtmlElement, inner: _Place | None, place: _Place | None) -> None:
        """End the block that `element` began, and read what stands behind it at `place`."""
        if inner is not None and inner.element is element:
            self._flush(inner)
        tail = element.tail if place is not None else None
        if tail and place is not None:
            self._take(tail, place)

    def _take(self, text: str, place: _Place) -> None:
        if place.in_link:
            self.linked += len(text)
        elif not self.pieces and text.isspace():
            return  # what stands between elements, mostly
        self.pieces.append(text)

    def _flush(self, place: _Place) -> None:
        """End the present block, which stands at `place`."""
        pieces = self.pieces
        if not pieces:
            return
        text = " ".join("".join(pieces).split())
        if text:
            share = min(1.0, self.linked / len(text))
            prose = _prose(text, place) if share <= 0.5 else 0
            self.blocks.append(
                Block(place.element, text, share, prose, place.marks, place.in_navigation)
            )
        pieces.clear()
        self.linked = 0

    def _break_line(self, element: HtmlElement, place: _Place) -> None:
        """Read a `<br>`."""
        following = element.getnext()
        doubled = (
            following is not None and following.tag == "br" and not (element.tail or "").strip()
        )
        if doubled:
            self._flush(place)
        else:
            self.pieces.append(" ")

    def _mark_of(
        self, element: HtmlElement, tag: str, *, hidden: bool, is_bare: bool
    ) -> Mark | None:
        """Return what sets an element apart, or None; remembered for all of its look."""
        if is_bare:
            look = (tag, "", "", hidden)
        else:
            look = (tag, element.get("class", ""), element.get("id", ""), hidden)
        if look not in self._looks:
            limit = _judge(*look)
            name = f"{'hidden ' if hidden else ''}{look[1].strip()[:200]}"
            key = (tag, name, limit)
            self._looks[look] = (
                self._marks.setdefault(key, Mark(tag=tag, name=name, limit=limit))
                if limit
                else None
            )
        return self._looks[look]


def _prose(text: str, place: _Place) -> int:
    if place.in_navigation or place.element.tag in HEADINGS:
        return 0
    # Ideographs and kana say in 20 characters what takes 50 in an alphabet.
    return len(text) if len(text) > (20 if text[0] > "\u2fff" else 50) else 0


def _judge(tag: str, css_class: str, identifier: str, hidden: bool) -> float:
    """Return the limit of the mark that an element of this look bears; 0 where it bears none."""
    if hidden:
        return 0.4
    if tag in {"body", "article", "main", "html"}:
        return 0.0
    # A long id is a headline's slug, and `promoted-to-general` is no promotion.
    limit = _judge_words(css_class[:400], identifier if len(identifier) <= 30 else "")
    return 0.4 if not limit and tag in _MARGINS else limit


@lru_cache(maxsize=8192)  # a site's pages look alike
def _judge_words(css_class: str, identifier: str) -> float:
    words = f"{css_class} {identifier}".lower()
    if _NEVER.search(words):
        return 0.8
    return 0.4 if _AROUND.search(words) else 0.0


def _is_hidden(element: HtmlElement, names: list[str]) -> bool:
    """Tell whether the page's own markup hides an element; style sheets are not read."""
    if "hidden" in names or ("aria-hidden" in names and element.get("aria-hidden") == "true"):
        return True
    return "style" in names and _HIDDEN_STYLE.search(element.get("style")[:500]) is not None
