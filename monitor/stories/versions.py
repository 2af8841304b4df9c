"""What is other in a new version of an article: nothing that counts, an update, a correction: pure.

    sentences of both, clocks masked ─ those that are gone, those that came ─ facts that changed

Pages that only flap (a clock, a counter of comments, a list of the latest headlines) say nothing
new: only sentences and the headline are compared.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from monitor.model import Article
from monitor.stories.copies import Written, find_contradictions
from monitor.stories.fingerprint import split_tokens
from monitor.text.normal import normalise
from monitor.text.sentences import split_sentences
from monitor.text.words import UNSPACED

DATA = Path(__file__).parent / "data" / "corrections.txt"
CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?!\d)")
STOPS = tuple(".!?…。！？؟۔।\"'”’»」』)）")
FEWEST_WORDS, FEWEST_CHARACTERS = 5, 12
LONGEST_QUOTE = 90


class Version(StrEnum):
    """What a new version is to the one before."""

    UNCHANGED = "unchanged"
    UPDATED = "updated"
    CORRECTED = "corrected"


@dataclass(frozen=True, kw_only=True)
class VersionChange:
    """The verdict, and what changed in words for a person."""

    kind: Version
    note: str = ""


def compare_versions(before: Article, after: Article) -> VersionChange:
    """Return what became of an article between two versions of it."""
    old, new = _sentences(before.text), _sentences(after.text)
    gone, came = list((old - new).elements()), list((new - old).elements())
    retitled = split_tokens(_mask(before.title)) != split_tokens(_mask(after.title))
    if not gone and not came and not retitled:
        return VersionChange(kind=Version.UNCHANGED, note="only what is no sentence changed")
    facts = find_contradictions(_written(before, gone), _written(after, came))
    notes = _notes(before, after, retitled=retitled, came=len(came), gone=len(gone))
    notes += [f"facts changed: {'; '.join(fact.said for fact in facts[:3])}"] if facts else []
    said = find_correction("\n".join((*came, after.title if retitled else "")))
    notes += [f"it says so itself: {said!r}"] if said else []
    kind = Version.CORRECTED if facts or said else Version.UPDATED
    return VersionChange(kind=kind, note="; ".join(notes))


def _notes(before: Article, after: Article, *, retitled: bool, came: int, gone: int) -> list[str]:
    notes: list[str] = []
    if retitled:
        notes.append(
            f"the headline was {before.title[:LONGEST_QUOTE]!r}, is {after.title[:LONGEST_QUOTE]!r}"
        )
    if came or gone:
        notes.append(f"{came} sentences came, {gone} went")
    return notes


def _written(article: Article, sentences: list[str]) -> Written:
    """Return the headline and those sentences that stand in one version only."""
    return Written(title=article.title, text="\n".join(sentences), language=article.language)


def _mask(text: str) -> str:
    return CLOCK.sub(" ", text)


def _sentences(text: str) -> Counter[str]:
    """Return the sentences of a text, clocks masked; lines of a menu or a counter are none."""
    found: Counter[str] = Counter()
    for start, end in split_sentences(text):
        sentence = _mask(text[start:end]).strip()
        if not sentence.endswith(STOPS):
            continue
        tokens = split_tokens(sentence)
        enough = FEWEST_CHARACTERS if UNSPACED.search(sentence) else FEWEST_WORDS
        if len(tokens) >= enough:
            found[" ".join(sentence.split())] += 1
    return found


@cache
def _wordings() -> re.Pattern[str]:
    phrases: set[str] = set()
    for line in DATA.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            listed = line.partition(":")[2].split(",")
            phrases.update(normalise(phrase).text.strip() for phrase in listed)
    ordered = sorted((re.escape(phrase) for phrase in phrases if phrase), key=len, reverse=True)
    return re.compile("|".join(p if UNSPACED.search(p) else f"(?<= ){p}" for p in ordered))


def find_correction(text: str) -> str | None:
    """Return the words by which a text says that it was corrected, or None."""
    normal = normalise(text)
    found = _wordings().search(normal.text)
    if found is None:
        return None
    start = normal.start_of(found.start())
    return text[start : start + 40].split("\n", maxsplit=1)[0].strip()
