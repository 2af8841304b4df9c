"""Grouping measured: near-duplicates, one event, and what one article costs as more is stored.

    python -m benchmarks.stories pairs      labelled and own pairs, and a plain cosine beside it
    python -m benchmarks.stories copies     real pages cut, edited and framed; four methods
    python -m benchmarks.stories scale [--sizes 10000,100000,1000000] [--folder DIR] [--dense]

Costs are processor time of one process. The last figures stand in README.md.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.stories_methods import (
    Cosine,
    MinHashLsh,
    Ours,
    SimHash,
    cosine,
    weigh_words,
)
from benchmarks.stories_scale import measure_scale
from monitor.config.keywords import read_keywords
from monitor.extract.article import extract_article
from monitor.match.matcher import Matcher
from monitor.model import Page
from monitor.stories.fingerprint import split_tokens
from tests.fakes.press import read_pages
from tests.stories.events import measure_reports, read_reports
from tests.stories.grouping import OWN, Figures, group_with, measure, read_groups

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
SEED = 7


# --- pairs ------------------------------------------------------------------------------------


def measure_pairs() -> None:
    matcher = Matcher.load(read_keywords(ROOT / "keywords.yaml"))
    sets = {"own": read_groups(OWN)}
    labelled = SHARED / "labelled" / "stories.jsonl"
    if labelled.exists():
        sets["labelled"] = read_groups(labelled)
        sets["labelled, held back"] = read_groups(labelled, held_back=True)
        sets["labelled, seen"] = read_groups(labelled, held_back=False)
    for name, groups in sets.items():
        for each_alone in (True, False):
            began = time.process_time()
            figures = measure(groups, group_with(matcher), each_alone=each_alone)
            texts = sum(len(group["items"]) for group in groups)
            spent = 1000 * (time.process_time() - began) / texts
            how = "each group alone" if each_alone else "all together"
            print(f"{name:20} {how:16} {tell(figures)}  {spent:.0f} ms a text, matching included")
    for name, held_back in (("tuned on", False), ("held back", True)):
        figures = measure_reports(
            read_reports(held_back=held_back), group_with(matcher), each_alone=False
        )
        far = "different of other families across"
        print(
            f"confusable events, {name}: {tell(figures)}; false joins {figures.false_joins:.3f};"
            f" of other families {figures.story[far]}/{figures.pairs[far]}"
        )
    print(f"cosine >= .6 of one language, labelled: {tell(measure_cosine(sets['labelled']))}")


def tell(figures: Figures) -> str:
    shares = [
        f"{kind}: {figures.story[kind]}/{figures.pairs[kind]}"
        for kind in ("same_story", "same_story across", "different", "different across")
        if figures.pairs[kind]
    ]
    return f"near-duplicates F1 {figures.near_duplicate_f1:.3f}; joined " + ", ".join(shares)


def measure_cosine(groups: list[dict[str, object]]) -> Figures:
    """Return what TF-IDF cosine at .6 joins, pair by pair, over words of all texts."""
    items = [item for group in groups for item in group["items"]]  # type: ignore[attr-defined]
    weigh = weigh_words([f"{item['title']} {item['text']}" for item in items])
    figures = Figures()
    for group in groups:
        texts = group["items"]
        for at, one in enumerate(texts):  # type: ignore[arg-type,var-annotated]
            for other in texts[at + 1 :]:  # type: ignore[index]
                same = one["lang"].split("-")[0] == other["lang"].split("-")[0]
                kind = f"{group['kind']}{'' if same else ' across'}"
                close = cosine(
                    weigh(f"{one['title']} {one['text']}"),
                    weigh(f"{other['title']} {other['text']}"),
                )
                figures.pairs[kind] += 1
                figures.story[kind] += close >= 0.6
                figures.article[kind] += close >= 0.6
    return figures


# --- copies: the data -------------------------------------------------------------------------


def read_articles() -> list[str]:
    """Return the texts of the real pages that have at least 60 words, once each."""
    texts: dict[str, None] = {}
    for path, body in read_pages(SHARED).items():
        page = Page(
            url=f"https://a.example{path}",
            final_url=f"https://a.example{path}",
            status=200,
            headers=(),
            body=body,
            wire_body=body,
            fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        article = extract_article(page).article
        if article is not None and len(split_tokens(article.text)) >= 60:
            texts[article.text] = None
    return list(texts)


def make_variants(text: str, frame: str, dice: random.Random) -> Iterator[tuple[str, str]]:
    """Yield (what was done, the text): cut, framed, edited, and cut and framed."""
    sentences = re.split(r"(?<=[.!?])\s+|(?<=。)", text)
    head = " ".join(sentences[: max(2, len(sentences) * 2 // 5)])
    words = text.split(" ")
    edited = [
        dice.choice(words) if dice.random() < 0.04 else word
        for word in words
        if dice.random() > 0.04
    ]
    around = frame[:300]
    yield "cut to two fifths", head
    yield "framed by text of another page", f"{around}\n{text}\n{frame[-300:]}"
    yield "8 % of the words edited", " ".join(edited)
    yield "cut and framed", f"{around}\n{head}"


def measure_copies() -> None:
    texts = read_articles()
    stored, unseen = texts[: len(texts) * 3 // 4], texts[len(texts) * 3 // 4 :]
    dice = random.Random(SEED)
    queries = [(None, text, "unseen") for text in unseen]
    for number, text in enumerate(stored):
        frame = unseen[number % len(unseen)]
        queries += [(number, copy, done) for done, copy in make_variants(text, frame, dice)]
    methods = {
        "SimHash, distance <= 3": SimHash(),
        "MinHash-LSH, 25 x 5": MinHashLsh(),
        "TF-IDF cosine >= .6": Cosine(weigh_words(stored)),
        "ours": Ours(),
    }
    print(f"{len(stored)} stored, {len(queries)} queries")
    for name, method in methods.items():
        for text in stored:
            method.add(text)
        right = wrong = 0
        found_by: Counter[str] = Counter()
        began = time.process_time()
        for number, text, done in queries:
            found = method.find(text)
            hit = number is not None and number in found
            right += hit
            wrong += len(found) - hit
            found_by[done] += hit
        spent = 1000 * (time.process_time() - began) / len(queries)
        wanted = sum(number is not None for number, _, _ in queries)
        precision, recall = right / max(1, right + wrong), right / wanted
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        by = ", ".join(f"{done} {times / len(stored):.2f}" for done, times in found_by.items())
        print(f"{name:24} P {precision:.3f} R {recall:.3f} F1 {f1:.3f}  {spent:.1f} ms  ({by})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["pairs", "copies", "scale"])
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--folder", type=Path, help="keep the databases here")
    parser.add_argument("--dense", action="store_true", help="two years, however much is stored")
    options = parser.parse_args()
    if options.what == "pairs":
        measure_pairs()
    elif options.what == "copies":
        measure_copies()
    else:
        with tempfile.TemporaryDirectory() as folder:
            for size in map(int, options.sizes.split(",")):
                began = time.monotonic()
                times = measure_scale(options.folder or Path(folder), size, dense=options.dense)
                cuts = statistics.quantiles(times, n=100)
                print(
                    f"{size:9,} stored: median {cuts[49]:.1f} ms, 99th percentile {cuts[98]:.1f}"
                    f"  (mean {statistics.mean(times):.1f}; filled and measured in "
                    f"{time.monotonic() - began:.0f} s)",
                    flush=True,
                )


if __name__ == "__main__":
    main()
