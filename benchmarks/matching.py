"""The matcher on labelled texts: precision, recall, topics, countries, noise, speed, and peers.

    python -m benchmarks.matching [SHARED] [--quick] [--json]

A text of match.jsonl is held back when the SHA-256 of its id begins with 0, 1, 2 or 3; the
keywords were written without it.  Texts tagged `borderline` are left out.  Peers read the same
texts with the terms of the same file (`matching_peers`).  Milliseconds are of processor time, in
one process, taking turns; believe the ratios.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Any

from lxml import html as lxml_html

from benchmarks.matching_noise import noises_for
from benchmarks.matching_peers import PATROL, PEERS, STATION
from monitor.config.keywords import read_keywords
from monitor.extract import extract_article, warm_up
from monitor.match.matcher import Matcher
from monitor.model.matches import Level
from monitor.model.rules import Concept, Examples, Keywords, Rule, Topic
from monitor.text.language import warm_up as warm_up_languages
from tests.extract.real_pages import RealPage, as_page, read_fundus, read_scrapinghub

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
TAG_TOPICS = {"station": STATION, "patrol": PATROL}
Text = dict[str, Any]
Tool = Callable[[str, str], frozenset[str]]


@dataclass
class Score:
    """What a tool made of a set of texts."""

    found: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    passing: int = 0
    right_topic: int = 0

    @property
    def precision(self) -> float:
        """Return the share of what was flagged that is a report."""
        return self.found / max(1, self.found + len(self.wrong))

    @property
    def recall(self) -> float:
        """Return the share of the reports that was flagged."""
        return self.found / max(1, self.found + len(self.missed))

    @property
    def topic(self) -> float:
        """Return the share of the reports found that has the right topic."""
        return self.right_topic / max(1, self.found)


def read_labelled(shared: Path) -> list[Text]:
    lines = (shared / "labelled" / "match.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line) for line in lines]
    return [text for text in texts if "borderline" not in text["tags"]]


def is_held_back(text: Text) -> bool:
    return hashlib.sha256(text["id"].encode()).hexdigest()[0] in "0123"


def score(tool: Tool, texts: Iterable[Text]) -> Score:
    result = Score()
    for text in texts:
        topics = tool(text["title"], text["text"])
        if not text["label"]:
            if topics:
                result.wrong.append(text["id"])
                result.passing += "passing" in text["tags"]
        elif topics:
            result.found += 1
            wanted = {TAG_TOPICS[tag] for tag in text["tags"] if tag in TAG_TOPICS}
            result.right_topic += bool(topics & wanted)
        else:
            result.missed.append(text["id"])
    return result


def as_tool(matcher: Matcher) -> Tool:
    def match(title: str, text: str) -> frozenset[str]:
        matches = matcher.match(title, text).matches
        return frozenset(one.topic for one in matches if one.level is Level.REPORT)

    return match


def on_opening(tool: Tool) -> Tool:
    """Return the tool as it reads the headline and the first paragraph only."""
    return lambda title, text: tool(title, text.split("\n", 1)[0])


def country_recall(matcher: Matcher, texts: Iterable[Text]) -> float:
    named = wanted = 0
    for text in texts:
        if not text["label"]:
            continue
        found = matcher.match(text["title"], text["text"])
        if any(one.level is Level.REPORT for one in found.matches):
            named += sum(code in found.countries for code in text["country"])
            wanted += len(text["country"])
    return named / max(1, wanted)


def add_noise(texts: Sequence[Text], seed: int) -> list[Text]:
    """Return the texts, each with one kind of noise drawn at random."""
    chance = random.Random(seed)
    noisy = []
    for text in texts:
        noise = chance.choice(noises_for(text["lang"]))
        noisy.append(text | {one: noise(text[one], chance) for one in ("title", "text")})
    return noisy


def recall_by_noise(tool: Tool, texts: Sequence[Text]) -> dict[str, tuple[float, float, int]]:
    """Return for each kind of noise the recall without and with it, and on how many reports."""
    kinds: dict[str, list[tuple[Text, Text]]] = defaultdict(list)
    for text in texts:
        if not text["label"]:
            continue
        for noise in noises_for(text["lang"]):
            chance = random.Random(text["id"])
            noisy = text | {one: noise(text[one], chance) for one in ("title", "text")}
            kinds[noise.__name__].append((text, noisy))
    return {
        kind: (
            score(tool, [clean for clean, _ in pairs]).recall,
            score(tool, [noisy for _, noisy in pairs]).recall,
            len(pairs),
        )
        for kind, pairs in sorted(kinds.items())
    }


def furniture_of(page: RealPage, article: str) -> tuple[str, str]:
    """Return the lines above and below the article on a real page: menus, links, footers."""
    tree = lxml_html.fromstring(page.body)
    for element in tree.xpath("//script|//style|//noscript"):
        element.drop_tree()
    lines = [" ".join(line.split()) for line in tree.text_content().splitlines()]
    inside = set(article.splitlines())
    outside = [line for line in lines if line and line not in inside and line not in article]
    middle = len(outside) // 2
    return "\n".join(outside[:middle][:40]), "\n".join(outside[middle:][-60:])


def in_furniture(texts: Sequence[Text], pages: Sequence[tuple[str, str]]) -> list[Text]:
    chance = random.Random(7)
    wrapped = []
    for text in texts:
        above, below = chance.choice(pages)
        wrapped.append(text | {"text": f"{above}\n{text['text']}\n{below}"})
    return wrapped


def read_pages(shared: Path, every: int) -> list[RealPage]:
    return [*read_scrapinghub(shared), *read_fundus(shared)][::every]


def measure_pages(matcher: Matcher, pages: Sequence[RealPage]) -> dict[str, Any]:
    """Extract and match each page, taking turns; return milliseconds and what was flagged."""
    warm_up()
    warm_up_languages()
    matcher.match("關於警察的新聞", "")  # the converter between scripts is loaded on first use
    extracting: list[float] = []
    matching: list[float] = []
    flagged: list[str] = []
    furniture: list[tuple[str, str]] = []
    for page in pages:
        began = time.process_time()
        article = extract_article(as_page(page)).article
        between = time.process_time()
        extracting.append(between - began)
        if article is None:
            continue
        analysis = matcher.match(
            article.title,
            article.text,
            language=article.language,
            declared=article.declared_language,
            url=article.canonical_url,
        )
        matching.append(time.process_time() - between)
        if any(one.level is Level.REPORT for one in analysis.matches):
            flagged.append(article.title)
        else:  # what stands around a report is often a report too
            furniture.append(furniture_of(page, article.text))
    return {
        "pages": len(pages),
        "extract_ms": mean(extracting) * 1000,
        "match_ms": mean(matching) * 1000,
        "extract_median_ms": median(extracting) * 1000,
        "match_median_ms": median(matching) * 1000,
        "share": sum(matching) / sum(extracting),
        "flagged": flagged,
        "furniture": furniture,
    }


def many_terms(count: int, words: Sequence[str]) -> Keywords:
    """Return keywords of so many two-word terms over the words of real pages."""
    chance = random.Random(count)
    terms = {f"{chance.choice(words)} {chance.choice(words)}" for _ in range(count * 2)}
    kept = tuple(sorted(terms)[:count])
    concept = Concept(name="many", terms={"any": kept}, lines={})
    rule = Rule(name="any of them", any=("many",), score=5)
    topic = Topic(
        id="many", title="Many", rules=(rule,), report_at=10, mention_at=4, examples=Examples()
    )
    return Keywords(version=f"many-{count}", concepts=(concept,), topics=(topic,))


def measure_growth(texts: Sequence[str]) -> dict[int, float]:
    """Return the milliseconds a text for growing numbers of terms, taking turns."""
    words = sorted({w for text in texts for w in re.findall(r"[a-z]{4,}", text.lower())})
    matchers = {n: Matcher(many_terms(n, words)) for n in (100, 1_000, 10_000)}
    spent: dict[int, list[float]] = {n: [] for n in matchers}
    for text in texts:
        matchers[100].match("", text, language="en")  # the language is kept: the first would pay
        for n, matcher in matchers.items():
            began = time.process_time()
            matcher.match("", text, language="en")
            spent[n].append(time.process_time() - began)
    return {n: mean(times) * 1000 for n, times in spent.items()}


def measure_loading(path: Path) -> dict[str, float]:
    """Return the seconds to read and compile the keywords, without and with the kept form."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        times = {}
        for name in ("first", "kept"):
            began = time.process_time()
            keywords = read_keywords(path, cache=cache)
            read = time.process_time()
            Matcher.load(keywords)
            times[f"{name} read"] = read - began
            times[f"{name} compile"] = time.process_time() - read
    return times


def measure_peers(keywords: Keywords, ours: Tool, texts: Sequence[Text]) -> list[dict[str, Any]]:
    tools: dict[str, Tool] = {"Stationwatch": ours}
    for name, build in PEERS.items():
        peer = build(keywords)
        tools[name] = peer
        tools[f"{name}, opening only"] = on_opening(peer)
    rows = []
    for name, tool in tools.items():
        began = time.process_time()
        result = score(tool, texts)
        spent = (time.process_time() - began) / len(texts) * 1000
        rows.append(
            {
                "tool": name,
                "precision": result.precision,
                "recall": result.recall,
                "topic": result.topic,
                "passing": result.passing,
                "ms": spent,
            }
        )
    return rows


def run(shared: Path, *, quick: bool) -> dict[str, Any]:
    path = ROOT / "keywords.yaml"
    loading = measure_loading(path)
    keywords = read_keywords(path)
    matcher = Matcher.load(keywords)
    ours = as_tool(matcher)
    texts = read_labelled(shared)
    parts = {
        "all": texts,
        "developed on": [t for t in texts if not is_held_back(t)],
        "held back": [t for t in texts if is_held_back(t)],
    }
    by_language: dict[str, list[Text]] = defaultdict(list)
    by_tag: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        by_language[text["lang"]].append(text)
        for tag in text["tags"]:
            by_tag[tag].append(text)
    pages = measure_pages(matcher, read_pages(shared, 8 if quick else 1))
    furniture = pages.pop("furniture")
    samples = [text["text"] for text in texts][:: 4 if quick else 1]
    clean = score(ours, texts)
    wrapped = score(ours, in_furniture(texts, furniture))
    noisy = [score(ours, add_noise(texts, seed)).recall for seed in range(2 if quick else 5)]
    return {
        "parts": {n: asdict(score(ours, p)) | _shares(score(ours, p)) for n, p in parts.items()},
        "countries": {n: country_recall(matcher, p) for n, p in parts.items()},
        "languages": {n: _shares(score(ours, p)) for n, p in sorted(by_language.items())},
        "tags": {n: _shares(score(ours, p)) for n, p in sorted(by_tag.items())},
        "peers": measure_peers(keywords, ours, texts),
        "noise": recall_by_noise(ours, texts),
        "noise at random": {"clean": clean.recall, "noisy": mean(noisy), "worst": min(noisy)},
        "furniture": {"clean": _shares(clean), "wrapped": _shares(wrapped)},
        "pages": pages,
        "growth": measure_growth(samples),
        "loading": loading,
        "terms": sum(len(terms) for c in keywords.concepts for terms in c.terms.values()),
    }


def _shares(result: Score) -> dict[str, Any]:
    return {
        "precision": result.precision,
        "recall": result.recall,
        "topic": result.topic,
        "reports": result.found + len(result.missed),
        "wrong": len(result.wrong),
        "passing": result.passing,
    }


def print_tables(said: dict[str, Any]) -> None:
    print("| part | reports | precision | recall | right topic | countries | passing as report |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, row in said["parts"].items():
        print(
            f"| {name} | {row['reports']} | {row['precision']:.3f} | {row['recall']:.3f}"
            f" | {row['topic']:.3f} | {said['countries'][name]:.3f} | {row['passing']} |"
        )
    print(
        "\nmissed:",
        said["parts"]["developed on"]["missed"],
        "and held back",
        len(said["parts"]["held back"]["missed"]),
    )
    low = {n: row["recall"] for n, row in said["languages"].items() if row["recall"] < 1}
    print("languages under full recall:", {n: round(v, 2) for n, v in low.items()})
    print("\n| tool | precision | recall | right topic | passing as report | ms a text |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in said["peers"]:
        print(
            f"| {row['tool']} | {row['precision']:.3f} | {row['recall']:.3f} | {row['topic']:.3f}"
            f" | {row['passing']} | {row['ms']:.2f} |"
        )
    print("\n| noise in every report that can carry it | reports | recall without | with |")
    print("| --- | --- | --- | --- |")
    for kind, (without, noisy, count) in said["noise"].items():
        print(f"| {kind.replace('_', ' ')} | {count} | {without:.3f} | {noisy:.3f} |")
    one = said["noise at random"]
    print(f"| one kind at random | | {one['clean']:.3f} | {one['noisy']:.3f} |")
    clean, wrapped = said["furniture"]["clean"], said["furniture"]["wrapped"]
    print(
        f"\nfurniture of real pages around the texts: precision {clean['precision']:.3f}"
        f" → {wrapped['precision']:.3f}, recall {clean['recall']:.3f} → {wrapped['recall']:.3f}"
    )
    pages = said["pages"]
    print(
        f"\n{pages['pages']} real pages: extracting {pages['extract_ms']:.1f} ms (median"
        f" {pages['extract_median_ms']:.1f}), matching {pages['match_ms']:.2f} ms (median"
        f" {pages['match_median_ms']:.2f}), share {pages['share']:.1%}; flagged: {pages['flagged']}"
    )
    print("ms a text by terms:", {n: round(ms, 3) for n, ms in said["growth"].items()})
    print(
        f"loading {said['terms']} terms, seconds:",
        {n: round(s, 2) for n, s in said["loading"].items()},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--quick", action="store_true", help="an eighth of the pages")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    options = parser.parse_args()
    said = run(options.shared, quick=options.quick)
    if options.json:
        json.dump(said, sys.stdout, ensure_ascii=False, indent=1)
    else:
        print_tables(said)


if __name__ == "__main__":
    main()
