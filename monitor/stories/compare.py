"""How likely two articles tell of one event: pieces of evidence, each with a weight: pure.

    words · names · people · places · numbers · days · what happened · days apart → log-odds

Each piece adds to, or takes from, the logarithm of the odds; 0 is as likely as not.  Every piece
that counted is a sentence for a person.  The weights were set on pairs of articles in thirty
languages and are measured by benchmarks/stories.py; nothing in them is of any subject.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from monitor.model.grouping import StoryFeatures, TermCounts
from monitor.stories.evidence import NO_COUNTS, Counts, Piece, confidence, join_words, rarity
from monitor.stories.kinds import STAGES, TRIAL
from monitor.stories.where import judge_places

# In two languages there are no words to tell two events of a country apart.
START, TWO_LANGUAGES = -1.75, -0.45
# Cosine of the words of two texts in one language.
WORDS, WORDS_FREE, WORDS_FREE_LONG = 11.0, 0.09, 0.14
SHORT_TEXT, LONG_TEXT = 60, 150  # terms
LONG_TEXTS = -1.2
NAME, MOST_FOR_NAMES = 0.8, 3.2
SAME_SPELLING = 0.65
FEW_NAMES, NAME_SHARE = 4, 3.0  # of few names all can be shared by chance; of many, some are
PERSON, MOST_FOR_PERSONS = 1.4, 2.4
BODY, ENTITY = 0.5, 0.25
# Paragraphs of background wander from report to report; less than that says nothing.
SOME_PHRASES, PHRASES, MOST_FOR_PHRASES, RETOLD = 0.08, 6.0, 1.5, 0.8
NUMBER, MOST_FOR_NUMBERS = 0.7, 2.0
MANY_NUMBERS, ROUND = 6, 0.4
DAY, MOST_FOR_DAYS = 0.7, 1.4
KIND_IN_TITLE, KIND_IN_LEAD, KIND, OTHER_STAGE = 1.3, 0.75, 0.25, -4.0
MOST_FOR_KINDS, OTHER_KIND = 2.2, -0.6
# (at most so many days apart, what that adds)
DAYS_APART = ((1.5, 1.6), (3.5, 0.5), (5.5, -0.6), (9.5, -1.2), (14.5, -1.5), (21.5, -1.8))
LONG_APART, NOT_KNOWN_APART, UNDATED = -30.0, -1.0, 0.8
ANNOUNCED, SOON = -3.5, timedelta(days=2)
LEAD_STAGES = tuple(stage for stage in STAGES if stage != "plea")
ONE_STAGE = (
    frozenset({"arrest", "charge"}),
    frozenset({"arrest", TRIAL}),
    frozenset({"charge", TRIAL}),
    frozenset({"plea", TRIAL}),
    frozenset({"verdict", "sentence"}),
)
DAY_LENGTH, NEAR = timedelta(days=1), 7.5


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How alike two articles are; `odds` is the logarithm of the odds that they are one event."""

    odds: float
    pieces: tuple[Piece, ...] = ()
    because: tuple[str, ...] = ()
    chance: float = 0.0

    def of(self, name: str) -> float:
        """Return what the pieces of one name came to."""
        return sum(piece.odds for piece in self.pieces if piece.name == name)


def compare(
    one: StoryFeatures, other: StoryFeatures, counts: Counts, *, phrases: float = 0.0
) -> Likeness:
    """Return how likely `one` and `other` tell of one event.

    `counts` are by pool, and by `names` for names: how often each term stands in what is stored.
    `phrases` is the share of the shorter text's runs of words that stand in the other, too.
    """
    pieces = judge_source(one, other, phrases)
    for judge in JUDGES:
        pieces += judge(one, other, counts)
    odds = START + sum(piece.odds for piece in pieces)
    strongest = sorted((p for p in pieces if p.because), key=lambda piece: -abs(piece.odds))
    return Likeness(
        odds=odds,
        pieces=tuple(pieces),
        because=tuple(piece.because for piece in strongest),
        chance=1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))),
    )


def judge_source(one: StoryFeatures, other: StoryFeatures, phrases: float) -> list[Piece]:
    """Judge whether two texts were written from one report: its phrases, and who is credited."""
    pieces: list[Piece] = []
    if phrases >= SOME_PHRASES:
        odds = min(MOST_FOR_PHRASES, PHRASES * phrases)
        because = f"{phrases:.0%} of the shorter text stand in the other, word for word"
        pieces.append(Piece(name="phrases", odds=odds, because=because))
    if one.retold and one.retold == other.retold:
        pieces.append(Piece(name="retold", odds=RETOLD, because=f"both retell {one.retold}"))
    return pieces


def judge_words(one: StoryFeatures, other: StoryFeatures, counts: Counts) -> list[Piece]:
    """Judge the words two texts share, where their languages share words.

    Of the words that `one` does not have, only how many there are counts: how rare they are was not
    asked.
    """
    if one.pool != other.pool:
        return [Piece(name="languages", odds=TWO_LANGUAGES, because="")]
    if not one.terms or not other.terms:
        return []
    mine = weigh_terms(one.terms, counts.get(one.pool, NO_COUNTS))
    usual = sum(mine.values()) / sum(weight for _, weight in one.terms)
    theirs = dict(other.terms)
    shared = [term for term in mine if term in theirs]  # in an order of its own, on any machine
    rare = {term: mine[term] / weight for term, weight in one.terms if term in theirs}
    dot = sum(mine[term] * theirs[term] * rare[term] for term in shared)
    length = sum((weight * rare.get(term, usual)) ** 2 for term, weight in other.terms)
    # a headline beside a long text shares what it has, and no more
    shorter, longer = sorted((_norm(mine), math.sqrt(length)))
    cosine = dot / max(1e-9, shorter * max(shorter, min(longer, 2.0 * shorter)))
    best = sorted(shared, key=lambda term: (-mine[term] * theirs[term], term))[:5]
    # two long texts of one subject share more of its words than two short ones
    long = min(1.0, min(len(mine), len(theirs)) / LONG_TEXT)
    free = WORDS_FREE + WORDS_FREE_LONG * long
    because = f"shared words ({', '.join(best)})" if cosine > free else ""
    return [Piece(name="words", odds=WORDS * (cosine - free), because=because)]


@lru_cache(maxsize=64)
def weigh_terms(terms: tuple[tuple[str, float], ...], known: TermCounts) -> Mapping[str, float]:
    """Return how much each term of a text tells; one text is held against many."""
    return {term: weight * rarity(term, known) for term, weight in terms}


def _norm(weights: Mapping[str, float]) -> float:
    return math.sqrt(sum(weight * weight for weight in weights.values()))


def judge_length(one: StoryFeatures, other: StoryFeatures, counts: Counts) -> list[Piece]:
    """Judge how much two texts could share by chance: two long ones share places and figures."""
    shorter = min(_length(one), _length(other))
    length = min(1.0, max(0, shorter - SHORT_TEXT) / (LONG_TEXT - SHORT_TEXT))
    return [Piece(name="length", odds=LONG_TEXTS * length, because="")] if length else []


def _length(features: StoryFeatures) -> float:
    """Return how many terms a text has; pairs of characters are as many again as words."""
    return len(features.terms) * (0.5 if features.language in {"zh", "ja", "ko"} else 1.0)


def judge_names(one: StoryFeatures, other: StoryFeatures, counts: Counts) -> list[Piece]:
    """Judge the names two texts share, whatever script each writes them in."""
    known = counts.get("names", NO_COUNTS)
    found: dict[str, float] = {}
    used: set[str] = set()
    by_bones: dict[str, list[str]] = {}
    for word, bones in other.names:
        by_bones.setdefault(bones[:2], []).append(word)
    theirs = dict(other.names)
    for word, bones in one.names:
        best = max(
            (
                (name_likeness(word, bones, each, theirs[each]), each)
                for each in by_bones.get(bones[:2], ())
                if each not in used
            ),
            default=(0.0, ""),
        )
        if best[0] > 0:
            used.add(best[1])
            found[word] = best[0] * rarity(bones, known) * confidence(known)
    if not found:
        return []
    total = sum(found.values())
    share = total / max(FEW_NAMES, min(len(one.names), len(other.names)))
    odds = min(MOST_FOR_NAMES, NAME * total * min(1.0, NAME_SHARE * share))
    best_names = sorted(found, key=lambda word: -found[word])[:5]
    return [Piece(name="names", odds=odds, because=f"shared names ({', '.join(best_names)})")]


def name_likeness(word: str, bones: str, other: str, other_bones: str) -> float:
    """Return 0 to 1: whether two words are one name, in one script or in two.

    A name in one script has to be spelled alike but for its ending; in two, the skeleton has to be
    long enough.
    """
    if word == other:
        return 1.0 if len(word) > 3 else 0.6
    if _script(word) == _script(other):
        begun = _begun(word, other)
        alike = begun >= 4 and begun >= SAME_SPELLING * max(len(word), len(other))
        return 0.9 if alike else 0.0
    shorter = min(len(bones), len(other_bones))
    if bones == other_bones:
        return 1.0 if shorter >= 4 else 0.7 if shorter == 3 else 0.0
    begun = _begun(bones, other_bones)
    return 0.7 if begun >= 4 and max(len(bones), len(other_bones)) - begun <= 1 else 0.0


def _begun(one: str, other: str) -> int:
    """Return how many letters two words have in common at their beginning."""
    for at, (letter, its) in enumerate(zip(one, other, strict=False)):
        if letter != its:
            return at
    return min(len(one), len(other))


def _script(word: str) -> int:
    """Return a number that is the same for letters of one script."""
    letter = ord(word[0])
    return 0 if letter < 0x250 else letter >> 8 if letter < 0x3000 else 0x30 + (letter >= 0xAC00)


def judge_known(one: StoryFeatures, other: StoryFeatures, counts: Counts) -> list[Piece]:
    """Judge the people, bodies and organisations that the matcher knows in any script."""
    pieces: list[Piece] = []
    persons = sorted(set(one.persons) & set(other.persons))
    if persons:
        odds = min(MOST_FOR_PERSONS, PERSON * len(persons))
        pieces.append(Piece(name="persons", odds=odds, because=f"both name {join_words(persons)}"))
    bodies = set(one.bodies) & set(other.bodies)
    if bodies:
        pieces.append(Piece(name="bodies", odds=min(1.0, BODY * len(bodies)), because=""))
    entities = sorted(set(one.entities) & set(other.entities))
    if entities:
        odds = min(0.5, ENTITY * len(entities))
        pieces.append(
            Piece(name="entities", odds=odds, because=f"both name {join_words(entities)}")
        )
    return pieces


def judge_figures(one: StoryFeatures, other: StoryFeatures, counts: Counts) -> list[Piece]:
    """Judge the numbers and the days that both name."""
    pieces: list[Piece] = []
    numbers = sorted(set(one.numbers) & set(other.numbers))
    if numbers:
        known = counts.get("numbers", NO_COUNTS)
        total = sum(rarity(each, known) * _weigh_number(each) for each in numbers)
        many = max(1.0, min(len(one.numbers), len(other.numbers)) / MANY_NUMBERS)
        odds = min(MOST_FOR_NUMBERS, NUMBER * total / many)
        because = f"the same figures ({join_words(numbers[:5])})"
        pieces.append(Piece(name="numbers", odds=odds, because=because))
    days = set(one.days) & set(other.days)
    if days:
        named = join_words(day.isoformat() for day in sorted(days)[:3])
        odds = min(MOST_FOR_DAYS, DAY * len(days))
        pieces.append(Piece(name="days", odds=odds, because=f"both speak of {named}"))
    return pieces


def _weigh_number(number: str) -> float:
    """Return how much a number tells: a round one is an estimate, and many texts have it."""
    return ROUND if number.rstrip("0") in {"1", "2", "3", "5"} else 1.0


def judge_kinds(one: StoryFeatures, other: StoryFeatures, counts: Counts) -> list[Piece]:
    """Judge what happened; another stage of a trial is another event."""
    title = set(one.title_kinds) & set(other.title_kinds)
    lead = (set(one.lead_kinds) & set(other.lead_kinds)) - title
    rest = (set(one.kinds) & set(other.kinds)) - title - lead
    mine, theirs = stage_of(one), stage_of(other)
    if mine and theirs and are_apart(mine, theirs):
        return [Piece(name="kinds", odds=OTHER_STAGE, because=f"{mine} and {theirs}")]
    odds = KIND_IN_TITLE * bool(title) + KIND_IN_LEAD * min(2, len(lead)) + KIND * min(3, len(rest))
    if not title and not lead and one.lead_kinds and other.lead_kinds:
        odds += OTHER_KIND
    odds = min(MOST_FOR_KINDS, odds)
    shared = [*sorted(title), *sorted(lead)]
    because = f"both tell of: {join_words(shared)}" if shared else ""
    return [Piece(name="kinds", odds=odds, because=because)] if odds else []


def are_apart(one: str, other: str) -> bool:
    """Say whether two stages of a trial are two events.

    An arrest and its charge are one, and so are a trial's opening, its charge and what is pleaded.
    """
    stages = {one, other}
    return len(stages) > 1 and not any(stages <= together for together in ONE_STAGE)


def stage_of(features: StoryFeatures) -> str | None:
    """Return the stage of a trial that headline or lead name, the latest one; None without one.

    That there is a trial is the stage only where no other one is named; and what somebody pleads is
    one only in a headline, since a trial opens with it.
    """
    for kinds, stages in ((features.title_kinds, STAGES), (features.lead_kinds, LEAD_STAGES)):
        named = [stage for stage in stages if stage in kinds and stage != TRIAL]
        if named:
            return named[-1]
    return TRIAL if TRIAL in features.lead_kinds else None


def judge_time(one: StoryFeatures, other: StoryFeatures, counts: Counts) -> list[Piece]:
    """Judge how far apart they came out; of what is not dated, only that it was seen then."""
    apart = days_apart(one, other)
    if apart is None:
        return [Piece(name="time", odds=NOT_KNOWN_APART, because="")]
    dated = one.published is not None and other.published is not None
    for limit, odds in DAYS_APART:
        if apart <= limit:
            said = "on the same day" if apart < 1 else f"{apart:.0f} days apart"
            return [Piece(name="time", odds=odds if dated else min(UNDATED, odds), because=said)]
    return [Piece(name="time", odds=LONG_APART, because=f"{apart:.0f} days apart")]


def judge_announced(one: StoryFeatures, other: StoryFeatures, counts: Counts) -> list[Piece]:
    """Judge whether one text announces the day on which the other came out: the next occasion."""
    for before, after in ((one, other), (other, one)):
        if before.published is None or after.published is None:
            continue
        told = after.published.date()
        days = {told, told - DAY_LENGTH}
        if before.published + SOON < after.published and days & set(before.days):
            because = f"one announces {told.isoformat()}, when the other came out"
            return [Piece(name="announced", odds=ANNOUNCED, because=because)]
    return []


def days_apart(one: StoryFeatures, other: StoryFeatures) -> float | None:
    """Return how many days lie between two articles, None where that is not known.

    An article without a date came out at any time before it was seen.
    """
    if one.published is not None and other.published is not None:
        return abs(one.published - other.published) / DAY_LENGTH
    if one.moment is None or other.moment is None:
        return None
    apart = abs(one.moment - other.moment) / DAY_LENGTH
    return apart if apart <= NEAR else None


Judge = Callable[[StoryFeatures, StoryFeatures, Counts], list[Piece]]
JUDGES: tuple[Judge, ...] = (
    judge_words,
    judge_length,
    judge_names,
    judge_known,
    judge_places,
    judge_figures,
    judge_kinds,
    judge_time,
    judge_announced,
)
