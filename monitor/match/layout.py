"""The parts of one article: title, lead, body; paragraphs; sentences; and what repeats on its site.

Title and text are one string here, with a newline between, so that one set of offsets serves both.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

from monitor.model.matches import Field, SiteBlocks, Zone
from monitor.text.blocks import hash_block
from monitor.text.normal import Normal
from monitor.text.sentences import split_sentences
from monitor.text.words import count_words

LEAD_SENTENCES = 3
LEAD_CHARACTERS = 600
REAL_WORDS = 8  # a paragraph that can open an article has so many words,
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
        ends = [self.normal.find_offset(end) for _, end in self._spans]
        lead = self._find_lead()
        seen: set[str] = set()
        sentences: list[Sentence] = []
        lead_left, lead_until = LEAD_SENTENCES, 0
        for number, (start, end) in enumerate(self._spans):
            at, paragraph = self.normal.find_offset(start), self._paragraphs[number]
            written = self.normal.text[at : ends[number]].strip()
            zone: Zone = "title" if start < self.title_length else "body"
            # The title stands again above many a text; a copy is no second piece of evidence.
            is_copy = zone != "title" and written in seen
            seen.add(written)
            is_first = False
            if zone == "body" and paragraph == lead and lead_left and not is_copy:
                is_first = lead_left == LEAD_SENTENCES
                lead_until = start + LEAD_CHARACTERS if is_first else lead_until
                zone = "lead" if start < lead_until else "body"
                lead_left -= 1
            is_alone = self._sizes[paragraph] == 1
            sentences.append(
                Sentence(
                    start=start,
                    end=end,
                    at=at,
                    paragraph=paragraph,
                    zone=zone,
                    is_first=is_first,
                    is_line=zone == "body" and is_alone and text[end - 1] not in STOPS,
                    is_repeated=is_copy,
                )
            )
        return sentences

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return split_sentences(self.normal.original)

    @cached_property
    def _paragraphs(self) -> list[int]:
        """The number of the paragraph of each sentence; the title is 0."""
        text = self.normal.original
        numbers: list[int] = []
        paragraph, last = 0, 0
        for start, end in self._spans:
            paragraph += "\n" in text[last:start]
            numbers.append(paragraph)
            last = end
        return numbers

    @cached_property
    def _sizes(self) -> Counter[int]:
        return Counter(self._paragraphs)

    def _find_lead(self) -> int | None:
        """Return the first paragraph that reads like the opening of an article, or None.

        It has a full stop and so many words, in one sentence or several; lines of a menu have no
        stop.  A text of one paragraph needs none.
        """
        text = self.normal.original
        weights: dict[int, float] = {}
        stops: set[int] = set()
        for (start, end), paragraph in zip(self._spans, self._paragraphs, strict=True):
            if start < self.title_length:
                continue
            words, unspaced = count_words(self._normal_of(start, end))
            share = words / REAL_WORDS + unspaced / REAL_CHARACTERS
            weights[paragraph] = weights.get(paragraph, 0.0) + share
            if text[end - 1] in STOPS:
                stops.add(paragraph)
            if weights[paragraph] >= 1 and paragraph in stops:
                return paragraph
        only = next(iter(weights), None)
        return only if len(weights) == 1 and only is not None and weights[only] >= 1 else None

    def _normal_of(self, start: int, end: int) -> str:
        return self.normal.text[self.normal.find_offset(start) : self.normal.find_offset(end)]

    def _mark_repeated(self, sentences: list[Sentence]) -> list[Sentence]:
        if not self.blocks.repeated:
            return sentences
        return [
            sentence
            if sentence.zone == "title" or self._hash_block(sentence) not in self.blocks.repeated
            else replace(sentence, is_repeated=True)
            for sentence in sentences
        ]
