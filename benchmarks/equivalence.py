"""Flags with the filter and without it: every real page, by every trick, in UTF-8 and otherwise.

    python -m benchmarks.equivalence [SHARED] [--share 1] [--seed 1] [--minutes 45] [--lost FOLDER]
        [--every-charset]

Each real page comes with a labelled text planted in it by each trick of `tests/backfill/planting`,
four in ten broken at random: once as UTF-8, and once in a legacy charset drawn of those that can
hold it, declared, undeclared or declared as another (`--every-charset`: in a share of all of them,
in all three ways, some 90 times as many pages).  The order is random, so that a run that the clock
ends has seen a fair sample.  A page is lost where the filter rules it out and the pipeline would
have flagged it; it is written to FOLDER at once.  Needs the part `speed`, as the filter does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from monitor.extract.decode import decode
from monitor.match.matcher import Matcher
from monitor.prepare import load_preparer
from monitor.sieve import PageSieve
from tests.backfill.equivalence import (
    CHARSETS,
    MUTATIONS,
    WRONG,
    Case,
    make_cases,
    plant,
    read_real,
    read_texts,
)
from tests.backfill.planting import TRICKS, as_page

ROOT = Path(__file__).resolve().parents[1]
NOTE_EVERY = 60.0
TRIES = 8


def draw_cases(shared: Path, *, seed: int, share: float) -> Iterator[Case]:
    """Yield `share` of all real pages by all tricks, each as UTF-8 and in one legacy charset."""
    texts = read_texts(shared)
    pages = [(real.name, decode(real.body).text) for real in read_real(shared)]
    pairs = [(page, trick) for page in range(len(pages)) for trick in TRICKS]
    random.Random(seed).shuffle(pairs)
    for page, trick in pairs[: round(share * len(pairs))]:
        name, html = pages[page]
        chance = random.Random(f"{seed}/{name}/{trick}")
        key, title, text = chance.choice(texts)
        made = plant(html, TRICKS[trick](title, text), chance)
        mutated = chance.random() < 0.4
        for _ in range(chance.randrange(1, 4) if mutated else 0):
            made = chance.choice(MUTATIONS)(made, chance.randrange(len(made) + 1))
        told = f"{name}, {key}, {trick}{', broken' if mutated else ''}"
        yield Case(name=told, page=as_page(made))
        charset = find_charset(made, chance)
        if charset is not None:
            declared = chance.choice([None, charset, chance.choice(WRONG)])
            yield Case(
                name=f"{told}, {charset} declared {declared}",
                page=as_page(made, charset, declared=declared),
            )


def find_charset(html: str, chance: random.Random) -> str | None:
    """Return a legacy charset that can nearly hold a page; None where none was drawn."""
    for charset in chance.sample(CHARSETS, k=min(TRIES, len(CHARSETS))):
        kept = html.encode(charset, "ignore").decode(charset, "ignore")
        if len(html) - len(kept) <= len(html) // 50:
            return charset
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--share", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--keywords", type=Path, default=ROOT / "keywords.yaml")
    parser.add_argument("--lost", type=Path, help="folder for pages that were lost")
    parser.add_argument("--every-charset", action="store_true")
    options = parser.parse_args()
    preparer = load_preparer(str(options.keywords))
    assert isinstance(preparer.matcher, Matcher)
    sieve = PageSieve.load(preparer.matcher)
    counts: Counter[str] = Counter()
    lost: list[str] = []
    began = noted = time.monotonic()
    make = make_cases if options.every_charset else draw_cases
    for case in make(options.shared, seed=options.seed, share=options.share):
        now = time.monotonic()
        if now - began > 60 * options.minutes:
            counts["stopped by the clock"] = 1
            break
        if now - noted > NOTE_EVERY:
            noted = now
            print(json.dumps({**counts, "lost": len(lost)}), file=sys.stderr, flush=True)
        counts["pages"] += 1
        counts["not in UTF-8"] += " declared " in case.name
        if not sieve.rules_out(case.page):
            counts["let through"] += 1
            continue
        analysis = preparer.prepare(case.page).analysis
        if analysis and analysis.matches:
            lost.append(case.name)
            print("lost:", case.name, file=sys.stderr, flush=True)
            if options.lost:
                options.lost.mkdir(exist_ok=True)
                (options.lost / f"{len(lost)}.html").write_bytes(case.page.body)
                (options.lost / f"{len(lost)}.txt").write_text(case.name, "utf-8")
    found = {**counts, "lost": lost, "seconds of the processor": round(time.process_time())}
    json.dump(found | {"load": round(os.getloadavg()[0], 1)}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
