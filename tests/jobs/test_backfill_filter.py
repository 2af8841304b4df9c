"""A run says once that it has no filter, why, and what to do about it, before it reads anything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from monitor.jobs import backfill_filter
from monitor.jobs.backfill_dry import estimate_files
from monitor.jobs.backfill_filter import COMPILING, find_why_unfiltered
from spiders import filter_check
from spiders.filter_check import check_filter


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set what is known of this machine; the check itself says `checked`."""

    def be(obstacle: str | None = None, *, known: tuple[str | None, ...] = ()) -> None:
        monkeypatch.setattr(backfill_filter, "find_obstacle", lambda _cache: obstacle)
        monkeypatch.setattr(
            backfill_filter, "is_compiled", lambda _cache, rules=None: rules in known
        )
        monkeypatch.setattr(backfill_filter, "check_filter", lambda *_: "checked")

    return be


def test_obstacle_is_the_reason_and_nothing_is_started(
    here: Callable[..., None], heard: list[str]
) -> None:
    here("the part 'speed' is not installed")
    said = find_why_unfiltered("k", None, rules="r", tell=heard.append)
    assert said == "the part 'speed' is not installed"
    assert heard == []


def test_rules_that_were_loaded_before_are_not_asked_again(
    here: Callable[..., None], heard: list[str]
) -> None:
    here(known=("r", None))
    assert find_why_unfiltered("k", None, rules="r", tell=heard.append) is None
    assert heard == []


def test_other_rules_are_asked_without_a_word(here: Callable[..., None], heard: list[str]) -> None:
    here(known=(None,))
    assert find_why_unfiltered("k", None, rules="r", tell=heard.append) == "checked"
    assert heard == []


def test_compiling_for_the_first_time_is_told_and_a_dry_run_does_without(
    here: Callable[..., None], heard: list[str]
) -> None:
    here()
    assert find_why_unfiltered("k", None, rules="r") is None
    assert find_why_unfiltered("k", None, rules="r", tell=heard.append) == "checked"
    assert heard == [COMPILING]
    assert "one to three minutes" in COMPILING, "as README has it"


def run_instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have another program run in place of the check."""
    run = subprocess.run
    monkeypatch.setattr(
        filter_check.subprocess,
        "run",
        lambda _command, **options: run([sys.executable, "-c", code], **options),
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", None),
        ("print('too many'); raise SystemExit(3)", "too many"),
        (
            "import os; os.abort()",
            "its compiler was ended by SIGABRT; maybe no program may make code",
        ),
        ("raise ValueError('odd')", "its compiler failed (ValueError: odd); maybe no program"),
        ("import time; time.sleep(60)", "compiling it took longer than 2 s; start again"),
    ],
    ids=["there", "reason", "killed", "raised", "too slow"],
)
def test_whatever_ends_the_check_is_said(
    monkeypatch: pytest.MonkeyPatch, code: str, said: str | None
) -> None:
    run_instead(monkeypatch, code)
    found = check_filter("keywords.yaml", None, seconds=2.0)
    assert found == said if said is None else (found or "").startswith(said)


def test_estimate_without_the_filter_is_several_times_as_long() -> None:
    """4 and 30 ms a page, of which 61 kB are packed."""
    page = 61_000
    assert estimate_files(page, workers=1, filtered=True) * 3.6e6 == pytest.approx(4, rel=0.05)
    assert estimate_files(page, workers=1, filtered=False) * 3.6e6 == pytest.approx(30, rel=0.05)
    assert estimate_files(page, workers=2, filtered=False) * 3.6e6 == pytest.approx(15, rel=0.05)
