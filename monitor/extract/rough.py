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
from collections.abc import Iterable, Iterator
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
_COMMENT_END_IN_WORD = re.compile(r"-->(?=\w)")
_BENIGN = re.compile(r"<!--\[if[^\]>]*\]><!-->", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Elements in whose midst a word may go on, once extraction has dropped them.
_DROPPED = (
    "rt, rp, rtc, button, select, svg, math, aside, figure, audio, video, object, label, [hidden],"
    ' [aria-hidden], [style*="none"], [style*="hidden"], span[class], div[class*="share"]'
)
# Where such an element stands inside a word.
_NAMES = "rt|rp|rtc|button|select|svg|math|aside|figure|audio|video|object|label|span|div"
_OPENS_IN_WORD = re.compile(
    rf"<(?<=\w<)(?:(?:{_NAMES})(?![\w-])|\w+\s[^<>]{{0,300}}?(?:hidden|none))", re.IGNORECASE
)
_CLOSES_IN_WORD = re.compile(r"</(?:\w+)\s*>(?:</?\w[^<>]*>){0,3}(?=\w)")
_OURS = ("\x00", "\x01", "\x02", "\x1a")  # the marks of this module, and what hides a tag


class Rough:
    """What one page could say, unordered and with repetitions; read further only when asked."""

    def __init__(self, text: str) -> None:
        tree = LexborHTMLParser(text)
        odd = tree.css(_ODD)
        if any(node.tag == "template" or "<" in (node.text(deep=True) or "") for node in odd):
            text = _ODD_TAGS.sub(r"<\1div", text)
            tree = LexborHTMLParser(text)
        self._has_dropped = bool(_OPENS_IN_WORD.search(text) and _CLOSES_IN_WORD.search(text))
        scripts = tree.css("script")
        codes = [script.text(deep=True) or "" for script in scripts]
        self._titles = _read_titles(tree)
        data = _read_data(tree, scripts, codes)
        self.data = [self._titles, *data] if data else []
        self._trees = [tree, *(LexborHTMLParser(each) for each in _read_oddities(text, codes))]
        for each in self._trees:
            each.strip_tags(["script", "style"])

    def read_words(self) -> set[str]:
        """Return the words of all that could be shown, titles included, with TAG at each tag."""
        words = set(self._titles.split())
        for tree in self._trees:
            words |= _read_words(tree)
            if self._has_dropped:
                copy = tree.clone()
                for node in copy.css(_DROPPED):
                    node.decompose()
                words |= _read_words(copy)
        return words

    def read_shown_lines(self) -> list[str]:
        """Return the lines of what is shown, titles included, tags inside them."""
        lines = escape(self._titles, quote=False).split("\n")
        for tree in self._trees:
            lines += read_lines(tree.html or "")
        return list(dict.fromkeys(lines))

    def read_data_words(self) -> set[str]:
        """Return the words of what scripts and attributes carry, with and without their markup."""
        words: set[str] = set()
        for part in self.data:
            words.update(part.split())
            if "<" in part:
                words.update(without_markup(part).split())
        return words

    @staticmethod
    def read_data_lines(data: Iterable[str]) -> list[str]:
        """Return the lines of some of what scripts and attributes carry."""
        lines: dict[str, None] = {}
        for part in data:
            if "<" in part:
                lines |= dict.fromkeys(read_lines(LexborHTMLParser(part).html or ""))
            else:
                lines |= dict.fromkeys(escape(part, quote=False).split("\n"))
        return list(lines)


def _read_words(tree: LexborHTMLParser) -> set[str]:
    return set(tree.root.text(deep=True, separator=TAG).split()) if tree.root is not None else set()


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
    if _has_comment_in_word(text):
        yield _COMMENT.sub("", text)
    for code in codes:
        if "</" in code and (end := code.lower().find("</script")) >= 0:
            yield code[end:]
    if codes and text.rfind("</script") < text.rfind("<script"):
        yield codes[-1]  # never closed: it swallows the rest of the page
    if text.rfind("</style") < (opened := text.rfind("<style")):
        yield text[text.find(">", opened) + 1 :]


def _has_comment_in_word(text: str) -> bool:
    for found in _COMMENT_END_IN_WORD.finditer(text):
        start = text.rfind("<!--", 0, found.start())
        if start > 0 and text[start - 1].isalnum():
            return True
    return False


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
