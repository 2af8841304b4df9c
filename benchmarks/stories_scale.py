"""What assigning one article costs beside so many stored ones; synthetic articles made by sampling.

Each stored article is one of our own texts (and of the labelled ones, where they are) with its day;
half of what it is found by is replaced by words, names and figures drawn from a vocabulary of
300,000 by Zipf's law (the n-th most frequent one comes 1/n as often as the first), so that a few
stand in much of the archive and most are rare; its shingle hashes are its own but for every tenth,
which is a site's furniture, drawn by the same law.  The counts of words are those of the archive.
So articles collide as real ones do, and hundreds a window share most of what a probe is found by.

Two pasts: `daily` articles a day (more stored is a longer past: a watch that has run for years), or
everything within SPAN days (more stored is a denser past: an archive that was worked through).
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from monitor.config.keywords import read_keywords
from monitor.features import load_gazetteer
from monitor.grouping import Grouper
from monitor.jobs.group import GroupText
from monitor.match.matcher import Matcher
from monitor.model import Analysis, Article, Level, Origin, RunKind
from monitor.model.grouping import StoryFeatures
from monitor.stories.decide import Kind
from monitor.stories.features import make_features
from monitor.stories.fingerprint import make_fingerprint
from monitor.stories.keys import counted_terms, index_keys
from storage.connection import Connection
from storage.database import Storage
from storage.files import DATABASE
from storage.values import hash_text
from tests.storage.building import HeldClock
from tests.stories.grouping import OWN, read_groups, texts_of

ROOT = Path(__file__).resolve().parents[1]
DAILY = 300
HASHES = 48
VOCABULARY = 300_000
FURNITURE = 20_000
SPAN = 730
END = datetime(2026, 3, 1, tzinfo=UTC)
_FEATURES = TypeAdapter(StoryFeatures)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One text with what the matcher says of it."""

    article: Article
    analysis: Analysis
    features: StoryFeatures


def read_samples() -> list[Sample]:
    texts = texts_of(read_groups(OWN))
    labelled = ROOT.parent / "shared" / "labelled" / "stories.jsonl"
    if labelled.exists():
        texts += texts_of(read_groups(labelled))
    return make_samples(texts, Matcher.load(read_keywords(ROOT / "keywords.yaml")))


def make_samples(texts: Sequence[GroupText], matcher: Matcher) -> list[Sample]:
    samples = []
    for text in texts:
        article = Article(
            url=f"https://a.example/{text.key}",
            canonical_url=f"https://a.example/{text.key}",
            title=text.title,
            text=text.text,
            language=text.language,
            published=END,
        )
        analysis = matcher.match(text.title, text.text, declared=text.language)
        features = make_features(article, analysis, load_gazetteer(), seen_at=END)
        samples.append(Sample(article=article, analysis=analysis, features=features))
    return samples


def measure_scale(
    folder: Path, size: int, *, probes: int = 300, dense: bool = False
) -> list[float]:
    """Return the milliseconds of processor time that each of `probes` assignments took.

    With `dense` all articles lie within SPAN days, else DAILY of them on each.
    """
    samples = read_samples()
    clock = HeldClock(moment=END)
    place = folder / f"stories-{size}{'-dense' if dense else ''}"
    if not (place / DATABASE).exists():
        Storage.create(place, clock).close()
        daily = max(1, size // SPAN) if dense else DAILY
        fill(place / DATABASE, samples, size, daily=daily)
    with Storage.open_writer(place, clock) as storage:
        return [assign(storage, samples, number) for number in range(probes)]


def assign(storage: Storage, samples: Sequence[Sample], number: int) -> float:
    """Place and store one article more, in a transaction that is rolled back, and time it."""
    sample = samples[number % len(samples)]
    dice = random.Random(number)
    words = sample.article.text.split(" ")
    dice.shuffle(words)
    text = " ".join(words) if number % 3 else sample.article.text
    url = f"https://new.example/{number}"
    article = replace(sample.article, url=url, canonical_url=url, text=text)
    run = storage.runs.begin(RunKind.POLL)
    began = time.process_time()
    try:
        with storage.transaction():
            store(storage, article, sample.analysis, run_id=run.id)
            raise Undo
    except Undo:
        return 1000 * (time.process_time() - began)


def store(storage: Storage, article: Article, analysis: Analysis, *, run_id: str) -> None:
    """Place one article and store it where it belongs, as commit does."""
    grouper = Grouper(storage)
    fingerprint = make_fingerprint(article.title, article.text)
    placement = grouper.place(article, analysis, fingerprint, seen_at=END)
    commit = storage.next_commit(run_id)
    origin = Origin(run_id=run_id, commit=commit, fetched_at=END, outlet="new")
    stored = storage.articles.add(article, fingerprint, origin)
    grouper.keep(stored.id, placement)
    if placement.kind is Kind.EVENT and placement.story_id and placement.evidence:
        storage.stories.join(placement.story_id, stored, evidence=placement.evidence, commit=commit)
    else:
        storage.stories.add(stored, topics=(), countries=(), level=Level.REPORT, commit=commit)


class Undo(Exception):
    """Roll one assignment back."""


def fill(path: Path, samples: Sequence[Sample], size: int, *, daily: int = DAILY) -> None:
    """Fill a database with `size` articles, each table in the order of its key."""
    connection = Connection.open_writer(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -400000")
    connection.execute("PRAGMA foreign_keys = OFF")
    last_day = int(END.timestamp() // 86400)
    counts = {"size": size, "samples": len(samples), "daily": daily, "last": last_day}
    with connection.transaction():
        _fill_samples(connection, samples)
        for statement in _STATEMENTS:
            connection.execute(statement, counts)
        _fill_counts(connection, samples, size)
        connection.execute("DROP TABLE sample_keys")
        connection.execute("DROP TABLE sample_texts")
    connection.execute("ANALYZE")
    connection.close()


def _fill_samples(connection: Connection, samples: Sequence[Sample]) -> None:
    connection.execute(
        "CREATE TABLE sample_texts (n INTEGER PRIMARY KEY, title, text, language, features)"
    )
    connection.execute("CREATE TABLE sample_keys (n INTEGER, key INTEGER)")
    for number, sample in enumerate(samples):
        features = json.loads(_FEATURES.dump_json(sample.features))
        connection.execute(
            "INSERT INTO sample_texts VALUES (:n, :title, :text, :language, :features)",
            {
                "n": number,
                "title": sample.article.title,
                "text": sample.article.text[:400],
                "language": sample.article.language,
                "features": json.dumps(features, ensure_ascii=False),
            },
        )
        connection.execute_many(
            "INSERT INTO sample_keys VALUES (:n, :key)",
            ({"n": number, "key": hash_text(key)} for key in index_keys(sample.features, {})),
        )


def _fill_counts(connection: Connection, samples: Sequence[Sample], size: int) -> None:
    """Give every word the count that so many articles would have given it."""
    found: dict[tuple[str, int], int] = {}
    pools: dict[str, int] = {}
    for sample in samples:
        for pool, terms in counted_terms(sample.features).items():
            pools[pool] = pools.get(pool, 0) + 1
            for term in set(terms):
                key = (pool, hash_text(term))
                found[key] = found.get(key, 0) + 1
    times = max(1, size // len(samples))
    connection.execute_many(
        "INSERT INTO term_pools VALUES (:pool, :articles)",
        ({"pool": pool, "articles": count * times} for pool, count in pools.items()),
    )
    connection.execute_many(
        "INSERT INTO term_counts VALUES (:pool, :term, :articles)",
        (
            {"pool": pool, "term": term, "articles": count * times // 2}
            for (pool, term), count in sorted(found.items())
        ),
    )
    # what the rest of the vocabulary is counted as; as many rows as a real archive has
    connection.execute_many(
        "INSERT OR IGNORE INTO term_counts VALUES (:pool, :term, :articles)",
        (
            {"pool": pool, "term": number, "articles": 1 + size // (number + 12)}
            for pool in sorted(pools)
            for number in range(min(size, VOCABULARY))
        ),
    )


def _zipf(size: int) -> str:
    """Return SQL for a number below `size`, number n as often as 1 / (n + 1)."""
    return f"CAST(pow({size}.0, (random() / 18446744073709551616.0) + 0.5) AS INTEGER)"


# Article n came out on the day of n // daily before the last one, the newest last.
_DAY = ":last - (:size - n) / :daily"
_WHEN = f"strftime('%Y-%m-%dT12:00:00.000000Z', ({_DAY}) * 86400, 'unixepoch')"
_SERIES = """
    WITH RECURSIVE series (n) AS (
        SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < :size
    )
"""
_STATEMENTS = (
    "INSERT INTO commits (number, at) SELECT 1, '2026-03-01T00:00:00.000000Z' WHERE :size",
    "INSERT INTO runs (id, kind, command, started_at) SELECT 'r', 'poll', '', '2026' WHERE :size",
    f"""
    INSERT INTO articles (number, id, outlet, first_seen_at, historic, version)
    {_SERIES}
    SELECT n, printf('%08x-0000-4000-8000-000000000000', n), 'outlet ' || n % 400, {_WHEN}, 0, 1
    FROM series
    """,
    f"""
    INSERT INTO article_versions (
        article, version, title, text, language, method, paywalled, url, canonical_url, text_hash,
        published_at, fetched_at, run_id, commit_number, rules_version, blocks_version
    )
    {_SERIES}
    SELECT
        series.n, 1, title, text, language, 'trafilatura', 0, 'https://o.example/' || series.n,
        'https://o.example/' || series.n, hex(randomblob(32)),
        {_WHEN.replace("n)", "series.n)")}, {_WHEN.replace("n)", "series.n)")}, 'r', 1, '', 0
    FROM series
    JOIN sample_texts ON sample_texts.n = series.n % :samples
    """,
    f"""
    INSERT INTO article_urls (url, article)
    {_SERIES}
    SELECT 'https://o.example/' || n, n FROM series ORDER BY 1
    """,
    f"""
    INSERT OR IGNORE INTO fingerprints (hash, article)
    WITH RECURSIVE
        series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < :size),
        hashes (h) AS (SELECT 1 UNION ALL SELECT h + 1 FROM hashes WHERE h < {HASHES})
    SELECT
        IIF(h % 10 = 0, 1000 * {_zipf(FURNITURE)}, random()), n
    FROM series, hashes
    ORDER BY 1, 2
    """,
    f"""
    INSERT INTO fingerprint_sizes (article, kept)
    {_SERIES}
    SELECT n, {HASHES} FROM series
    """,
    f"""
    INSERT INTO story_features (article, day, features)
    {_SERIES}
    SELECT
        series.n, {_DAY.replace("n)", "series.n)")},
        json_set(
            features,
            '$.published', {_WHEN.replace("n)", "series.n)")},
            '$.seen', {_WHEN.replace("n)", "series.n)")}
        )
    FROM series
    JOIN sample_texts ON sample_texts.n = series.n % :samples
    """,
    f"""
    INSERT OR IGNORE INTO story_keys (key, day, article)
    {_SERIES}
    SELECT
        IIF(abs(random()) % 2, key, {_zipf(VOCABULARY)}),
        {_DAY.replace("n)", "series.n)")}, series.n
    FROM series
    JOIN sample_keys ON sample_keys.n = series.n % :samples
    ORDER BY 1, 2, 3
    """,
    f"""
    INSERT INTO stories (number, id, title, level, first_seen_at, last_seen_at, historic,
        commit_number)
    {_SERIES}
    SELECT n, printf('%08x-0000-4000-9000-000000000000', n), 'A story', 'report', {_WHEN}, {_WHEN},
        0, 1
    FROM series
    """,
    f"""
    INSERT INTO story_articles (story, article, position, weak, joined_at, commit_number)
    {_SERIES}
    SELECT n, n, 0, 0, {_WHEN}, 1 FROM series
    """,
)
