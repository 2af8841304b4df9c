"""Scripts that write vowels as marks: their terms are seen like any others."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.keywords import read_keywords
from monitor.match.matcher import Matcher
from monitor.prepare import Preparer
from tests.glance.loaded import load
from tests.glance.pages import PROSE, Look, is_flagged

WORDS = {
    "Hindi": ("पुलिस चौकी", "नदी किनारे"),
    "Bengali": ("পুলিশ ফাঁড়ি", "নদীর ধারে"),
    "Tamil": ("காவல் நிலையம்", "ஆற்றின் கரை"),
    "Telugu": ("పోలీసు స్టేషన్", "నది ఒడ్డు"),
    "Thai": ("สถานีตำรวจ", "ริมแม่น้ำ"),
    "Khmer": ("ប៉ុស្តិ៍ប៉ូលិស", "មាត់ទន្លេ"),
    "Burmese": ("ရဲစခန်း", "မြစ်ကမ်း"),
    "Lao": ("ສະຖານີຕຳຫຼວດ", "ແຄມແມ່ນ້ຳ"),
    "Sinhala": ("පොලිස් ස්ථානය", "ගං ඉවුර"),
    "Syriac": ("ܒܹܝܬ ܫܘܼܪܛܵܐ", "ܣܦܪ ܢܗܪܐ"),
}


@pytest.fixture(scope="module")
def preparer(tmp_path_factory: pytest.TempPathFactory) -> Preparer:
    listed = ", ".join(word for word, _ in WORDS.values())
    path = tmp_path_factory.mktemp("marks") / "keywords.yaml"
    path.write_text(
        f"""
version: 1
concepts:
  station: {{any: [{listed}]}}
topics:
  topic:
    title: A topic
    report at: 1
    mention at: 1
    rules: [{{name: any, any: [station], score: 1}}]
""",
        "utf-8",
    )
    return Preparer(matcher=Matcher(read_keywords(path), places=()))


def write(words: str) -> str:
    title = "<title>Other news</title>"
    return f"<html><head>{title}</head><body><article>{PROSE}<p>{words}</p></article></body></html>"


@pytest.mark.parametrize("script", WORDS)
@pytest.mark.parametrize("way", ["as written", "references", "tags"])
def test_term_with_vowels_as_marks_is_let_through(
    compiled: Path, preparer: Preparer, script: str, way: str
) -> None:
    assert isinstance(preparer.matcher, Matcher)
    look = Look(load(preparer.matcher, compiled))
    word, other = WORDS[script]
    if way == "references":
        word = "".join(f"&#{ord(sign)};" if sign != " " else " " for sign in word)
    elif way == "tags":
        word = f"{word[:2]}<b>{word[2:]}</b>"
    assert is_flagged(preparer, write(f"{other} {word} {other}"))
    assert not look.rules_out_source(write(f"{other} {word} {other}"))
    assert look.rules_out_source(write(f"{other} {other}"))
