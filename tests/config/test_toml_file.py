"""TOML by the strict reader: the line of every value, and what is told of a broken file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.init import quote
from monitor.config.reader import validate
from tests.config.rule_files import FileForm, read

TOML = """\
# a remark with [brackets] = and "quotes
version = 1
"on" = true
terms.en = ["a # no remark",
  'b]',   # a remark
  \"\"\"c
[not.a.table]
d\"\"\"]

[[rules]]
name = "first"
at = 07:30:00
[[rules]]
name = "second"  # x
kind = "nera"
'report at' = 'x'
[terms]
"it" = ["z", 7]
"""


def test_lines_of_toml_are_found_through_strings_remarks_and_tables(tmp_path: Path) -> None:
    text = TOML.replace("terms.en", "more")
    document = read(tmp_path, text, name="file.toml")
    assert document.problems == ()
    places = {
        ("version",): 2,
        ("on",): 3,
        ("more",): 4,
        ("more", 0): 4,
        ("more", 1): 5,
        ("more", 2): 6,
        ("rules", 0): 10,
        ("rules", 0, "name"): 11,
        ("rules", 0, "at"): 12,
        ("rules", 1): 13,
        ("rules", 1, "kind"): 15,
        ("rules", 1, "report at"): 16,
        ("terms",): 17,
        ("terms", "it"): 18,
        ("terms", "it", 1): 18,
        ("rules", 1, "missing"): 13,
    }
    assert {path: document.line_of(path) for path in places} == places
    _, problems = validate(FileForm, document)
    assert [one.line for one in problems] == [4, 15, 16, 18]


@pytest.mark.parametrize(
    ("text", "line", "said", "cure"),
    [
        ("version = 1\nversion = 2\n", 2, "in the file already", "keep one"),
        ("[terms]\n[terms]\n", 2, "in the file already", "keep one"),
        ("a = 07:30\n", 1, "more behind the value", 'digest_at = "07:30"'),
        ("a = text\n", 1, "no TOML", "quotation marks"),
        ("a = 'x\nb = 1\n", 1, "ends in the middle", "quotation mark"),
        ('a = "x\n', 1, "line break", "close"),
        ("version\n", 1, "no '='", "key ="),
        ("rules = [\n\n", 1, "ends in the middle", "bracket"),
        ('a = """x\n', 1, "ends in the middle", "quotation mark"),
        ("version = nan\n", 1, "nan", "write a number"),
        (f"version = {10**30}\n", 1, "64 bits", "smaller"),
        (f"version = 1{'0' * 5000}\n", None, "TOML", "line"),
    ],
)
def test_broken_toml_is_told_with_line_and_cure(
    tmp_path: Path, text: str, line: int | None, said: str, cure: str
) -> None:
    _, problems = validate(FileForm, read(tmp_path, text, name="file.toml"))
    assert problems[0].line == line
    assert said in problems[0].problem
    assert cure in problems[0].cure


def test_toml_of_remarks_alone_is_an_empty_file_that_may_be(tmp_path: Path) -> None:
    value, problems = validate(FileForm, read(tmp_path, "# nothing set\n", name="file.toml"))
    assert problems == ()
    assert value == FileForm()


def toml_text(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{quote(key)} = {toml_text(one)}" for key, one in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ",\n".join(toml_text(one) for one in value) + "]"
    return quote(value) if isinstance(value, str) else json.dumps(value)


LEAVES = st.text(st.characters(exclude_categories=["Cs"])) | st.booleans() | st.integers(-9, 9)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc\"'.#[ ", max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("ab.\"'#[]= ", max_size=4), TREES, max_size=4))
def test_every_toml_value_has_the_line_it_stands_in(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, Any]
) -> None:
    lines = [f"{quote(key)} = {toml_text(value)}" for key, value in tree.items()]
    text = "\n".join(lines)
    assert tomllib.loads(text) == tree
    document = read(tmp_path_factory.mktemp("toml"), text, name="file.toml")
    assert document.value == tree
    line = 1
    for key, written in zip(tree, lines, strict=True):
        assert document.line_of((key,)) == line
        line += written.count("\n") + 1
