from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.evidence.store import EvidenceStore
from monitor.evidence.verify import verify
from monitor.model import EvidenceLink, Kept
from monitor.model.evidence import FIRST_PREVIOUS
from storage.database import Storage
from tests.storage.building import NOON, Desk


def add(desk: Desk, store: EvidenceStore, number: int) -> EvidenceLink:
    kept = store.keep(
        b"page %d" % number,
        headers=(("Content-Type", "text/html"),),
        url=f"https://daily.example/{number}",
        fetched_at=NOON + timedelta(minutes=number),
    )
    link = desk.storage.evidence.append(kept)
    store.record_links(desk.storage.evidence.read_links(after=store.last_recorded()))
    return link


@pytest.fixture
def store(desk: Desk, folder: Path) -> EvidenceStore:
    store = EvidenceStore(folder / "evidence")
    for number in range(1, 7):
        add(desk, store, number)
    return store


def check(desk: Desk, store: EvidenceStore) -> set[tuple[int | None, str]]:
    found = verify(store, desk.storage.evidence.read_links())
    return {(problem.seq, problem.kind) for problem in found.problems}


def test_links_hold_the_hash_of_the_one_before(desk: Desk, store: EvidenceStore) -> None:
    links = list(desk.storage.evidence.read_links())
    assert [link.seq for link in links] == [1, 2, 3, 4, 5, 6]
    assert links[0].previous == FIRST_PREVIOUS
    assert [link.previous for link in links[1:]] == [link.hash for link in links[:-1]]
    assert desk.storage.evidence.head() == links[-1]
    assert list(desk.storage.evidence.read_links(after=4)) == links[4:]
    assert check(desk, store) == set()


def test_same_bytes_twice_are_two_links_of_one_file(desk: Desk, store: EvidenceStore) -> None:
    first = desk.storage.evidence.find_by_body(add(desk, store, 1).sha256)
    assert [link.seq for link in first] == [1, 7]
    assert check(desk, store) == set()


def test_rolled_back_link_leaves_no_gap(desk: Desk, store: EvidenceStore) -> None:
    def fail() -> None:
        with desk.storage.transaction():
            desk.storage.evidence.append(
                Kept(sha256="a" * 64, headers_sha256="b" * 64, url="u", fetched_at=NOON)
            )
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert add(desk, store, 8).seq == 7
    assert check(desk, store) == set()


def test_hostile_url_gives_the_hash_of_what_is_stored(desk: Desk, store: EvidenceStore) -> None:
    kept = store.keep(b"x", headers=(), url="https://a/\ud800\x00", fetched_at=NOON)
    desk.storage.evidence.append(kept)
    assert check(desk, store) == set()


@pytest.mark.parametrize(
    ("sabotage", "named"),
    [
        ("DELETE FROM evidence WHERE seq = 3", (3, "link removed")),
        ("DELETE FROM evidence WHERE seq = 1", (1, "link removed")),
        ("DELETE FROM evidence WHERE seq > 4", (5, "tail cut")),
        ("DELETE FROM evidence", (6, "tail cut")),
        ("UPDATE evidence SET url = 'https://x.example/' WHERE seq = 3", (3, "link changed")),
        ("UPDATE evidence SET time = '2020-01-01T00:00:00Z' WHERE seq = 3", (3, "link changed")),
        ("UPDATE evidence SET hash = previous WHERE seq = 3", (3, "link changed")),
        ("UPDATE evidence SET sha256 = headers_sha256 WHERE seq = 6", (6, "link changed")),
        ("UPDATE evidence SET seq = seq + 1 WHERE seq = 6", (6, "link removed")),
    ],
)
def test_change_of_a_row_is_named(
    desk: Desk, store: EvidenceStore, sabotage: str, named: tuple[int, str]
) -> None:
    """FAULTS G4."""
    desk.storage.evidence._connection.execute(sabotage)
    assert named in check(desk, store)


def test_row_given_another_ones_place_is_named(desk: Desk, store: EvidenceStore) -> None:
    """FAULTS G4."""
    for sabotage in (
        "UPDATE evidence SET seq = 99 WHERE seq = 3",
        "UPDATE evidence SET seq = 3 WHERE seq = 4",
        "UPDATE evidence SET seq = 4 WHERE seq = 99",
    ):
        desk.storage.evidence._connection.execute(sabotage)
    assert {(3, "link changed"), (4, "link changed")} <= check(desk, store)


def test_truncated_database_is_noticed_by_the_record(
    desk: Desk, store: EvidenceStore, folder: Path, tmp_path: Path
) -> None:
    """FAULTS A7: an older copy put in the place of the database, behind the program's back."""
    desk.storage.backup(tmp_path / "older.db")
    add(desk, store, 7)
    elsewhere = tmp_path / "elsewhere"
    Storage.restore(elsewhere, tmp_path / "older.db", desk.clock)
    with Storage.open_reader(elsewhere, desk.clock) as older:
        found = verify(store, older.evidence.read_links())
    assert [(problem.seq, problem.kind) for problem in found.problems] == [(7, "tail cut")]
