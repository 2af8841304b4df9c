"""Whether two texts are one article: how much of one stands in the other, and what contradicts it.

    shingles ─ containment of the smaller in the larger ─ sentences side by side ─ contradictions

A reprint, a cut or a re-edited text shares long runs of words with its original.  So does a text
that is written anew from a template every summer or for every city; there the sentences that
correspond name another year, figure or place, and that decides.  Pure.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import islice

from monitor.stories.dates import day_names
from monitor.stories.fingerprint import shingle_set, split_tokens
from monitor.stories.words import read_numbers
from monitor.text.sentences import iterate_sentences
from monitor.text.words import UNSPACED

# MEASURED.md: F1 .973 at these, over 10,181 real articles and 8,551 queries.
CONTAINMENT = 0.35
FEWEST_SHARED = 12
# A feed's summary has hardly a dozen shingles; then most of them have to stand in the other.
SHORT, SHORT_CONTAINMENT, SHORT_SHARED = 26, 0.6, 5
# Boilerplate of one site can be a third of a short text, but it is not how the text begins.
SURE, LEAD_SHARE = 0.7, 0.3
# After so long a text that differs in anything but its length is told of another occasion.
ANOTHER_OCCASION = timedelta(days=21)
# Sentences that share so many of their words are two versions of one.
SAME_SENTENCE = 0.6
MOST_SENTENCES = 60
# Characters of texts of which is kept what was read (some 40 bytes for each), and pairs of which is
# kept what they contradict each other in: the same few hundred are asked for again and again.
MOST_KEPT, EACH_KEPT, MOST_ASKED_AGAIN = 2_500_000, 1_000, 32


@dataclass(frozen=True, kw_only=True)
class Written:
    """One text as it is compared; `moment` is when it was published, None where it is not known."""

    title: str
    text: str
    language: str | None = None
    moment: datetime | None = None


class Fact(StrEnum):
    """What kind of fact two texts contradict each other in."""

    NUMBER = "number"
    NAME = "name"
    OCCASION = "occasion"  # the same words, long apart


@dataclass(frozen=True, kw_only=True)
class Contradiction:
    """One fact that corresponding sentences state differently, in words for a person."""

    fact: Fact
    said: str


@dataclass(frozen=True, kw_only=True)
class Copying:
    """How two texts compare: `shared` shingles, their share of the smaller text, contradictions."""

    is_copy: bool
    containment: float
    shared: int
    contradictions: tuple[Contradiction, ...] = ()


def compare_texts(one: Written, other: Written) -> Copying:
    """Return whether two texts are one article, by exact containment and by what contradicts it."""
    first, second = read_written(one).shingles, read_written(other).shingles
    shared = len(first & second)
    smaller = max(1, min(len(first), len(second)))
    containment = shared / smaller
    if not _is_enough(shared, smaller, containment):
        return Copying(is_copy=False, containment=containment, shared=shared)
    if containment < SURE and not _begins_alike(one, other, first, second):
        return Copying(is_copy=False, containment=containment, shared=shared)
    contradictions = find_contradictions(one, other)
    return Copying(
        is_copy=not contradictions,
        containment=containment,
        shared=shared,
        contradictions=contradictions,
    )


def _is_enough(shared: int, smaller: int, containment: float) -> bool:
    if smaller < SHORT:
        return containment >= SHORT_CONTAINMENT and shared >= min(SHORT_SHARED, smaller)
    return containment >= CONTAINMENT and shared >= FEWEST_SHARED


def _begins_alike(
    one: Written, other: Written, first: frozenset[int], second: frozenset[int]
) -> bool:
    """Say whether the opening of either text stands in the other one.

    Not only its second or third sentence, unless the headlines share a word: what stands behind a
    short text is the furniture of its site.
    """
    openings = (*_openings(one, second), *_openings(other, first))
    if any(at == 0 for at, _ in openings):
        return True
    titles = set(split_tokens(one.title)) & set(split_tokens(other.title))
    return bool(openings) and any(len(word) > 3 for word in titles)


def _openings(written: Written, there: frozenset[int]) -> list[tuple[int, float]]:
    """Return which of the first real sentences stand in the other text, and how much of each."""
    found: list[tuple[int, float]] = []
    looked_at = 0
    for start, end in iterate_sentences(written.text):
        shingles = shingle_set(written.text[start:end])
        if len(shingles) < 5:
            continue  # a heading, a by-line
        share = len(shingles & there) / len(shingles)
        if share >= LEAD_SHARE:
            found.append((looked_at, share))
        looked_at += 1
        if looked_at == 3:
            break
    return found


@lru_cache(maxsize=MOST_ASKED_AGAIN)
def find_contradictions(one: Written, other: Written) -> tuple[Contradiction, ...]:
    """Return what the sentences that correspond say differently, in words for a person.

    Numbers and names count where each text has one that the other has nowhere: what was only left
    out or added contradicts nothing.  A long time between the two makes any difference one.
    """
    pairs = _pair_sentences(one, other)
    found: list[Contradiction] = []
    replaced = 0
    here, there = read_written(one), read_written(other)
    for sentence, counterpart in pairs:
        for written, instead in replaced_words(sentence, counterpart):
            replaced += sentence != one.title and counterpart != other.title
            found += _contradict(written, instead, here, there)
    if replaced and _are_far_apart(one, other):
        said = "the same words, weeks apart, of another occasion"
        found.append(Contradiction(fact=Fact.OCCASION, said=said))
    return tuple(dict.fromkeys(found))


class Reading:
    """What is read of one text to hold it beside others; each part when it is first asked for."""

    def __init__(self, written: Written) -> None:
        self._written = written
        self._whole = f"{written.title}\n{written.text}"
        self.nouns_have_capitals = (written.language or "").startswith(("de", "lb"))

    @cached_property
    def shingles(self) -> frozenset[int]:
        """The hashes of all runs of words of the text, without the title."""
        return shingle_set(self._written.text)

    @cached_property
    def tokens(self) -> frozenset[str]:
        """All words, to tell what is replaced from what stands elsewhere."""
        return frozenset(split_tokens(self._whole))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """All numbers, for the same."""
        return frozenset(read_numbers(self._whole))

    @cached_property
    def sentences(self) -> list[tuple[str, frozenset[str]]]:
        """The title and the first sentences, each with its words."""
        text = self._written.text
        spans = islice(iterate_sentences(text), MOST_SENTENCES)
        texts = [self._written.title, *(text[start:end] for start, end in spans)]
        return [(text, frozenset(split_tokens(text))) for text in texts if text]


class Readings:
    """What was read of texts, as far as there is room; those asked for longest ago go first."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        """Take how many characters may be kept; a text counts EACH_KEPT more than it has."""
        self._room = most
        self._kept: OrderedDict[Written, Reading] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def read(self, written: Written) -> Reading:
        """Return what is read of a text."""
        reading = self._kept.pop(written, None)
        if reading is None:
            reading = Reading(written)
            self._room -= len(written.text) + EACH_KEPT
        self._kept[written] = reading
        while self._room < 0:
            oldest, _ = self._kept.popitem(last=False)
            self._room += len(oldest.text) + EACH_KEPT
        return reading


_readings = Readings()


def read_written(written: Written) -> Reading:
    """Return what is read of a text; kept a while, since one text is held beside many."""
    return _readings.read(written)


def _are_far_apart(one: Written, other: Written) -> bool:
    if one.moment is None or other.moment is None:
        return False
    return abs(one.moment - other.moment) > ANOTHER_OCCASION


WORD = re.compile(r"[^\W_]+(?:[.,:/-][^\W_]+)*")


def _pair_sentences(one: Written, other: Written) -> list[tuple[str, str]]:
    """Return the sentences that differ but correspond: they share most of their words."""
    mine, theirs = read_written(one).sentences, read_written(other).sentences
    equal = {text for text, _ in mine} & {text for text, _ in theirs}
    theirs = [pair for pair in theirs if pair[0] not in equal]
    pairs: list[tuple[str, str]] = []
    for text, words in mine:
        if text in equal or not theirs:
            continue
        best, share = max(
            ((other_text, _overlap(words, other_words)) for other_text, other_words in theirs),
            key=lambda pair: pair[1],
        )
        if share >= SAME_SENTENCE:
            pairs.append((text, best))
    return pairs


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of the words of the shorter sentence; a very short one proves little."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller >= 4 else 0.0


def replaced_words(sentence: str, counterpart: str) -> list[tuple[str, str]]:
    """Return (what stands here, what stands there instead), as written."""
    here, there = _split(sentence), _split(counterpart)
    for words in (here, there):
        # a capital that opens a sentence makes no name
        words[:1] = [word if word.isupper() else word.lower() for word in words[:1]]
    matcher = SequenceMatcher(None, here, there, autojunk=False)
    return [
        (" ".join(here[a:b]), " ".join(there[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind == "replace"
    ]


def _split(sentence: str) -> list[str]:
    if UNSPACED.search(sentence):
        return re.findall(r"\d+|[^\W\d_]", sentence) if sentence else []
    return WORD.findall(sentence)


def _contradict(written: str, instead: str, here: Reading, there: Reading) -> list[Contradiction]:
    numbers = [n for n in read_numbers(written) if n not in there.numbers]
    others = [n for n in read_numbers(instead) if n not in here.numbers]
    if len(numbers) == 1 and len(others) == 1 and not _is_clock(written) and not _is_clock(instead):
        said = f"{numbers[0]} in one, {others[0]} in the other"
        return [Contradiction(fact=Fact.NUMBER, said=said)]
    if here.nouns_have_capitals or there.nouns_have_capitals:
        return []
    names, instead_names = _names(written, there), _names(instead, here)
    if len(names) == 1 and len(instead_names) == 1 and not _look_alike(names[0], instead_names[0]):
        said = f"{names[0]} in one, {instead_names[0]} in the other"
        return [Contradiction(fact=Fact.NAME, said=said)]
    return []


CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")


def _is_clock(written: str) -> bool:
    return bool(CLOCK.search(written))


def _names(written: str, there: Reading) -> list[str]:
    """Return the words with a capital that the other text has nowhere; a whole run is one name."""
    words = written.split()
    if not words or len(words) > 4:
        return []
    capital = [word for word in words if word[0].isupper() and len(word) > 2]
    capital = [word for word in capital if word.casefold() not in day_names()]
    missing = [word for word in capital if not set(split_tokens(word)) & there.tokens]
    if not missing or len(missing) != len(capital):
        return []
    return [" ".join(missing)]


def _look_alike(one: str, other: str) -> bool:
    """Say whether two names are one in two spellings."""
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio() >= 0.6
