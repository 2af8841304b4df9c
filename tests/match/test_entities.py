"""Organisations, operations, reports, people and bureaus, in several scripts and spellings."""

from __future__ import annotations

import pytest

from monitor.match.entities import EntityHit, entity_terms, find_mentions
from monitor.match.matcher import Matcher
from monitor.model.rules import Keywords
from monitor.text.terms import parse_term


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher.load(Keywords(version="t", concepts=(), topics=()))


def named(matcher: Matcher, text: str, language: str) -> list[tuple[str, str]]:
    mentions = matcher.match(text, "", language=language).mentions
    return [(one.entity, one.kind) for one in mentions]


SPELLINGS = [
    ("en", "Safeguard Defenders said so", "Safeguard Defenders"),
    ("en", "The group Saveguard Defenders said so", "Safeguard Defenders"),
    ("sr", "Navodi Sejfgard difendersa", "Safeguard Defenders"),
    ("zh", "人權組織「保護衛士」表示", "Safeguard Defenders"),
    ("ar", "قالت منظمة سيف غارد ديفندرز", "Safeguard Defenders"),
    ("ja", "セーフガード・ディフェンダーズによると", "Safeguard Defenders"),
    ("ko", "세이프가드 디펜더스는 밝혔다", "Safeguard Defenders"),
    ("hu", "a közbiztonsági minisztériummal", "Ministry of Public Security"),
    ("cs", "s ministerstvem veřejné bezpečnosti", "Ministry of Public Security"),
    ("en", "Lu Jianwang was arrested", "Lu Jianwang"),
    ("en", "Liu Jianwang was arrested", "Lu Jianwang"),
    ("zh", "盧建旺被捕", "Lu Jianwang"),
    ("en", "Chen Jinping pleaded guilty", "Chen Jinping"),
    ("hu", "Vang Hsziahonggal tárgyalt", "Wang Xiaohong"),
    ("en", "Operation Fox Hunt", "Fox Hunt"),
    ("zh", "猎狐行动", "Fox Hunt"),
    ("zh", "福州市公安局", "Fuzhou Public Security Bureau"),
    ("en", "the Wenzhou Public Security Bureau", "Wenzhou Public Security Bureau"),
    ("en", "a report named Patrol and Persuade", "Patrol and Persuade (report, December 2022)"),
]


@pytest.mark.parametrize(("language", "text", "entity"), SPELLINGS)
def test_spelling_names_its_entity(matcher: Matcher, language: str, text: str, entity: str) -> None:
    assert entity in [name for name, _ in named(matcher, text, language)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Jinping said nothing"),
        ("en", "President Xi Jinping met Lu"),
        ("en", "Mr Wang and Ms Chen spoke"),
        ("en", "A fox hunt in Devon"),
        ("en", "Skynet is a film"),
    ],
)
def test_half_a_name_is_nobody(matcher: Matcher, language: str, text: str) -> None:
    assert named(matcher, text, language) == []


def test_longest_of_overlapping_names_wins() -> None:
    hits = [
        EntityHit(entity="a bureau", kind="place", field="title", start=7, end=29),
        EntityHit(entity="the bureau", kind="place", field="title", start=0, end=29),
        EntityHit(entity="a town", kind="place", field="title", start=0, end=6),
        EntityHit(entity="someone", kind="person", field="text", start=3, end=9),
    ]
    assert [one.entity for one in find_mentions(hits)] == ["the bureau", "someone"]


def test_every_spelling_can_be_read() -> None:
    terms = list(entity_terms())
    assert len(terms) > 400
    assert all(parse_term(term.literal, term.language) for term in terms)


def test_spelling_belongs_to_one_entity() -> None:
    owners: dict[str, set[str]] = {}
    for term in entity_terms():
        owners.setdefault(term.literal.casefold(), set()).add(term.entity)
    assert {one: names for one, names in owners.items() if len(names) > 1} == {}
