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

# What a tag is: first those that begin and end no line by themselves.
(
    UNKNOWN,
    KEPT,
    ROW,
    ROW_GROUP,
    CELL,
    META,
    SCRIPT,
    STYLE,
    ODD,
    SPAN,
    RULE,
    BLOCK,
    PARAGRAPH,
    TABLE,
    HEADING,
    TITLE,
    SELECT,
    OPTION,
    BOX,
    RAW_BOX,
    DIV,
    UNKNOWN_BOX,
    DROPPED_BOX,
    QUOTATION,
    ITEM,
    LIST,
) = range(26)
_KINDS = {
    ROW: "tr",
    ROW_GROUP: "caption thead tbody tfoot",
    CELL: "td th",
    META: "meta",
    SCRIPT: "script",
    STYLE: "style",
    # What two readers take in different ways.
    ODD: "xmp plaintext noembed noframes listing frameset",
    # What extraction never drops in the midst of a word, where it is not hidden; others it may.
    KEPT: "a abbr acronym b bdi bdo big cite code data dfn em font i kbd mark nobr q s samp small "
    "strike strong sub tt u var html head body ruby",
    SPAN: "span",
    RULE: "hr",
    BLOCK: "pre menu",
    PARAGRAPH: "p h2 h3 h4 h5 h6",
    TABLE: "table",
    HEADING: "h1",
    TITLE: "title",
    SELECT: "select",
    OPTION: "option optgroup",
    # Elements in which trafilatura writes no ends of lines; readability makes no paragraphs of the
    # unknown ones.
    BOX: "section template",
    RAW_BOX: "textarea iframe",
    DIV: "div",
    UNKNOWN_BOX: "article header footer nav main figcaption form fieldset details summary center "
    "dialog",
    DROPPED_BOX: "aside figure",
    QUOTATION: "blockquote",
    ITEM: "li dt dd",
    LIST: "ul ol dl",
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


CODE, TEXTAREA, IFRAME = map(hash_name, ("code", "textarea", "iframe"))
JOINED = (CODE, *map(hash_name, ("blockquote", "del", "pre", "q", "quote", "s", "strike")))
"""Elements of which trafilatura makes one line each, whatever is in them."""
NO_NAME = 0


def fill_table(table: Table, values: Mapping[str, int]) -> None:
    """Write names and what stands for each into a table."""
    fill_hashes(table, {hash_name(name): value for name, value in values.items()})


def fill_hashes(table: Table, values: Mapping[int, int]) -> None:
    """Write hashes and what stands for each into a table."""
    size = len(table["hashes"])
    if 2 * len(values) > size:
        raise TooMuch(f"{len(values)} names")
    table["values"][:] = ABSENT
    for hashed, value in values.items():
        at = hashed & (size - 1)
        while table["values"][at] != ABSENT:
            at = (at + 1) & (size - 1)
        table["hashes"][at], table["values"][at] = hashed, value


@compiled
def join_hashes(one: int, other: int) -> int:
    """Return the hash of two names, in this order."""
    return one ^ (other >> 1)


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
    kinds |= {name: kinds.get(name, UNKNOWN) + VOID for name in _VOID.split()}
    return kinds


def references() -> dict[str, int]:
    """Return the characters that named references stand for; those of two characters are ODD_ONE.

    Names come as HTML has them, most with a semicolon behind.
    """
    return {name: ord(text) if len(text) == 1 else ODD_ONE for name, text in html5.items()}
