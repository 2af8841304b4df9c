"""The words of all that a page could show or carry, without extracting it; what it claims to be in.

    text → HTML tree (lexbor, in C) ─ title, meta, JSON-LD headlines ─┐
                                    ├ what stands between the tags ───┼─ words
                                    └ data in scripts and attributes ─┘

More is here than any article holds.  Where parsers may differ, the page is read in both ways.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from selectolax.lexbor import LexborHTMLParser

from monitor.extract.embedded import MUCH_SHOWN, measure_prose
from monitor.extract.script_strings import read_claims, read_prose, without_markup
from monitor.extract.tree import is_cut

# A page that fools one HTML parser is read again with all of this out of the way, so that what is
# a comment or a script to one and text to the other is text.
_COMMENT_MARKS = re.compile(r"<!--+(?:\[[^\]>]*\]>)?(?:<!)?-*>?|-->|--!>")
# Elements whose contents one parser takes for text, or leaves out, and another for elements.
_ODD = "template, xmp, plaintext, noembed, noframes, listing, frameset, iframe, textarea"
_ODD_TAGS = re.compile(rf"<(/?)(?:{_ODD.replace(', ', '|')})(?![a-z-])", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DECLARED = re.compile(
    r"""<html\b[^>]{0,600}?\blang\s{0,9}=\s{0,9}["']?\s{0,9}([a-zA-Z-]{2,12})""", re.IGNORECASE
)
_HTML = re.compile(rb"<html", re.IGNORECASE)
_LONGEST_DECLARED = 4 * 700  # bytes
# Two parsers place text differently, and count what hardly differs: with so much more the other
# one finds much, too.
_SURELY_MUCH = MUCH_SHOWN * 4 // 3
_TAG = "\x02"  # stands for the markup between two texts, so that a word across it is none
# That mark, what hides a tag, and what is white space here and nothing to extraction.
_DROPPED = tuple("\x00\x01\x02\x0b\x0c\x1a\x1c\x1d\x1e\x1f")
# References to control characters: a parser may drop them, or hand them on.
_CONTROL_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|127)(?!\d)|x0*(?:[0-8bcef]|1[0-9a-f]|7f)(?![0-9a-f]));?",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class PageWords:
    """The words of a page as written, and the language that its source claims, if any."""

    words: frozenset[str]
    declared: str | None


def read_page_words(text: str) -> PageWords | None:
    """Return the words of a decoded page; None where it is too large to be read to its end."""
    if is_cut(text):
        return None
    if any(mark in text for mark in _DROPPED):
        text = _CONTROLS.sub("", text)
    if "&#" in text:
        text = _CONTROL_REFERENCE.sub("<wbr>", text)
    tree = LexborHTMLParser(text)
    odd = tree.css(_ODD)
    if any(node.tag == "template" or "<" in (node.text(deep=True) or "") for node in odd):
        text = _ODD_TAGS.sub(r"<\1div", text)
        tree = LexborHTMLParser(text)
    scripts = [
        (each.attributes.get("type") or "", each.text(deep=True) or "")
        for each in tree.css("script")
    ]
    words = set(_read_titles(tree).split())
    data = [node.attributes.get("data-preloaded") or "" for node in tree.css("[data-preloaded]")]
    shown = _read_text(tree)
    codes = [code for _, code in scripts]
    for each in (shown, *(_read_text(LexborHTMLParser(x)) for x in _read_oddities(text, codes))):
        words.update(each.split())
    shows_much = measure_prose(shown.split(_TAG)) >= _SURELY_MUCH
    for part in _read_data(scripts, data, with_prose=not shows_much):
        words.update(part.split())
        if "<" in part:
            words.update(without_markup(part).split())
    return PageWords(words=frozenset(words), declared=read_declared(text))


def read_declared(text: str) -> str | None:
    """Return the language that the source of a page claims, as a BCP 47 tag, or None."""
    found = _DECLARED.search(text)
    return found[1] if found else None


def read_declared_in(source: bytes) -> str | None:
    """Return the same for a source in UTF-8, of which hardly anything is decoded for it."""
    for begun in _HTML.finditer(source):
        tag = source[begun.start() : begun.start() + _LONGEST_DECLARED].decode("utf-8", "ignore")
        if found := _DECLARED.match(tag):
            return found[1]
    return None


def _read_text(tree: LexborHTMLParser) -> str:
    """Return what stands between the tags of a tree, which loses its code."""
    tree.strip_tags(["script", "style"])
    return tree.root.text(deep=True, separator=_TAG) if tree.root is not None else ""


def _read_oddities(text: str, codes: list[str]) -> Iterator[str]:
    """Yield what one parser may take for a comment or a script, and another for the page."""
    opened = list(_find_all(text, "<!--"))
    if opened and _is_odd(text, opened):
        yield _COMMENT_MARKS.sub(" ", text)
    if opened and _is_in_word(text, opened):
        yield _COMMENT.sub("", text)
    for code in codes:
        # A parser takes the end of a script for text only behind the beginning of a comment.
        if opened and "<!--" in code and (end := code.lower().find("</script")) >= 0:
            yield code[end:]
    if codes and text.rfind("</script") < text.rfind("<script"):
        yield codes[-1]  # never closed: it swallows the rest of the page
    if text.rfind("</style") < (opened_style := text.rfind("<style")):
        yield text[text.find(">", opened_style) + 1 :]


def _is_odd(text: str, opened: list[int]) -> bool:
    """Say whether a parser may take other text for comments."""
    if opened[-1] > text.rfind("-->"):
        return True
    for place, start in enumerate(opened):
        after = text[start + 4 : start + 6]
        if after == "->" or (after[:1] == ">" and not _is_benign(text, opened, place)):
            return True
        if text.find("--!>", start, text.find("-->", start)) >= 0:
            return True
    return False


def _is_in_word(text: str, opened: list[int]) -> bool:
    """Say whether a comment stands in a word."""
    if not any(text[start - 1 : start].isalnum() for start in opened):
        return False
    for end in _find_all(text, "-->"):
        if text[end + 3 : end + 4].isalnum():
            place = bisect_right(opened, end - 4) - 1
            if place >= 0 and text[opened[place] - 1 : opened[place]].isalnum():
                return True
    return False


def _is_benign(text: str, opened: list[int], place: int) -> bool:
    """Say whether an empty comment ends a condition for one browser: `<!--[if IE]><!-->`."""
    before = text[opened[place - 1] : opened[place]] if place else ""
    return before.startswith("<!--[if") and before.endswith("]>") and len(before) < 100


def _find_all(text: str, what: str) -> Iterator[int]:
    at = text.find(what)
    while at >= 0:
        yield at
        at = text.find(what, at + 1)


def _read_titles(tree: LexborHTMLParser) -> str:
    """Return what may be the page's title, one a line, with entities resolved as a title's are."""
    found = [node.attributes.get("content") or "" for node in tree.css("meta[content]")]
    found += [node.text(deep=True) or "" for node in tree.css("title, h1")]
    lines = []
    for value in found:
        line = unescape(unescape(value)) if "&" in value else value
        lines += [line, re.sub(r"<[^<>]*>", "", line) if "<" in line else ""]
    return "\n".join(lines)


def _read_data(
    scripts: list[tuple[str, str]], data: list[str], *, with_prose: bool
) -> Iterator[str]:
    """Yield the strings in scripts, by their types, and in attributes that may become the text."""
    for kind, code in scripts:
        if "ld+json" in kind.lower():
            yield from read_claims(code)
        if code and with_prose and "ld+json" not in kind:
            yield from read_prose(code)
    for each in data:
        yield from read_claims(each)
