"""From a WARC file to flags: the backfill beside plain loops over the same records, in one run.

    python -m benchmarks.backfill [SHARED] [--records N] [--workers]

The archive is made of the real pages of `../shared/pages`, each under many addresses; one record in
a hundred has a report on the topic planted in it.  All tools take one slice of records before any
takes the next, in one process, so that a busy machine slows all of them: believe the ratios.

    limit      read, unpack, decode; nothing else
    plain      warcio, trafilatura with metadata, keyword lists over the lower-cased text
    extract    our own pipeline without the filter
    filter     the same with the filter
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import ahocorasick
from trafilatura import bare_extraction
from warcio.archiveiterator import ArchiveIterator

from monitor.extract.decode import decode
from monitor.match.matcher import Matcher
from monitor.prepare import Preparer, load_preparer
from monitor.sieve import PageSieve
from spiders.unit_pool import PoolSetup, UnitPool
from spiders.units import Flagged, Unit, UnitDone, Wanted, work_unit
from spiders.warc import Tally, read_pages
from tests.backfill.archives import build_record
from tests.backfill.planting import TRICKS
from tests.backfill.test_sieve import REPORTS
from tests.extract.real_pages import read_fundus, read_scrapinghub

ROOT = Path(__file__).resolve().parents[1]
SLICE = 50
PARTS = 8


def make_records(shared: Path, count: int) -> list[bytes]:
    """Return packed records: real pages in turn, every hundredth with a report planted."""
    pages = [page.body for page in (*read_scrapinghub(shared), *read_fundus(shared))]
    reports = list(REPORTS.values())
    records = []
    for number in range(count):
        body = pages[(number * 7) % len(pages)]
        if number % 100 == 50:
            body = plant(body, *reports[number // 100 % len(reports)])
        url = f"https://site{number % 40}.example/{number}"
        records.append(gzip.compress(build_record(url, body), 6))
    return records


def plant(body: bytes, title: str, text: str) -> bytes:
    """Return a real page with a report in place of its headline and above its first paragraph."""
    html = decode(body).text
    told = TRICKS["plain"](title, text)
    inside = told[told.index("<article>") : told.index("</article>") + len("</article>")]
    at = html.find("<p")
    start, end = html.find("<title"), html.find("</title>")
    html = f"{html[:at]}{inside}{html[at:]}" if at >= 0 else html + inside
    if 0 <= start < end < at:
        html = f"{html[:start]}<title>{title}{html[end:]}"
    return html.encode("utf-8", "ignore")


def by_limit(data: bytes) -> set[str]:
    for _, page in read_pages(io.BytesIO(data), Tally()):
        decode(page.body)
    return set()


def make_plain(matcher: Matcher) -> Callable[[bytes], set[str]]:
    """Return the loop that everybody writes first: any listed term makes a candidate."""
    automaton = ahocorasick.Automaton()
    for literal in matcher.table.terms.literals:
        automaton.add_word(literal.strip(), literal.strip())
    automaton.make_automaton()

    def by_plain(data: bytes) -> set[str]:
        flagged = set()
        for record in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
            if record.rec_type != "response":
                continue
            found = bare_extraction(
                record.content_stream().read(), with_metadata=True, include_comments=False
            )
            text = f"{found.title}\n{found.text}".lower() if found else ""
            if sum(1 for _ in automaton.iter(text)) > 10_000:
                flagged.add(record.rec_headers["WARC-Target-URI"])
        return flagged

    return by_plain


def make_ours(preparer: Preparer, sieve: PageSieve | None) -> Callable[[bytes], set[str]]:
    def by_us(data: bytes) -> set[str]:
        told = work_unit(
            Unit(path="", name=""),
            Wanted(),
            preparer=preparer,
            sieve=sieve,
            open_file=lambda _: io.BytesIO(data),
        )
        return {each.prepared.url for each in told if isinstance(each, Flagged)}

    return by_us


def slices(records: list[bytes]) -> Iterator[bytes]:
    for start in range(0, len(records), SLICE):
        yield b"".join(records[start : start + SLICE])


def measure(records: list[bytes]) -> dict[str, object]:
    """Return seconds of processor time and flags of every tool."""
    preparer = load_preparer(str(ROOT / "keywords.yaml"))
    assert isinstance(preparer.matcher, Matcher)
    sieve = PageSieve(preparer.matcher)
    tools: dict[str, Callable[[bytes], set[str]]] = {
        "limit": by_limit,
        "plain": make_plain(preparer.matcher),
        "extract": make_ours(preparer, None),
        "filter": make_ours(preparer, sieve),
    }
    for tool in tools.values():
        tool(records[0])
    seconds = dict.fromkeys(tools, 0.0)
    flags: dict[str, set[str]] = {name: set() for name in tools}
    through = 0
    names = list(tools)
    for turn, data in enumerate(slices(records)):
        for name in names[turn % 4 :] + names[: turn % 4]:
            began = time.process_time()
            flags[name] |= tools[name](data)
            seconds[name] += time.process_time() - began
        through += sum(not sieve.rules_out(p) for _, p in read_pages(io.BytesIO(data), Tally()))
    return {
        "records": len(records),
        "milliseconds a page": {n: round(1000 * s / len(records), 2) for n, s in seconds.items()},
        "times plain": {n: round(seconds["plain"] / s, 1) for n, s in seconds.items()},
        "times the limit": round(seconds["filter"] / seconds["limit"], 1),
        "let through": round(through / len(records), 4),
        "flagged": len(flags["filter"]),
        "same flags": flags["filter"] == flags["extract"],
        "lost": sorted(flags["extract"] - flags["filter"]),
    }


def measure_workers(records: list[bytes], folder: Path) -> dict[str, object]:
    """Return pages a second with one worker and with two, and what memory they took."""
    size = -(-len(records) // PARTS)
    units = []
    for part in range(PARTS):
        file = folder / f"{part}.warc.gz"
        file.write_bytes(b"".join(records[part * size : (part + 1) * size]))
        units.append(Unit(path=str(file), name=file.name))
    found: dict[str, object] = {}
    for workers in (1, 2):
        setup = PoolSetup(keywords=str(ROOT / "keywords.yaml"))
        pages = 0
        with UnitPool(units, setup, size=workers) as pool:
            results = iter(pool)
            first = next(results)  # loading is no part of it
            began = time.monotonic()
            for result in results:
                if isinstance(result.done, UnitDone):
                    pages += result.done.records
            elapsed = time.monotonic() - began
        _ = first
        found[f"{workers} workers, pages a second"] = round(pages / elapsed, 1)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    found["largest worker, MB"] = round(memory / 1024)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--records", type=int, default=800)
    parser.add_argument("--workers", action="store_true", help="also one worker beside two")
    options = parser.parse_args()
    records = make_records(options.shared, options.records)
    found = measure(records)
    if options.workers:
        with tempfile.TemporaryDirectory() as folder:
            found |= measure_workers(records, Path(folder))
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
