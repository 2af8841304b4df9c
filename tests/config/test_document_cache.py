"""A long file is read once; what is kept of it says the same, and no more than the file does."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.document_cache import read_kept_document
from monitor.config.files import SOURCES, shipped_file
from monitor.config.reader import read_document

LONG = "version: 1\nsources:\n" + "".join(
    f"- id: one-{number}\n  kind: feed\n  outlet: One {number}\n  url: https://one.example/{number}\n"
    for number in range(200)
)


def write(folder: Path, text: str = LONG) -> Path:
    path = folder / "sources.yaml"
    path.write_text(text, "utf-8")
    return path


def test_kept_document_is_the_one_that_was_read(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for path in (write(tmp_path), shipped_file(SOURCES)):
        first = read_document(path)
        assert read_kept_document(path, cache=cache) == first
        again = read_kept_document(path, cache=cache)
        assert again == first
        assert again.line_of(("sources", 7, "outlet")) == first.line_of(("sources", 7, "outlet"))


def test_kept_document_spares_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, cache = write(tmp_path), tmp_path / "cache"
    read_kept_document(path, cache=cache)
    monkeypatch.setattr("monitor.config.document_cache.read_document", None)
    assert read_kept_document(path, cache=cache).value["sources"][3]["id"] == "one-3"


def test_changed_file_is_read_anew(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    read_kept_document(write(tmp_path), cache=cache)
    changed = read_kept_document(write(tmp_path, LONG.replace("One 3\n", "Three\n")), cache=cache)
    assert changed.value["sources"][3]["outlet"] == "Three"


def test_file_with_a_problem_is_never_kept(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    path = write(tmp_path, LONG + "- id: &x one\n")
    assert read_kept_document(path, cache=cache).problems
    assert not cache.exists()


@pytest.mark.parametrize("damage", [b"", b"x", b"0" * 64 + b"\n[]", b'{"place": 1, "value": 2}'])
def test_damaged_document_is_passed_over(tmp_path: Path, damage: bytes) -> None:
    path, cache = write(tmp_path), tmp_path / "cache"
    first = read_kept_document(path, cache=cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(damage)
    assert read_kept_document(path, cache=cache) == first
