"""A backfill beside the running service: shared hosts, alerts in time, kills, nothing lost."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from monitor.jobs.backfill_side import find_parcels, work_folder
from storage.files import DATABASE
from tests.archives.press import (
    ROOT,
    command,
    make_config,
    make_piece,
    make_pieces,
    run,
    serve_pieces,
    serve_sitemaps,
    stored,
)
from tests.backfill.archives import build_record, write_warc
from tests.fakes.reports import Text, write_report
from tests.fakes.site import Asked, Reply, Site
from tests.jobs.running import Running, running, wait_until

pytestmark = pytest.mark.timeout(900)  # real programs, beside each other

PAUSE = 0.5
ENOUGH = 300.0


class Feed:
    """A feed whose reports a test publishes."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._items: list[Text] = []
        site.route("/feed", self._answer)

    def publish(self, number: int) -> Text:
        text = write_report(number)
        piece = make_piece(text.path, f"{text.day}", text.title, "\n".join(text.paragraphs))
        self._site.route(text.path, body=piece.body)
        self._items.append(text)
        return text

    def _answer(self, _asked: Asked) -> Reply:
        rows = "".join(
            f"<item><title>{each.title}</title><link>{self._site.url(each.path)}</link></item>"
            for each in self._items
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel>{rows}</channel></rss>'
        return Reply(body=body.encode(), content_type="application/rss+xml")


def settings(pause: float) -> str:
    return (
        f'[network]\nallow_private = ["127.0.0.1"]\ndelay = {pause}\nworkers = 1\n'
        '[[subscribers]]\nname = "me"\nchannel = "folder"\n'
    )


def wishes(site: Site) -> tuple[str, ...]:
    return ("--from", "2019-01-01", "--to", "2024-12-31", "--sitemap", site.url("/sitemap.xml"))


def historic(folder: Path) -> str:
    """Return what the backfill left, without what the live watch found, and without the port."""
    found = stored(folder)
    found["articles"] = [row for row in found["articles"] if "/article/" not in row[0]]
    for name in ("outcomes", "owed", "stories"):  # the live watch's are among them
        del found[name]
    with sqlite3.connect(folder / "data" / DATABASE) as connection:
        found["stories"] = connection.execute(
            "SELECT title, historic FROM stories WHERE historic = 1 ORDER BY 1"
        ).fetchall()
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", json.dumps(found, sort_keys=True))


def run_alone(folder: Path) -> str:
    """Return what the same backfill leaves without a service."""
    folder.mkdir()
    with Site() as site:
        serve_pieces(site, make_pieces())
        serve_sitemaps(site, make_pieces())
        Feed(site)
        make_config(folder)
        run(folder, *wishes(site))
        return historic(folder)


def begin_backfill(folder: Path, site: Site) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(folder, *wishes(site)), cwd=ROOT, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def asked_pages(site: Site) -> int:
    return sum("/bread-" in path or "/report" in path for path in site.paths)


def test_backfill_beside_the_service_shares_its_hosts_and_comes_to_the_same(
    tmp_path: Path,
) -> None:
    """FAULTS A3, A10, P5: both asked the same host; both are killed with SIGKILL."""
    with ThreadPoolExecutor(1) as thread, Site() as site:
        alone = thread.submit(run_alone, tmp_path / "alone")
        serve_pieces(site, make_pieces())
        serve_sitemaps(site, make_pieces())
        feed = Feed(site)
        source = {"id": "town", "kind": "feed", "url": site.url("/feed"), "outlet": "Town",
                  "every": "1 minute"}  # fmt: skip
        listed = json.dumps({"version": 1, "replace": True, "sources": [source]})
        first = feed.publish(1)
        with running(tmp_path, settings(PAUSE), listed) as service:
            wait_until(lambda: first.path in site.paths, "the first look", enough=ENOUGH)
            _run_both(tmp_path, site, service, feed)
            status, _, said = service.stop()
            assert status == 0, said
        assert historic(tmp_path) == alone.result()
        assert site.most_at_once["127.0.0.1"] == 1
        gaps = [after.at - before.at for before, after in pairwise(site.asked)]
        assert min(gaps) >= PAUSE
    assert_sound(tmp_path / "data")


def _run_both(folder: Path, site: Site, service: Running, feed: Feed) -> None:
    killed = begin_backfill(folder, site)
    wait_until(lambda: asked_pages(site) > 4, "pages of the backfill", enough=ENOUGH)
    kill(killed)
    second = feed.publish(2)
    backfill = begin_backfill(folder, site)
    wait_until(lambda: asked_pages(site) > 8, "more pages", enough=ENOUGH)
    assert "pages" in "".join(json.loads(service.command("status", "--json").stdout)["notes"])
    os.killpg(service.process.pid, signal.SIGKILL)
    service.process.communicate()
    service.process = service.start("run")
    said, problems = backfill.communicate(timeout=ENOUGH)
    assert backfill.returncode == 0, problems
    assert json.loads(said)["outcomes"]["new"] == 4
    assert not find_parcels(service.data)
    assert not work_folder(service.data).exists()

    def is_told() -> bool:
        service.keep()  # on a slow machine the backfill begins to hand over before it has started
        return any(second.title in read_mail(file) for file in service.messages("alert"))

    wait_until(is_told, "the alert of the second report", enough=ENOUGH)


def read_mail(file: Path) -> str:
    from email import message_from_bytes, policy

    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    return f"{message['subject']} {body.get_content() if body else ''}"


def assert_sound(data: Path) -> None:
    """The ledger adds up, one alert for each live report, none for what the backfill found."""
    from monitor.clock import SystemClock
    from storage.database import Storage

    with Storage.open_reader(data, SystemClock()) as storage:
        assert storage.check() == ()
    with sqlite3.connect(data / DATABASE) as connection:
        alerts = connection.execute("SELECT COUNT(*) FROM outbox WHERE kind = 'alert'").fetchone()
    assert alerts == (2,)


def stored_counts(data: Path) -> Any:
    with sqlite3.connect(data / DATABASE) as connection:
        return [
            connection.execute(sql).fetchall()
            for sql in (
                "SELECT url, title FROM article_versions ORDER BY 1",
                "SELECT outcome, SUM(pages) FROM run_outcomes GROUP BY 1 ORDER BY 1",
                "SELECT url, state, outcome FROM archive_entries ORDER BY 1",
                "SELECT name, count FROM measured_costs ORDER BY 1",
                "SELECT COUNT(*) FROM found_pages",
                "SELECT COUNT(*) FROM stories",
            )
        ]


@pytest.fixture(scope="module")
def parcel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder in which a backfill left its parcel and was killed."""
    from monitor.clock import SystemClock
    from storage.lock import WriterLock

    folder = tmp_path_factory.mktemp("parcel")
    with Site() as site:
        serve_pieces(site, make_pieces(2))
        serve_sitemaps(site, make_pieces(2))
        make_config(folder)
        lock = WriterLock.take(folder / "data", SystemClock())
        backfill = begin_backfill(folder, site)
        try:
            wait_until(lambda: bool(find_parcels(folder / "data")), "the parcel", enough=ENOUGH)
            time.sleep(0.2)
        finally:
            kill(backfill)
            lock.release(clean=True)
    return folder


def test_parcel_taken_over_with_kills_between_any_two_steps_comes_to_the_same(
    parcel: Path, tmp_path: Path
) -> None:
    """Each turn of the taker is a transaction at the most: between two of them it is killed."""
    from monitor.jobs.backfill_parcels import ParcelTaker
    from monitor.wiring import open_watch, read_config

    configuration = read_config(parcel / "config", parcel / "data")
    results, turns_taken = [], []
    for turns in (1000, 1, 2, 3, 5):
        data = tmp_path / f"{turns}"
        copytree(parcel / "data", data)
        for number in range(200):
            with open_watch(data, configuration) as watch:
                taker = ParcelTaker()
                more = [taker.take(watch, seconds=0.0) for _ in range(turns + number // 3)]
                taker.close()
            if not more[-1]:
                turns_taken.append(number)
                break
        assert not find_parcels(data)
        results.append(stored_counts(data))
    assert turns_taken[0] == 0
    assert max(turns_taken) > 2
    assert all(result == results[0] for result in results)
    assert dict(results[0][1])["new"] == 4


def test_backfill_started_next_takes_up_what_an_earlier_one_left(
    parcel: Path, tmp_path: Path
) -> None:
    copytree(parcel, tmp_path / "next")
    asked = build_record("https://town.example/", b"", record_type="request")
    said = run(tmp_path / "next", "--warc", str(write_warc(tmp_path / "none.warc.gz", [asked])))
    assert said["stories"] == []
    assert not find_parcels(tmp_path / "next" / "data")
    assert dict(stored(tmp_path / "next")["outcomes"])["new"] == 4


def test_second_backfill_is_refused_with_the_first_ones_identity(parcel: Path) -> None:
    from monitor.clock import SystemClock
    from monitor.jobs.backfill_side import lock_folder
    from storage.lock import WriterLock

    lock = WriterLock.take(lock_folder(parcel / "data"), SystemClock())
    empty = write_warc(parcel / "none.warc.gz", [])
    done = subprocess.run(
        command(parcel, "--warc", str(empty)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    lock.release(clean=True)
    assert done.returncode == 1
    assert f"process {os.getpid()}" in done.stderr


def test_backfill_that_was_stopped_is_told_and_reported_as_it_stands(
    parcel: Path, tmp_path: Path
) -> None:
    """What waits to be handed over stands in the report; `status` says where it stopped."""
    from monitor.cli.backfill_work import find_report
    from monitor.jobs.backfill_progress import find_progress
    from monitor.wiring import open_watch, read_config

    data = tmp_path / "data"
    copytree(parcel / "data", data)
    (left,) = find_parcels(data)
    left.rename(work_folder(data))
    _, report = find_report(data, parcel / "config", None)
    assert report.total("covered") == 12
    assert report.total("found") == 4
    with open_watch(data, read_config(parcel / "config", data), write=False) as watch:
        said = find_progress(watch) or ""
    assert "12 of 12 pages" in said
    assert "it was stopped" in said
