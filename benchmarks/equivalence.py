"""Flags with the filter and without it: every real page, trick and legacy charset.

    python -m benchmarks.equivalence [SHARED] [--share 0.02] [--seed 1] [--minutes 10]

Each real page comes with labelled texts planted in it by every trick of `tests/backfill/planting`,
four in ten broken at random, in UTF-8 and in the legacy charsets that can hold it: declared,
undeclared and declared as another.  A page is lost where the filter rules it out and the pipeline
would have flagged it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from monitor.match.matcher import Matcher
from monitor.prepare import load_preparer
from monitor.sieve import PageSieve
from tests.backfill.equivalence import make_cases

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--share", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    preparer = load_preparer(str(ROOT / "keywords.yaml"))
    assert isinstance(preparer.matcher, Matcher)
    sieve = PageSieve(preparer.matcher)
    counts: Counter[str] = Counter()
    lost: list[str] = []
    until = time.monotonic() + 60 * options.minutes
    for case in make_cases(options.shared, seed=options.seed, share=options.share):
        if time.monotonic() > until:
            counts["stopped by the clock"] = 1
            break
        counts["pages"] += 1
        if not sieve.rules_out(case.page):
            counts["let through"] += 1
            continue
        analysis = preparer.prepare(case.page).analysis
        if analysis and analysis.matches:
            lost.append(case.name)
            print("lost:", case.name, file=sys.stderr, flush=True)
    json.dump({**counts, "lost": lost}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
