"""Hostile HTML fragments → bounded plain text, in time linear in their length.

Not a parser: titles and summaries need their words and the gaps between them, no tree. A tree
costs more than the rest of reading a feed, and has a depth at which it stops.
"""

from __future__ import annotations

import html
import re

LONGEST_TITLE = 2_000
LONGEST_SUMMARY = 20_000
LONGEST_NAME = 500
# Markup beyond this is not looked at: full-text feeds stay under it, floods do not.
LONGEST_MARKUP = 400_000

_UNWANTED = re.compile(
    # C0 but white space, DEL, C1 but NEL; surrogates; noncharacters
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
# C1 is windows-1252 that was taken for ISO 8859-1: an apostrophe, a dash.
_WESTERN = {
    letter: bytes([ord(letter)]).decode("cp1252", "ignore")
    for letter in map(chr, range(0x80, 0xA0))
}
_SPACES = re.compile(r"\s+")
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_QUOTE = re.compile(r"=\s*([\"'])")
# A tag that was cut off has an attribute begun; the rest of "x<y and z" is text.
_CUT_OFF = re.compile(r"<!--|<(?=/?[a-zA-Z][^<=]*=)")
_HAS_MARKUP = re.compile(r"[<&]")
# html.unescape() turns digits into a number: past 4,300 of them Python refuses with ValueError.
_LONG_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]{9,}|[0-9]{9,});?")
_LAST_CODE = 0x10FFFF

# Elements that end a word; all others (b, em, span, a, wbr, …) stand inside words.
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "iframe", "img", "input", "legend", "li", "main", "nav", "object", "ol",
    "option", "p", "pre", "section", "select", "summary", "table", "tbody", "td", "textarea",
    "tfoot", "th", "thead", "tr", "ul", "video", "audio",
})  # fmt: skip
_HIDDEN = frozenset({"script", "style", "template", "noscript", "svg", "math", "head", "title"})


def clean_text(text: str, longest: int) -> str:
    """Return `text` as one line of printable characters, at most `longest` of them.

    Without NUL, surrogates, noncharacters and control characters; entities stay as they are.
    """
    text = _UNWANTED.sub(lambda found: _WESTERN.get(found[0], ""), text[: longest * 4])
    return _SPACES.sub(" ", text).strip()[:longest].rstrip()


def read_html_text(markup: str, longest: int) -> str:
    """Return what a person would read in a fragment of HTML, cleaned; entities decoded once.

    Scripts, styles and comments are left out, as in a browser also to the end when unclosed.
    """
    markup = markup[:LONGEST_MARKUP]
    if not _HAS_MARKUP.search(markup):
        return clean_text(markup, longest)
    return clean_text(unescape("".join(_strip_tags(markup))), longest)


def unescape(text: str) -> str:
    """Return `text` with its HTML character references decoded once; never raises."""
    if "&" not in text:
        return text
    return html.unescape(_LONG_REFERENCE.sub("\ufffd", text))


def _strip_tags(markup: str) -> list[str]:
    """Return the texts between tags; a block's border is a space, an inline tag is nothing."""
    texts: list[str] = []
    position = 0
    last = markup.rfind(">")
    while True:
        start = markup.find("<", position)
        if start < 0 or start > last:
            rest = markup[position:]
            texts.append(_CUT_OFF.split(rest)[0])
            return texts
        texts.append(markup[position:start])
        position, gap = _skip_tag(markup, start)
        texts.append(gap)


def _skip_tag(markup: str, start: int) -> tuple[int, str]:
    """Return where the text goes on after the `<` at `start`, and what stands for what it opens."""
    if markup.startswith("<!--", start):
        return _find_after(markup, "-->", start + 2), ""  # "<!-->" is a whole one
    if markup.startswith("<![CDATA[", start):
        return start + 9, ""  # its text is text; the closing bracket stays, and harms nothing
    found = _TAG.match(markup, start)
    if found is None:
        if markup.startswith(("<!", "<?", "</"), start):  # a bogus comment (WHATWG HTML, 13.2.5.41)
            return _find_after(markup, ">", start), ""
        return start + 1, "<"
    name = found[1].lower()
    end = _find_tag_end(markup, found.end())
    if name in _HIDDEN and markup[start + 1] != "/":
        return _skip_hidden(markup, end, name), " "
    return end, " " if name in _BLOCKS else ""


def _find_tag_end(markup: str, position: int) -> int:
    """Return the position after the `>` that is not inside a quoted value, or the end."""
    for _ in range(200):  # attributes; beyond, the next `>` ends the tag and the work
        end = markup.find(">", position)
        if end < 0:
            return len(markup)
        quote = _QUOTE.search(markup, position, end)
        if quote is None:
            return end + 1
        closing = markup.find(quote[1], quote.end())
        if closing < 0:
            return end + 1
        position = closing + 1
    return _find_after(markup, ">", position)


def _find_after(markup: str, closing: str, position: int) -> int:
    """Return where the next `closing` has ended, or the end of all."""
    end = markup.find(closing, position)
    return len(markup) if end < 0 else end + len(closing)


def _skip_hidden(markup: str, position: int, name: str) -> int:
    closing = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(markup, position)
    return len(markup) if closing is None else _find_tag_end(markup, closing.end())
