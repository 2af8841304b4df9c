"""The parts of one article: title, lead, body; paragraphs; sentences; and what repeats on its site.

Title and text are one string here, with a newline between, so that one set of offsets serves both.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property

from monitor.model.matches import Field, SiteBlocks, Zone
from monitor.text.blocks import hash_block
from monitor.text.normal import Normal
from monitor.text.sentences import split_sentences
from monitor.text.words import count_words

LEAD_SENTENCES = 3
LEAD_CHARACTERS = 600
REAL_WORDS = 8  # a sentence that can open an article has so many words,
REAL_CHARACTERS = 25  # or so many characters where words are not spaced
STOPS = frozenset(".!?…。！？؟۔।:;\"'”’»」』)）")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; `start` and `end` are offsets of the original, `at` of the normal text.

    `is_line`: no sentence but a line of its own: a heading, an item of a list, a link.
    `is_repeated`: it lies in a block that repeats on the site, or is a copy of an earlier one.
    """

    start: int
    end: int
    at: int
    paragraph: int
    zone: Zone
    is_first: bool = False
    is_line: bool = False
    is_repeated: bool = False


class Layout:
    """Where things stand in one article."""

    def __init__(self, title: str, normal: Normal, blocks: SiteBlocks) -> None:
        self.normal = normal
        self.title_length = len(title)
        self.blocks = blocks
        self._hashes: dict[int, int] = {}

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The sentences of title and text, in order."""
        return self._mark_repeated(self._read_sentences())

    @cached_property
    def _ats(self) -> list[int]:
        return [sentence.at for sentence in self.sentences]

    def sentence_at(self, offset: int) -> int:
        """Return the number of the sentence at an offset of the normal text."""
        return max(0, bisect_right(self._ats, offset) - 1)

    def end_of(self, number: int) -> int:
        """Return where in the normal text the next sentence begins."""
        return self._ats[number + 1] if number + 1 < len(self._ats) else len(self.normal.text)

    def place(self, start: int, end: int) -> tuple[Field, int, int]:
        """Return the field and its offsets for a stretch of the whole original."""
        shift = self.title_length + 1
        if start < shift:
            return "title", start, min(end, self.title_length)
        return "text", start - shift, end - shift

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original for one of the normal text."""
        return self.normal.start_of(start), self.normal.end_of(end)

    def block_of(self, number: int) -> int:
        """Return the hash of the block in which a sentence lies."""
        return self._hash_block(self.sentences[number])

    def _hash_block(self, sentence: Sentence) -> int:
        paragraph = sentence.paragraph
        if paragraph not in self._hashes:
            text = self.normal.original
            at = sentence.start
            start = text.rfind("\n", 0, at) + 1
            end = text.find("\n", at)
            self._hashes[paragraph] = hash_block(text[start : len(text) if end == -1 else end])
        return self._hashes[paragraph]

    def _read_sentences(self) -> list[Sentence]:
        text = self.normal.original
        spans = split_sentences(text)
        zones = self._find_zones(spans)
        paragraphs = self._number_paragraphs(spans)
        alone = _count(paragraphs)
        seen: set[str] = set()
        sentences: list[Sentence] = []
        first_lead = True
        for (start, end), zone, paragraph in zip(spans, zones, paragraphs, strict=True):
            at = self.normal.find_offset(start)
            written = self.normal.text[at : self.normal.find_offset(end)].strip()
            # The title stands again above many a text; a copy is no second piece of evidence.
            copy = zone != "title" and written in seen
            seen.add(written)
            sentences.append(
                Sentence(
                    start=start,
                    end=end,
                    at=at,
                    paragraph=paragraph,
                    zone=zone,
                    is_first=zone == "lead" and first_lead,
                    is_line=zone == "body" and alone[paragraph] == 1 and text[end - 1] not in STOPS,
                    is_repeated=copy,
                )
            )
            first_lead = first_lead and zone != "lead"
        return sentences

    def _mark_repeated(self, sentences: list[Sentence]) -> list[Sentence]:
        if not self.blocks.repeated:
            return sentences
        return [
            sentence
            if sentence.zone == "title" or self._hash_block(sentence) not in self.blocks.repeated
            else replace(sentence, is_repeated=True)
            for sentence in sentences
        ]

    def _number_paragraphs(self, spans: list[tuple[int, int]]) -> list[int]:
        text = self.normal.original
        numbers: list[int] = []
        paragraph, last = 0, 0
        for start, end in spans:
            if "\n" in text[last:start]:
                paragraph += 1
            numbers.append(paragraph)
            last = end
        return numbers

    def _find_zones(self, spans: list[tuple[int, int]]) -> list[Zone]:
        """Return the zone of each sentence; the lead begins at the first that is a real one."""
        text = self.normal.original
        zones: list[Zone] = []
        lead_start: int | None = None
        taken = 0
        over = False
        for start, end in spans:
            if start < self.title_length:
                zones.append("title")
                continue
            if lead_start is None and self._is_real(start, end):
                lead_start = start
            over = over or (
                lead_start is not None
                and (
                    taken >= LEAD_SENTENCES
                    or start - lead_start >= LEAD_CHARACTERS
                    or "\n" in text[lead_start:start]
                )
            )
            is_lead = lead_start is not None and not over
            taken += is_lead
            zones.append("lead" if is_lead else "body")
        return zones

    def _is_real(self, start: int, end: int) -> bool:
        words, unspaced = count_words(self.normal.text[self._find(start) : self._find(end)])
        return words / REAL_WORDS + unspaced / REAL_CHARACTERS >= 1

    def _find(self, offset: int) -> int:
        return self.normal.find_offset(offset)


def _count(numbers: list[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    return counts
