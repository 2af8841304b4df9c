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
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from html import escape, unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.extract.rough_cut import cut_to
from monitor.extract.rough_data import Datum, read_claims, read_prose, without_markup
from monitor.extract.rough_last import read_last_lines
from monitor.extract.rough_lines import INLINE_NAMES, CannotTell, as_line, read_lines
from monitor.extract.rough_mixed import cut_at_blocks, find_mixed
from monitor.extract.rough_open import read_open_paragraphs
from monitor.extract.rough_strings import read_string_lines
from monitor.extract.tree import LONGEST_PAGE, MOST_TAGS
from monitor.text.rough import TAG

# A page that fools one HTML parser is read again with all of this out of the way, so that what is
# a comment or a script to one and text to the other is text.
_COMMENT_MARKS = re.compile(r"<!--+(?:\[[^\]>]*\]>)?(?:<!)?-*>?|-->|--!>")
# Elements whose contents one parser takes for text, or leaves out, and another for elements.
_ODD = "template, xmp, plaintext, noembed, noframes, listing, frameset, iframe, textarea"
_ODD_TAGS = re.compile(rf"<(/?)(?:{_ODD.replace(', ', '|')})(?![a-z-])", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Elements in whose midst a word may go on, once extraction has dropped them.
_DROPPED = (
    "rt, rp, rtc, button, select, svg, math, aside, figure, audio, video, object, label, [hidden],"
    ' [aria-hidden], [style*="none"], [style*="hidden"], span[class], div[class*="share"]'
)
# Where such an element stands inside a word.
_NAMES = "rt|rp|rtc|button|select|svg|math|aside|figure|audio|video|object|label|span|div"
_ODD_ONE = rf"(?:(?:{_NAMES})(?![\w-])|\w+\s[^<>]{{0,300}}?(?:hidden|none))"
_OPENS_IN_WORD = re.compile(
    rf"<(?:(?<=[\w;]<){_ODD_ONE}|r[tp](?![\w-])|/(?:{'|'.join(sorted(INLINE_NAMES))}|rb)><{_ODD_ONE})",
    re.IGNORECASE,
)
_SIGNS = "nbsp|amp|lt|gt|quot|[lr]aquo|copy|middot|bull|hellip|[nm]dash|[lr]dquo"
_CLOSES_IN_WORD = re.compile(rf"</(?:\w+)\s*>(?:</?\w[^<>]*>){{0,3}}(?=\w|&(?!{_SIGNS}))")
_DECLARED = re.compile(
    r"""<html\b[^>]{0,600}?\blang\s*=\s*["']?\s*([a-zA-Z-]{2,12})""", re.IGNORECASE
)
# The marks of this module, what hides a tag, and what is white space here, nothing to extraction;
# other control characters are nothing in the rough form of a text, too.
_OURS = tuple("\x00\x01\x02\x0b\x0c\x1a\x1c\x1d\x1e\x1f")
# References to control characters: a parser may drop them, or hand them on.
_CONTROL_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|127)(?!\d)|x0*(?:[0-8bcef]|1[0-9a-f]|7f)(?![0-9a-f]));?",
    re.IGNORECASE,
)


class Rough:
    """What one page could say, unordered and with repetitions; read further only when asked."""

    def __init__(self, text: str) -> None:
        self._source = text
        tree = LexborHTMLParser(text)
        odd = tree.css(_ODD)
        if any(node.tag == "template" or "<" in (node.text(deep=True) or "") for node in odd):
            text = _ODD_TAGS.sub(r"<\1div", text)
            tree = LexborHTMLParser(text)
        self.declared = read_declared(text)
        self._has_dropped = bool(_OPENS_IN_WORD.search(text) and _CLOSES_IN_WORD.search(text))
        scripts = tree.css("script")
        codes = [script.text(deep=True) or "" for script in scripts]
        self._hidden: set[str] = set()  # words that stand across elements which may be dropped
        self._titles = _read_titles(tree)
        data = _read_data(tree, scripts, codes)
        self.data = [Datum(self._titles, self._titles, "titles"), *data] if data else []
        self._trees = [tree, *(LexborHTMLParser(each) for each in _read_oddities(text, codes))]
        for each in self._trees:
            each.strip_tags(["script", "style"])
        self._texts = [_read_text(each) for each in self._trees]

    def read_words(self) -> set[str]:
        """Return the words of all that could be shown, titles included, with TAG at each tag."""
        words = set(self._titles.split())
        for text in self._texts:
            words.update(text.split())
        if self._has_dropped:
            self._hidden = {word for each in self._trees for word in _read_dropped(each)} - words
        return words | self._hidden

    def read_shown_lines(self) -> list[str]:
        """Return the lines of what is shown, titles included, tags inside them."""
        lines = escape(self._titles, quote=False).split("\n")
        for tree in self._trees:
            lines += _read_all_lines(tree)
        return list(dict.fromkeys(lines))

    def read_lines_of(self, words: frozenset[str]) -> list[str] | None:
        """Return the lines of what is shown in which any of the words stands, and maybe others.

        The words are of `read_words`.  None where they may be hidden: `read_shown_lines` has all.
        """
        if words & self._hidden:
            return None
        lines = escape(self._titles, quote=False).split("\n")
        for tree in self._trees:
            lines += read_lines(cut_to(tree, words))
        return list(dict.fromkeys(lines))

    def read_mixed_lines(self, words: frozenset[str] | None = None) -> list[str]:
        """Return what may be one line because text stands beside a block, with any of the words.

        The words are of `read_words`; those that go across tags ask for all such lines.
        """
        if words is not None and (words & self._hidden or any(TAG in word for word in words)):
            words = None
        return [
            as_line("<wbr>".join(chain))
            for tree in self._trees
            for chain in find_mixed(_cut_at_blocks(tree))
            if words is None or _holds_any(" ".join(chain), words)
        ]

    def read_open_lines(self) -> list[str]:
        """Return the lines of paragraphs that go on in a box for one parser, not for the other."""
        return list(read_open_paragraphs(self._source))

    def read_last_lines(self) -> list[str]:
        """Return the lines of trafilatura's last resort, where it finds next to nothing."""
        return [escape(line, quote=False) for line in read_last_lines(self._source)]

    def prose_length(self, shortest: int) -> int:
        """Return how many characters at least stand in lines of what is shown of some length."""
        pieces = {piece for text in self._texts for piece in text.split(TAG)}
        lengths = [len(" ".join(piece.split())) for piece in pieces if len(piece) >= shortest]
        return sum(length for length in lengths if length >= shortest)

    def read_data_words(self) -> set[str]:
        """Return the words of what scripts and attributes carry, with and without their markup."""
        words: set[str] = set()
        for each in self.data:
            words.update(each.text.split())
            if "<" in each.text:
                words.update(without_markup(each.text).split())
        return words

    @staticmethod
    def read_data_lines(data: Iterable[Datum]) -> list[str]:
        """Return the lines of some of what scripts and attributes carry."""
        lines = dict.fromkeys(line for each in data for line in read_string_lines(each))
        return [escape(line, quote=False) for line in lines]


def _cut_at_blocks(tree: LexborHTMLParser) -> list[str]:
    pieces = cut_at_blocks(tree.html or "")
    return pieces if pieces is not None else cut_at_blocks(cut_to(tree, None)) or []


def _holds_any(html: str, words: frozenset[str]) -> bool:
    text = unescape(html) if "&" in html else html
    return any(word in text for word in words)


def _read_all_lines(tree: LexborHTMLParser) -> list[str]:
    try:
        return read_lines(tree.html or "")
    except CannotTell:  # attributes with quotation marks in their names, perhaps: without them
        return read_lines(cut_to(tree, None))


def _read_dropped(tree: LexborHTMLParser) -> set[str]:
    """Return the words of a page without the elements that extraction may drop from a word."""
    copy = tree.clone()
    for node in copy.css(_DROPPED):
        node.decompose()
    return set(_read_text(copy).split())


def _read_text(tree: LexborHTMLParser) -> str:
    return tree.root.text(deep=True, separator=TAG) if tree.root is not None else ""


def read_rough(text: str) -> Rough | None:
    """Return what a decoded page could say, or None where it cannot be told without extracting."""
    if len(text) > LONGEST_PAGE or (len(text) > MOST_TAGS and text.count("<") > MOST_TAGS):
        return None
    if any(mark in text for mark in _OURS):
        text = _CONTROLS.sub("", text)
    if "&#" in text:
        text = _CONTROL_REFERENCE.sub("<wbr>", text)
    return Rough(text)


def read_declared(text: str) -> str | None:
    """Return the language that the source of a page claims, as a BCP 47 tag, or None."""
    found = _DECLARED.search(text)
    return found[1] if found else None


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
        lines += [" ".join(line.split()), *_without_markup(line)]
    return "\n".join(lines)


def _without_markup(line: str) -> list[str]:
    return [re.sub(r"<[^<>]*>", "", line)] if "<" in line else []


def _read_data(tree: LexborHTMLParser, scripts: list[LexborNode], codes: list[str]) -> list[Datum]:
    """Return the strings in scripts and attributes that extraction might take text from."""
    data: list[Datum] = []
    for script, code in zip(scripts, codes, strict=True):
        kind = script.attributes.get("type") or ""
        if "ld+json" in kind.lower():
            data += read_claims(code)
        if code and "ld+json" not in kind:
            data += read_prose(code)
    for node in tree.css("[data-preloaded]"):
        data += read_claims(node.attributes.get("data-preloaded") or "")
    return data
