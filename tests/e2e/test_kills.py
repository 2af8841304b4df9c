"""The whole program is killed at random moments, and no report is lost (FAULTS A1, A3).

A hundred kills are made by `python -m benchmarks.kills`; its last figures are in
`benchmarks/README.md`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.kills import kill_again_and_again

KILLS = 5


@pytest.mark.timeout(400)
def test_no_report_is_lost_when_the_program_is_killed(tmp_path: Path) -> None:
    """FAULTS A1, A3: all arrive over both channels; what comes twice has the same id."""
    survived = kill_again_and_again(tmp_path, kills=KILLS, seed=20261121, longest=8.0)
    assert survived.interrupted >= 1, "no run was still alive when it was to be killed"
    assert survived.lost == set()
    assert survived.told_twice == set()
    assert survived.verified
    assert survived.problems == []
