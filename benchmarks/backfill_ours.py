"""Our own ways from a WARC file to flags, and the limit; spoken to like `backfill_peers`.

python -m benchmarks.backfill_ours limit|extract|filter KEYWORDS.yaml
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from benchmarks.backfill_peers import answer
from monitor.extract.decode import decode
from monitor.match.matcher import Matcher
from monitor.model import Outcome
from monitor.prepare import load_preparer
from monitor.sieve import PageSieve
from spiders.units import Flagged, Unit, UnitDone, Wanted, work_unit
from spiders.warc import Tally, read_pages


def open_file(path: str) -> BinaryIO:
    """Open a slice."""
    return Path(path).open("rb")


def by_limit(path: str) -> tuple[set[str], int]:
    """Read, unpack and decode; nothing else."""
    read = 0
    with open_file(path) as file:
        for _, page in read_pages(file, Tally()):
            decode(page.body)
            read += 1
    return set(), read


def make_ours(keywords: str, *, sieve: bool) -> Callable[[str], tuple[set[str], int]]:
    """Return what one archive worker does with a unit; counts the pages that were extracted."""
    preparer = load_preparer(keywords)
    assert isinstance(preparer.matcher, Matcher)
    page_sieve = PageSieve.load(preparer.matcher) if sieve else None

    def by_us(path: str) -> tuple[set[str], int]:
        flagged: set[str] = set()
        extracted = 0
        for told in work_unit(
            Unit(path=path, name=""),
            Wanted(),
            preparer=preparer,
            sieve=page_sieve,
            open_file=open_file,
        ):
            if isinstance(told, Flagged):
                flagged.add(told.prepared.url)
            elif isinstance(told, UnitDone):
                extracted = sum(
                    pages
                    for counts in told.outcomes.values()
                    for outcome, pages in counts.items()
                    if outcome is not Outcome.RULED_OUT
                )
        return flagged, extracted

    return by_us


def main() -> None:
    name, keywords = sys.argv[1:]
    way = by_limit if name == "limit" else make_ours(keywords, sieve=name == "filter")
    print("{}", flush=True)
    for line in sys.stdin:
        began = time.process_time()
        flagged, read = way(line.split()[0])
        answer(flagged, read, began)


if __name__ == "__main__":
    main()
