from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import EvidenceError
from monitor.evidence import store as store_module
from monitor.evidence.store import BODIES, CHAIN, DAMAGED, UNFINISHED, EvidenceStore
from monitor.model import Kept
from tests.evidence.building import HEADERS, NOON, build_chain

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def keep(store: EvidenceStore, body: bytes = b"bytes") -> Kept:
    return store.keep(body, headers=HEADERS, url="https://daily.example/1", fetched_at=NOON)


def test_bytes_and_headers_come_back_as_received(tmp_path: Path) -> None:
    """P8."""
    store = EvidenceStore(tmp_path / "evidence")
    body = bytes(range(256)) * 10
    kept = keep(store, body)
    assert kept.sha256 == hashlib.sha256(body).hexdigest()
    assert (kept.url, kept.fetched_at) == ("https://daily.example/1", NOON)
    assert store.read_body(kept.sha256) == body
    assert store.read_headers(kept.headers_sha256) == HEADERS


@settings(max_examples=50, deadline=None)
@given(
    st.binary(max_size=200),
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=()), max_size=20), st.text()), max_size=4
    ),
)
def test_any_bytes_and_headers_are_kept(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, headers: list[tuple[str, str]]
) -> None:
    store = EvidenceStore(tmp_path_factory.mktemp("evidence"))
    kept = store.keep(body, headers=headers, url="u", fetched_at=NOON)
    assert store.read_body(kept.sha256) == body
    assert store.read_headers(kept.headers_sha256) == tuple(headers)


def test_same_bytes_are_kept_once(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    assert keep(store) == keep(store)
    assert len([path for path in (tmp_path / BODIES).rglob("*") if path.is_file()]) == 1


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    """FAULTS H3."""
    store, _ = build_chain(tmp_path)
    for path in (store.folder, *store.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_damaged_file_is_put_aside_when_the_same_bytes_come_again(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    kept = keep(store)
    store.path_of(BODIES, kept.sha256).write_bytes(b"something else")
    assert keep(store) == kept
    assert store.read_body(kept.sha256) == b"bytes"
    assert [path.read_bytes() for path in (tmp_path / DAMAGED).iterdir()] == [b"something else"]


def test_changed_or_missing_bytes_are_not_handed_out(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    kept = keep(store)
    store.path_of(BODIES, kept.sha256).write_bytes(b"something else")
    with pytest.raises(EvidenceError, match="they have changed since"):
        store.read_body(kept.sha256)
    store.path_of(BODIES, kept.sha256).unlink()
    with pytest.raises(EvidenceError, match="no such file"):
        store.read_body(kept.sha256)


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "g" * 64, "/" * 64, "\x00" * 64]
)
def test_what_is_no_hash_is_no_path(tmp_path: Path, name: str) -> None:
    """FAULTS F6."""
    with pytest.raises(EvidenceError, match="is no SHA-256"):
        EvidenceStore(tmp_path).read_body(name)


def test_kill_leaves_no_half_written_evidence(tmp_path: Path) -> None:
    """FAULTS A1, K2: at random moments, twenty times."""
    store = EvidenceStore(tmp_path)
    for attempt in range(20):
        child = os.fork()
        if child == 0:
            number = 0
            while True:
                keep(store, f"{attempt} {number}".encode() * 50_000)
                number += 1
        time.sleep(0.003 + attempt * 0.002)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    for path in (tmp_path / BODIES).rglob("*"):
        if path.is_file():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    left = list((tmp_path / UNFINISHED).iterdir())
    assert store.sweep() == len(left)
    assert list((tmp_path / UNFINISHED).iterdir()) == []


def test_failed_write_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS A5; a real full disk is in tests/storage/test_full_disk.py."""
    store = EvidenceStore(tmp_path)

    def fail(path: Path, content: bytes) -> None:
        path.write_bytes(content[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module, "write_through", fail)
    with pytest.raises(EvidenceError, match="no space left on device; check the room on the disk"):
        keep(store)
    monkeypatch.undo()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    keep(store)


def test_kept_bytes_are_on_the_disk_when_keep_returns(tmp_path: Path) -> None:
    """The file is synchronised before its name, and the name before anybody is told."""
    script = (
        "from pathlib import Path; from monitor.evidence.store import EvidenceStore; "
        "from tests.evidence.building import HEADERS, NOON; "
        f"EvidenceStore(Path({str(tmp_path)!r})).keep(b'x', headers=(), url='u', fetched_at=NOON)"
    )
    traced = (
        subprocess.run(
            ["strace", "-f", "-e", "trace=fsync,rename,mkdir", sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parents[2],
        )
        if strace_works()
        else None
    )
    if traced is None:
        pytest.skip("strace is not there")
    calls = [line for line in traced.stderr.splitlines() if line.startswith(("fsync", "rename"))]
    for number, line in enumerate(calls):
        if line.startswith("rename"):
            assert calls[number - 1].startswith("fsync")
            assert calls[number + 1].startswith("fsync")
    assert sum(line.startswith("rename") for line in calls) == 2


def strace_works() -> bool:
    try:
        return subprocess.run(["strace", "-V"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def test_record_grows_and_is_not_changed(tmp_path: Path) -> None:
    store, links = build_chain(tmp_path)
    before = (store.folder / CHAIN).read_bytes()
    store.record_links(links)
    assert (store.folder / CHAIN).read_bytes() == before
    assert store.last_recorded() == 6
    assert before.count(b"\n") == 6


def test_half_written_line_of_the_record_is_cut(tmp_path: Path) -> None:
    """A killed process or a full disk left it."""
    store, links = build_chain(tmp_path)
    path = store.folder / CHAIN
    whole = path.read_bytes()
    for cut in range(1, 90, 7):
        path.write_bytes(whole[:-cut])
        assert store.last_recorded() == 5 if cut < 85 else 4
        store.record_links(links)
        assert path.read_bytes() == whole


def test_lines_that_a_power_cut_left_empty_are_recorded_again(tmp_path: Path) -> None:
    """FAULTS A4: a sector that was promised and not written reads as NUL bytes."""
    store, links = build_chain(tmp_path)
    path = store.folder / CHAIN
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + b"\0" * (len(lines[3]) - 1) + b"\n" + lines[4])
    assert store.last_recorded() == 3
    store.record_links(links[store.last_recorded() :])
    assert path.read_bytes() == whole


def test_empty_record_begins_with_the_first_link(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "evidence")
    assert store.last_recorded() == 0
    store.record_links([])
    assert store.last_recorded() == 0
