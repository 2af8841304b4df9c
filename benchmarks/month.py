"""A month in the form of CC-NEWS: made, run, killed at random, run without the filter, compared.

    python -m benchmarks.month make FOLDER [--records 100000] [--shared SHARED]
    python -m benchmarks.month run FOLDER NAME [--workers 2] [--no-filter] [--kills 5]
    python -m benchmarks.month compare FOLDER NAME NAME ...

`make` writes `crawl-data/CC-NEWS/2024/03/warc.paths.gz` and the files it lists, as Common Crawl
lays them out (requests and responses, a gzip member each, files of 1 GB); the pages are those of
`made_pages`, every hundredth a report.  `run` is the command itself, `backfill --ccnews 2024-03`,
with the keywords that FOLDER was made with and data of its own; stopped, the same line goes on.
Every half minute it writes how far it is to NAME.jsonl.  `--kills` ends the whole program with
SIGKILL, at moments that are random in the archive, and the last in the pass that forms stories.
`compare` says whether the databases hold the same.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from benchmarks.made_pages import Mint, pack, usual_month
from benchmarks.process_costs import Costs, costs_of
from monitor.wiring import create_data
from storage.files import DATABASE

ROOT = Path(__file__).resolve().parents[1]
MONTH = "crawl-data/CC-NEWS/2024/03"
LARGEST = 10**9
"""Bytes to a file; Common Crawl cuts them at 1 GiB."""
CHUNK = 500
NOTE_EVERY = 30.0
LONGEST_KILL = 20.0
"""Seconds at most between a place in the archive and the kill that was meant for it."""


def make(folder: Path, shared: Path, records: int, keywords: Path) -> None:
    """Write the month, the keywords and what a run is configured by."""
    config = folder / "config"
    config.mkdir(parents=True, exist_ok=True)
    shutil.copy(keywords, config / "keywords.yaml")
    (config / "settings.toml").write_text(f'[archives]\nccnews = "{folder}"\n', "utf-8")
    (folder / MONTH).mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    size = LARGEST
    with ProcessPoolExecutor(os.cpu_count()) as makers:
        tasks = ((str(shared), records, first) for first in range(0, records, CHUNK))
        for number, packed in enumerate(makers.map(make_chunk, tasks)):
            if size + len(packed) > LARGEST:
                files.append(
                    folder / MONTH / f"CC-NEWS-20240301{len(files):06d}-{len(files):05d}.warc.gz"
                )
                size = files[-1].write_bytes(pack(about_file(files[-1].name)))
            with files[-1].open("ab") as opened:
                size += opened.write(packed)
            print(f"{number + 1} of {-(-records // CHUNK)} chunks", file=sys.stderr, flush=True)
    lines = "".join(f"{MONTH}/{file.name}\n" for file in files)
    (folder / MONTH / "warc.paths.gz").write_bytes(gzip.compress(lines.encode()))


@cache
def _mint(shared: str, records: int) -> Mint:
    return usual_month(Path(shared), count=records)


def make_chunk(task: tuple[str, int, int]) -> bytes:
    """Return so many pages from one on, each with its request, packed."""
    shared, records, first = task
    mint = _mint(shared, records)
    chunk = []
    for number in range(first, min(first + CHUNK, records)):
        page = mint.make(number)
        chunk += [pack(about_request(page.url, page.captured)), pack(page.record())]
    return b"".join(chunk)


def about_file(name: str) -> bytes:
    """Return the record that a file begins with."""
    about = b"software: StormCrawler\r\nformat: WARC File Format 1.0\r\n"
    head = (
        f"WARC/1.0\r\nWARC-Type: warcinfo\r\nWARC-Date: 2024-03-01T00:00:00Z\r\n"
        f"WARC-Filename: {name}\r\nContent-Type: application/warc-fields\r\n"
        f"Content-Length: {len(about)}\r\n\r\n"
    )
    return head.encode() + about + b"\r\n\r\n"


def about_request(url: str, captured: datetime) -> bytes:
    """Return the record of a request."""
    host, _, path = url.removeprefix("https://").partition("/")
    asked = f"GET /{path} HTTP/1.1\r\nUser-Agent: CCBot/2.0\r\nHost: {host}\r\n\r\n".encode()
    head = (
        f"WARC/1.0\r\nWARC-Type: request\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: {captured:%Y-%m-%dT%H:%M:%SZ}\r\n"
        f"Content-Type: application/http; msgtype=request\r\nContent-Length: {len(asked)}\r\n\r\n"
    )
    return head.encode() + asked + b"\r\n\r\n"


def run(folder: Path, name: str, *arguments: str, kills: int = 0) -> None:
    """Run the command to its end, killed so often, and note how far it is."""
    data = folder / name
    if not data.exists():
        create_data(data)
    moments = choose_moments(kills, count_parts(folder)) if kills else []
    while moments:
        at, wait = moments[0]
        if run_once(folder, name, arguments, until=(at, wait)):
            return
        moments.pop(0)
    if not run_once(folder, name, arguments):
        raise SystemExit(f"{name}: the command failed; see {folder / name}.log")


def choose_moments(kills: int, parts: int) -> list[tuple[float, float]]:
    """Return after how many parts, and how many seconds later; the last as stories form."""
    dice = random.Random(6)
    places = sorted(dice.uniform(0, parts) for _ in range(kills - 1))
    waits = [dice.uniform(0, LONGEST_KILL) for _ in places]
    return [*zip(map(int, places), waits, strict=True), (parts, dice.uniform(0.5, 3))]


def count_parts(folder: Path) -> int:
    """Return how many parts the command cuts the month into."""
    from monitor.jobs.backfill_plan import plan_files  # noqa: PLC0415 - for a run alone

    return len(plan_files([str(folder / MONTH)]).units)


def run_once(
    folder: Path, name: str, arguments: Iterable[str], until: tuple[float, float] | None = None
) -> bool:
    """Run the command, to a moment at most; return whether it came to its end."""
    began = time.monotonic()
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "monitor", "backfill", "--data", str(folder / name),
             "--config", str(folder / "config"), "--json", "--ccnews", "2024-03", *arguments],
            cwd=ROOT, stdout=log, stderr=log,
        )  # fmt: skip
    costs, noted, due = Costs(), 0.0, None
    try:
        while process.poll() is None:
            costs = costs_of(process.pid, costs)
            now = time.monotonic()
            if until is not None and due is None and progress(folder / name)["parts"] >= until[0]:
                due = now + until[1]
            if due is not None and now >= due:
                os.kill(process.pid, signal.SIGKILL)
            if now - noted >= NOTE_EVERY:
                noted = now
                note(folder, name, costs, now - began)
            time.sleep(0.5)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    note(folder, name, costs, time.monotonic() - began, ended=process.returncode)
    return process.returncode == 0


def note(
    folder: Path, name: str, costs: Costs, elapsed: float, *, ended: int | None = None
) -> None:
    """Write a line of how far it is and what it has cost since it was started."""
    line = {
        "at": f"{datetime.now(UTC):%H:%M:%S}",
        "seconds": round(elapsed),
        "processor": round(costs.seconds),
        "of the writer": round(costs.first_seconds, 1),
        "writer MB": costs.largest_first,
        "worker MB": costs.largest_other,
        "load": round(os.getloadavg()[0], 1),
        **progress(folder / name),
    }
    if ended is not None:
        line["ended"] = ended
    with (folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def read_rows(data: Path, sql: str) -> Iterator[tuple[object, ...]]:
    """Yield rows of a database that others may be writing."""
    connection = sqlite3.connect(f"file:{data / DATABASE}?mode=ro", uri=True, timeout=30)
    try:
        yield from connection.execute(sql)
    finally:
        connection.close()


def progress(data: Path) -> dict[str, int]:
    """Return how much is covered, and how many found pages wait.

    A backfill gathers in a database of its own (`backfill/work`), which is taken over as a parcel.
    """
    records: dict[object, int] = {}
    waiting: set[object] = set()
    beside = (data / "backfill").glob("parcels/*") if (data / "backfill").exists() else ()
    for each in (data, data / "backfill" / "work", *beside):
        try:
            units = [*read_rows(each, "SELECT unit, records FROM covered_units")]
            keys = [*read_rows(each, "SELECT key FROM found_pages")]
        except sqlite3.OperationalError:
            continue  # it is not there any more, or not yet
        records |= {unit: int(str(number)) for unit, number in units}
        waiting |= {key for (key,) in keys}
    return {"parts": len(records), "records": sum(records.values()), "waiting": len(waiting)}


def stored(data: Path) -> dict[str, list[object]]:
    """Return what is in the database but for ids and times of writing."""
    stories: dict[object, list[object]] = {}
    for story, url in read_rows(
        data,
        "SELECT each.story, version.url FROM story_articles AS each"
        " JOIN article_versions AS version ON version.article = each.article ORDER BY 2",
    ):
        stories.setdefault(story, []).append(url)
    return {
        "articles": [
            *read_rows(
                data,
                "SELECT url, title, published_at, text_hash FROM article_versions ORDER BY 1, 2, 3",
            )
        ],
        "stories": [*sorted(map(str, stories.values()))],
        "matches": [*read_rows(data, MATCHES)],
        "owed": [*read_rows(data, "SELECT COUNT(*) FROM outbox")],
        "units": [*read_rows(data, "SELECT unit FROM covered_units ORDER BY 1")],
    }


MATCHES = """
SELECT version.url, matches.topic, matches.level, matches.score
FROM matches JOIN article_versions AS version
    ON version.article = matches.article AND version.version = matches.version
ORDER BY 1, 2, 3
"""


def outcomes(data: Path) -> dict[str, int]:
    """Return how many pages came to what, over all runs."""
    sql = "SELECT outcome, SUM(pages) FROM run_outcomes GROUP BY 1 ORDER BY 1"
    return {str(outcome): int(str(pages)) for outcome, pages in read_rows(data, sql)}


def compare(folder: Path, names: list[str]) -> bool:
    """Print what each run came to, and whether it is what the first one did."""
    first = stored(folder / names[0])
    same = True
    for name in names:
        found = stored(folder / name)
        differing = [key for key in first if found[key] != first[key]]
        same = same and not differing
        print(json.dumps({
            "name": name,
            **{key: len(rows) for key, rows in found.items() if key != "owed"},
            "owed": found["owed"][0],
            "outcomes": outcomes(folder / name),
            f"differs from {names[0]} in": differing,
        }))  # fmt: skip
    return same


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["make", "run", "compare"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--keywords", type=Path, default=ROOT / "keywords.yaml")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-filter", action="store_true")
    parser.add_argument("--kills", type=int, default=0)
    options = parser.parse_args()
    folder = options.folder.resolve()
    if options.step == "make":
        make(folder, options.shared, options.records, options.keywords)
    elif options.step == "run":
        extra = ["--no-filter"] if options.no_filter else []
        for name in options.names:
            run(folder, name, "--workers", str(options.workers), *extra, kills=options.kills)
    elif not compare(folder, options.names):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
