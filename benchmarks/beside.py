"""A backfill beside the service: what live reports feel of it, and how both ask their hosts.

    python -m benchmarks.beside FOLDER [--outlets 60] [--pages 60] [--minutes 4]

A press on loopback, each outlet at an address of its own, answers after a tenth of a second and
notes how it is asked.  The service looks at every feed each minute; a report is published every
other second.  First it is alone, then `backfill` reads the sitemaps of the same outlets beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from storage.files import DATABASE
from tests.archives.press import make_piece
from tests.fakes.reports import write_other, write_report
from tests.jobs.running import Running, running

ROOT = Path(__file__).resolve().parents[1]
PAUSE = 1.0
TAKES = 0.1
BETWEEN = 2.0
OLD = 100_000
"""From here on, texts are those of the archive."""


@dataclass
class Manners:
    """How one host was asked."""

    asked: int = 0
    under_way: int = 0
    most: int = 0
    ended: float = float("-inf")
    shortest: float = float("inf")


@dataclass
class Press:
    """The outlets, in a thread of their own."""

    outlets: int
    pages: int
    began: float = field(default_factory=time.time)
    manners: dict[str, Manners] = field(default_factory=dict)
    port: int = 0

    def host(self, number: int) -> str:
        """Return the address of an outlet."""
        return f"127.3.{number // 250}.{number % 250 + 1}"

    def url(self, number: int, path: str) -> str:
        """Return the URL of a path of an outlet."""
        return f"http://{self.host(number)}:{self.port}{path}"

    def published(self, outlet: int) -> Iterator[int]:
        """Yield the live reports of an outlet so far."""
        yield from range(outlet, int((time.time() - self.began) / BETWEEN) + 1, self.outlets)

    def answer(self, outlet: int, path: str) -> tuple[str, bytes]:
        """Return media type and body of what is asked for; none where there is nothing."""
        if path == "/feed":
            rows = "".join(
                f"<item><title>{write_report(number).title}</title>"
                f"<link>{self.url(outlet, f'/live/{number}')}</link></item>"
                for number in self.published(outlet)
            )
            text = f'<?xml version="1.0"?><rss version="2.0"><channel>{rows}</channel></rss>'
            return "application/rss+xml", text.encode()
        if path == "/sitemap.xml":
            rows = "".join(
                f"<url><loc>{self.url(outlet, f'/old/{OLD + outlet * self.pages + number}')}</loc>"
                "<lastmod>2021-03-05</lastmod></url>"
                for number in range(self.pages)
            )
            return "application/xml", f"<urlset>{rows}</urlset>".encode()
        kind, _, number = path.strip("/").partition("/")
        if kind not in ("live", "old"):
            return "", b""
        on_topic = kind == "live" or int(number) % 50 == 0
        piece = write_report(int(number)) if on_topic else write_other(int(number))
        day = f"{piece.day}" if kind == "live" else "2021-03-05"
        return "text/html", make_piece(path, day, piece.title, "\n".join(piece.paragraphs)).body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        host = writer.get_extra_info("sockname")[0]
        outlet = int(host.split(".")[2]) * 250 + int(host.split(".")[3]) - 1
        manners = self.manners.setdefault(host, Manners())
        try:
            while line := await reader.readline():
                while (await reader.readline()).strip():
                    pass
                await self._answer(writer, outlet, line.split()[1].decode(), manners)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _answer(
        self, writer: asyncio.StreamWriter, outlet: int, path: str, manners: Manners
    ) -> None:
        manners.asked += 1
        manners.under_way += 1
        manners.most = max(manners.most, manners.under_way)
        manners.shortest = min(manners.shortest, time.monotonic() - manners.ended)
        await asyncio.sleep(TAKES)
        kind, body = self.answer(outlet, path)
        status = "200 OK" if kind else "404 Not Found"
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind or 'text/plain'}\r\n"
        manners.under_way -= 1
        manners.ended = time.monotonic()
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()

    def start(self) -> None:
        """Serve in a thread, and return when the ports are there."""
        ready = threading.Event()

        async def run() -> None:
            hosts = [self.host(number) for number in range(self.outlets)]
            first = await asyncio.start_server(self.serve, hosts[0], 0)
            self.port = first.sockets[0].getsockname()[1]
            await asyncio.start_server(self.serve, hosts[1:], self.port)
            ready.set()
            await first.serve_forever()

        threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
        ready.wait()


def write_sources(press: Press) -> str:
    sources = [
        {"id": f"o{number}", "kind": "feed", "url": press.url(number, "/feed"),
         "outlet": f"Outlet {number}", "every": "1 minute"}
        for number in range(press.outlets)
    ]  # fmt: skip
    return json.dumps({"version": 1, "replace": True, "sources": sources})


def read_committed(data: Path) -> dict[int, float]:
    """Return when each live report was in the database, its alert owed: sent within two seconds."""
    with sqlite3.connect(data / DATABASE) as connection:
        rows = connection.execute(
            "SELECT version.url, MIN(commits.at) FROM article_versions AS version"
            " JOIN commits ON commits.number = version.commit_number"
            " WHERE version.url LIKE '%/live/%' GROUP BY version.url"
        ).fetchall()
    return {int(url.rpartition("/")[2]): datetime.fromisoformat(at).timestamp() for url, at in rows}


def describe(press: Press, seen: dict[int, float], since: float, until: float) -> dict[str, object]:
    """Return the delays of what was published in a phase."""
    first, last = (int((moment - press.began) / BETWEEN) + 1 for moment in (since, until))
    delays = sorted(
        seen[number] - (press.began + number * BETWEEN)
        for number in range(first, last)
        if number in seen
    )
    return {
        "published": last - first,
        "flagged": len(delays),
        "median_s": round(statistics.median(delays), 1) if delays else None,
        "p95_s": round(delays[int(len(delays) * 0.95)], 1) if delays else None,
        "longest_s": round(delays[-1], 1) if delays else None,
    }


def run_backfill(press: Press, service: Running) -> subprocess.Popen[str]:
    sitemaps = [
        word
        for number in range(press.outlets)
        for word in ("--sitemap", press.url(number, "/sitemap.xml"))
    ]
    return subprocess.Popen(
        [sys.executable, "-m", "monitor", "backfill", *service.places(), "--json",
         "--from", "2019-01-01", "--to", "2023-12-31", *sitemaps],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def measure(folder: Path, press: Press, minutes: float) -> dict[str, object]:
    settings = (
        f'[network]\nallow_private = ["127.0.0.0/8"]\ndelay = {PAUSE}\n'
        '[[subscribers]]\nname = "me"\nchannel = "folder"\n'
    )
    with running(folder, settings, write_sources(press)) as service:
        while not (service.data / DATABASE).exists():
            time.sleep(0.5)
        time.sleep(90)  # the first looks, each of a feed that is new
        alone = time.time()
        time.sleep(minutes * 60)
        beside = time.time()
        process = run_backfill(press, service)
        said, _ = process.communicate()
        over = time.time()
        time.sleep(100)  # what was published last
        _, _, log = service.stop()
        seen = read_committed(service.data)
    done = json.loads(said)
    return {
        "alone": describe(press, seen, alone, beside),
        "beside": describe(press, seen, beside, over),
        "backfill": {"seconds": round(over - beside), "outcomes": done["outcomes"]},
        "most at once to a host": max(each.most for each in press.manners.values()),
        "shortest pause": round(min(each.shortest for each in press.manners.values()), 3),
        "requests": sum(each.asked for each in press.manners.values()),
        "broke": log.count("broke"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--outlets", type=int, default=60)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=4.0)
    options = parser.parse_args()
    press = Press(outlets=options.outlets, pages=options.pages)
    press.start()
    print(json.dumps(measure(options.folder, press, options.minutes), indent=1))


if __name__ == "__main__":
    main()
