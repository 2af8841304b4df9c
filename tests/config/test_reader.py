"""The strict reader: what it accepts, what it refuses, and how it says so (FAULTS D8)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import yaml_file
from monitor.config.reader import StrictModel, WrongValue, raise_problems, read_document, validate
from monitor.errors import ConfigError, Problem
from tests.config.rule_files import FileForm, problems_of, read


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("12:30:45", "12:30:45"),
        ("2026-01-01", "2026-01-01"),
        ("1.2.3", "1.2.3"),
        ("0x", "0x"),
        ("=", "="),
        ("null", None),
        ("~", None),
        ("", None),
        ("true", True),
        ("False", False),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("'12'", "12"),
        ('"true"', "true"),
        ("'010'", "010"),
        ("中国 警察", "中国 警察"),
    ],
)
def test_unquoted_value_means_what_yaml_1_2_says(
    tmp_path: Path, written: str, meant: object
) -> None:
    document = read(tmp_path, f"key: {written}\n")
    assert document.problems == ()
    assert document.value == {"key": meant}
    assert type(document.value["key"]) is type(meant)


@pytest.mark.parametrize("key", ["no", "on", "110", "2026-01-01", "null", "true", "010", "1.5"])
def test_key_is_always_text(tmp_path: Path, key: str) -> None:
    document = read(tmp_path, f"{key}: 1\n")
    assert document.value == {key: 1}
    assert document.problems == ()


@pytest.mark.parametrize(
    ("text", "line", "said", "cure"),
    [
        ("version: 1\nversion: 2\n", 2, "'version' stands here a second time", "keep one"),
        ("terms:\n  en: [a]\n  it: [b]\n  en: [c]\n", 4, "(first in line 2)", "keep one"),
        ("version: 1\nrules:\n\t- name: x\n", 3, "a tab", "spaces"),
        ("version: 010\n", 1, "010", "quotation marks"),
        ("version: 99999999999999999999\n", 1, "too long", "quotation marks"),
        ("rules: [{name: a, score: .nan}]\n", 1, "'.nan'", "write a number"),
        ("rules: [{name: a, score: 1e999}]\n", 1, "1e999", "smaller"),
        ("a: &here [1]\nb: *here\n", 1, "'&here'", "remove it"),
        ("a: &here [1]\nb: *here\n", 2, "'*here'", "write the value out"),
        ("a: !!python/object/apply:os.system [x]\n", 1, "!!python/object/apply", "remove it"),
        ("a: !!binary aGk=\n", 1, "!!binary", "remove it"),
        ("a: !own x\n", 1, "'!own'", "remove it"),
        ("terms: {en: [a\nversion: 1\n", 1, "a list is opened here", "]"),
        ("version: 'one\n", 1, "a quotation mark is opened here", "close it"),
        ("a: 1\n--- \nb: 2\n", 2, "second document", "---"),
        ("? [a, b]\n: 1\n", 1, "as a key", "plain word"),
        ("version: 1\nname: a: b\n", 2, "second ': '", "quotation marks"),
        ("version: 1\n  on: true\n", 2, "too far to the right", "align"),
        ('terms: {en: ["\\ud800"]}\n', 1, "half a character", "write the character"),
        ("version: 1\na: \x00\n", 2, "'\\x00'", "remove it"),
        ("version: 1\na: \x1b[31m\n", 2, "'\\x1b'", "remove it"),
        ("terms: {en: *nothing}\n", 1, "'*nothing'", "write the value out"),
    ],
)
def test_broken_yaml_is_told_with_line_and_cure(
    tmp_path: Path, text: str, line: int, said: str, cure: str
) -> None:
    value, problems = validate(FileForm, read(tmp_path, text))
    assert value is None
    found = [one for one in problems if one.line == line and said in one.problem]
    assert found, problems
    assert cure in found[0].cure


@pytest.mark.parametrize(
    ("text", "line", "said", "cure"),
    [
        ("rules:\n- name: 5\n", 2, "'name' must be text, but is 5", '"5"'),
        ("rules:\n- nam: a\n  name: b\n", 2, "unknown key 'nam'", "did you mean 'name'?"),
        ("rules:\n- score: 2\n", 2, "the key 'name' is missing", "add it"),
        ("rules:\n- name: a\n  kind: nera\n", 3, "unknown kind 'nera'", "did you mean 'near'?"),
        ("rules:\n- name: a\n  score: high\n", 3, "'score' must be a number, but is 'high'", "num"),
        ("on: yes\n", 1, "'on' must be true or false, but is 'yes'", "without quotation marks"),
        ("on: 1\n", 1, "'on' must be true or false, but is 1", "true or false"),
        ("version: '1'\n", 1, "'version' must be a whole number, but is '1'", "whole number"),
        ("version: 1.5\n", 1, "'version' must be a whole number, but is 1.5", "whole number"),
        ("version: true\n", 1, "'version' must be a whole number, but is true", "whole number"),
        ("terms:\n  it:\n  - a\n  - 7\n", 4, "an item of 'it' must be text, but is 7", '"7"'),
        ("terms:\n  it: a\n", 2, "'it' must be a list, but is 'a'", "square brackets"),
        ("terms: [a]\n", 1, "'terms' must be keys with values, but is a list", "keys with values"),
        ("- a\n", 1, "the file must be keys with values", "keys with values"),
        ("version:\n", 1, "'version' must be a whole number, but is nothing", "whole number"),
        ("rules:\n- name: a\n  at: 25:00\n", 3, "'at' must be a time of day", "07:30"),
        ("rules:\n- name: a\n  report at: x\n", 3, "'report at' must be a number", "number"),
        ("rules:\n- name: a\n  repot at: 1\n", 3, "unknown key 'repot at'", "'report at'"),
    ],
)
def test_value_of_the_wrong_type_is_told_with_line_and_cure(
    tmp_path: Path, text: str, line: int, said: str, cure: str
) -> None:
    value, problems = validate(FileForm, read(tmp_path, text))
    assert value is None
    assert [(one.line, said in one.problem, cure in one.cure) for one in problems] == [
        (line, True, True)
    ], problems


def test_all_problems_of_a_file_are_told_at_once_in_order(tmp_path: Path) -> None:
    text = "version: 010\nrules:\n- name: 1\n- nme: a\n  kind: x\nterms: {en: a}\nversion: 3\n"
    lines = [int(line.split(":")[1]) for line in problems_of(tmp_path, text)]
    assert lines == sorted(lines)
    assert set(lines) >= {1, 3, 4, 5, 6, 7}


def test_keys_behind_a_syntax_error_are_not_called_missing(tmp_path: Path) -> None:
    problems = problems_of(tmp_path, "rules:\n- score: 1\n\tname: a\n")
    assert len(problems) == 1
    assert "tab" in problems[0]


def test_nested_brackets_are_refused_before_they_cost_anything(tmp_path: Path) -> None:
    for opening in ("[", "{a: ", "- "):
        problems = problems_of(tmp_path, "a: \n " + opening * 2000)
        assert any("levels deep" in one for one in problems)
    (toml,) = problems_of(tmp_path, "a = " + "[" * 20000, name="file.toml")
    assert "levels" in toml or "list that is not closed" in toml


def test_alias_bomb_is_refused_without_being_expanded(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    problems = problems_of(tmp_path, "\n".join(lines))
    assert len(problems) >= 100
    assert "'&a0'" in problems[0] or "'&a0'" in problems[1]


@pytest.mark.parametrize(
    ("data", "said", "cure"),
    [
        (b"", "the file is empty", "fill it"),
        (b"# only a remark\n", "the file is empty", "fill it"),
        ("version: 1\n".encode("utf-16"), "UTF-16", "save it as UTF-8"),
        ("terms: {hu: [rendőrség]}".encode("iso-8859-2"), "not UTF-8", "save it as UTF-8"),
        (b"version: 1\n\n\xff", "line 3", "UTF-8"),
    ],
)
def test_bytes_that_are_no_text_are_told(tmp_path: Path, data: bytes, said: str, cure: str) -> None:
    (problem,) = problems_of(tmp_path, data)
    assert said in problem
    assert cure in problem


def test_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfversion: 1\r\non: true\r\n").value == {
        "version": 1,
        "on": True,
    }


def test_huge_file_is_refused_without_being_parsed(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, b"a: " + b"x" * (5 * 1024 * 1024))
    assert "larger than 4,194,304 bytes" in problem
    assert read(tmp_path, "a: 12345", most_bytes=4).problems[0].problem.startswith("the file is la")


def test_missing_file_folder_and_locked_file_are_told(tmp_path: Path) -> None:
    gone = read_document(tmp_path / "gone.yaml")
    assert gone.problems[0].problem == "there is no such file"
    assert "folder" in read_document(tmp_path).problems[0].problem
    locked = tmp_path / "locked.yaml"
    locked.write_text("version: 1")
    locked.chmod(0)
    if os.geteuid() != 0:
        assert "may not be read" in read_document(locked).problems[0].problem
    value, problems = validate(FileForm, gone)
    assert value is None
    assert problems == gone.problems


def test_file_of_ten_thousand_rules_is_read_whole(tmp_path: Path) -> None:
    text = "rules:\n" + "".join(f"- {{name: rule {n}, score: {n}}}\n" for n in range(10_000))
    document = read(tmp_path, text + "- {name: x, score: bad}\n")
    _, problems = validate(FileForm, document)
    assert [one.line for one in problems] == [10_002]
    assert document.line_of(("rules", 9_999, "score")) == 10_001


def test_hundred_thousand_rules_are_refused_by_size(tmp_path: Path) -> None:
    text = "rules:\n" + "".join(f"- name: rule number {n}\n  score: {n}\n" for n in range(120_000))
    (problem,) = problems_of(tmp_path, text)
    assert "larger than" in problem


def test_small_file_of_very_many_values_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A megabyte of commas would take a minute."""
    monkeypatch.setattr(yaml_file, "MOST_VALUES", 1000)
    (problem,) = problems_of(tmp_path, "terms:\n  en: [" + "a," * 5000 + "]\n")
    assert "file.yaml:2: more than 1,000 values" in problem
    assert problems_of(tmp_path, "terms:\n  en: [" + "a," * 990 + "]\n") == []


def test_raised_problems_stop_with_status_2_and_hold_every_line() -> None:
    raise_problems(())
    one = Problem(file="a.yaml", line=3, problem="'x' is wrong", cure="write 'y'")
    two = Problem(file="b.toml", line=None, problem="gone", cure="make it")
    with pytest.raises(ConfigError) as caught:
        raise_problems((one, two))
    assert caught.value.exit_status == 2
    assert str(caught.value) == "a.yaml:3: 'x' is wrong (write 'y')\nb.toml: gone (make it)"


def test_own_validator_says_problem_and_cure(tmp_path: Path) -> None:
    from pydantic import field_validator

    class EvenForm(StrictModel):
        number: int

        @field_validator("number")
        @classmethod
        def _is_even(cls, number: int) -> int:
            if number % 2:
                raise WrongValue(f"{number} is odd", "add one")
            return number

    _, problems = validate(EvenForm, read(tmp_path, "\nnumber: 3\n"))
    assert str(problems[0]) == "file.yaml:2: 3 is odd (add one)"


@pytest.mark.parametrize("name", ["file.yaml", "file.toml"])
def test_secret_of_the_wrong_type_is_never_shown(tmp_path: Path, name: str) -> None:
    """FAULTS H1: neither the value nor the cure repeats it."""
    sign, key = (":", "canary: 1") if name.endswith("yaml") else (" =", "canary = 1")
    for secret in ("8472651", '["canary"]', f"{{{key}}}", "true"):
        (problem,) = problems_of(tmp_path, f"password{sign} {secret}\n", name=name)
        assert "canary" not in problem
        assert "8472651" not in problem
        assert "is (hidden)" in problem


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_value_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for name in ("file.yaml", "file.toml"):
        value, problems = validate(FileForm, read(folder, data, name=name))
        assert (value is None) == bool(problems)


YAML_PIECES = st.lists(
    st.sampled_from(["a: ", "- ", "? ", ": ", "&x ", "*x", "!t ", "---\n", "010", "no", "rules"])
    | st.sampled_from("[]{},'\"|>#%\\\n\t\r …x "),
    max_size=40,
).map("".join)


@given(YAML_PIECES)
def test_any_yaml_soup_ends_in_a_value_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    document = read(tmp_path_factory.mktemp("soup"), text)
    value, problems = validate(FileForm, document)
    assert (value is None) == bool(problems)
    assert all(one.problem and one.cure for one in problems)
