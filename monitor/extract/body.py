"""The text of a page by the first step that gives one, and the doubt that goes with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from monitor.extract.blocks import Blocks
from monitor.extract.clean import clean_text
from monitor.extract.container import split_articles
from monitor.extract.embedded import find_embedded_text
from monitor.extract.facts import PageFacts
from monitor.extract.json_ld import find_article_body, types_of
from monitor.extract.main_text import find_main_text, without_title
from monitor.extract.readings import fold, read
from monitor.extract.visible import find_visible_text, prose_length, visible_length
from monitor.model import ExtractionMethod

# Real articles' pages have 4,100 elements at most; trafilatura takes a second for 15,000 and grows
# faster than the page does (FAULTS, facts about dependencies).
MOST_ELEMENTS = 15_000
LONGEST_FOR_TRAFILATURA = 1_500_000

# A text shorter than this is doubted where another step gives MUCH_MORE times as much.
SHORT_TEXT = 250
MUCH_MORE = 3
# What is too short to be told from a button or a date.
LEAST_TEXT = 40


@dataclass(frozen=True, kw_only=True)
class Body:
    """A text with the step that gave it, and the doubt that goes with it, in words."""

    text: str
    method: ExtractionMethod
    doubt: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A page read once, as the steps need it."""

    root: HtmlElement
    elements: int
    facts: PageFacts
    blocks: Blocks
    titles: Sequence[str]
    descriptions: Sequence[str]

    @property
    def size_doubt(self) -> str | None:
        """Return why trafilatura cannot be let near the page, or None where it can."""
        shown = visible_length(self.blocks)
        if self.elements <= MOST_ELEMENTS and shown <= LONGEST_FOR_TRAFILATURA:
            return None
        return f"the page is very large ({self.elements} elements, {shown} characters of text)"


def find_body(reader: Reader) -> Body:
    """Return the page's text by the first step that gives one that is not doubted.

    trafilatura (checked by container; container alone where the page is too large)
      → JSON-LD, where it holds the same and much more, or the other gave too little
      → data in scripts → visible text (doubted) → nothing (doubted)
    """
    claimed = clean_text(find_article_body(reader.facts.node))
    main = _main(reader, claimed)
    if main.text and _is_continued(main.text, claimed):
        return Body(text=claimed, method=ExtractionMethod.JSON_LD)
    if len(main.text) >= SHORT_TEXT:
        return main
    other = _other(reader, claimed)
    if len(other.text) >= max(SHORT_TEXT, MUCH_MORE * len(main.text)):
        return other
    if len(main.text) >= LEAST_TEXT:
        return main
    return _last(reader, max(main, other, key=lambda body: len(body.text)))


def _main(reader: Reader, claimed: str) -> Body:
    """Return trafilatura's text, or that of the container where the page is too large for it."""
    parts = split_articles(reader.blocks, reader.titles)
    too_large = reader.size_doubt
    if too_large:
        text = clean_text("\n".join(parts.lines))
        return Body(text=text, method=ExtractionMethod.PARAGRAPHS, doubt=too_large)
    text = clean_text(
        find_main_text(
            reader.root,
            reader.blocks,
            parts,
            titles=reader.titles,
            descriptions=reader.descriptions,
            is_live="LiveBlogPosting" in types_of(reader.facts.node),
        )
    )
    if _is_crumbled(text):
        container = clean_text("\n".join(parts.lines))
        if len(container) > 0.8 * len(text):
            return Body(text=container, method=ExtractionMethod.PARAGRAPHS)
    if text and claimed and _is_hidden(reader, text):
        return Body(text=claimed, method=ExtractionMethod.JSON_LD)  # where trafilatura found it
    return Body(text=text, method=ExtractionMethod.TRAFILATURA)


def _is_crumbled(text: str) -> bool:
    """Tell whether a text fell apart into single words, as trafilatura's last resort gives it."""
    lines = text.split("\n")
    return len(lines) >= 20 and len(text) < 20 * len(lines)


def _is_hidden(reader: Reader, text: str) -> bool:
    """Tell whether hardly anything of a text stands in the page's own markup."""
    return read([block.text for block in reader.blocks]).share_of(read(text.split("\n"))) < 0.3


def _is_continued(text: str, claimed: str) -> bool:
    """Tell whether JSON-LD holds the text and goes on where it ends."""
    if len(claimed) < 1.5 * len(text) or len(claimed) < SHORT_TEXT:
        return False
    whole = read([claimed])
    starts = [start for line in text.split("\n") if len(start := fold(line)[:40]) == 40]
    repeated = sum(whole.folded.count(start) > 1 for start in starts)
    if 2 * repeated > len(starts):  # some publishers put the text there twice
        return False
    return whole.share_of(read(text.split("\n"))) >= 0.7


def _other(reader: Reader, claimed: str) -> Body:
    """Return the longest text of the steps that see no markup."""
    embedded = clean_text(find_embedded_text(reader.root))
    if len(claimed) >= len(embedded):
        return Body(text=claimed, method=ExtractionMethod.JSON_LD)
    return Body(
        text=embedded,
        method=ExtractionMethod.EMBEDDED,
        doubt="the text comes from the page's scripts",
    )


def _last(reader: Reader, best: Body) -> Body:
    """Return the page's visible text, or what little there is."""
    lines = without_title(find_visible_text(reader.blocks).split("\n"), reader.titles)
    visible = clean_text("\n".join(lines))
    if best.text and len(visible) <= MUCH_MORE * len(best.text):
        return best
    if not visible:
        return Body(text="", method=ExtractionMethod.NONE, doubt="no text was found")
    shown = prose_length(reader.blocks)
    return Body(
        text=visible,
        method=ExtractionMethod.VISIBLE_TEXT,
        doubt=f"no article text was found among {shown} characters of running text; "
        "this is all that the page shows",
    )


_FORWARD = re.compile(r"\s*\d{0,4}\s*[;,]\s*url\s*=\s*['\"]?(?P<url>[^'\"]{1,2000})", re.IGNORECASE)


def find_forward(facts: PageFacts) -> str | None:
    """Return where a page that holds nothing sends its readers by `<meta http-equiv=refresh>`."""
    found = _FORWARD.match(facts.meta("refresh"))
    return found["url"].strip() if found else None
