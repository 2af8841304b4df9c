"""What a removal reaches beside the database, and what it says of what it could not reach."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from monitor.jobs.backups import restore_backup, write_backup
from monitor.jobs.purge import Wanted, purge
from monitor.model import Outcome, StoredText
from storage.database import Storage
from storage.files import TEXTS
from tests.jobs.arriving import arrive
from tests.jobs.building import FOLDER, HeldClock, Place, open_place
from tests.jobs.test_purge import SECRET, URL, WISH, files_with, fill, place
from tests.storage.building import make_article

__all__ = ["place"]


def test_removal_that_nobody_hinders_says_so(place: Place) -> None:
    fill(place)
    done = purge(place.watch, Wanted(article=URL), wish=WISH)
    assert not any("write-ahead log" in sentence for sentence in done.keeps), done.keeps


def test_reports_and_damaged_copies_go_too(place: Place) -> None:
    fill(place)
    data = place.watch.data
    (data / "reports").mkdir()
    for name in ("reports/backfill.html", "recall.json"):
        (data / name).write_text(f'{{"title": "{SECRET} closes", "url": "{URL}"}}')
    (data / "reports" / "other.html").write_text("https://daily.example/2")
    link = next(iter(place.storage.evidence.read_links()))
    body = place.watch.evidence.path_of("bodies", link.sha256)
    body.write_bytes(f"{SECRET}, and a flipped bit".encode())
    damaged = data / "evidence" / "damaged"
    damaged.mkdir()
    (damaged / f"{link.sha256}.1").write_bytes(f"{SECRET}, and another".encode())
    purge(place.watch, Wanted(article=URL), wish=WISH)
    assert files_with(data, "zubrowka", "quintessa", "daily.example/1") == set()
    assert (data / "reports" / "other.html").exists()


def test_text_of_a_removed_page_does_not_come_back_with_a_backup(tmp_path: Path) -> None:
    folder, disk = tmp_path / "var", tmp_path / "disk"
    article = make_article(7, url=URL, canonical_url=URL, text=SECRET)
    text = StoredText(
        id="t",
        article=article,
        fetched_at=HeldClock().now(),
        source_id="daily",
        text_hash="h",
        body_sha256=None,
        rules_version="r",
    )
    with open_place(folder, FOLDER) as place:
        place.storage.texts.add(text)
        write_backup(folder, place.clock, disk)
        purge(place.watch, Wanted(article=URL), wish=WISH)
    (folder / TEXTS).unlink()
    restore_backup(folder, HeldClock(), disk)
    with Storage.open_writer(folder, HeldClock()) as storage:
        assert storage.texts.count() == 0


def test_page_that_fails_after_its_report_was_removed_leaves_no_address(place: Place) -> None:
    """It was under way when a person had it removed."""
    fill(place)
    arrival = arrive(place, 1, f"{SECRET} and more", title="Another title")
    failed = replace(arrival.prepared, article=None, outcome=Outcome.FETCH_FAILED, reason=URL)
    entry = place.storage.pages.find_latest(URL)
    assert entry is not None
    purge(place.watch, Wanted(article=URL), wish=WISH)
    late = replace(arrival, prepared=failed, entry_id=entry.entry_id)
    assert place.watch.committer.commit(late).outcome is Outcome.FETCH_FAILED
    place.storage.checkpoint()
    assert files_with(place.watch.data, "zubrowka", "daily.example/1") == set()
    assert place.storage.runs.check_ledger() == ()
