"""What a page claims to be in is read alike from its text and from its bytes."""

from __future__ import annotations

import random

import pytest

from monitor.extract.page_words import read_declared, read_declared_in


@pytest.mark.parametrize(
    ("source", "declared"),
    [
        ('<html lang="de">', "de"),
        ("<!doctype html>\n<HTML class='é' dir=ltr lang = 'pt-BR' >", "pt-BR"),
        ('<html class="no-js"><html lang=fr>', "fr"),
        ("<html><p lang=de>", None),
        (f'<html class="{"é" * 600}" lang="de"><html lang="fr">', "fr"),
        (f'<html class="{"é" * 550}" lang="de"><html lang="fr">', "de"),
        ("<p>html lang=de", None),
        ("", None),
    ],
)
def test_language_that_a_page_claims_is_found(source: str, declared: str | None) -> None:
    assert read_declared(source) == declared
    assert read_declared_in(source.encode()) == declared


def test_bytes_claim_what_their_text_claims() -> None:
    chance = random.Random(11)
    parts = ["<html", "<HTML ", " lang", "lang=", "=", '"', "'", "de", "pt-BR", " ", "\n", ">", "é"]
    parts += ["x" * 590, "警" * 300, " " * 9, "<p>", "ﬁ", "ſ"]
    found = 0
    for _ in range(20_000):
        source = "".join(chance.choices(parts, k=chance.randrange(12)))
        declared = read_declared(source)
        found += declared is not None
        assert read_declared_in(source.encode()) == declared, source
    assert found > 100
