"""From a WARC file to flags: the backfill beside other people's ways, over the same records.

    python -m benchmarks.backfill [SHARED] [--records 5000] [--keywords FILE]
        [--news-please PYTHON] [--fundus PYTHON] [--slow-share 0.2] [--workers] [--only NAME ...]

The archive is made of the real pages of `../shared/pages` (`made_pages`): all different, one in a
hundred with a report planted in it.  Every tool is a process of its own; all take one slice before
any takes the next, in turns, so that a busy machine slows all of them.  Counted is processor time.

    limit        read, unpack, decode; nothing else      (warcio: read and unpack with warcio)
    plain        warcio, trafilatura with metadata, keyword lists over the folded text
    news-please  its loop over Common Crawl's files, then the lists; it takes `--slow-share` of them
    fundus       its loop over CC-NEWS, which skips publishers that it does not know; then the lists
    extract      our own pipeline without the filter
    filter       the same with the filter

A peer whose Python is not there is left out and named.  `--workers` runs the command itself with
one worker and with two, three times each in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from benchmarks.backfill_workers import measure_workers
from benchmarks.made_pages import Mint, pack, usual_month
from benchmarks.matching_peers import _Lists
from monitor.config.keywords import read_keywords

ROOT = Path(__file__).resolve().parents[1]
SLICE = 100
PEERS = {
    "news-please": "news-please pyahocorasick 'newspaper4k[all]'",
    "fundus": "fundus pyahocorasick curl_cffi==0.14.0",
}
"""What a venv of each takes; fundus 0.5.7 does not start with a later curl_cffi."""

TOOLS = ("limit", "warcio", "plain", "news-please", "fundus", "extract", "filter")
SLOW = "news-please"


@dataclass
class Told:
    """What one tool has come to."""

    records: int = 0
    seconds: float = 0.0
    read: int = 0
    flagged: set[str] = field(default_factory=set)
    planted: set[str] = field(default_factory=set)
    sizes: list[int] = field(default_factory=list)
    each: list[float] = field(default_factory=list)


class Tool:
    """One tool as a process; a context manager."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name, self.told = name, Told()
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._receive()

    def __enter__(self) -> Tool:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def _receive(self) -> dict[str, object]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with {self._process.wait()}")
        return dict(json.loads(line))

    def work(self, part: Slice) -> None:
        """Have it work through one slice."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{part.path} {part.address}\n")
        self._process.stdin.flush()
        told = self._receive()
        self.told.records += part.records
        self.told.planted |= part.planted
        self.told.seconds += float(str(told["seconds"]))
        self.told.each.append(float(str(told["seconds"])) / part.records)
        self.told.read += int(str(told["read"]))
        self.told.sizes.append(int(str(told["MB"])))
        self.told.flagged |= set(told["flagged"])  # type: ignore[call-overload]


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A file of so many records, and the addresses of those with a report."""

    path: Path
    address: str
    records: int
    planted: frozenset[str]


def write_slices(mint: Mint, count: int, folder: Path, base: str) -> Iterator[Slice]:
    """Write the archive in slices."""
    for first in range(0, count, SLICE):
        pages = [mint.make(number) for number in range(first, min(first + SLICE, count))]
        file = folder / f"{first}.warc.gz"
        file.write_bytes(b"".join(pack(page.record(), level=6) for page in pages))
        yield Slice(
            path=file,
            address=f"{base}/{file.name}",
            records=len(pages),
            planted=frozenset(page.url for page in pages if page.report),
        )


def write_lists(keywords: Path, folder: Path) -> Path:
    """Write the keyword lists that the other tools' texts are held against."""
    lists = _Lists(read_keywords(keywords))
    file = folder / "lists.json"
    named = {"station": lists.station, "china": lists.china}
    named |= {"patrol": lists.patrol, "police": lists.police}
    file.write_text(json.dumps({kind: sorted(terms) for kind, terms in named.items()}), "utf-8")
    return file


def commands(options: argparse.Namespace, lists: Path) -> dict[str, list[str]]:
    """Return how each tool is started; says which peers are not there, and how to get them."""
    pythons = {"news-please": options.news_please, "fundus": options.fundus}
    found: dict[str, list[str]] = {}
    for name in options.only or TOOLS:
        if name in PEERS and not Path(pythons[name]).is_file():
            print(
                f"{name} is left out: no {pythons[name]}. Make it with: uv venv"
                f" {Path(pythons[name]).parents[1]} && uv pip install --python {pythons[name]}"
                f" {PEERS[name]}",
                file=sys.stderr,
            )
        elif name in ("limit", "extract", "filter"):
            found[name] = [
                sys.executable, "-m", "benchmarks.backfill_ours", name, str(options.keywords)
            ]  # fmt: skip
        else:
            python = pythons.get(name, sys.executable)
            found[name] = [
                str(python), str(ROOT / "benchmarks" / "backfill_peers.py"), name, str(lists)
            ]  # fmt: skip
    return found


def serve(folder: Path) -> tuple[ThreadingHTTPServer, str]:
    """Serve the slices on loopback, for whoever reads addresses alone."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Told]:
    """Return what every tool came to."""
    server, base = serve(folder)
    lists = write_lists(options.keywords, folder)
    mint = usual_month(options.shared, count=options.records)
    warm, *slices = write_slices(mint, options.records + SLICE, folder, base)
    every = max(1, round(1 / options.slow_share))
    with ExitStack() as stack:
        stack.callback(server.shutdown)
        tools = [
            stack.enter_context(Tool(name, command))
            for name, command in commands(options, lists).items()
        ]
        for tool in tools:  # loading, and what is slow only once, is no part of it
            tool.work(warm)
            tool.told = Told()
        for turn, part in enumerate(slices):
            for at in range(len(tools)):
                tool = tools[(turn + at) % len(tools)]
                if tool.name != SLOW or turn % every == 0:
                    tool.work(part)
            print(f"{turn + 1} of {len(slices)} slices", file=sys.stderr, flush=True)
        return {tool.name: tool.told for tool in tools}


def describe(found: dict[str, Told]) -> dict[str, object]:
    """Return the figures."""
    rows: dict[str, object] = {}
    plain, limit = found.get("plain"), found.get("limit")
    for name, told in found.items():
        rows[name] = row = {
            "records": told.records,
            "ms a page": round(1000 * told.seconds / told.records, 2),
            "ms in the median slice": round(1000 * median(told.each), 2),
            "MB after a tenth, at the end": [
                told.sizes[len(told.sizes) // 10],
                told.sizes[-1],
            ],
            "pages with a text": told.read,
            "reports found": f"{len(told.flagged & told.planted)} of {len(told.planted)}",
            "others flagged": len(told.flagged - told.planted),
        }
        if plain is not None:
            row["times plain"] = round(
                plain.seconds / plain.records / (told.seconds / told.records), 2
            )
        if limit is not None:
            row["times the limit"] = round(
                told.seconds / told.records / (limit.seconds / limit.records), 2
            )
    if "filter" in found and "extract" in found:
        with_it, without = found["filter"], found["extract"]
        rows["let through"] = round(with_it.read / with_it.records, 4)
        rows["same flags"] = with_it.flagged == without.flagged
        rows["lost"] = sorted(without.flagged - with_it.flagged)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--records", type=int, default=5_000)
    parser.add_argument("--keywords", type=Path, default=ROOT / "keywords.yaml")
    parser.add_argument("--news-please", type=Path, default=Path("peers/news-please/bin/python"))
    parser.add_argument("--fundus", type=Path, default=Path("peers/fundus/bin/python"))
    parser.add_argument("--slow-share", type=float, default=0.2)
    parser.add_argument("--only", nargs="+", choices=TOOLS)
    parser.add_argument("--workers", action="store_true", help="also one worker beside two")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        rows = describe(measure(options, Path(folder)))
    if options.workers:
        rows["workers"] = measure_workers(options.shared, options.keywords, options.records)
    rows["load before and after"] = [round(before, 1), round(os.getloadavg()[0], 1)]
    json.dump(rows, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
