"""Text from outside made inert and honest: nothing hidden, no line of its own, no link but the web.

Knows nothing of alerts. Offsets are not kept; mark matched words before cleaning, piece by piece.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

# Everything that ends a line for some program: CR, LF, VT, FF, FS..US, NEL, LS, PS.
BREAKS = "\r\n\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029"
_BREAKS = re.compile(f"[{BREAKS}]+")
# Hidden characters: controls (Cc), format (Cf: bidi, zero-width, tags), surrogates, private use,
# not assigned, and the blank letters that Unicode does not call format.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
_SOFT_HYPHEN = "\u00ad"  # a place to break a line, common in German; nothing is lost without it
_JOINERS = frozenset("\u200c\u200d")
# Where the joiners are spelling: Arabic script (Persian above all), Indic scripts, and emoji.
_JOINED = re.compile(r"[\u0600-\u08ff\u0900-\u0dff\ufb50-\ufdff\ufe70-\ufefc\u2600-\u27bf\ufe0f]")
_PLAIN = re.compile(r"[\x20-\x7e\u00a1-\u00ac\u00ae-\u0377]*")
# No URL has these (RFC 3986), and each has ended an attribute or a host name somewhere.
_NOT_IN_LINKS = re.compile(r"[ \"<>`\\]")
LONGEST_TITLE = 300
LONGEST_HEADER = 200


def visible(text: str) -> str:
    """Return `text` with every hidden character written as `[U+202E]`; newline and tab stay.

    A direction override, a zero-width space or a NUL is thus seen, and has no effect.
    Soft hyphens are left out; joiners stay where a script is written with them.
    """
    if _PLAIN.fullmatch(text):
        return text
    return "".join(show_character(text, index) for index in range(len(text)))


def show_character(text: str, index: int) -> str:
    """Return the character at `index` as it is shown: itself, nothing, or `[U+202E]`."""
    character = text[index]
    if character in "\n\t":
        return character
    if character == _SOFT_HYPHEN:
        return ""
    if character in _JOINERS and _joins(text, index):
        return character
    if character in _BLANK_LETTERS or unicodedata.category(character) in _HIDDEN_CATEGORIES:
        return f"[U+{ord(character):04X}]"
    if character in "\u2028\u2029":
        return "\n"
    return character


def _joins(text: str, index: int) -> bool:
    before = text[index - 1] if index else ""
    after = text[index + 1] if index + 1 < len(text) else ""
    return all(
        side != "" and (_JOINED.match(side) is not None or ord(side) >= 0x1F000)
        for side in (before, after)
    )


def one_line(text: str, *, longest: int = LONGEST_TITLE) -> str:
    """Return `text` on one line, hidden characters shown, cut with an ellipsis at `longest`."""
    flat = " ".join(visible(_BREAKS.sub(" ", text)).split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"


def header(text: str, *, longest: int = LONGEST_HEADER) -> str:
    """Return `text` fit for a mail header: one line, nothing that could begin another (FAULTS D4).

    Empty text becomes a dash, for some servers refuse an empty header. `=?` is parted, so that no
    reader decodes a title as an encoded word (RFC 2047) and shows what was not cleaned.
    """
    return one_line(text.replace("=?", "= ?"), longest=longest) or "-"


def is_web_link(url: str) -> bool:
    """Return whether `url` is http or https with a host, and holds nothing hidden or quoted."""
    if _BREAKS.search(url) or visible(url) != url or _NOT_IN_LINKS.search(url):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host)


def shown_link(url: str) -> str:
    """Return `url` whole, as a person should see it: one line, the host in ASCII.

    A host in look-alike letters shows as `xn--…`, which is what the browser asks for.
    """
    flat = one_line(url, longest=2000)
    if not is_web_link(url) or url.isascii():
        return flat
    host = urlsplit(url).hostname or ""
    try:
        ascii_host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return flat
    return re.sub(re.escape(host), ascii_host, flat, count=1, flags=re.IGNORECASE)
