"""Let the real service run through many polls and pages, and say whether anything grows.

    python -m benchmarks.soak [--pages 20000] [--polls 2000] [--minutes 60] [--keep DIR]

A press of 200 sources on loopback publishes five articles at each look, one in twenty of them a
report of an event of its own.  The service is `python -m monitor run` with `every: 1 minute`,
figures on, and a log at `info` whose file is nearly full when it begins.  Every few seconds its own
process is looked at: resident memory, descriptors, threads, the write-ahead log, the database, the
log files; and its figures are asked for.  What counts is the slope: the second half against the
first.  It goes on for all the minutes, though every page was fetched before, and says how often
each source was looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from itertools import pairwise
from pathlib import Path

from tests.fakes.reports import write_report
from tests.simulated.world import descendants

ROOT = Path(__file__).resolve().parents[1]
SOURCES = 200
AT_ONCE = 5
REPORTED = 20
"""One in so many articles is a report, each of an event of its own."""
LOG_BYTES = 10 * 1024 * 1024 - 2_000
"""Of old lines in the log when the service begins, so that it has to begin a new file."""
# fmt: off
WORDS = [
    "council", "harbour", "minister", "market", "school", "river", "budget", "festival",
    "police", "station", "court", "weather", "hospital", "railway", "library", "museum",
    "bridge", "election", "farmers", "concert", "holiday", "factory", "airport", "parliament",
    "neighbours", "winter", "price", "house", "garden", "station", "report", "street", "company",
]
# fmt: on


def address(number: int) -> str:
    """Return the address of a source; all of 127.0.0.0/8 is this machine."""
    return f"127.3.{number // 200}.{1 + number % 200}"


class Press:
    """Feeds that have new articles at each look, up to a number."""

    def __init__(self, pages: int) -> None:
        self.each = -(-pages // SOURCES)
        self.published: Counter[str] = Counter()
        self.dates: dict[tuple[str, int], str] = {}
        self.looks = 0
        self.looked: defaultdict[str, list[float]] = defaultdict(list)
        self.asked = 0
        self.port = 0

    def answer(self, host: str, path: str) -> tuple[str, str, bytes]:
        """Return status, content type and body."""
        if path == "/feed.xml":
            self.looks += 1
            self.looked[host].append(time.monotonic())
            self.published[host] = min(self.each, self.published[host] + AT_ONCE)
            return "200 OK", "application/rss+xml", self._feed(host)
        if path.startswith("/a/"):
            self.asked += 1
            return "200 OK", "text/html; charset=utf-8", self._page(host, int(path[3:]))
        return "404 Not Found", "text/plain", b""

    def _feed(self, host: str) -> bytes:
        now = format_datetime(datetime.now(tz=UTC))
        newest = self.published[host]
        items = "".join(
            f"<item><title>Article {number} of {host}</title><guid>{host}/{number}</guid>"
            f"<link>http://{host}:{self.port}/a/{number}</link>"
            f"<pubDate>{self.dates.setdefault((host, number), now)}</pubDate></item>"
            for number in range(max(0, newest - 30), newest)
        )
        head = '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>'
        return f"{head}{items}</channel></rss>".encode()

    def _page(self, host: str, number: int) -> bytes:
        if number % REPORTED == REPORTED - 1:
            source = int(host.rsplit(".", 1)[1]) - 1
            return write_report(source * (self.each // REPORTED + 1) + number // REPORTED).page()
        chance = random.Random(f"{host}/{number}")
        title = f"{' '.join(chance.sample(WORDS, 5)).capitalize()} {number}"
        texts = [
            " ".join(chance.choice(WORDS) for _ in range(chance.randint(40, 120))).capitalize()
            for _ in range(8)
        ]
        said = "".join(f"<p>{escape(text)}.</p>" for text in texts)
        return (
            f"<!doctype html><html lang=en><head><title>{title}</title></head><body><main><article>"
            f"<h1>{title}</h1>{said}</article></main></body></html>"
        ).encode()


async def serve(press: Press, ready: threading.Event, stop: threading.Event) -> None:
    """Answer one request a connection on every address."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            host = writer.get_extra_info("sockname")[0]
            status, kind, body = press.answer(host, head.split(b" ", 2)[1].decode())
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                "Connection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
        except (OSError, EOFError, asyncio.IncompleteReadError, TimeoutError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "0.0.0.0", 0, backlog=1024)
    press.port = server.sockets[0].getsockname()[1]
    ready.set()
    await asyncio.to_thread(stop.wait)
    server.close()


@dataclass(frozen=True, kw_only=True)
class Sample:
    """How the service's own process and its files stood."""

    at: float
    pages: int
    polls: int
    rss: float
    descriptors: int
    threads: int
    wal: float
    database: float
    logs: float
    children: float


def megabytes(*paths: Path) -> float:
    """Return the size of files together."""
    return sum(path.stat().st_size for path in paths if path.exists()) / 2**20


def look(pid: int, data: Path, press: Press, began: float) -> Sample | None:
    """Take one sample, or None when the process is gone."""
    try:
        status = dict(
            line.split(":\t", 1)
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if ":\t" in line
        )
        descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return None
    return Sample(
        at=time.monotonic() - began,
        pages=press.asked,
        polls=press.looks,
        rss=int(status["VmRSS"].split()[0]) / 1024,
        descriptors=descriptors,
        threads=int(status["Threads"]),
        wal=megabytes(data / "stationwatch.db-wal", data / "texts.db-wal"),
        database=megabytes(data / "stationwatch.db", data / "texts.db"),
        logs=megabytes(*(data / "logs").glob("*")),
        children=sum(resident(child) for child in descendants(pid)),
    )


def resident(pid: int) -> float:
    """Return what a process holds of memory in MB, shared pages by their share; 0 when gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def ask_figures(port: int) -> bool:
    """Say whether the figures were answered."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return b"stationwatch_pages" in answer.read()
    except OSError:
        return False


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How much, for how long, and where the figures are served."""

    pages: int
    polls: int
    minutes: float
    figures: int


def write_config(config: Path, press: Press, figures: int) -> None:
    """Write a configuration that watches the press once a minute."""
    config.mkdir(parents=True)
    listed = "".join(
        f"  - id: s{n}\n    kind: feed\n    url: http://{address(n)}:{press.port}/feed.xml\n"
        f"    outlet: Source {n}\n    country: IE\n    language: en\n    every: 1 minute\n"
        for n in range(SOURCES)
    )
    (config / "sources.yaml").write_text(f"version: 1\nreplace: true\nsources:\n{listed}")
    (config / "settings.toml").write_text(
        '[network]\nallow_private = ["127.0.0.0/8"]\ndelay = 0.05\n[log]\nlevel = "info"\n'
        f"[metrics]\nport = {figures}\n"
        '[[subscribers]]\nname = "me"\nchannel = "folder"\nalarms = true\n'
    )


def report(samples: list[Sample], press: Press) -> None:
    """Print the figures: a row for each tenth of the time, and the two halves beside each other."""
    columns = "minutes | pages | polls | RSS MB | children MB | descriptors | threads | WAL MB"
    print(f"| {columns} | files MB | log MB |")
    print("|" + " - |" * 10)
    last = samples[-1]
    for tenth in range(1, 11):
        one = next(each for each in samples if each.at >= last.at * tenth / 10)
        print(
            f"| {one.at / 60:.0f} | {one.pages} | {one.polls} | {one.rss:.0f} | {one.children:.0f}"
            f" | {one.descriptors} | {one.threads} | {one.wal:.0f} | {one.database:.0f} |"
            f" {one.logs:.1f} |"
        )
    warm = [each for each in samples if each.at >= last.at * 0.2]
    middle = len(warm) // 2
    for name in ("rss", "children", "descriptors", "threads", "wal"):
        first = [getattr(each, name) for each in warm[:middle]]
        second = [getattr(each, name) for each in warm[middle:]]
        mean = sum(first) / len(first), sum(second) / len(second)
        most = max(first), max(second)
        print(
            f"{name}: mean {mean[0]:.1f} then {mean[1]:.1f}, most {most[0]:.0f} then {most[1]:.0f}"
        )
    report_looks(press)


def report_looks(press: Press) -> None:
    """Print whether every source was looked at again and again."""
    gaps = sorted(later - before for at in press.looked.values() for before, later in pairwise(at))
    least = min(len(at) for at in press.looked.values())
    print(f"sources looked at: {len(press.looked)} of {SOURCES}, each at least {least} times")
    if gaps:
        print(
            f"seconds between two looks at one: median {gaps[len(gaps) // 2]:.0f}, "
            f"99 % {gaps[len(gaps) * 99 // 100]:.0f}, longest {gaps[-1]:.0f}"
        )


def fill_log(data: Path) -> None:
    """Leave a log behind that is nearly long enough to be closed."""
    (data / "logs").mkdir(mode=0o700, parents=True)
    data.chmod(0o700)
    line = json.dumps({"event": "a line of long ago", "level": "info"}) + "\n"
    (data / "logs" / "stationwatch.log").write_text(line * (LOG_BYTES // len(line)))


def start(folder: Path, config: Path, data: Path) -> subprocess.Popen[bytes]:
    """Start the service."""
    command = [sys.executable, "-m", "monitor", "run", "--new"]
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(
            [*command, "--data", str(data), "--config", str(config)],
            cwd=ROOT,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def watch(
    service: subprocess.Popen[bytes], data: Path, press: Press, wanted: Wanted
) -> list[Sample]:
    """Look at the service every few seconds, for so long, and till so much was done."""
    began, samples, answered, asked = time.monotonic(), list[Sample](), 0, 0
    while service.poll() is None:
        time.sleep(3)
        one = look(service.pid, data, press, began)
        if one is None:
            break
        samples.append(one)
        asked += 1
        answered += ask_figures(wanted.figures)
        if one.at >= wanted.minutes * 60:
            done = one.pages >= press.each * SOURCES and one.polls >= wanted.polls
            print(f"{'all' if done else 'NOT all'} was done: {one.pages} pages, {one.polls} polls")
            break
    print(f"figures were answered {answered} times of {asked}")
    return samples


def soak(folder: Path, wanted: Wanted) -> None:
    """Run press and service for so long, and print the figures."""
    press, ready, stop = Press(wanted.pages), threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve(press, ready, stop)), daemon=True)
    thread.start()
    ready.wait(30)
    config, data = folder / "config", folder / "data"
    write_config(config, press, wanted.figures)
    fill_log(data)
    service = start(folder, config, data)
    try:
        samples = watch(service, data, press, wanted)
        service.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        service.wait(timeout=60)
        print(f"ended with {service.returncode} in {time.monotonic() - asked:.1f} s after SIGTERM")
    finally:
        if service.poll() is None:
            os.killpg(service.pid, signal.SIGKILL)
        stop.set()
        thread.join(5)
    report(samples, press)
    logs = sorted((data / "logs").glob("*"))
    print("log files:", ", ".join(f"{each.name} {megabytes(each):.1f} MB" for each in logs))
    command = [sys.executable, "-m", "monitor", "status", "--json", "--data", str(data)]
    status = subprocess.run(
        [*command, "--config", str(config)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    found = json.loads(status.stdout)
    print("needs:", found["needs"], "outbox:", found["outbox"])


def main() -> None:
    """Run, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--polls", type=int, default=2_000)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.keep or Path(temporary)
        wanted = Wanted(
            pages=chosen.pages,
            polls=chosen.polls,
            minutes=chosen.minutes,
            figures=free_port(),
        )
        soak(folder, wanted)


if __name__ == "__main__":
    main()
