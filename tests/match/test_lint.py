from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from monitor.config.keywords import read_keywords
from monitor.match.lint import Finding, lint

Findings = Callable[..., list[Finding]]

TOPICS = """
topics:
  topic:
    title: Topic
    report at: 5
    mention at: 1
    rules:
      - {name: pair, near: [a, b], within: 5 words, score: 1}
      - {name: alone, any: [c], score: 1}
"""


@pytest.fixture
def findings(tmp_path: Path) -> Findings:
    def run(concepts: str, topics: str = TOPICS) -> list[Finding]:
        path = tmp_path / "keywords.yaml"
        path.write_text("version: 1\n" + dedent(concepts) + topics, "utf-8")
        return lint(read_keywords(path), entities=["Known One"])

    return run


def told(found: list[Finding]) -> list[tuple[str, str, str | None, str | None]]:
    return [(one.kind, one.concept, one.language, one.term) for one in found]


CLEAN = """
concepts:
  a: {en: [lighthouse*, beacon tower]}
  b: {en: [keeper*]}
  c: {en: [lighthouse keeper*]}
"""


def test_clean_file_has_no_findings(findings: Findings) -> None:
    assert findings(CLEAN) == []


@pytest.mark.parametrize(
    ("language", "term", "kind"),
    [
        ("en", "灯台", "never"),
        ("zh", "маяк", "never"),
        ("el", "маяк", "never"),
        ("en", "φάρος", "never"),
        ("en", "the", "everything"),
        ("en", "of the", "everything"),
        ("en", "li*", "everything"),
        ("en", '"*ght*"', "everything"),
        ("zh", "的", "everything"),
        ("hu", "hogy", "everything"),
        ("en", "Lighthouse*", "duplicate"),
        ("en", "lighthouse-keeper*", None),
        ("en", "lighthouse keepers", None),
        ("en", "(lighthouses|lighthouseman)", "shadowed"),
        ("en", "(lighthouses|keeper)", None),
        ("en", "lighthouses", "shadowed"),
        ("any", "lighthouses", None),
    ],
)
def test_suspicious_term_is_found(
    findings: Findings, language: str, term: str, kind: str | None
) -> None:
    if language == "en":
        concepts = f"concepts: {{a: {{en: [lighthouse*, beacon tower, {term}]}}, "
    else:
        concepts = f"concepts: {{a: {{en: [lighthouse*, beacon tower], {language}: [{term}]}}, "
    concepts += "b: {en: [keeper*]}, c: {en: [harbour]}}\n"
    mine = [one for one in findings(concepts) if one.term == term.strip('"')]
    assert [one.kind for one in mine] == ([kind] if kind else [])
    for one in mine:
        assert one.line == 2
        assert one.problem
        assert one.cure


def test_language_without_a_concept_that_rules_need_is_found(findings: Findings) -> None:
    concepts = """
    concepts:
      a: {en: [lighthouse], de: [leuchtturm*], fr: [phare], it: [faro]}
      b: {en: [keeper], de: [wärter*], fr: [gardien*]}
      c: {en: [harbour]}
    """
    assert ("missing", "b", "it", None) in told(findings(concepts))


def test_concept_for_few_languages_misses_none(findings: Findings) -> None:
    concepts = """
    concepts:
      a: {en: [lighthouse], de: [leuchtturm*], fr: [phare], it: [faro]}
      b: {any: [keeper]}
      c: {en: [harbour]}
    """
    assert not [one for one in findings(concepts) if one.kind == "missing"]


def test_common_word_that_is_enough_alone_would_open_the_gate(findings: Findings) -> None:
    assert ("gate", "c", "en", "boat") in told(
        findings(CLEAN.replace("lighthouse keeper*", "boat"))
    )


def test_unknown_entity_is_found(findings: Findings) -> None:
    topics = TOPICS.replace("any: [c]", "any: [c, $entity/Known One, $entity/Nobody]")
    assert told(findings(CLEAN, topics)) == [("never", "$entity/Nobody", None, None)]


def test_file_without_terms_is_found(findings: Findings) -> None:
    concepts = "concepts: {a: {includes: [$abroad]}, b: {includes: [a]}, c: {includes: [a]}}\n"
    assert [one.kind for one in findings(concepts)] == ["empty"]


def test_stem_is_not_shadowed_by_a_word_that_ends_so(findings: Findings) -> None:
    concepts = CLEAN.replace("lighthouse keeper*", 'harbour*, "*harbour"')
    assert not [one for one in findings(concepts) if one.kind == "shadowed"]


def test_long_stem_that_forgives_accents_is_not_shadowed_by_a_short_one(
    findings: Findings,
) -> None:
    concepts = CLEAN.replace("lighthouse keeper*", "polic*, polici*")
    assert not [one for one in findings(concepts) if one.kind == "shadowed"]


def test_language_with_one_of_two_alternatives_misses_none(findings: Findings) -> None:
    concepts = """
    concepts:
      a: {en: [lighthouse], de: [leuchtturm*], fr: [phare], it: [faro]}
      b: {en: [keeper], de: [wärter*], fr: [gardien*], it: [guardiano]}
      c: {en: [harbour], de: [hafen*], fr: [port], es: [puerto]}
    """
    topics = TOPICS.replace("any: [c]", "any: [b, c]")
    missing = [one.concept for one in findings(concepts, topics) if one.kind == "missing"]
    assert "c" not in missing
