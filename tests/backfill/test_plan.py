"""How archive files are cut into units of work."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from monitor.jobs.backfill_plan import (
    LEAST_PART,
    NO_ARCHIVE,
    PART,
    PARTS,
    name_damaged,
    plan_files,
    without_done,
)

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


def test_packed_letter_is_no_archive_and_one_before_records_is(tmp_path: Path) -> None:
    """It was told as a file with a damaged place, and counted as read."""
    letter, mixed = tmp_path / "letter.warc.gz", tmp_path / "mixed.warc.gz"
    letter.write_bytes(gzip.compress(b"Dear colleague, " * 500))
    mixed.write_bytes(letter.read_bytes() + gzip.compress(b"WARC/1.0\r\n\r\n"))
    plan = plan_files([str(letter), str(mixed)])
    assert plan.missing == ((str(letter), NO_ARCHIVE),)
    assert [unit.path for unit in plan.units] == [str(mixed)]


def test_folder_without_archives_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>Bread")
    assert plan_files([str(tmp_path)]).missing == (
        (str(tmp_path), "no .warc or .warc.gz in the folder"),
    )
    none = str(tmp_path / "none")
    assert plan_files([none]).missing == ((none, "no such file or folder"),)
    assert plan_files([f"{none}/*"]).missing == ((f"{none}/*", "no file fits the pattern"),)


def test_file_that_is_no_archive_is_told_and_not_read(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>Bread" * 50_000)
    plan = plan_files([str(page)])
    assert plan.units == ()
    assert plan.missing == ((str(page), NO_ARCHIVE),)
    false = page.rename(tmp_path / "a.warc")
    assert plan_files([str(tmp_path)]).missing == ((str(false), NO_ARCHIVE),)


def test_empty_file_is_told_as_such_and_not_read(tmp_path: Path) -> None:
    """A download that had failed counted as read."""
    file = tmp_path / "a.warc.gz"
    file.touch()
    (tmp_path / "a.warc.gz.md5").touch()
    for named in (file, tmp_path):
        plan = plan_files([str(named)])
        assert plan.units == ()
        assert plan.missing == ((str(file), "the file is empty"),)


@pytest.mark.parametrize(
    "content",
    [b"\0" * 200_000 + b"WARC/1.0\r\n", b"\0" * 200_000 + GZIP, b"WARC/1.1", GZIP],
)
def test_file_that_may_hold_records_is_read(tmp_path: Path, content: bytes) -> None:
    """Also where its beginning is damaged, and nothing beside it in its folder is missed (G5)."""
    (tmp_path / "a.warc.gz").write_bytes(content)
    (tmp_path / "a.warc.gz.md5").write_text("d41d8cd98f00b204e9800998ecf8427e")
    plan = plan_files([str(tmp_path)])
    assert plan.missing == ()
    assert {unit.path for unit in plan.units} == {str(tmp_path / "a.warc.gz")}


def test_damaged_file_that_changed_is_read_again_whole_and_goes_on_where_it_was(
    tmp_path: Path,
) -> None:
    path = Path(write(tmp_path, LEAST_PART * 3))
    plan = plan_files([str(path)])
    damaged = name_damaged(plan.units[1])
    assert damaged
    done = frozenset([damaged, *(unit.name for unit in plan.units[:2])])
    assert without_done(plan, done).units == plan.units[2:]
    with path.open("r+b") as file:
        file.seek(LEAST_PART + 5)
        file.write(b"mended")
    again = without_done(plan_files([str(path)]), done).units
    assert [(each.start, each.end) for each in again] == [(u.start, u.end) for u in plan.units]
    assert not {each.name for each in again} & {each.name for each in plan.units}
    rest = without_done(plan_files([str(path)]), done | {again[0].name}).units
    assert rest == again[1:]
