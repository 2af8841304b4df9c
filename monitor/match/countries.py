"""Name the host countries of a report: which places a text names, and which of them it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.match.places import PlaceKind, PlaceTerm, country_terms
from monitor.model.matches import Field, Passage

__all__ = ["PlaceHit", "PlaceKind", "PlaceTerm", "Span", "country_terms", "find_countries"]

Span = tuple[Field, int, int]

# How much a place of each kind says about where something happens. A people is often only an
# attribute ("the Spanish group"); a body (FBI, RCMP) acts at home.
_KIND_WEIGHT: Mapping[PlaceKind, float] = {
    "name": 1.0,
    "city": 1.0,
    "body": 0.8,
    "acronym": 1.0,
    "people": 0.7,
    "outlet": 0.0,
}
_TITLE, _PASSAGE, _BESIDE, _NEAR, _ELSEWHERE = 3.0, 3.0, 1.2, 1.0, 0.4
_LIST = 1.1  # "... in Croatia, Serbia and Romania": a list of countries in a report names hosts
_LIST_LENGTH = 3
_LEAD_SENTENCES = 2
_REPEATS = 3  # a place named ten times in a text is no likelier a host than one named three times
_SHARE = 0.3  # of the best country's weight: below it a country is only touched on, ...
_ENOUGH = 1.0  # ... unless it stands in or beside a passage
_LEAST = 1.0
_OUTLET_REACH = 30  # characters between "Madrid" and "-based", "Spanish" and "rights group"


@dataclass(frozen=True, kw_only=True)
class PlaceHit:
    """One place term found in a text."""

    code: str
    kind: PlaceKind
    field: Field
    start: int
    end: int


def find_countries(
    hits: Sequence[PlaceHit],
    *,
    title: str,
    text: str,
    passages: Sequence[Passage],
    sentences: Sequence[Span],
) -> tuple[str, ...]:
    """Return the host countries of a report, most likely first.

    `hits` are all place terms found, in the languages of the text; `passages` are those of the
    matches that count; `sentences` are the spans of the text's sentences, in order.
    A people or city beside the name of an organisation or outlet says where that sits, not where
    the report plays. Treats no country specially: leaving out China is the caller's.
    """
    texts: Mapping[Field, str] = {"title": title, "text": text}
    kept = _drop_outlets(_drop_covered([h for h in hits if _is_written_as_place(h, texts)]), texts)
    spans = _weigh_sentences(passages, sentences)
    weights = _weigh(kept, _raise_lists(kept, spans))
    if not weights:
        return ()
    best = max(weights.values())
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        code for code, weight in ranked if weight >= max(_LEAST, min(_ENOUGH, best * _SHARE))
    )


def _is_written_as_place(hit: PlaceHit, texts: Mapping[Field, str]) -> bool:
    """Return whether a name, city or body begins with a capital where its script has capitals."""
    if hit.kind in {"people", "outlet"}:
        return True
    first = next((c for c in texts[hit.field][hit.start : hit.end] if c.isalpha()), "")
    return not first.islower()


def _drop_covered(hits: Sequence[PlaceHit]) -> list[PlaceHit]:
    """Leave out a hit that lies inside a longer one: Mexico City is not in a `City`."""
    kept: list[PlaceHit] = []
    for hit in sorted(hits, key=lambda h: (h.field, h.start, -h.end)):
        if any(
            other.field == hit.field
            and other.start <= hit.start
            and hit.end <= other.end
            and other.end - other.start > hit.end - hit.start
            for other in kept[-4:]
        ):
            continue
        kept.append(hit)
    return kept


def _drop_outlets(hits: Sequence[PlaceHit], texts: Mapping[Field, str]) -> list[PlaceHit]:
    """Leave out peoples and cities that only say where an organisation or outlet sits."""
    outlets = [h for h in hits if h.kind == "outlet"]
    return [
        hit
        for hit in hits
        if hit.kind != "outlet"
        and not (
            hit.kind in {"people", "city", "name"}
            and any(_is_beside(hit, outlet, texts) for outlet in outlets)
        )
    ]


def _is_beside(hit: PlaceHit, outlet: PlaceHit, texts: Mapping[Field, str]) -> bool:
    if hit.field != outlet.field:
        return False
    start, end = min(hit.end, outlet.end), max(hit.start, outlet.start)
    between = texts[hit.field][start:end] if start <= end else ""
    reach = _OUTLET_REACH if hit.kind == "people" else _OUTLET_REACH // 2
    return len(between) <= reach and not any(c in between for c in ".!?:;,，。、；：\n")


def _weigh_sentences(passages: Sequence[Passage], sentences: Sequence[Span]) -> dict[Span, float]:
    """Return how much a place in each sentence counts."""
    weights: dict[Span, float] = {}
    in_text = [s for s in sentences if s[0] == "text"]
    for span in sentences:
        weights[span] = _TITLE if span[0] == "title" else _ELSEWHERE
    for span in in_text[:_LEAD_SENTENCES]:
        weights[span] = _BESIDE
    marked = {s for s in in_text if any(_holds(s, p) for p in passages)}
    for place, span in enumerate(in_text):
        if span in marked:
            for near in in_text[max(0, place - 2) : place + 3]:
                weights[near] = max(weights[near], _NEAR)
            for near in in_text[max(0, place - 1) : place + 2]:
                weights[near] = max(weights[near], _BESIDE)
    for span in marked:
        weights[span] = _PASSAGE
    return weights


def _raise_lists(hits: Sequence[PlaceHit], sentences: Mapping[Span, float]) -> dict[Span, float]:
    """Return the weights with those sentences raised that list several countries by name."""
    raised = dict(sentences)
    for span, weight in sentences.items():
        codes = {h.code for h in hits if h.kind == "name" and _is_in(h, span)}
        if len(codes) >= _LIST_LENGTH:
            raised[span] = max(weight, _LIST)
    return raised


def _is_in(hit: PlaceHit, span: Span) -> bool:
    return span[0] == hit.field and span[1] <= hit.start < span[2]


def _holds(span: Span, passage: Passage) -> bool:
    return span[0] == passage.field and span[1] < passage.end and passage.start < span[2]


def _weigh(hits: Iterable[PlaceHit], sentences: Mapping[Span, float]) -> dict[str, float]:
    """Return the weight of each country: its best places, at most a few of them."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for hit in hits:
        weight = next(
            (w for span, w in sentences.items() if _is_in(hit, span)),
            _ELSEWHERE,
        )
        found[hit.code].append(weight * _KIND_WEIGHT[hit.kind])
    return {code: sum(sorted(each, reverse=True)[:_REPEATS]) for code, each in found.items()}
