"""The program is stopped dead at every step and at random moments; nothing is lost (FAULTS A1, A3).

A thousand kills at steps and a hundred at random moments are made by `python -m benchmarks.kills`;
the last figures are in `benchmarks/README.md`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.kills import STEPS, kill_at_random, kill_at_steps


@pytest.mark.timeout(600)
def test_kill_at_each_step_loses_nothing(tmp_path: Path) -> None:
    """FAULTS A1, K0 to K9: everything arrives over all channels, and is in exactly one digest.

    What comes twice was sent and not marked, and has the same id; no half file is ever visible.
    """
    verdict = kill_at_steps(tmp_path / "scene", kills=len(STEPS), warm=True)
    assert verdict.not_reached == {}
    assert sorted(verdict.kills) == sorted(STEPS)
    assert verdict.holds, verdict


@pytest.mark.timeout(600)
def test_kill_at_a_step_of_a_run_that_was_started_anew_loses_nothing(tmp_path: Path) -> None:
    """The same with processes that are started, not forked: K2, K5, K7 and K9."""
    steps = ("evidence half written", "before commit", "sent, not marked", "digest begun")
    verdict = kill_at_steps(tmp_path / "scene", steps=steps, kills=len(steps), warm=False)
    assert sorted(verdict.kills) == sorted(steps)
    assert verdict.holds, verdict


@pytest.mark.timeout(600)
def test_kill_at_a_random_moment_loses_nothing(tmp_path: Path) -> None:
    """FAULTS A3: all arrive over every channel; what comes twice has the same id."""
    verdict = kill_at_random(tmp_path / "scene", kills=4, seed=20261121, longest=8.0)
    assert verdict.kills.total() >= 1, "no run was still alive when it was to be killed"
    assert verdict.holds, verdict
