"""All text that extraction might take from a page, without extracting: for a filter before it.

    text → HTML tree (lexbor, in C) ─ title, meta, JSON-LD headlines ─┐
                                    ├ what stands between the tags ───┴ `shown`
                                    └ data in scripts and attributes ── `data`
      → lines, on demand: no two words that extraction could put into one line are in none of them

More is here than any article holds, and nothing is missing; where that cannot be had for sure,
`read_rough` says so and the page has to be extracted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.extract.rough_data import read_claims, read_prose, without_markup
from monitor.extract.rough_lines import read_lines
from monitor.extract.tree import LONGEST_PAGE, MOST_TAGS
from monitor.text.rough import TAG

# A page that fools one HTML parser is read again with all of this out of the way, so that what is
# a comment or a script to one and text to the other is text.
_COMMENT_MARKS = re.compile(r"<!--+(?:\[[^\]>]*\]>)?(?:<!)?-*>?|-->|--!>")
# Elements whose contents one parser takes for text, or leaves out, and another for elements.
_ODD = "template, xmp, plaintext, noembed, noframes, listing, frameset, iframe, textarea"
_ODD_TAGS = re.compile(rf"<(/?)(?:{_ODD.replace(', ', '|')})(?![a-z-])", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_COMMENT_IN_WORD = re.compile(r"(?<=\w)<!--(?:(?!-->).){0,5000}-->(?=\w)", re.DOTALL)
_BENIGN = re.compile(r"<!--\[if[^\]>]*\]><!-->", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Elements at whose tags a word may go on.
_INLINE = [
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
# Elements in whose midst a word may go on, once extraction has dropped them.
_DROPPED = (
    "rt, rp, rtc, button, select, svg, math, aside, figure, audio, video, object, label, [hidden],"
    ' [aria-hidden], [style*="none"], [style*="hidden"], span[class], div[class*="share"]'
)
_OURS = frozenset("\x00\x01\x02\x1a")  # the marks of this module, and what hides a tag


class Rough:
    """What one page could say, unordered and with repetitions; read further only when asked."""

    def __init__(self, text: str) -> None:
        tree = LexborHTMLParser(text)
        odd = tree.css(_ODD)
        if any(node.tag == "template" or "<" in (node.text(deep=True) or "") for node in odd):
            text = _ODD_TAGS.sub(r"<\1div", text)
            tree = LexborHTMLParser(text)
        self._text = text
        self._trees = [tree]
        scripts = tree.css("script")
        codes = [script.text(deep=True) or "" for script in scripts]
        self._trees += [LexborHTMLParser(each) for each in _read_oddities(text, codes)]
        self._is_joined = False
        self._apart: list[str] = []
        self._titles = _read_titles(tree)
        data = _read_data(tree, scripts, codes)
        self.data = [self._titles, *data] if data else []

    def read_apart(self) -> str:
        """Return all that could be shown, with a border at every tag, and what may be a title."""
        shown = self._apart = [self._titles]
        for tree in self._trees:
            tree.strip_tags(["script", "style"])
            if tree.root is not None:
                shown.append(tree.root.text(deep=True, separator=TAG))
        return "\n".join(shown)

    def read_joined(self) -> str:
        """Return what reads otherwise with no border at the tags that stand inside words."""
        self._is_joined = True
        shown: list[str] = []
        for tree in self._trees:
            tree.unwrap_tags(_INLINE, delete_empty=True)
            shown += _read_merged(tree)
            dropped = tree.css(_DROPPED)
            for node in dropped:
                node.decompose()
            shown += _read_merged(tree) if dropped else []
        known = set(TAG.join(self._apart).split(TAG))
        return "\n".join(part for part in shown if part not in known)

    def read_shown_lines(self) -> list[str]:
        """Return the lines of what is shown, titles included, tags inside them."""
        if self._is_joined:
            return Rough(self._text).read_shown_lines()
        lines = escape(self._titles, quote=False).split("\n")
        for tree in self._trees:
            tree.strip_tags(["script", "style"])
            lines += read_lines(tree.html or "")
        return list(dict.fromkeys(lines))

    def read_data(self) -> Iterator[str]:
        """Yield what scripts and attributes carry as text, what has markup also without it."""
        for part in self.data:
            yield part
            if "<" in part:
                yield without_markup(part)

    def read_data_lines(self) -> list[str]:
        """Return the lines of what scripts and attributes carry, titles included."""
        lines: dict[str, None] = {}
        for part in self.data:
            if "<" in part:
                lines |= dict.fromkeys(read_lines(LexborHTMLParser(part).html or ""))
            else:
                lines |= dict.fromkeys(escape(part, quote=False).split("\n"))
        return list(lines)


def _read_merged(tree: LexborHTMLParser) -> list[str]:
    if tree.root is None:
        return []
    tree.root.merge_text_nodes()
    return tree.root.text(deep=True, separator=TAG).split(TAG)


def read_rough(text: str) -> Rough | None:
    """Return what a decoded page could say, or None where it cannot be told without extracting."""
    if len(text) > LONGEST_PAGE or text.count("<") > MOST_TAGS:
        return None
    if any(mark in text for mark in _OURS):
        text = _CONTROLS.sub("", text)
    return Rough(text)


def _read_oddities(text: str, codes: list[str]) -> Iterator[str]:
    """Yield what one parser may take for a comment or a script, and another for the page."""
    if (
        "--!>" in text
        or "<!--->" in text
        or ("<!-->" in text and "<!-->" in _BENIGN.sub("", text))
        or text.rfind("<!--") > text.rfind("-->")
    ):
        yield _COMMENT_MARKS.sub(" ", text)
    if "<!--" in text and _COMMENT_IN_WORD.search(text):
        yield _COMMENT.sub("", text)
    for code in codes:
        if "</" in code and (end := code.lower().find("</script")) >= 0:
            yield code[end:]
    if codes and text.rfind("</script") < text.rfind("<script"):
        yield codes[-1]  # never closed: it swallows the rest of the page
    if text.rfind("</style") < (opened := text.rfind("<style")):
        yield text[text.find(">", opened) + 1 :]


def _read_titles(tree: LexborHTMLParser) -> str:
    """Return what may be the page's title, one a line, with entities resolved as a title's are."""
    found = [node.attributes.get("content") or "" for node in tree.css("meta[content]")]
    found += [node.text(deep=True) or "" for node in tree.css("title, h1")]
    lines = []
    for value in found:
        line = unescape(unescape(value)) if "&" in value else value
        lines += [" ".join(line.split()), *_without_markup(line)]
    return "\n".join(lines)


def _without_markup(line: str) -> list[str]:
    return [re.sub(r"<[^<>]*>", "", line)] if "<" in line else []


def _read_data(tree: LexborHTMLParser, scripts: list[LexborNode], codes: list[str]) -> list[str]:
    """Return the strings in scripts and attributes that extraction might take text from."""
    data: list[str] = []
    for script, code in zip(scripts, codes, strict=True):
        if "ld+json" in (script.attributes.get("type") or "").lower():
            data += read_claims(code)
        elif code:
            data += read_prose(code)
    for node in tree.css("[data-preloaded]"):
        data += read_claims(node.attributes.get("data-preloaded") or "")
    return data
