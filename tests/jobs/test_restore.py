"""A backup of a running system is put back: nothing is told twice, and nothing is missing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from monitor.errors import StorageBusy, StorageCorrupt
from monitor.evidence.store import EvidenceStore
from monitor.evidence.verify import verify
from monitor.jobs.backups import restore_backup, write_backup
from monitor.jobs.deliver import deliver
from monitor.jobs.digests import begin_now, local_today, make_digest
from monitor.jobs.notices import report as tell_troubles
from monitor.jobs.notices import tell
from monitor.model import AlertState, ChangeKind, Outcome, StoredText, Trouble
from storage.database import Storage
from storage.files import DATABASE
from tests.jobs.arriving import arrive, commit
from tests.jobs.building import FOLDER, Place, open_place
from tests.storage.building import make_article

EVENTS = {
    1: ("Dublin shuts an office above a restaurant", "Capel Street neighbours saw no visitors. "),
    2: ("Budapest mayor asks about two flats", "A council hearing was held on licence plates. "),
    3: ("Prato textile merchants deny everything", "The association speaks of renewed passports. "),
    4: ("Minister in Brasilia summons the envoy", "Senators want a list of the volunteers. "),
    5: ("Lagos newspaper finds a locked door", "The sign had gone from the market hall. "),
}


def report(place: Place, number: int) -> None:
    title, text = EVENTS[number]
    assert commit(place, number, text * 6, title=title) is Outcome.NEW


def reopen(folder: Path, place: Place) -> Storage:
    return Storage.open_writer(folder, place.clock)


def told(storage: Storage) -> dict[str, AlertState]:
    return {each.message_id: each.state for each in storage.outbox.read_deliveries(limit=1000)}


def test_what_was_sent_since_the_backup_is_not_sent_again(tmp_path: Path) -> None:
    """FAULTS P1, P2: the reports that the backup does not know come again, and tell nobody twice.

    Alerts, a digest and a notice were delivered after the backup; one alert was under way.
    """
    folder, copy = tmp_path / "var", tmp_path / "night.db"
    with open_place(folder, FOLDER) as place:
        for number in (1, 2):
            report(place, number)
        deliver(place.watch)
        write_backup(folder, place.clock, copy)
        for number in (3, 4):
            report(place, number)
        begin_now(place.watch, FOLDER, local_today(place.watch, FOLDER))
        tell(place.watch, "x", headline="the disk is nearly full", lines=["Make room."])
        deliver(place.watch)
        report(place, 5)  # owed, and not sent yet
        (owed,) = place.storage.outbox.claim_alerts(place.clock.now())
        before = {message.id for message in place.post.taken}
        last = place.storage.last_commit()

    done = restore_backup(folder, place.clock, copy)
    assert any("not sent again" in sentence for sentence in done.said)

    with open_place(folder, FOLDER, clock=place.clock) as again:
        for number in (5, 4, 3):  # in another order than the first time
            report(again, number)
        assert again.storage.last_commit() > last, "digests go by commits, which never come again"
        again.clock.move(seconds=600)
        deliver(again.watch)
        sent = [message.id for message in again.post.taken]
        alerts = [message for message in again.post.taken if message.kind == "alert"]
        assert not before & set(sent), "nothing goes out under a known id once it was delivered"
        assert len(alerts) <= 1, alerts
        assert owed.id in told(again.storage) or owed.id in sent
        begin_now(again.watch, FOLDER, local_today(again.watch, FOLDER))
        deliver(again.watch)
        assert [m for m in again.post.taken if m.kind == "digest"] == []
        assert again.storage.check() == ()


def test_digest_marks_what_one_before_the_restore_told(tmp_path: Path) -> None:
    """FAULTS P2: nobody reads twice as news what a lost digest held, and what is new stays news."""
    folder, copy = tmp_path / "var", tmp_path / "night.db"
    with open_place(folder, FOLDER) as place:
        report(place, 1)
        write_backup(folder, place.clock, copy)
        report(place, 2)
        report(place, 3)
        begin_now(place.watch, FOLDER, local_today(place.watch, FOLDER))
        deliver(place.watch)
        report(place, 4)  # told by no digest
        lost_day = local_today(place.watch, FOLDER)

    done = restore_backup(folder, place.clock, copy)
    assert any("is marked where the next one" in sentence for sentence in done.said), done.said
    place.clock.move(days=1)
    with open_place(folder, FOLDER, clock=place.clock) as again:
        for number in (3, 2, 4, 5):
            report(again, number)
        row = begin_now(again.watch, FOLDER, local_today(again.watch, FOLDER))
        found = make_digest(again.watch, FOLDER, row)
        marks = {story.url: story.told_in_digest_of for story in found.stories}
        assert marks == {
            "https://daily.example/2": lost_day,
            "https://daily.example/3": lost_day,
            "https://daily.example/4": None,
            "https://daily.example/5": None,
        }
        deliver(again.watch)
        (message,) = [m for m in again.post.taken if m.kind == "digest"]
        for said in (message.text, message.html or ""):
            words = " ".join(said.split())
            assert words.count("may have been in the digest of") == 2
            assert "2 of them may have been in an earlier digest" in words
        text = message.text
        assert text.index("locked door") < text.index("Budapest"), "what may be known comes last"
        assert again.storage.check() == ()

        # what the same report tells later is news
        again.clock.move(days=1)
        title, words = EVENTS[2]
        again.watch.committer.commit(arrive(again, 2, f"Corrected: {words}" * 6, title=title))
        last = begin_now(again.watch, FOLDER, local_today(again.watch, FOLDER))
        later = make_digest(again.watch, FOLDER, last)
        assert [story.told_in_digest_of for story in later.stories] in ([], [None])


def test_second_restore_forgets_nothing_of_the_first(tmp_path: Path) -> None:
    """Alerts and digests that were told, and whose reports were not flagged again between."""
    folder, copy = tmp_path / "var", tmp_path / "night.db"
    with open_place(folder, FOLDER) as place:
        write_backup(folder, place.clock, copy)
        report(place, 1)
        begin_now(place.watch, FOLDER, local_today(place.watch, FOLDER))
        deliver(place.watch)
        sent = {message.id for message in place.post.taken}
        lost_day = local_today(place.watch, FOLDER)
    assert len(sent) == 2
    for _ in range(2):
        restore_backup(folder, place.clock, copy)
    place.clock.move(days=1)
    with open_place(folder, FOLDER, clock=place.clock) as again:
        report(again, 1)
        row = begin_now(again.watch, FOLDER, local_today(again.watch, FOLDER))
        deliver(again.watch)
        assert [message.kind for message in again.post.taken] == ["digest"]
        (story,) = make_digest(again.watch, FOLDER, row).stories
        assert story.told_in_digest_of == lost_day


def test_restored_watch_still_tells_what_nobody_was_told(tmp_path: Path) -> None:
    """A report that was flagged and never sent before the loss is told after it."""
    folder, copy = tmp_path / "var", tmp_path / "night.db"
    with open_place(folder, FOLDER) as place:
        write_backup(folder, place.clock, copy)
    restore_backup(folder, place.clock, copy)
    with open_place(folder, FOLDER, clock=place.clock) as again:
        report(again, 1)
        deliver(again.watch)
        assert [message.kind for message in again.post.taken] == ["alert"]


def test_unreadable_database_before_is_said_and_the_backup_is_in_force(tmp_path: Path) -> None:
    """FAULTS A7: the reason to restore may be that the database cannot be read any more."""
    folder, copy = tmp_path / "var", tmp_path / "night.db"
    with open_place(folder, FOLDER) as place:
        report(place, 1)
        write_backup(folder, place.clock, copy)
        report(place, 2)
    (folder / DATABASE).write_bytes(b"\0" * 8192)
    done = restore_backup(folder, place.clock, copy)
    assert any("may be told again" in sentence for sentence in done.said)
    assert done.aside is not None
    assert done.aside.read_bytes() == b"\0" * 8192
    with reopen(folder, place) as storage:
        assert len(list(storage.articles.iterate())) == 1


def test_database_before_of_another_version_is_said(tmp_path: Path) -> None:
    """FAULTS H4: an update and a restore in one go."""
    folder, copy = tmp_path / "var", tmp_path / "night.db"
    with open_place(folder, FOLDER) as place:
        report(place, 1)
        write_backup(folder, place.clock, copy)
        report(place, 2)
    raw = sqlite3.connect(folder / DATABASE)
    raw.execute(
        "DELETE FROM _sqlite_migrations WHERE id = (SELECT MAX(id) FROM _sqlite_migrations)"
    )
    raw.commit()
    raw.close()
    done = restore_backup(folder, place.clock, copy)
    assert any("may be told again" in sentence for sentence in done.said)
    with reopen(folder, place) as storage:
        assert storage.check() == ()


def test_folder_backup_brings_texts_and_kept_bytes_back(tmp_path: Path) -> None:
    """The whole folder of the data is lost; a backup on another disk holds everything."""
    folder, disk = tmp_path / "var", tmp_path / "disk"
    with open_place(folder, FOLDER) as place:
        report(place, 1)
        text = StoredText(
            id="t",
            article=make_article(9),
            fetched_at=place.clock.now(),
            source_id="daily",
            text_hash="h",
            body_sha256=None,
            rules_version="r",
        )
        place.storage.texts.add(text)
        done = write_backup(folder, place.clock, disk)
        assert (done.texts, done.files, done.problem) == (True, 2, None)
        again = write_backup(folder, place.clock, disk)
        assert again.files == 0, "what is copied already is not copied again"
    assert all(path.stat().st_mode & 0o077 == 0 for path in disk.rglob("*") if path.is_file())
    lost = folder.rename(tmp_path / "lost")
    restored = restore_backup(folder, place.clock, disk)
    assert restored.aside is None
    assert any("2 kept files" in sentence for sentence in restored.said)
    with reopen(folder, place) as storage:
        assert storage.texts.count() == 1
        assert len(list(storage.articles.iterate())) == 1
        evidence = EvidenceStore(folder / "evidence")
        assert verify(evidence, storage.evidence.read_links()).ok
    assert lost.is_dir()


def test_damaged_evidence_is_not_copied_over_and_is_said(tmp_path: Path) -> None:
    folder, disk = tmp_path / "var", tmp_path / "disk"
    with open_place(folder, FOLDER) as place:
        report(place, 1)
        (body,) = (folder / "evidence" / "bodies").glob("??/*")
        body.chmod(0o600)
        body.write_bytes(b"other")
        done = write_backup(folder, place.clock, disk)
    assert done.problem is not None
    assert "not what was kept: 1 file" in done.problem
    assert not list((disk / "evidence" / "bodies").glob("??/*"))


def test_damaged_backup_is_refused_with_the_cure_and_nothing_is_changed(tmp_path: Path) -> None:
    folder, copy = tmp_path / "var", tmp_path / "night.db"
    with open_place(folder, FOLDER) as place:
        report(place, 1)
        place.storage.texts.count()
        write_backup(folder, place.clock, copy)
        with pytest.raises(StorageBusy):
            restore_backup(folder, place.clock, copy)
    raw = bytearray(copy.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 4096] = b"\xff" * 4096
    copy.write_bytes(raw)
    before = (folder / DATABASE).read_bytes()
    with pytest.raises(StorageCorrupt, match="take another backup"):
        restore_backup(folder, place.clock, copy)
    assert (folder / DATABASE).read_bytes() == before
    assert sqlite3.connect(folder / DATABASE).execute("PRAGMA integrity_check").fetchone() == (
        "ok",
    )


def correct(place: Place, number: int) -> str | None:
    """Let the story of a report say that it was corrected; return the alert that is owed."""
    storage = place.storage
    stored = storage.articles.find_by_url(f"https://daily.example/{number}")
    assert stored is not None
    story = storage.stories.find_by_article(stored.id)
    assert story is not None
    with storage.transaction():
        kind, commit_number = ChangeKind.CORRECTION, storage.next_commit(place.desk.run_id)
        change = storage.stories.add_change(story.id, stored.id, kind, commit=commit_number)
        return storage.outbox.add_alert(change, subscriber=FOLDER.name, channel="folder")


def test_correction_after_the_one_told_before_is_told(tmp_path: Path) -> None:
    """What was told once before the restore stands for one change, not for all that follow."""
    folder, copy = tmp_path / "var", tmp_path / "night.db"
    with open_place(folder, FOLDER) as place:
        report(place, 1)
        write_backup(folder, place.clock, copy)
        report(place, 2)
        assert correct(place, 2)
        deliver(place.watch)
    restore_backup(folder, place.clock, copy)
    with open_place(folder, FOLDER, clock=place.clock) as again:
        report(again, 2)
        assert correct(again, 2) is None, "told before"
        assert correct(again, 2), "and this one is new"
        assert again.storage.check() == ()


@pytest.mark.parametrize("step", ["_carry_over", "purge_again"])
def test_restore_killed_after_the_database_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Until what was sent is carried over, nothing may start on the restored database."""
    folder, copy = tmp_path / "var", tmp_path / "night.db"
    with open_place(folder, FOLDER) as place:
        report(place, 1)
        write_backup(folder, place.clock, copy)
        report(place, 2)
        deliver(place.watch)
        assert len(place.post.taken) == 2

    def die(*_given: object) -> list[str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as killing:
        killing.setattr(f"monitor.jobs.backups.{step}", die)
        with pytest.raises(KeyboardInterrupt):
            restore_backup(folder, place.clock, copy)
    with pytest.raises(StorageCorrupt, match="run it again"):
        reopen(folder, place)
    done = restore_backup(folder, place.clock, copy)
    assert any("2 messages" in sentence for sentence in done.said), done.said
    with open_place(folder, FOLDER, clock=place.clock) as again:
        report(again, 2)
        deliver(again.watch)
        assert again.post.taken == [], "it was told before the restore"
        assert again.storage.check() == ()


def test_trouble_that_begins_after_a_restore_is_told(tmp_path: Path) -> None:
    """How often it has begun goes with the notices of it, or the next time counts as told."""
    folder, copy = tmp_path / "var", tmp_path / "night.db"
    full = Trouble(key="storage:disk", headline="the disk is nearly full", why="90 MB are left")
    with open_place(folder, FOLDER) as place:
        write_backup(folder, place.clock, copy)
        for troubles in ([full], [], [full], []):
            tell_troubles(place.watch, "storage", troubles)
        deliver(place.watch)
        assert len(place.post.taken) == 4
    restore_backup(folder, place.clock, copy)
    with open_place(folder, FOLDER, clock=place.clock) as again:
        tell_troubles(again.watch, "storage", [full])
        deliver(again.watch)
        assert [each.subject for each in again.post.taken] != []
