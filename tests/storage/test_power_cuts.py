"""FAULTS A4: what a power cut may leave of the writes, in torn and reordered sectors."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.storage.power_cut import run

pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not there to log the writes"
)


def test_power_cut_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """P1: 80 cuts here; `python -m tests.storage.power_cut --cuts 1000` makes more."""
    result = run(tmp_path, cuts=80, synchronous="FULL", commits=45, seed=3)
    assert result.examples == []
    assert (result.cuts, result.lost, result.damaged) == (80, 0, 0)
    assert result.acknowledged >= 40


def test_simulation_finds_what_a_weaker_setting_loses(tmp_path: Path) -> None:
    """Without it, the test above could not fail."""
    result = run(tmp_path, cuts=40, synchronous="NORMAL", commits=25, seed=3)
    assert result.lost > 0
