"""Another subject in another file: nothing about the first is wired into the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.keywords import read_keywords
from monitor.match.examples import find_wrong_examples
from monitor.match.matcher import Matcher
from monitor.model.matches import Level

ROOT = Path(__file__).parents[2]
FILE = ROOT / "examples" / "environmental-defenders" / "keywords.yaml"


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher.load(read_keywords(FILE))


def test_examples_of_the_other_subject_hold(matcher: Matcher) -> None:
    assert find_wrong_examples(matcher) == []


def test_other_subject_flags_its_own_reports_with_country_and_label(matcher: Matcher) -> None:
    text = (
        "El dirigente, que se oponía a una mina en el páramo, recibió tres disparos al salir de"
        " una reunión en el departamento del Cauca.\n"
        "La Fiscalía de Colombia investiga a dos sospechosos del asesinato. Es el quinto líder"
        " social asesinado este año por defender el río, según la Defensoría."
    )
    found = matcher.match("Asesinan a un líder indígena en Colombia", text)
    assert [(one.topic, one.level) for one in found.matches] == [
        ("attacks-on-defenders", Level.REPORT)
    ]
    assert found.matches[0].tags == ("court-case",)
    assert found.countries == ("CO",)


def test_other_subject_knows_nothing_of_police_stations(matcher: Matcher) -> None:
    found = matcher.match("Dublin orders Chinese police station to close", "It had no permit.")
    assert found.matches == ()
