"""The lines that extraction would make of a string of a script: these and no others.

Nothing is dropped from a string, so its lines are known as extraction has them, without tags; of
JSON-LD each string may be a title, a text, and what trafilatura writes as one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

from lxml.etree import LxmlError
from lxml.html import fragment_fromstring
from trafilatura.baseline import block_text

from monitor.extract.blocks import read_blocks
from monitor.extract.clean import clean_markup, clean_text
from monitor.extract.embedded import has_paragraphs
from monitor.extract.rough_data import Datum
from monitor.extract.tree import parse


def read_string_lines(datum: Datum) -> Iterator[str]:
    """Yield every line that extraction could make of a string."""
    if datum.kind == "titles":
        yield from datum.text.split("\n")
    elif datum.kind == "claim":
        yield from _read_claim(datum.source)
    elif has_paragraphs(datum.source):
        yield from _read_markup(datum.source)
    else:
        yield from clean_text(datum.source).split("\n")


def _read_claim(source: str) -> Iterator[str]:
    """Yield the lines of a string of JSON-LD: a title's, those of a text, and trafilatura's."""
    yield clean_markup(source)
    text = unescape(source)
    yield from clean_text(text).split("\n")
    whole = " ".join(text.split())
    yield whole
    if "<" in source:
        yield from _read_markup(source)
    if "<" in text:
        whole = _render(text)
        yield whole
    if "&" in whole:
        yield " ".join(unescape(whole).split())


def _read_markup(markup: str) -> Iterator[str]:
    parsed = parse(f"<html><body><div>{markup}</div></body></html>")
    for block in read_blocks(parsed.root) if parsed is not None else ():
        yield from clean_text(block.text).split("\n")


def _render(text: str) -> str:
    """Return markup as one line, as trafilatura's last resort writes it."""
    try:
        return block_text(fragment_fromstring(text, create_parent="div"))
    except (LxmlError, ValueError):
        return ""
