"""How archive files are cut into units of work."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.jobs.backfill_plan import LEAST_PART, PART, PARTS, plan_files

GZIP = b"\x1f\x8b\x08"


def write(folder: Path, size: int, head: bytes = GZIP) -> str:
    path = folder / f"{size}.warc.gz"
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    return str(path)


@pytest.mark.parametrize(
    ("size", "units"),
    [
        (100, 1),
        (LEAST_PART, 1),
        (LEAST_PART * 3, 3),
        (LEAST_PART * PARTS * 2, PARTS),
        (PART * PARTS * 2, PARTS * 2),
    ],
)
def test_file_is_cut_into_units_for_all_workers(tmp_path: Path, size: int, units: int) -> None:
    plan = plan_files([write(tmp_path, size)])
    assert len(plan.units) == units
    assert plan.bytes == size
    assert all(
        before.end == after.start for before, after in zip(plan.units, plan.units[1:], strict=False)
    )
    assert max((unit.end or 0) - unit.start for unit in plan.units) <= PART


def test_file_that_is_no_gzip_is_one_unit(tmp_path: Path) -> None:
    assert len(plan_files([write(tmp_path, LEAST_PART * 3, b"WARC/1.0")]).units) == 1
