"""A press, a mailbox and a webhook receiver around the service on simulated time.

with World(folder) as world:
    world.start()
    world.plant(1)
    world.go(hours=1)
    world.kill(); world.start()
    assert world.verdict().lost == []
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.conftest import ROOT
from tests.fakes.hook import SECRET, Answer, Hook
from tests.fakes.kept import fill_cache
from tests.fakes.mailbox import Mailbox
from tests.fakes.reports import write_other, write_report
from tests.fakes.site import Feed, Reply, Site, page
from tests.simulated.names import GONE

HOSTS = ("one.test", "two.test", "three.test")
SETTINGS = """\
[network]
allow_private = ["127.0.0.1"]
delay = 0
[smtp]
host = "127.0.0.1"
port = {mail}
sender = "watch@example.org"
security = "none"
[[subscribers]]
name = "duty"
channel = "email"
to = "duty@example.org"
alarms = true
digest_at = "07:00"
time_zone = "{zone}"
[[subscribers]]
name = "program"
channel = "webhook"
url = "{hook}"
secret_file = "hook-secret"
allow_private = ["{place}"]
alarms = true
digest = "off"
"""


class ServiceEndedError(Exception):
    """The service ended before it had gone as far as it was told."""


class DownHook(Hook):
    """A receiver that can be broken for as long as one likes."""

    broken = False

    def take(self, request: Any, body: bytes) -> None:
        if self.broken:
            self.answers[:] = [Answer(status=500)]
        super().take(request, body)


@dataclass
class Verdict:
    """What became of every planted report, by channel; each list holds what is wrong."""

    planted: int
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    dead: dict[str, str] = field(default_factory=dict)
    digests: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    undelivered: int = 0


class World:
    """Everything around one service; a context manager."""

    def __init__(
        self, folder: Path, *, zone: str = "Europe/Berlin", every: str = "15 minutes"
    ) -> None:
        self.folder, self._zone, self._every = folder, zone, every
        self.config, self.data = folder / "config", folder / "data"
        self.ahead = 0.0
        self.planted: dict[int, str] = {}
        self.process: subprocess.Popen[str] | None = None
        self.on_page: Callable[[], None] | None = None

    def __enter__(self) -> Self:
        self._stack = contextlib.ExitStack()
        self.config.mkdir(parents=True)
        self.site = self._stack.enter_context(Site())
        self.mailbox = self._stack.enter_context(Mailbox(tls=False))
        self.hook = DownHook()
        self._stack.enter_context(self.hook)
        self.feeds = [Feed(site=self.site, host=host) for host in HOSTS]
        for at, feed in enumerate(self.feeds):
            feed.add(f"/first-{at}", body=page("The weather", "It rained on the hills."))
        self._write_config()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self._forget()
        self._stack.close()

    def _write_config(self) -> None:
        settings = SETTINGS.format(
            mail=self.mailbox.port, hook=self.hook.url, place=self.hook.place, zone=self._zone
        )
        (self.config / "settings.toml").write_text(settings)
        (self.config / "hook-secret").touch(mode=0o600)
        (self.config / "hook-secret").write_text(SECRET)
        rows = [
            f"- {{id: s{at}, outlet: Outlet {at}, kind: feed, every: {self._every}, "
            f'url: "{feed.url}"}}\n'
            for at, feed in enumerate(self.feeds)
        ]
        fill_cache(self.data)
        (self.config / "sources.yaml").write_text(
            "version: 1\nreplace: true\nsources:\n" + "".join(rows)
        )

    def start(self) -> None:
        """Start the service, and wait until it stands still."""
        self._forget()
        names = [str(self.data), str(self.config), str(self.ahead)]
        with (self.folder / "service.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.simulated.service", *names],
                cwd=ROOT,
                env={**os.environ, "HOME": str(self.folder)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self._hear()

    def _hear(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise ServiceEndedError((self.folder / "service.log").read_text()[-3000:])
        self.ahead = json.loads(line).get("at", self.ahead)

    def tell(self, **told: Any) -> None:
        """Tell the service something, and wait until it stands still again."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        self._hear()

    def go(self, hours: float = 0.0, *, minutes: float = 0.0) -> None:
        """Let time pass."""
        self.tell(go=hours * 3600 + minutes * 60)

    def kill(self) -> None:
        """Kill the service with everything that it started, as it is (FAULTS A1)."""
        if self.process is None:
            return
        if self.process.poll() is None:
            for pid in [*descendants(self.process.pid), self.process.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def _forget(self) -> None:
        """Close what is left of a process that has ended."""
        if self.process is not None:
            for pipe in (self.process.stdin, self.process.stdout):
                assert pipe is not None
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self.process = None

    def plant(self, number: int, *, host: int | None = None) -> None:
        """Publish one report, and something else beside it."""
        feed = self.feeds[number % len(self.feeds) if host is None else host]
        report, other = write_report(number), write_other(number)
        answer = Reply(body=report.page())

        def serve(_asked: object) -> Reply:
            if self.on_page is not None:
                self.on_page()
            return answer

        self.planted[number] = feed.add(report.path, serve)
        feed.add(other.path, body=other.page())

    def break_names(self, *, gone: bool) -> None:
        """Take the resolver away, or give it back."""
        if gone:
            (self.folder / GONE).touch()
        else:
            (self.folder / GONE).unlink()

    def break_sources(self, *, down: bool) -> None:
        """Let every feed answer 503, or as it did."""
        for feed in self.feeds:
            if down:
                self.site.route(feed.path, Reply(status=503), host=feed.host)
            else:
                feed.add_url(feed.items.pop())

    def break_mail(self, *, down: bool) -> None:
        """Let the mail server refuse everybody, or take mails again."""
        self.mailbox.behaviour.mail_from = "421 down for hours" if down else None

    @contextlib.contextmanager
    def locked(self) -> Any:
        """Hold the database as another process that writes."""
        with contextlib.closing(sqlite3.connect(self.data / "stationwatch.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            yield

    def refuse_next_mail(self) -> None:
        """Let the mail server refuse one mail for good."""
        self.mailbox.behaviour.after_data.append("550 5.7.1 not wanted here")

    def verdict(self) -> Verdict:
        """Count what arrived."""
        verdict = Verdict(planted=len(self.planted))
        self._read_dead(verdict)
        arrived = {"email": self._read_mails(verdict), "webhook": self._read_posts()}
        for channel, messages in arrived.items():
            told: defaultdict[str, Counter[str]] = defaultdict(Counter)
            for key, links in messages:
                for link in links:
                    told[link][key] += 1
            for number, link in self.planted.items():
                ids = told[link]
                what = f"{channel} {number}"
                if not ids and what not in verdict.dead:
                    verdict.lost.append(what)
                if len(ids) > 1 or (ids and what in verdict.dead):
                    verdict.twice.append(what)
                if ids.total() > len(ids):
                    verdict.repeated.append(what)
        return verdict

    def list_messages(self) -> list[dict[str, object]]:
        """Return what arrived, in the order of its channel: ids, subjects, links."""
        mails = Verdict(planted=0)
        found: list[dict[str, object]] = [
            {"channel": "email", "id": key, "links": sorted(links)}
            for key, links in self._read_mails(mails)
        ]
        posts = self._read_posts()
        found += [{"channel": "webhook", "id": key, "links": sorted(each)} for key, each in posts]
        return [*found, {"digests": mails.digests, "notices": mails.notices}]

    def _read_mails(self, verdict: Verdict) -> Iterable[tuple[str, set[str]]]:
        for mail in self.mailbox.received:
            subject = str(mail.mail["Subject"])
            body = mail.mail.get_body(("plain",))
            text = body.get_content() if body else ""
            if "digest" in subject.lower():
                verdict.digests.append(subject)
            elif links := self._links(text):
                yield mail.message_id, links
            else:
                verdict.notices.append(subject)

    def _read_posts(self) -> Iterable[tuple[str, set[str]]]:
        for post in self.hook.posts:
            if post.taken and post.payload["type"].startswith("alert"):
                alerts = post.payload["data"].get("alerts", ())
                yield post.headers["webhook-id"], {each["article"]["url"] for each in alerts}

    def _links(self, text: str) -> set[str]:
        found = set(re.findall(r"http://\S+/article/report-\d+", text))
        return found & set(self.planted.values())

    def _read_dead(self, verdict: Verdict) -> None:
        path = self.data / "stationwatch.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            verdict.undelivered = database.execute(
                "SELECT COUNT(*) FROM outbox WHERE state NOT IN ('delivered', 'dead')"
            ).fetchone()[0]
            rows = database.execute(READ_DEAD).fetchall()
        by_url = {url: number for number, url in self.planted.items()}
        for channel, url, reason in rows:
            if url in by_url:
                verdict.dead[f"{channel} {by_url[url]}"] = reason


READ_DEAD = """
    SELECT outbox.channel, article_versions.url, outbox.response
    FROM outbox
    JOIN changes ON changes.id = outbox.change_id
    JOIN article_versions ON article_versions.article = changes.article
    WHERE outbox.state = 'dead'
"""


def descendants(pid: int) -> list[int]:
    """Return every process below `pid`."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                found += [int(child), *descendants(int(child))]
    return found
