"""Stored articles against other keywords: what would change, and making it so.

What a rematch finds is old: it is stored and grouped, and alerts nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.commit import Arrival
from monitor.jobs.steps import Steps, run_through
from monitor.jobs.watch import Progress, Watch, ignore_progress
from monitor.match.diff import Difference, compare
from monitor.match.diff import StoredText as Text
from monitor.match.matcher import Matcher
from monitor.model import (
    Analysis,
    Article,
    Prepared,
    Run,
    RunKind,
    Source,
    StoredArticle,
    StoredText,
)
from monitor.stories.fingerprint import make_fingerprint
from storage.database import Storage

PORTION = 200
"""Texts that are marked as matched in one transaction."""


@dataclass(frozen=True, kw_only=True)
class Rematched:
    """What a rematch changed: counts of articles."""

    run: Run
    looked_at: int
    added: int
    changed: int


def compare_rules(
    storage: Storage, old: Matcher, new: Matcher, *, progress: Progress = ignore_progress
) -> Iterator[Difference]:
    """Yield what `new` would flag otherwise than `old` among everything that is stored.

    `progress` hears of each text; its last count is what was compared.
    """

    def count() -> Iterator[Text]:
        for number, text in enumerate(read_texts(storage), 1):
            progress(number, number)
            yield text

    return compare(old, new, count())


def read_texts(storage: Storage) -> Iterator[Text]:
    """Yield every stored article, flagged or not."""
    for stored in storage.articles.iterate():
        yield as_text(stored.article)
    for kept in storage.texts.iterate():
        yield as_text(kept.article)


def as_text(article: Article) -> Text:
    """Return an article as the comparison takes it, told by its address."""
    return Text(
        id=article.canonical_url,
        title=article.title,
        text=article.text,
        language=article.language,
    )


def rematch(watch: Watch, matcher: Matcher, *, progress: Progress = ignore_progress) -> Rematched:
    """Match everything that is stored against the present keywords and keep what is new.

    Flagged articles get their new analysis; texts that now match become articles, marked as
    historic. Killed in the middle, the next rematch goes on where this one stopped.
    """
    return run_through(rematch_by_steps(watch, matcher), progress)


def rematch_by_steps(watch: Watch, matcher: Matcher) -> Steps[Rematched]:
    """Do the same a text at a time, and yield after each how many are done, of how many.

    Whoever steps may do other things between, removals among them.
    """
    storage = watch.storage
    run = storage.runs.begin(RunKind.REMATCH)
    total = storage.articles.count() + storage.texts.count_unless(matcher.version)
    looked = added = changed = 0
    for stored in storage.articles.iterate():
        looked += 1
        changed += renew(watch, matcher, stored, run.id)
        yield looked, max(total, looked)
    quiet: list[str] = []
    for kept in storage.texts.iterate(unless_rules=matcher.version):
        looked += 1
        if promote(watch, matcher, kept, run.id):
            added += 1
        else:
            quiet.append(kept.id)
        if len(quiet) >= PORTION:
            storage.texts.mark_matched(quiet, matcher.version)
            quiet.clear()
        yield looked, max(total, looked)
    if quiet:
        storage.texts.mark_matched(quiet, matcher.version)
    return Rematched(run=storage.runs.end(run.id), looked_at=looked, added=added, changed=changed)


def renew(watch: Watch, matcher: Matcher, stored: StoredArticle, run_id: str) -> bool:
    """Give a flagged article its analysis by the present rules; say whether levels changed."""
    storage = watch.storage
    analysis = analyse(matcher, stored.article)
    before = {match.topic: match.level for match in storage.matches.find(stored.id)}
    after = {match.topic: match.level for match in analysis.matches}
    if before == after:
        return False
    with storage.transaction():
        if not storage.purges.find_numbers(stored.id):
            return False  # removed since it was read
        commit = storage.next_commit(run_id)
        storage.matches.add(stored, analysis, commit=commit, rules_version=matcher.version)
    return True


def promote(watch: Watch, matcher: Matcher, kept: StoredText, run_id: str) -> bool:
    """Make an article of a text that matches now; say whether it does."""
    analysis = analyse(matcher, kept.article)
    if not analysis.matches:
        return False
    unknown = Source(id=kept.source_id or "archive", kind="feed", url="", outlet="")
    source = watch.storage.sources.find_or_add(unknown)
    prepared = Prepared(
        url=kept.article.url,
        final_url=kept.article.url,
        fetched_at=kept.fetched_at,
        status=200,
        body_sha256=kept.body_sha256 or "",
        article=kept.article,
        analysis=analysis,
        fingerprint=make_fingerprint(kept.article.title, kept.article.text),
        rules_version=matcher.version,
    )
    watch.committer.commit(Arrival(prepared=prepared, run_id=run_id, source=source, historic=True))
    watch.storage.texts.remove([kept.id])
    return True


def analyse(matcher: Matcher, article: Article) -> Analysis:
    """Return what the rules say of a stored article."""
    return matcher.match(
        article.title, article.text, language=article.language, declared=article.declared_language
    )
