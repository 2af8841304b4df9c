"""A page as the blocks of text that a reader sees, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

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


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What sets a subtree apart from the article; shared by all elements of one look.

    `limit` is the share of the page's prose beyond which the mark is not believed: sites wrap the
    whole article in a `form`, or in a `div` with "sidebar" in its class.
    """

    tag: str
    name: str
    limit: float


@dataclass(kw_only=True)
class Block:
    """One run of text between block borders.

    `element` is the block element that holds it; `linked` is the number of characters inside links.
    `marks` are those of all its ancestors; `in_navigation` means a menu or a picture's caption.
    """

    element: HtmlElement
    text: str
    linked: int
    marks: tuple[Mark, ...] = ()
    in_navigation: bool = False

    @property
    def link_share(self) -> float:
        """Return the share of the text that is links."""
        return min(1.0, self.linked / len(self.text))

    @property
    def prose(self) -> int:
        """Return how many characters count as running text: none in headings, menus, link lists."""
        if self.in_navigation or self.element.tag in HEADINGS or self.link_share > 0.5:
            return 0
        # Ideographs and kana say in 20 characters what takes 50 in an alphabet.
        return len(self.text) if len(self.text) > (20 if self.text[0] > "\u2fff" else 50) else 0

    def containers(self) -> Iterator[HtmlElement]:
        """Yield the elements that hold the block, from the inside out, a paragraph's own apart."""
        if self.element.tag not in _PARAGRAPHS:
            yield self.element
        yield from self.element.iterancestors()


@dataclass
class _Walk:
    """The state of one pass over the tree."""

    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    linked: int = 0

    def flush(self, element: HtmlElement, marks: tuple[Mark, ...], in_navigation: bool) -> None:
        """End the present block."""
        if self.pieces:
            text = " ".join("".join(self.pieces).split())
            if text and len(self.blocks) < MOST_BLOCKS:
                self.blocks.append(
                    Block(
                        element=element,
                        text=text,
                        linked=self.linked,
                        marks=marks,
                        in_navigation=in_navigation,
                    )
                )
            self.pieces.clear()
        self.linked = 0


@dataclass(frozen=True)
class _Place:
    """Where the pass stands: the block element it is in, and what is known of its surroundings."""

    element: HtmlElement
    marks: tuple[Mark, ...] = ()
    in_navigation: bool = False
    in_link: bool = False


def read_blocks(root: HtmlElement) -> list[Block]:
    """Return the page's blocks in document order, at most MOST_BLOCKS.

    Menus and margins are in it, marked; text of scripts, forms' fields and pictures is not. One
    `<br>` is a space and two end a block. Without recursion, so that no nesting exhausts the stack.
    """
    body = root.find("body")
    start = root if body is None else body
    walk = _Walk()
    known: dict[tuple[str, str, str, bool], Mark | None] = {}
    waiting: list[tuple[HtmlElement | str | None, _Place]] = [(start, _Place(start))]
    while waiting:
        item, place = waiting.pop()
        if item is None:
            walk.flush(place.element, place.marks, place.in_navigation)
        elif isinstance(item, str):
            walk.pieces.append(item)
            walk.linked += len(item) if place.in_link else 0
        elif item.tag == "br":
            _break_line(walk, item, place)
        elif isinstance(item.tag, str) and item.tag not in _UNREAD:
            inner = _enter(walk, item, place, known)
            if inner.element is item:
                waiting.append((None, inner))
            waiting.extend(reversed(list(_contents(item, inner))))
    return walk.blocks


def _contents(
    element: HtmlElement, place: _Place
) -> Iterator[tuple[HtmlElement | str | None, _Place]]:
    if element.text:
        yield element.text, place
    for child in element:
        yield child, place
        if child.tail:
            yield child.tail, place


def _break_line(walk: _Walk, element: HtmlElement, place: _Place) -> None:
    following = element.getnext()
    doubled = following is not None and following.tag == "br" and not (element.tail or "").strip()
    if doubled:
        walk.flush(place.element, place.marks, place.in_navigation)
    else:
        walk.pieces.append(" ")


def _enter(
    walk: _Walk,
    element: HtmlElement,
    place: _Place,
    known: dict[tuple[str, str, str, bool], Mark | None],
) -> _Place:
    """Return the place inside `element`, ending the present block where it begins a new one."""
    mark = _mark_of(element, known)
    marks = place.marks if mark is None or mark in place.marks else (*place.marks, mark)
    if element.tag in _INLINE:
        return _Place(
            place.element, marks, place.in_navigation, place.in_link or element.tag == "a"
        )
    walk.flush(place.element, place.marks, place.in_navigation)
    return _Place(element, marks, place.in_navigation or element.tag in _NAVIGATION)


def _mark_of(
    element: HtmlElement, known: dict[tuple[str, str, str, bool], Mark | None]
) -> Mark | None:
    """Return what sets an element apart, or None; remembered for all of its look."""
    tag = element.tag
    look = (tag, element.get("class") or "", element.get("id") or "", is_hidden(element))
    if look not in known:
        known[look] = _judge(*look)
    return known[look]


def _judge(tag: str, css_class: str, identifier: str, hidden: bool) -> Mark | None:
    name = css_class.strip()[:200]
    if hidden:
        return Mark(tag=tag, name=f"hidden {name}", limit=0.4)
    if tag in {"body", "article", "main", "html"}:
        return None
    # A long id is a headline's slug, and `promoted-to-general` is no promotion.
    words = f"{css_class[:400]} {identifier if len(identifier) <= 30 else ''}".lower()
    if _NEVER.search(words):
        return Mark(tag=tag, name=name, limit=0.8)
    if tag in _MARGINS or _AROUND.search(words):
        return Mark(tag=tag, name=name, limit=0.4)
    return None


def is_hidden(element: HtmlElement) -> bool:
    """Tell whether the page's own markup hides an element; style sheets are not read."""
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = element.get("style")
    return style is not None and _HIDDEN_STYLE.search(style[:500]) is not None
