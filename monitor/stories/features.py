"""Article and analysis → what the article is held against others by: pure.

title, text ─ words (stems, pairs of characters) ─ names (skeletons) ─ places (the gazetteer)
            ─ numbers ─ days ─ kinds of event
analysis    ─ host countries ─ people and organisations ─ words of the topic, which count less
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache

from monitor.model import Analysis, Article
from monitor.model.grouping import StoryFeatures
from monitor.stories.dates import day_names, find_days
from monitor.stories.gazetteer import Gazetteer, Place
from monitor.stories.kinds import find_kinds
from monitor.stories.publishers import find_retold
from monitor.stories.skeleton import skeleton
from monitor.stories.words import count_terms, find_names, find_numbers, terms_of
from monitor.text.sentences import iterate_sentences
from monitor.text.serbian import to_latin

MOST_TERMS = 150
MOST_NAMES = 60
MOST_DAYS = 8
# What made the article match is what all articles of the subject share.
TOPIC_WEIGHT = 0.3
# No event is told a day before it was published, whatever the page claims.
FUTURE = timedelta(days=1)
OLDEST = 1995
LEAD_CHARACTERS = 420
LONGEST = 60_000  # characters; what an event is, a text says before that

# Languages whose words are spelled alike enough to be held against each other.
POOLS = {
    "zh": "han", "ja": "han", "hr": "hbs", "sr": "hbs", "bs": "hbs", "da": "dano", "no": "dano",
    "nb": "dano", "nn": "dano", "id": "idms", "ms": "idms", "bg": "bgmk", "mk": "bgmk",
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]+")
CYRILLIC_TOO = frozenset({"sr", "bs", "hr", "sh"})
LEAST_COUNTRY, COUNTRY_SHARE = 1.0, 0.3


def make_features(
    article: Article,
    analysis: Analysis,
    gazetteer: Gazetteer,
    *,
    seen_at: datetime | None,
    home: frozenset[str] = frozenset(),
) -> StoryFeatures:
    """Return what an article is held against others by; `seen_at` is when it was met live.

    `home` are the countries that host no event of the subject, whatever a text says of them.
    """
    language = primary(article.language or analysis.language or article.declared_language)
    written = article
    if language in CYRILLIC_TOO:
        # what is listed of these languages is listed in Latin letters
        article = replace(article, title=to_latin(article.title), text=to_latin(article.text))
    text = article.text[:LONGEST]
    lead = read_lead(text)
    claimed = believe(article.published, seen_at)
    moment = claimed or seen_at
    languages = [language] if language else []
    places = gazetteer.find(f"{article.title}\n{text}", languages)
    focus_end = len(article.title) + 1 + text.find(lead[-20:]) + 20 if lead else len(article.title)
    known = _known_words(places, analysis, written)
    topic = topic_terms(analysis, article, language or "")
    head = f"{article.title}\n{lead}"
    in_title = [place for place in places if place.start < len(article.title)]
    abroad = [place for place in places if place.code not in home]
    hosts = analysis.countries or weigh_countries(abroad, focus_end)
    published = moment.date() if moment else None
    return StoryFeatures(
        language=language,
        pool=POOLS.get(language or "", language or ""),
        published=claimed,
        seen=seen_at,
        title=article.title[:300],
        terms=_own_terms(count_terms(article.title, text, language or ""), known, topic),
        names=_own_names(find_names(article.title, text), known),
        cities=_cities(places),
        focus=_cities([place for place in places if place.start < focus_end]),
        title_cities=_cities(in_title),
        title_countries=_unique(p.code for p in in_title if p.code in hosts and p.kind != "outlet"),
        countries=hosts,
        bodies=_unique(skeleton(p.written) or p.written for p in places if p.kind == "body"),
        persons=_unique(m.entity for m in analysis.mentions if m.kind == "person"),
        entities=_unique(m.entity for m in analysis.mentions if m.kind != "person"),
        numbers=tuple(sorted(find_numbers(f"{article.title}\n{text}"))),
        days=_days(head, text, published),
        kinds=tuple(find_kinds(f"{article.title}\n{text}", languages)),
        lead_kinds=tuple(find_kinds(head, languages)),
        title_kinds=tuple(find_kinds(article.title, languages)),
        retold=find_retold(written) or "",
    )


def _own_terms(
    counts: Mapping[str, int], known: Collection[str], topic: Collection[str]
) -> tuple[tuple[str, float], ...]:
    """Return the heaviest terms but those of places, names and days, which count as these."""
    counted = {term for word in known for term in terms_of(word)} | day_terms()
    own = {term: count for term, count in counts.items() if term not in counted}
    return _heaviest(own, topic)


def _own_names(names: Mapping[str, str], known: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return the first names that are neither a known word nor a day."""
    own = {w: b for w, b in names.items() if w not in known and w not in day_names()}
    return tuple(sorted(own.items())[:MOST_NAMES])


def _heaviest(counts: Mapping[str, int], topic: Collection[str]) -> tuple[tuple[str, float], ...]:
    """Return the terms that weigh most, heaviest first; those of the subject tell less."""
    weights = {t: _weigh(n) * (TOPIC_WEIGHT if t in topic else 1.0) for t, n in counts.items()}
    heaviest = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple((term, round(weight, 3)) for term, weight in heaviest[:MOST_TERMS])


def _known_words(places: Sequence[Place], analysis: Analysis, article: Article) -> set[str]:
    """Return the words of names that count as places or organisations, and are not names twice."""
    written = [place.written for place in places]
    written += [
        (article.title if mention.field == "title" else article.text)[mention.start : mention.end]
        for mention in analysis.mentions
        if mention.kind != "person"
    ]
    return {word for each in written for word in WORD.findall(each.casefold())}


@cache
def day_terms() -> frozenset[str]:
    """Return the terms that names of months and weekdays come to."""
    return frozenset(term for word in day_names() for term in terms_of(word))


def primary(tag: str | None) -> str | None:
    """Return the primary subtag of a language tag."""
    return tag.split("-")[0].lower() if tag else None


def believe(published: datetime | None, seen_at: datetime | None) -> datetime | None:
    """Return the date a page claims, where it can be so."""
    if published is None or published.year < OLDEST:
        return None
    if seen_at is not None and published > seen_at + FUTURE:
        return None
    return published


def read_lead(text: str) -> str:
    """Return the first sentences of a text that are sentences, up to LEAD_CHARACTERS."""
    found: list[str] = []
    size = 0
    for start, end in iterate_sentences(text):
        sentence = text[start:end]
        if not found and (len(sentence) < 40 and not re.search("[\u3040-\u9fff]", sentence)):
            continue  # a by-line, a date, an item of a menu
        if size and size + len(sentence) > LEAD_CHARACTERS:
            break
        found.append(sentence)
        size += len(sentence)
    return " ".join(found) if found else text[:LEAD_CHARACTERS]


def topic_terms(analysis: Analysis, article: Article, language: str) -> frozenset[str]:
    """Return the stems of the words that made the article match."""
    written = {
        term.written
        for match in analysis.matches
        for passage in match.passages
        for term in passage.terms
    }
    return frozenset(count_terms("", " . ".join(sorted(written)), language))


def _weigh(count: int) -> float:
    return 1.0 + min(count - 1, 4) * 0.35


def _cities(places: Sequence[Place]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((p.code, p.city) for p in places if p.city is not None))


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _days(head: str, text: str, published: date | None) -> tuple[date, ...]:
    found = dict.fromkeys((*find_days(head, published), *find_days(text[:4000], published)))
    return tuple(day for day in found if day != published)[:MOST_DAYS]


def weigh_countries(places: Sequence[Place], focus_end: int) -> tuple[str, ...]:
    """Return the countries a text names most, those of headline and lead first.

    Only where the matcher has said nothing of host countries (a text that matches no topic).
    """
    weights: dict[str, float] = {}
    for place in places:
        if place.kind == "outlet":
            continue
        weight = (0.6 if place.kind == "people" else 1.0) * (
            2.0 if place.start < focus_end else 0.4
        )
        weights[place.code] = weights.get(place.code, 0.0) + weight
    best = max(weights.values(), default=0.0)
    ranked = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(c for c, w in ranked if w >= max(LEAST_COUNTRY, best * COUNTRY_SHARE))[:5]
