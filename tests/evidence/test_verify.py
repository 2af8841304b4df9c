"""FAULTS G4 and P8: each kind of change is made for real, and `verify` names it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.evidence.store import BODIES, CHAIN, HEADERS, EvidenceStore
from monitor.evidence.verify import verify
from monitor.model import EvidenceLink
from tests.evidence.building import build_chain, hashed, link_of

Links = list[EvidenceLink]


def test_untouched_chain_is_good(tmp_path: Path) -> None:
    store, links = build_chain(tmp_path)
    found = verify(store, links)
    assert found.ok
    assert (found.checked, found.head) == (6, links[-1].hash)


def test_empty_chain_is_good(tmp_path: Path) -> None:
    assert verify(EvidenceStore(tmp_path), []).ok


def flip_a_byte(store: EvidenceStore, links: Links) -> Links:
    path = store.path_of(BODIES, links[2].sha256)
    content = bytearray(path.read_bytes())
    content[5] ^= 1
    path.write_bytes(content)
    return links


def replace_headers(store: EvidenceStore, links: Links) -> Links:
    """All pages here share their headers, so every link is named; the third is among them."""
    store.path_of(HEADERS, links[2].headers_sha256).write_bytes(b"[]")
    return links


def remove_a_file(store: EvidenceStore, links: Links) -> Links:
    store.path_of(BODIES, links[2].sha256).unlink()
    return links


def remove_a_link(store: EvidenceStore, links: Links) -> Links:
    return links[:2] + links[3:]


def change_a_url(store: EvidenceStore, links: Links) -> Links:
    return [*links[:2], replace(links[2], url="https://elsewhere.example/"), *links[3:]]


def backdate(store: EvidenceStore, links: Links) -> Links:
    """The clock lied: a time changed afterwards, with the link's own hash made to fit."""
    time = datetime(2020, 1, 1, tzinfo=UTC).isoformat()
    return [*links[:2], hashed(replace(links[2], time=time)), *links[3:]]


def point_to_other_bytes(store: EvidenceStore, links: Links) -> Links:
    return [*links[:2], replace(links[2], sha256=links[3].sha256), *links[3:]]


def swap_two_links(store: EvidenceStore, links: Links) -> Links:
    """As rows that were given each other's number."""
    third, fourth = replace(links[2], seq=4), replace(links[3], seq=3)
    return [*links[:2], fourth, third, *links[4:]]


@pytest.mark.parametrize(
    ("tamper", "kind", "seq"),
    [
        (flip_a_byte, "file changed", 3),
        (replace_headers, "file changed", 3),
        (remove_a_file, "file missing", 3),
        (remove_a_link, "link removed", 3),
        (change_a_url, "link changed", 3),
        (backdate, "link changed", 3),
        (point_to_other_bytes, "link changed", 3),
        (swap_two_links, "link changed", 3),
    ],
)
def test_change_is_named(
    tmp_path: Path,
    tamper: Callable[[EvidenceStore, Links], Links],
    kind: str,
    seq: int,
) -> None:
    store, links = build_chain(tmp_path)
    found = verify(store, tamper(store, links))
    assert not found.ok
    assert (seq, kind) in {(problem.seq, problem.kind) for problem in found.problems}
    assert all(problem.problem for problem in found.problems)


@pytest.mark.parametrize("left", [5, 3, 0])
def test_tail_that_was_cut_is_named_link_by_link(tmp_path: Path, left: int) -> None:
    store, links = build_chain(tmp_path)
    found = verify(store, links[:left])
    assert [(problem.seq, problem.kind) for problem in found.problems] == [
        (seq, "tail cut") for seq in range(left + 1, 7)
    ]


def test_tail_that_was_cut_and_grew_again_is_named(tmp_path: Path) -> None:
    """The new links have the numbers of the old ones, but not their hashes."""
    store, links = build_chain(tmp_path)
    again = links[:4]
    for number in range(100, 104):
        again.append(link_of(store, again[-1], body=b"other %d" % number, number=number))
    store.record_links(again)
    named = {problem.seq for problem in verify(store, again).problems}
    assert named == {5, 6}


def test_whole_chain_rehashed_is_named(tmp_path: Path) -> None:
    """Somebody who recomputes every hash of the database still meets the record beside it."""
    store, links = build_chain(tmp_path)
    forged: Links = [links[0], links[1]]
    for link in links[2:]:
        url = "https://elsewhere.example/" if link.seq == 3 else link.url
        forged.append(hashed(replace(link, url=url, previous=forged[-1].hash)))
    named = {problem.seq for problem in verify(store, forged).problems}
    assert named == {3, 4, 5, 6}


def test_record_that_was_removed_or_changed_is_named(tmp_path: Path) -> None:
    store, links = build_chain(tmp_path)
    path = store.folder / CHAIN
    whole = path.read_text().splitlines()
    path.write_text("\n".join(whole[:2] + whole[3:]) + "\n")
    assert [problem.kind for problem in verify(store, links).problems] == ["record changed"]
    forged = json.dumps({"seq": 3, "hash": "0" * 64})
    path.write_text("\n".join([*whole[:2], forged, *whole[3:]]) + "\n")
    assert [problem.seq for problem in verify(store, links).problems] == [3]
    path.write_text("\n".join([*whole[:2], "nonsense", *whole[3:]]) + "\n")
    assert {problem.kind for problem in verify(store, links).problems} == {"record changed"}
    path.unlink()
    assert [problem.kind for problem in verify(store, links).problems] == ["record missing"]


def test_record_a_little_behind_is_good(tmp_path: Path) -> None:
    """A kill between the commit and the record; the next start writes it."""
    store, links = build_chain(tmp_path)
    path = store.folder / CHAIN
    path.write_text("\n".join(path.read_text().splitlines()[:4]) + "\n")
    assert verify(store, links).ok
    store.record_links(links)
    assert store.last_recorded() == 6


def test_file_that_was_damaged_once_stays_named(tmp_path: Path) -> None:
    store, links = build_chain(tmp_path)
    flip_a_byte(store, links)
    link_of(store, links[-1], body=b"bytes of page 3", number=3)
    (problem,) = verify(store, links).problems
    assert problem.kind == "file changed"
    assert links[2].sha256 in problem.problem


def test_after_a_restore_the_record_begins_anew(tmp_path: Path) -> None:
    store, links = build_chain(tmp_path)
    store.begin_record_anew("20260301")
    store.record_links(links[:4])
    assert verify(store, links[:4]).ok
    assert (store.folder / f"{CHAIN}.before-20260301").exists()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_byte_changed_anywhere_is_found(tmp_path: Path, data: st.DataObject) -> None:
    """P8: of any kept file."""
    shutil.rmtree(tmp_path / "evidence", ignore_errors=True)
    store, links = build_chain(tmp_path)
    files = sorted(
        path for path in store.folder.rglob("*") if path.is_file() and path.name != CHAIN
    )
    path = data.draw(st.sampled_from(files))
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    assert not verify(store, links).ok
