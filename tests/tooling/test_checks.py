"""./check: names, the summary, and what each check would miss if it were not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tooling import checks


def test_unknown_check_is_refused_with_the_names_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert checks.main(["lint", "lnit"]) == 2
    said = capsys.readouterr()
    assert "no check is named 'lnit'" in said.err
    assert "format, lint, imports, types, tests, smoke" in said.err
    assert said.out == ""


def test_arguments_behind_the_dashes_are_for_pytest() -> None:
    assert checks.split(["tests", "--", "-k", "feeds", "--", "x"]) == (
        ["tests"],
        ["-k", "feeds", "--", "x"],
    )
    assert checks.split(["lint", "types"]) == (["lint", "types"], [])
    assert checks.split([]) == ([], [])


def test_one_failing_check_fails_all_and_the_others_still_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = []

    def check_well(rest: object) -> tuple[bool, str]:
        ran.append("lint")
        return True, ""

    def check_badly(rest: object) -> tuple[bool, str]:
        ran.append("tests")
        return False, "1 failed, 2 passed in 0.10s"

    monkeypatch.setattr(checks, "CHECKS", {"tests": check_badly, "lint": check_well})
    assert checks.main([]) == 1
    assert ran == ["tests", "lint"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 failed, 2 passed in 0.10s"
    assert [line.split()[:2] for line in lines[-3:-1]] == [["tests", "FAILED"], ["lint", "passed"]]
    assert checks.main(["lint"]) == 0


@pytest.mark.parametrize(
    ("line", "closing"),
    [
        ("=== 812 passed, 3 skipped in 400.12s (0:06:40) ===", "812 passed, 3 skipped in 400.12s"),
        ("1 failed, 4 passed in 1.20s", "1 failed, 4 passed in 1.20s"),
        ("===== no tests ran in 0.01s =====", "no tests ran in 0.01s"),
        ("==== 2 errors in 0.50s ====", "2 errors in 0.50s"),
    ],
)
def test_closing_line_of_pytest_is_found(line: str, closing: str) -> None:
    found = checks.CLOSING_LINE.fullmatch(line)
    assert found is not None
    assert found[1].startswith(closing)


def test_ordinary_line_is_no_closing_line() -> None:
    for line in ("tests/x.py ....  [ 50%]", "=== short test summary info ===", "", "===="):
        assert checks.CLOSING_LINE.fullmatch(line) is None


def test_closing_line_and_exit_status_are_those_of_pytest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_it.py").write_text("def test_a(): pass\ndef test_b(): assert False\n")
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    passed, closing = checks.check_tests(["-n0", "-p", "no:cacheprovider"])
    assert not passed
    assert closing.startswith("1 failed, 1 passed in ")
    assert "test_b" in capsys.readouterr().out


@pytest.mark.parametrize(("cores", "workers"), [(1, 2), (2, 4), (64, 8)])
def test_processes_of_tests_are_two_to_a_core_of_ours(
    monkeypatch: pytest.MonkeyPatch, cores: int, workers: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(cores)), raising=False)
    assert checks.count_workers() == workers


def test_smoke_command_notices_a_development_tool() -> None:
    done = subprocess.run(
        [sys.executable, "-c", checks.NO_TOOLS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "pytest" in done.stderr


def test_browser_is_installed_on_machines_for_ci_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert not checks.may_install_browser()
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PATH", "")
    assert not checks.may_install_browser()
