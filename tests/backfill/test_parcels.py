"""What a backfill gathered is taken over once and whole, whatever happened meanwhile."""

from __future__ import annotations

import base64
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.commit import Arrival, Committed
from monitor.errors import StorageError
from monitor.jobs.backfill import make_found
from monitor.jobs.backfill_forming import TOGETHER, find_known
from monitor.jobs.backfill_parcels import ParcelTaker
from monitor.jobs.backfill_side import find_parcels, seal, work_folder
from monitor.model import Outcome, Prepared, RunKind
from monitor.model.purges import Purge
from spiders.units import Flagged
from storage.archive_entries import EntryEnd
from storage.archive_lists import ListHeld, NewEntry, NewList, make_key
from storage.coverage import CoveredUnit
from storage.database import Storage
from storage.files import DATABASE
from storage.purging import hash_url
from tests.jobs.building import Place, open_place
from tests.storage.building import (
    HeldClock,
    make_analysis,
    make_article,
    make_fingerprint,
    make_page,
)

ASKED, RULES = "asked", "rules-1"
COUNTRIES = ("IE", "HU", "IT", "BR")


def url_of(number: int) -> str:
    return f"https://town.example/{number}"


def flag(number: int) -> Flagged:
    """Return a flagged page as a crawl finds it, each of an event of its own."""
    article = make_article(
        number, url=url_of(number), canonical_url=url_of(number), title=f"Station {number} shut"
    )
    prepared = Prepared(
        url=url_of(number),
        final_url=url_of(number),
        fetched_at=HeldClock().now(),
        status=200,
        body_sha256=f"{number:064x}",
        article=article,
        analysis=make_analysis(countries=(COUNTRIES[number % 4],)),
        fingerprint=make_fingerprint(article),
        rules_version=RULES,
    )
    packed = base64.b64encode(zlib.compress(b"<p>page</p>", 1)).decode("ascii")
    return Flagged(prepared=prepared, headers=(), packed=packed)


def an_entry(number: int) -> NewEntry:
    return NewEntry(
        key=make_key(url_of(number)),
        url=url_of(number),
        source_id="town",
        host="town.example",
        rules=RULES,
    )


def leave_parcel(data: Path, *, pages: int = 3, unasked: int = 1) -> Path:
    """Gather as a backfill does, and leave it: flagged pages, one without a match, some unasked."""
    clock = HeldClock()
    with Storage.create(work_folder(data), clock) as side:
        side.backfills.note(ASKED, {"title": "Backfill: town"})
        run = side.runs.begin(RunKind.BACKFILL)
        side.backfills.note_run(ASKED, run.id)
        side.archive_lists.add(ASKED, [NewList(url="map", source_id="town", form="sitemap")])
        numbers = range(pages + 1 + unasked)
        held = ListHeld(entries=tuple(an_entry(number) for number in numbers))
        side.archive_lists.finish(ASKED, "map", held)
        ends = [
            EntryEnd(
                key=make_key(url_of(number)),
                outcome="found",
                counted=None,
                month="2024-03",
                found=make_found(flag(number), ASKED),
            )
            for number in range(pages)
        ]
        none = EntryEnd(key=make_key(url_of(pages)), outcome="no match", counted="no match")
        side.archive_entries.finish(ASKED, run.id, [*ends, none])
        side.backfills.add_cost("page bytes", 1000.0, count=pages + 1)
        side.coverage.finish(CoveredUnit(unit="a 0-9", asked="files", run_id=run.id, kind="warc"))
        side.runs.end(run.id)
    return seal(data, clock.now())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "data") as opened:
        yield opened


def take_all(place: Place) -> None:
    taker = ParcelTaker()
    while taker.take(place.watch, seconds=0.0):
        continue
    taker.close()


def test_parcel_ends_in_the_main_database_with_its_counts_and_goes(place: Place) -> None:
    leave_parcel(place.watch.data)
    take_all(place)
    storage = place.storage
    run = storage.runs.find_latest(RunKind.BACKFILL)
    assert run is not None
    assert run.outcomes == {Outcome.NEW: 3, Outcome.NO_MATCH: 1}
    assert storage.check() == ()
    assert storage.coverage.find_done("files") == {"a 0-9"}
    assert storage.backfills.find_cost("page bytes", least=4) == 250.0
    assert len(storage.backfills.read_findings(ASKED)) == 3
    assert storage.archive_entries.count(ASKED).todo == 1
    assert storage.coverage.count_found() == 0
    assert storage.outbox.read_deliveries(limit=5) == ()
    assert not find_parcels(place.watch.data)


def test_parcel_that_comes_again_changes_nothing(place: Place, tmp_path: Path) -> None:
    """Killed between the last story and the end of the folder; or the folder was put back."""
    parcel = leave_parcel(place.watch.data)
    shutil.copytree(parcel, tmp_path / "copy")
    take_all(place)
    before = place.storage.runs.find_latest(RunKind.BACKFILL)
    shutil.copytree(tmp_path / "copy", parcel)
    take_all(place)
    assert place.storage.runs.find_latest(RunKind.BACKFILL) == before
    assert place.storage.backfills.find_cost("page bytes", least=4) == 250.0
    assert not find_parcels(place.watch.data)


def test_what_was_stored_before_a_full_disk_is_found_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages leave the waiting ones some together: those stored before are known, and are found."""
    leave_parcel(place.watch.data, pages=TOGETHER + 2)
    commit, left = place.watch.committer.commit, iter(range(3))

    def fail(arrival: Arrival) -> Committed:
        if next(left, None) is None:
            raise StorageError("while writing: the disk is full")
        return commit(arrival)

    with monkeypatch.context() as patched:
        patched.setattr(place.watch.committer, "commit", fail)
        with pytest.raises(StorageError):
            take_all(place)
    assert place.storage.coverage.count_found() == TOGETHER + 2
    take_all(place)
    assert place.storage.coverage.count_found() == 0
    assert len(place.storage.backfills.read_findings(ASKED)) == TOGETHER + 2
    run = place.storage.runs.find_latest(RunKind.BACKFILL)
    assert run is not None
    assert run.outcomes == {Outcome.NEW: TOGETHER + 2, Outcome.NO_MATCH: 1}


def test_page_that_waits_for_other_wishes_is_found_for_these_too(place: Place) -> None:
    """A backfill was stopped before its stories; one with other wishes met the same page."""
    with Storage.create(work_folder(place.watch.data), HeldClock()) as side:
        for asked, numbers in ((ASKED, (0, 1)), ("other", (1, 1, 2))):
            run = side.runs.begin(RunKind.BACKFILL)
            side.backfills.note(asked, {"title": "Backfill"})
            side.backfills.note_run(asked, run.id)
            side.coverage.finish(
                CoveredUnit(unit="a 0-9", asked=asked, run_id=run.id, kind="warc"),
                [make_found(flag(number), asked) for number in numbers],
            )
            side.runs.end(run.id)
    seal(place.watch.data, HeldClock().now())
    take_all(place)
    assert len(place.storage.backfills.read_findings(ASKED)) == 2
    assert len(place.storage.backfills.read_findings("other")) == 2
    assert place.storage.coverage.count_found() == 0
    assert place.storage.check() == ()


def test_one_turn_at_a_time_leaves_the_writer_to_others(place: Place) -> None:
    leave_parcel(place.watch.data)
    taker = ParcelTaker()
    turns = 0
    while taker.take(place.watch, seconds=0.0):
        turns += 1
        with place.storage.transaction():  # nothing of the taker's is open between two turns
            place.storage.next_commit(place.desk.run_id)
    taker.close()
    assert turns > 5


def test_damaged_parcel_is_told_with_the_cure_and_harms_nothing(place: Place) -> None:
    parcel = leave_parcel(place.watch.data)
    file = next(parcel.glob("*.db"))
    file.write_bytes(file.read_bytes()[:5000] + b"\x00" * 3000)
    taker = ParcelTaker()
    with pytest.raises(StorageError, match="remove the folder"):
        taker.take(place.watch)
    assert place.storage.runs.find_latest(RunKind.BACKFILL) is None


def test_page_that_was_removed_meanwhile_leaves_neither_story_nor_address(place: Place) -> None:
    leave_parcel(place.watch.data)
    order = Purge(
        id="purge", at=place.clock.now(), kind="article", wish="ours",
        url_hashes=(hash_url(url_of(1)),),
    )  # fmt: skip
    place.storage.purges.add(order, removed={}, link=None)
    take_all(place)
    found = {each.url for each in place.storage.backfills.read_findings(ASKED)}
    assert found == {url_of(0), url_of(2)}
    with closing(sqlite3.connect(place.watch.data / DATABASE)) as connection:
        (url,) = connection.execute(
            "SELECT url FROM archive_entries WHERE key = ?", [make_key(url_of(1))]
        ).fetchone()
        pages = connection.execute("SELECT url FROM pages WHERE url = ?", [url_of(1)]).fetchall()
    assert (url, pages) == ("", [])


def test_backfill_that_goes_on_knows_what_the_main_database_knows(
    place: Place, tmp_path: Path
) -> None:
    leave_parcel(place.watch.data)
    take_all(place)
    with Storage.create(tmp_path / "side", HeldClock()) as side:
        side.parcels.take_unfinished(ASKED, place.storage.parcels)
        assert side.archive_lists.count(ASKED).done == 1
        assert (side.archive_entries.count(ASKED).todo, side.archive_entries.count(ASKED).done) == (
            1,
            0,
        )
        keys = [make_key(url_of(number)) for number in range(6)]
        same = place.storage.archive_entries.find_ends(ASKED, RULES, keys)
        assert {end.outcome for end in same.values()} == {"found", "no match"}
        assert all(end.same for end in same.values())
        other = place.storage.archive_entries.find_ends("other", RULES, keys)
        side.archive_lists.add("other", [NewList(url="map", source_id="town", form="sitemap")])
        held = ListHeld(entries=tuple(an_entry(n) for n in range(6)), known=other)
        assert side.archive_lists.finish("other", "map", held) == 6
        assert {end.outcome for end in other.values()} == {"no match"}
        assert side.archive_entries.count("other").done == len(other) == 1


def test_page_that_was_no_match_by_older_keywords_is_not_taken_for_known(place: Place) -> None:
    page = make_page(place.desk.run_id, url=url_of(0), body_sha256=f"{0:064x}")
    place.storage.sources.sync(())
    with place.storage.transaction():
        place.desk.flag()
    place.storage.pages.add(page)
    assert find_known(place.watch, flag(0)) is None
    leave_parcel(place.watch.data, pages=1)
    take_all(place)
    assert find_known(place.watch, flag(0)) is not None


def test_article_that_also_resembles_other_stories_is_found_once(place: Place) -> None:
    leave_parcel(place.watch.data)
    take_all(place)
    before = place.storage.backfills.read_findings(ASKED)
    with closing(sqlite3.connect(place.watch.data / DATABASE)) as connection, connection:
        connection.execute(
            """
            INSERT INTO stories
                (id, title, level, first_seen_at, last_seen_at, historic, commit_number)
            SELECT
                'another', 'Another story', level, first_seen_at, last_seen_at, historic,
                commit_number
            FROM stories
            LIMIT 1
            """
        )
        added = connection.execute(
            """
            INSERT INTO story_articles
                (story, article, position, weak, evidence, joined_at, commit_number)
            SELECT
                stories.number, firm.article, 90 + firm.article, 1, firm.evidence,
                firm.joined_at, firm.commit_number
            FROM story_articles AS firm
            JOIN stories ON stories.number <> firm.story
            """
        ).rowcount
    assert added > 0
    assert place.storage.backfills.read_findings(ASKED) == before
