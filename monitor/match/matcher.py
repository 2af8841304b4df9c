"""The matcher: one article in, everything the rules say of it out.

title, text → language → normal form → literals → concepts → rules → levels → countries
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

from monitor.match.concepts import ConceptHits, ConceptTable
from monitor.match.conditions import Evaluator
from monitor.match.countries import PlaceHit, PlaceTerm, country_terms, find_countries
from monitor.match.entities import EntityHit, EntityTerm, entity_terms, find_mentions
from monitor.match.layout import Layout
from monitor.match.near_misses import find_near_misses
from monitor.match.outlet_country import country_of_outlet
from monitor.match.results import build_match
from monitor.match.scan import Scanner
from monitor.match.scoring import TopicJudge, Verdict
from monitor.match.topics import CompiledRule, CompiledTopic, compile_topics
from monitor.model.matches import Analysis, Match, Mention, SiteBlocks
from monitor.model.rules import Keywords
from monitor.text.language import find_languages
from monitor.text.normal import normalise

# What a change of the engine alone does to a stored match is told by this number.
ENGINE = 2
# Characters; no article is longer, and what is comes from a page that extraction marks as such.
LONGEST_TEXT = 1_000_000


class Matcher:
    """Match articles against one set of keywords; safe to share between threads."""

    def __init__(
        self,
        keywords: Keywords,
        *,
        places: Iterable[PlaceTerm] = (),
        entities: Iterable[EntityTerm] = (),
    ) -> None:
        """Compile the keywords; raises TermError for a term that cannot be read."""
        self.keywords = keywords
        places, entities = tuple(places), tuple(entities)
        self.table = ConceptTable()
        self.table.add_concepts(keywords.concepts)
        self.table.add_places(places, keywords.home)
        self.table.add_entities(entities)
        self.topics = compile_topics(keywords.topics, self.table.number)
        self._holders = self.table.find_holders()
        self.scanner = Scanner(self.table.terms)
        self._version = name_rules(keywords, places, entities)

    @classmethod
    def load(cls, keywords: Keywords) -> Matcher:
        """Return a matcher with the countries and entities that ship."""
        return cls(keywords, places=country_terms(), entities=entity_terms())

    @property
    def version(self) -> str:
        """Return the name of the rules in force: keywords, names and engine."""
        return self._version

    def match(
        self,
        title: str,
        text: str,
        *,
        language: str | None = None,
        declared: str | None = None,
        url: str | None = None,
        blocks: SiteBlocks = SiteBlocks(),  # noqa: B008  a frozen value
        shown: Set[str] | None = None,
    ) -> Analysis:
        """Return all that the rules say of one article.

        Pure: the same arguments give the same answer.  Text beyond LONGEST_TEXT is not looked at.
        `shown` are the languages that the article can be in, where its page tells; None for all.
        """
        return self._analyse(title, text, _About(language, declared, url, blocks, shown))

    def explain(
        self,
        title: str,
        text: str,
        *,
        language: str | None = None,
        declared: str | None = None,
        url: str | None = None,
        blocks: SiteBlocks = SiteBlocks(),  # noqa: B008  a frozen value
    ) -> Analysis:
        """Return the same as `match`, with the rule that came closest in each topic not flagged."""
        about = _About(language, declared, url, blocks, None)
        return self._analyse(title, text, about, near_misses=True)

    def _analyse(
        self, title: str, text: str, about: _About, *, near_misses: bool = False
    ) -> Analysis:
        title = title.replace("\n", " ")
        whole = f"{title}\n{text}"[:LONGEST_TEXT]
        found, languages = find_languages(whole, language=about.language, declared=about.declared)
        if about.shown is not None:
            languages = [each for each in languages if each in about.shown] or sorted(about.shown)
        normal = normalise(whole)
        hits = self.scanner.scan(normal, frozenset((*languages, "any")))
        concepts = ConceptHits(self.table, hits, self._holders)
        possible = self._find_possible(concepts)
        mentions_there = bool(concepts.among(self.table.entities))
        if not possible and not mentions_there and not near_misses:
            return Analysis(language=found, languages=tuple(languages))
        layout = Layout(title, normal, about.blocks)
        evaluator = Evaluator(layout, concepts.of)
        judge = TopicJudge(layout, evaluator, self.keywords.weights)
        verdicts = [judge.judge(topic, rules) for topic, rules in possible]
        matches = tuple(
            build_match(verdict, layout, self.table) for verdict in verdicts if verdict.level
        )
        return Analysis(
            language=found,
            languages=tuple(languages),
            matches=matches,
            mentions=self._find_mentions(layout, concepts),
            countries=self._find_countries(layout, concepts, matches, about.url),
            near_misses=(
                find_near_misses(self, layout, evaluator, concepts, verdicts) if near_misses else ()
            ),
            blocks=_touched_blocks(layout, verdicts),
        )

    def _find_possible(
        self, concepts: ConceptHits
    ) -> list[tuple[CompiledTopic, list[CompiledRule]]]:
        """Return the topics that can be there at all, each with its rules that can hold."""
        possible: list[tuple[CompiledTopic, list[CompiledRule]]] = []
        for topic in self.topics:
            rules = [one for one in topic.rules if one.may_hold(concepts.there)]
            if any(one.rule.score > 0 and not one.rule.after_strong for one in rules):
                possible.append((topic, rules))
        return possible

    def _find_mentions(self, layout: Layout, concepts: ConceptHits) -> tuple[Mention, ...]:
        hits: list[EntityHit] = []
        for number in concepts.among(self.table.entities):
            entity, kind = self.table.entities[number]
            for hit in concepts.of(number):
                field, start, end = layout.place(*layout.original(hit.start, hit.end))
                hits.append(EntityHit(entity=entity, kind=kind, field=field, start=start, end=end))
        return find_mentions(hits) if hits else ()

    def _find_countries(
        self, layout: Layout, concepts: ConceptHits, matches: Sequence[Match], url: str | None
    ) -> tuple[str, ...]:
        """Return the host countries, or where no place abroad is named, the outlet's country."""
        if not matches:
            return ()
        hits: list[PlaceHit] = []
        for number in concepts.among(self.table.places):
            code, kind = self.table.places[number]
            for hit in concepts.of(number):
                field, start, end = layout.place(*layout.original(hit.start, hit.end))
                hits.append(PlaceHit(code=code, kind=kind, field=field, start=start, end=end))
        whole = layout.normal.original
        found = find_countries(
            hits,
            title=whole[: layout.title_length],
            text=whole[layout.title_length + 1 :],
            passages=[passage for match in matches for passage in match.passages],
            sentences=[layout.place(one.start, one.end) for one in layout.sentences],
        )
        abroad = tuple(code for code in found if code not in self.keywords.home)
        if abroad or any(hit.code not in self.keywords.home for hit in hits):
            return abroad
        outlet = country_of_outlet(url)
        return (outlet,) if outlet and outlet not in self.keywords.home else ()


class _About(NamedTuple):
    """What is known of an article beside its words."""

    language: str | None
    declared: str | None
    url: str | None
    blocks: SiteBlocks
    shown: Set[str] | None


def _touched_blocks(layout: Layout, verdicts: Sequence[Verdict]) -> tuple[int, ...]:
    """Return the hashes of the blocks in which rules hold; a title is no block.

    Those that were set aside too: a block that repeats must be seen again to be known as repeated.
    """
    numbers = {
        one.sentence
        for verdict in verdicts
        for one in (*verdict.evidence, *verdict.set_aside)
        if layout.sentences[one.sentence].zone != "title"
    }
    return tuple(dict.fromkeys(layout.block_of(number) for number in sorted(numbers)))


def name_shipped_rules(keywords: Keywords) -> str:
    """Return the version of `Matcher.load(keywords)`, in a fraction of the time of loading it."""
    return name_rules(keywords, country_terms(), entity_terms())


def name_rules(
    keywords: Keywords, places: Iterable[PlaceTerm], entities: Iterable[EntityTerm]
) -> str:
    """Return the name of the rules that these come to with this engine."""
    digest = hashlib.sha256(f"{ENGINE} {keywords.version}".encode())
    for place in places:
        digest.update(f"\n{place.language} {place.literal} {place.code} {place.kind}".encode())
    for entity in entities:
        digest.update(f"\n{entity.language} {entity.literal} {entity.entity}".encode())
    return digest.hexdigest()[:16]
