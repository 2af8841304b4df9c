"""Names that compiled code has to know: tags, character references, small words of languages.

Each table is open addressing over 64-bit FNV-1a hashes (RFC 9923) of whole names.
"""

from __future__ import annotations

from collections.abc import Mapping
from html.entities import html5

from monitor.glance.compiled import compiled
from monitor.glance.records import Table, TooMuch

START_OF_HASH = -3750763034362895579  # 14695981039346656037 as a signed number
PRIME = 1099511628211
ABSENT = -1
ODD_ONE = 0x110000  # a reference that stands for two characters

# What a tag is to the lines of a page.
(
    INLINE,
    BLOCK,
    TABLE,
    ROW,
    ROW_GROUP,
    CELL,
    HEADING,
    TITLE,
    META,
    SCRIPT,
    STYLE,
    SELECT,
    ODD,
    OPTION,
    DROPPED,
    DROPPED_BLOCK,
    SPAN,
    DIV,
) = range(18)
_BLOCKS = (
    "p ul ol li dl dt dd h2 h3 h4 h5 h6 section article header footer nav main "
    "figcaption blockquote pre fieldset hr menu dialog details summary center "
    "template textarea iframe"
)
_KINDS = {
    BLOCK: _BLOCKS,
    TABLE: "table",
    ROW: "tr",
    ROW_GROUP: "caption thead tbody tfoot",
    CELL: "td th",
    HEADING: "h1",
    TITLE: "title",
    META: "meta",
    SCRIPT: "script",
    STYLE: "style",
    SELECT: "select",
    OPTION: "option optgroup",
    # What extraction may drop in the midst of a word.
    DROPPED: "button svg math audio video object label",
    DROPPED_BLOCK: "aside figure",
    SPAN: "span",
    DIV: "div",
    # What two parsers read in different ways, and readings beside characters.
    ODD: "xmp plaintext noembed noframes listing frameset ruby rt rp rtc",
}
VOID = 100
_VOID = "area base br col embed hr img input link meta param source track wbr"


def hash_name(name: str) -> int:
    """Return the hash of a name, of its characters' code points."""
    hashed = START_OF_HASH
    for letter in name:
        hashed = ((hashed ^ ord(letter)) * PRIME) & 0xFFFFFFFFFFFFFFFF
        hashed -= (hashed >> 63) << 64
    return hashed


def fill_table(table: Table, values: Mapping[str, int]) -> None:
    """Write names and what stands for each into a table."""
    size = len(table["hashes"])
    if 2 * len(values) > size:
        raise TooMuch(f"{len(values)} names")
    table["values"][:] = ABSENT
    for name, value in values.items():
        hashed = hash_name(name)
        at = hashed & (size - 1)
        while table["values"][at] != ABSENT:
            at = (at + 1) & (size - 1)
        table["hashes"][at], table["values"][at] = hashed, value


@compiled
def look_up(table: Table, hashed: int) -> int:
    """Return what stands for a hash, or ABSENT."""
    last = len(table.hashes) - 1
    at = hashed & last
    value = ABSENT
    while table.values[at] != ABSENT:
        if table.hashes[at] == hashed:
            value = table.values[at]
            break
        at = (at + 1) & last
    return value


def tag_kinds() -> dict[str, int]:
    """Return the kinds of tags; those without an end tag have VOID added."""
    kinds = {name: kind for kind, names in _KINDS.items() for name in names.split()}
    kinds |= {name: kinds.get(name, INLINE) + VOID for name in _VOID.split()}
    return kinds


def references() -> dict[str, int]:
    """Return the characters that named references stand for; those of two characters are ODD_ONE.

    Names come as HTML has them, most with a semicolon behind.
    """
    return {name: ord(text) if len(text) == 1 else ODD_ONE for name, text in html5.items()}
