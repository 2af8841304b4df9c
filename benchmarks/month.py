"""A month in the form of CC-NEWS: made of the real pages, run, killed at random, resumed, compared.

    python -m benchmarks.month FOLDER [SHARED] [--records 100000] [--kills 5] [--unfiltered 20000]

FOLDER gets `crawl-data/CC-NEWS/2024/03/warc.paths.gz` and the files it lists, as Common Crawl lays
them out; every hundredth record is a report on the topic.  Then the command itself runs with
`--ccnews 2024-03` over them: undisturbed; killed with SIGKILL at random moments and started again;
and over the first files with the filter and without.  What the database holds in the end must be
the same.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.backfill import plant
from monitor.wiring import create_data
from storage.files import DATABASE
from tests.backfill.archives import build_record
from tests.backfill.test_sieve import REPORTS
from tests.extract.real_pages import read_fundus, read_scrapinghub

ROOT = Path(__file__).resolve().parents[1]
MONTH = "crawl-data/CC-NEWS/2024/03"
A_FILE = 2_000
"""Records to a file; real ones have 31,000 in 1 GiB."""


def make_month(folder: Path, shared: Path, count: int) -> list[Path]:
    """Write the month and return its files."""
    pages = [page.body for page in (*read_scrapinghub(shared), *read_fundus(shared))]
    reports = list(REPORTS.values())
    (folder / MONTH).mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for first in range(0, count, A_FILE):
        file = folder / MONTH / f"CC-NEWS-202403{first // A_FILE + 1:06d}-{first:05d}.warc.gz"
        with file.open("wb") as opened:
            for number in range(first, min(first + A_FILE, count)):
                body = pages[(number * 7) % len(pages)]
                if number % 100 == 50:
                    body = plant(body, *reports[number // 100 % len(reports)])
                record = build_record(
                    f"https://site{number % 400}.example/{number}", body,
                    captured=datetime(2024, 3, 1, tzinfo=UTC) + timedelta(seconds=20 * number),
                )  # fmt: skip
                opened.write(gzip.compress(record, 1))
        files.append(file)
    lines = "".join(f"{MONTH}/{file.name}\n" for file in files)
    (folder / MONTH / "warc.paths.gz").write_bytes(gzip.compress(lines.encode()))
    return files


def command(folder: Path, config: Path, *arguments: str) -> list[str]:
    return [
        sys.executable, "-m", "monitor", "backfill", "--data", str(folder), "--config", str(config),
        "--workers", "2", "--json", *arguments,
    ]  # fmt: skip


def run(folder: Path, config: Path, *arguments: str) -> float:
    """Run to the end, and return the seconds of processor time it took."""
    began = os.times()
    subprocess.run(
        command(folder, config, *arguments), cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    ended = os.times()
    return ended.children_user + ended.children_system - began.children_user - began.children_system


def run_killed(folder: Path, config: Path, *arguments: str, kills: int, longest: float) -> int:
    """Kill the command at random moments, then let it end; return how often it was killed."""
    chance = random.Random(6)
    killed = 0
    for _ in range(kills):
        process = subprocess.Popen(
            command(folder, config, *arguments), cwd=ROOT, stdout=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.1, 1.0) * longest)
        if process.poll() is None:
            killed += 1
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
    run(folder, config, *arguments)
    return killed


def stored(folder: Path) -> dict[str, object]:
    """Return what is in the database but for ids and times of writing."""

    def rows(sql: str) -> Iterator[tuple[object, ...]]:
        with sqlite3.connect(folder / DATABASE) as connection:
            yield from connection.execute(sql)

    stories: dict[object, list[object]] = {}
    for story, url in rows(
        "SELECT each.story, version.url FROM story_articles AS each"
        " JOIN article_versions AS version ON version.article = each.article ORDER BY 2"
    ):
        stories.setdefault(story, []).append(url)
    return {
        "articles": list(rows("SELECT url, title FROM article_versions ORDER BY 1, 2")),
        "stories": sorted(map(str, stories.values())),
        "matches": list(
            rows("SELECT topic, level, COUNT(*) FROM matches GROUP BY 1, 2 ORDER BY 1, 2")
        ),
        "owed": list(rows("SELECT COUNT(*) FROM outbox")),
    }


def outcomes(folder: Path) -> dict[str, int]:
    with sqlite3.connect(folder / DATABASE) as connection:
        return dict(
            connection.execute("SELECT outcome, SUM(pages) FROM run_outcomes GROUP BY 1 ORDER BY 1")
        )


def make_data(folder: Path) -> Path:
    create_data(folder)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--unfiltered", type=int, default=20_000)
    options = parser.parse_args()
    folder: Path = options.folder
    files = make_month(folder, options.shared, options.records)
    config = folder / "config"
    config.mkdir(exist_ok=True)
    (config / "settings.toml").write_text(f'[archives]\nccnews = "{folder}"\n', "utf-8")
    found: dict[str, object] = {
        "records": options.records,
        "files": len(files),
        "MB": round(sum(file.stat().st_size for file in files) / 1e6),
    }
    month = ("--ccnews", "2024-03")
    began = time.monotonic()
    found["undisturbed, processor seconds"] = round(run(make_data(folder / "a"), config, *month))
    elapsed = time.monotonic() - began
    found["kills"] = run_killed(
        make_data(folder / "b"), config, *month, kills=options.kills, longest=elapsed / 3
    )
    found["killed is undisturbed"] = stored(folder / "a") == stored(folder / "b")
    found["outcomes"] = outcomes(folder / "a")
    found["outcomes, killed"] = outcomes(folder / "b")
    some = [
        each
        for file in files[: max(1, options.unfiltered // A_FILE)]
        for each in ("--warc", str(file))
    ]
    run(make_data(folder / "c"), config, *some)
    found["unfiltered, processor seconds"] = round(
        run(make_data(folder / "d"), config, *some, "--no-filter")
    )
    found["unfiltered records"] = min(
        options.records, max(1, options.unfiltered // A_FILE) * A_FILE
    )
    found["unfiltered is filtered"] = stored(folder / "c") == stored(folder / "d")
    found["articles, stories"] = [
        len(list(stored(folder / "a")[key])) for key in ("articles", "stories")
    ]  # type: ignore[call-overload]
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
