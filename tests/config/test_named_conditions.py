"""Conditions with a name: read once, used in many rules like a concept."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.keywords import read_keywords
from monitor.errors import ConfigError
from monitor.match.matcher import Matcher
from monitor.model.rules import Condition, Window

FILE = """\
version: 1
concepts:
  cat: {en: [cat*]}
  mat: {en: [mat, mats]}
  red: {en: [red]}
conditions:
  red mat:
    near: [red, mat]
    ordered: true
    within: 1 words
  cat on red mat:
    near: [cat, red mat]
    within: 4 words
topics:
  cats:
    title: Cats
    report at: 10
    mention at: 4
    rules:
      - name: a cat on a red mat
        any: [cat on red mat]
        score: 10
    examples:
      report: ["A cat lies on the red mat"]
      none: ["A red cat lies on the mat"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "keywords.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_named_condition_stands_where_a_concept_may(tmp_path: Path) -> None:
    keywords = read_keywords(write(tmp_path, FILE))
    (rule,) = keywords.topics[0].rules
    red_mat = Condition(near=("red", "mat"), within=Window(words=1), ordered=True)
    assert rule.any == (Condition(near=("cat", red_mat), within=Window(words=4)),)


@pytest.mark.parametrize(
    ("title", "flagged"),
    [("A cat lies on the red mat", True), ("A red cat lies on the mat", False)],
)
def test_named_condition_holds_as_if_it_were_written_out(
    tmp_path: Path, title: str, flagged: bool
) -> None:
    matcher = Matcher(read_keywords(write(tmp_path, FILE)))
    assert bool(matcher.match(title, "", language="en").matches) is flagged


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("  red mat:\n", "  red:\n", "'red' is a concept already"),
        ("any: [cat on red mat]", "any: [cat on red mats]", "did you mean 'cat on red mat'"),
        ("near: [cat, red mat]", "near: [cat, red rug]", "unknown concept 'red rug'"),
        ("    ordered: true\n", "    sorted: true\n", "unknown key 'sorted'"),
    ],
)
def test_mistake_in_a_named_condition_is_told_with_its_cure(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        read_keywords(write(tmp_path, FILE.replace(old, new)))


def test_condition_cannot_use_one_that_stands_behind_it(tmp_path: Path) -> None:
    head, rest = FILE.split("  red mat:\n")
    first, topics = rest.split("  cat on red mat:\n")
    second, topics = topics.split("topics:\n")
    turned = f"{head}  cat on red mat:\n{second}  red mat:\n{first}topics:\n{topics}"
    with pytest.raises(ConfigError, match="unknown concept 'red mat'"):
        read_keywords(write(tmp_path, turned))
