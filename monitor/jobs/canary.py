"""Send a report of our own through the whole watch, and see whether it arrives.

loopback server ─ crawl child ─ worker ─ commit ─ outbox ─ folder ─▶ receipt

It goes the way of every report, by the same code, the same workers and the same keywords, but into
a database of its own (`canary/` in the data), so that it can reach no reader, digest or export.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from monitor.demo.server import LoopbackServer, QuietHandler
from monitor.digest.due import digest_moment
from monitor.errors import StationwatchError
from monitor.health.canary import CanaryReport, choose_report, is_canary_due
from monitor.jobs.deliver import deliver
from monitor.jobs.digests import local_today
from monitor.jobs.notices import report as report_troubles
from monitor.jobs.poll import poll
from monitor.jobs.watch import Watch
from monitor.log import get_logger
from monitor.model import FolderChannel, Source, Subscriber, Trouble
from storage.database import Storage

log = get_logger("canary")

PROOF = "canary"
FOLDER = "canary"
HOST = "127.0.0.1"
READER = Subscriber(name="canary", channel=FolderChannel(), digest=False)


def check_canary(watch: Watch) -> str | None:
    """Send a report through when it is time to; return what broke, None where nothing did."""
    now = watch.clock.now()
    proof = watch.storage.proofs.find(PROOF)
    if not is_canary_due(proof, now=now, next_digest=find_next_digest(watch)):
        return proof.problem if proof else None
    problem = send_canary(watch)
    watch.storage.proofs.keep(PROOF, at=watch.clock.now(), problem=problem)
    trouble = Trouble(
        key="canary",
        headline="the test report did not come through",
        why=problem or "",
        cure="Until it does, reports may be missed: see the log and 'stationwatch status'.",
    )
    report_troubles(watch, "canary", [trouble] if problem else [])
    return problem


def find_next_digest(watch: Watch) -> datetime | None:
    """Return when the next digest of anybody is due."""
    now = watch.clock.now()
    moments = [
        digest_moment(each, local_today(watch, each) + timedelta(days=days))
        for each in watch.subscribers
        if each.digest
        for days in (0, 1)
    ]
    return min((moment for moment in moments if moment > now), default=None)


def send_canary(watch: Watch) -> str | None:
    """Send one report through the watch; return what broke, None where it arrived."""
    report = choose_report(watch.keywords)
    if report is None:
        return "keywords.yaml has no example of a report that could be sent through"
    folder = watch.data / FOLDER
    try:
        shutil.rmtree(folder, ignore_errors=True)
        with serve(report) as url, open_aside(watch, folder, url) as aside:
            polled = poll(aside)
            deliver(aside)
            if is_received(folder, url):
                return None
            counts = ", ".join(f"{n} {name}" for name, n in polled.run.outcomes.items())
            said = "; ".join((*polled.failing, *polled.problems))
            return f"it was sent out and not received ({counts or 'no page'}) {said}".strip()
    except (StationwatchError, OSError) as error:
        return str(error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def open_aside(watch: Watch, folder: Path, url: str) -> Iterator[Watch]:
    """Open a watch over a database of its own that looks at the canary and nothing else."""
    host = url.split("/")[2]
    source = Source(
        id=PROOF,
        kind="feed",
        url=f"http://{host}/feed.xml",
        outlet="Canary",
        country="ZZ",
        egress="direct",  # it is on this machine, where no proxy reaches
    )
    network = replace(watch.settings.network, allow_private=(host,), delay=0.0, workers=1)
    settings = replace(watch.settings, subscribers=(READER,), network=network)
    assert watch.aside is not None
    with Storage.create(folder, watch.clock) as storage:
        yield watch.aside(folder, storage, settings, (source,))


def is_received(folder: Path, url: str) -> bool:
    """Say whether the report's alert lies in the canary's own folder."""
    for path in (folder / "outgoing").glob("*.json"):
        if url in json.dumps(json.loads(path.read_text(encoding="utf-8"))):
            return True
    return False


@contextmanager
def serve(report: CanaryReport) -> Iterator[str]:
    """Serve the report on a free port of this machine; yields its address."""
    answers: dict[str, tuple[bytes, str]] = {}
    server = LoopbackServer(_Handler, answers, host=HOST)
    base = f"http://{HOST}:{server.server_port}"
    url = f"{base}/report.html"
    answers["/feed.xml"] = (report.feed(url), "application/rss+xml")
    answers["/report.html"] = (report.page(), "text/html; charset=utf-8")
    try:
        yield url
    finally:
        server.stop()


class _Handler(QuietHandler):
    def do_GET(self) -> None:  # noqa: N802 - the name http.server looks for
        """Answer one request."""
        found = self.server.owner.get(self.path)
        body, kind = found or (b"", "text/plain")
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
