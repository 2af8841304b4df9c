"""Remove an article, or a person's name, with every trace that the program can reach.

find ─ evidence of the removal kept ─ one transaction: rows, chain ─ files ─ the databases anew

A process killed in the middle has removed nothing, or leaves files that the next prune or removal
sweeps; the list of removals beside the database lets a backup that is put back be purged again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from monitor.errors import StorageError, StorageFull, UsageError
from monitor.evidence import purge as documents
from monitor.evidence.store import EvidenceStore
from monitor.jobs.purge_bytes import tell_pages_with
from monitor.jobs.purge_files import Traces, find_files, forget_in_logs, remove_traces
from monitor.jobs.watch import Watch
from monitor.log import get_logger
from monitor.model import EvidenceLink
from monitor.model.evidence import PURGE_URL
from monitor.model.purges import Purge, PurgedReport, PurgePlan
from monitor.text.counting import plural
from monitor.urls import canonical_url
from storage.database import Storage
from storage.files import BACKUPS, DATABASE, TEXTS
from storage.purging import hash_url, holds_any
from storage.redaction import Name
from storage.texts import Texts

log = get_logger("purge")

LONGEST_WISH = 1000
UNFINISHED = "purge"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a person wants removed: an article by its id or address, or a person by name."""

    article: str | None = None
    person: str | None = None

    @property
    def name(self) -> Name | None:
        """Return the person's name as it is looked for; raises UsageError for one too short."""
        return None if self.person is None else Name(self.person)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What a removal touches, as rows and files."""

    numbers: tuple[int, ...]
    urls: frozenset[str]
    canonical: frozenset[str]
    links: tuple[int, ...]
    sharers: tuple[PurgedReport, ...]
    texts: tuple[str, ...]
    files: tuple[Path, ...]
    traces: Traces


def plan_purge(watch: Watch, wanted: Wanted) -> PurgePlan:
    """Return what would go, and what would still hold it; changes nothing."""
    found = _find(watch, wanted)
    storage, name = watch.storage, wanted.name
    counts = Counter(
        {
            "reports": len(found.numbers),
            "pages kept as evidence": len(found.links),
            "texts that matched nothing": len(found.texts),
            "copies of messages": len(found.files),
        }
    )
    if name is not None:
        counts.update(storage.blackening.count_rows(name))
    return PurgePlan(
        kind="person" if name is not None else "article",
        reports=storage.purges.describe(found.numbers),
        counts=+counts,
        keeps=tuple(_find_keeps(watch, found, name)),
        elsewhere=tuple(tell_pages_with(watch, name, but=set(found.links))) if name else (),
    )


def purge(watch: Watch, wanted: Wanted, *, wish: str) -> PurgePlan:
    """Remove it, and return what was removed and what still holds it.

    `wish` says by whose wish, in the chain for ever: it must not repeat what is removed.
    Raises UsageError for a wish that does, or a person who is a subscriber still.
    """
    _check_wish(watch, wanted, wish)
    found, name, storage = _find(watch, wanted), wanted.name, watch.storage
    reports = storage.purges.describe(found.numbers)
    order = Purge(
        id=str(uuid4()),
        at=watch.clock.now(),
        kind="person" if name is not None else "article",
        wish=wish.strip(),
        url_hashes=tuple(sorted(map(hash_url, found.canonical))),
    )
    counts: Counter[str] = Counter()
    if found.texts:
        counts["texts that matched nothing"] = storage.texts.remove(found.texts)
    links = storage.evidence.get_links(found.links)
    removed = _remove_rows(watch, order, found=found, links=links, name=name)
    counts += removed
    counts["pages kept as evidence"] = len(links)
    keeps = _clean(watch, found, counts, name=name)
    log.warning("purged", id=order.id, kind=order.kind, reports=len(reports))
    return PurgePlan(kind=order.kind, reports=reports, counts=+counts, keeps=keeps)


def _check_wish(watch: Watch, wanted: Wanted, wish: str) -> None:
    name = wanted.name
    if not wish.strip() or len(wish) > LONGEST_WISH:
        raise UsageError(
            "while removing: it is not said by whose wish; use --wish with one sentence"
        )
    if name is not None and name.is_in(wish):
        raise UsageError(
            "while removing: the wish names the person, and it is kept for ever; say it without"
        )
    if wanted.article is not None and wanted.article in wish:
        raise UsageError(
            "while removing: the wish holds the address, and it is kept for ever; say it without"
        )
    for each in watch.subscribers:
        if name is not None and name.is_in(each.name):
            raise UsageError(
                f"while removing: {each.name!r} is a subscriber; take that one out of settings.toml"
                " first, or the name comes back with the next message"
            )


def _find(watch: Watch, wanted: Wanted) -> _Found:
    storage, name = watch.storage, wanted.name
    given: tuple[str, ...] = ()
    if name is not None:
        numbers = storage.blackening.find_numbers_of(name)
    else:
        given = tuple(_addresses(wanted.article or ""))
        numbers = storage.purges.find_numbers(wanted.article or "", *given)
    canonical, urls = storage.purges.urls_of(numbers)
    canonical, urls = canonical | frozenset(given[1:]), urls | frozenset(given)
    traces = Traces(
        name=name,
        marks=frozenset()
        if name
        else urls | {each.id for each in storage.purges.describe(numbers)},
    )
    return _Found(
        numbers=numbers,
        urls=urls,
        canonical=canonical,
        # a person's name cannot be blackened in bytes: they go, whoever else is proved by them
        links=storage.purges.links_of(numbers, shared=name is not None),
        sharers=storage.purges.sharers_of(numbers),
        texts=storage.texts.find_ids(urls, name=name),
        files=tuple(find_files(watch, traces)),
        traces=traces,
    )


def _addresses(written: str) -> Iterator[str]:
    """Yield an address as it was typed and in its canonical form; nothing for an id."""
    if "://" in written:
        yield written
        try:
            yield canonical_url(written)
        except ValueError as error:
            raise UsageError(
                f"while looking for {written[:200]!r}: {error}; give the address of the page,"
                " or the report's id as 'stationwatch search' shows it"
            ) from error


def _remove_rows(
    watch: Watch,
    order: Purge,
    *,
    found: _Found,
    links: tuple[EvidenceLink, ...],
    name: Name | None,
) -> Counter[str]:
    """Remove the rows and chain the removal, in one transaction; the list beside it comes first."""
    storage, evidence = watch.storage, watch.evidence
    document = documents.build_document(order, links)
    kept = evidence.keep(document, headers=(), url=PURGE_URL, fetched_at=order.at)
    documents.remember(evidence, document)
    with storage.transaction():
        if name is None:
            counts = storage.purges.remove_articles(found.numbers)
            storage.evidence.hollow(found.links)
        else:
            counts = storage.blackening.blacken(name, found.numbers)
            counts["reports"] = len(found.numbers)
        link = storage.evidence.append(kept)
        storage.purges.add(order, removed=dict(+counts), link=link.seq)
        storage.left_out.forget_removed()
        storage.proofs.keep(UNFINISHED, at=order.at, problem="its bytes are not overwritten yet")
    evidence.record_links(storage.evidence.read_links(after=evidence.last_recorded()))
    return counts


def _clean(
    watch: Watch, found: _Found, counts: Counter[str], *, name: Name | None
) -> tuple[str, ...]:
    """Remove what lies in files, write the databases anew, and say what still holds it."""
    counts["copies of messages"] = remove_traces(watch, found.files, found.traces)
    counts["files of evidence"] = sweep_purged(watch.storage, watch.evidence, watch.data)
    counts["lines of the log"] = forget_in_logs(watch.data, found.traces)
    keeps: list[str] = []
    try:
        finish_purge(watch.storage, at=watch.clock.now())
    except StorageFull:
        keeps.append(
            "the database could not be written anew, since the disk is too full: its bytes are out"
            " of reach, but not overwritten; make room, and the next 'prune' does it"
        )
    if not watch.storage.purges.is_cut():
        keeps.append(
            "another program reads the database, so the write-ahead log could not be cut; end that"
            " one, and run 'stationwatch prune'"
        )
    return (*keeps, *_find_keeps(watch, replace(found, files=()), name))


def finish_purge(storage: Storage, *, at: datetime) -> bool:
    """Write the databases anew where a removal has not got so far; say whether one had not.

    Called by the daily prune as well, for what a killed process or a full disk left.
    """
    left = storage.proofs.find(UNFINISHED)
    if left is None or left.problem is None:
        return False
    storage.purges.overwrite()
    storage.texts.overwrite()
    storage.proofs.keep(UNFINISHED, at=at)
    storage.checkpoint()  # what was written just now, so that an empty WAL says that it was cut
    return True


def sweep_purged(storage: Storage, evidence: EvidenceStore, data: Path) -> int:
    """Remove the files of evidence whose pages were removed, and which no other page needs."""
    bodies, headers = find_purged_files(storage, evidence)
    mirrors = (evidence.folder, data / BACKUPS / evidence.folder.name)
    return sum(documents.remove_files(folder, bodies, headers) for folder in mirrors)


def find_purged_files(storage: Storage, evidence: EvidenceStore) -> tuple[set[str], set[str]]:
    """Return the bodies and headers of removed pages that no other page needs, by their hashes."""
    tombstones = documents.read_tombstones(evidence, storage.evidence.read_purges())
    if not tombstones:
        return set(), set()
    bodies: set[str] = set()
    headers: set[str] = set()
    for link in storage.evidence.get_links(tombstones):
        if tombstones[link.seq].hash == link.hash:
            bodies.add(link.sha256)
            headers.add(link.headers_sha256)
    for link in storage.evidence.read_links():
        if link.seq not in tombstones:
            bodies.discard(link.sha256)
            headers.discard(link.headers_sha256)
    return bodies, headers


def _find_keeps(watch: Watch, found: _Found, name: Name | None) -> Iterator[str]:
    """Yield what still holds it after a removal, with what a person can do about it."""
    for path in _old_databases(watch.data):
        try:
            if path.name == TEXTS:
                with closing(Texts(path, writing=False)) as texts:
                    still = bool(texts.find_ids(found.urls, name=name))
            else:
                still = holds_any(path, urls=found.urls, name=name)
        except StorageError:
            yield f"{path} cannot be read; it may hold it: delete it"
            continue
        if still:
            yield f"{path} still holds it: delete that file, or let 'prune' forget it in time"
    if folder := watch.settings.data.second_backup:
        yield (
            f"{folder} has copies of databases from before, which go there in"
            f" {plural(watch.settings.data.keep_backups, 'day')}, or when you delete them; the kept"
            " bytes go with the next nightly copy"
        )
    yield from _tell_shared(found.sharers, bytes_go=name is not None)
    if name is not None:
        addresses = watch.storage.blackening.count_urls(name)
        if addresses:
            yield (
                f"the name stands in addresses of {plural(addresses, 'report')}, and cannot be"
                " blackened there: remove these reports (purge --article ID)"
            )
        yield "keywords.yaml, sources.yaml and settings.toml are yours: look there, too"
        yield "a report that names the person and comes later will be kept: remove it again then"
    yield "what was sent lies with those who received it"


def _tell_shared(sharers: Iterable[PurgedReport], *, bytes_go: bool) -> Iterator[str]:
    """Yield what a removal means for reports that are proved by the same bytes."""
    for each in sharers:
        which = f"report {each.id} of {each.outlet}"
        if bytes_go:
            yield (
                f"the page as received is also the evidence of {which}, which stays without it:"
                " bytes cannot be blackened"
            )
        else:
            yield (
                f"the page as received is also the evidence of {which}, and stays for it, whatever"
                " it says of this one: remove that report, too, if the page has to go"
            )


def _old_databases(data: Path) -> Iterator[Path]:
    """Yield the copies of the database beside the one in force."""
    yield from sorted((data / BACKUPS).glob("*.db"))
    yield from sorted(data.glob(f"{DATABASE}.before-*[0-9]"))


def purge_again(storage: Storage, evidence: EvidenceStore, data: Path) -> tuple[str, ...]:
    """Repeat the removals that the database in force knows nothing of, after a restore.

    Articles go by the hashes of their addresses. A name is not kept, so that a person has to say it
    again; returns the sentences that say so.
    """
    known = {each.id for each in storage.purges.read()}
    remembered = tuple(documents.read_remembered(evidence))
    _forget_texts(storage, [order for order, _, _ in remembered if order.kind == "article"])
    said: list[str] = []
    for order, document, hashes in remembered:
        if order.id in known:
            continue
        numbers = storage.purges.find_numbers_by_hash(order.url_hashes)
        links = [
            link.seq for link in storage.evidence.get_links(hashes) if hashes[link.seq] == link.hash
        ]
        kept = evidence.keep(document, headers=(), url=PURGE_URL, fetched_at=order.at)
        with storage.transaction():
            counts: Counter[str] = Counter()
            if order.kind == "article":
                counts = storage.purges.remove_articles(numbers)
                storage.evidence.hollow(links)
            link = storage.evidence.append(kept)
            storage.purges.add(order, removed=dict(+counts), link=link.seq)
            storage.left_out.forget_removed()
        said.append(_say_again(order, len(numbers)))
    if said:
        evidence.record_links(storage.evidence.read_links(after=evidence.last_recorded()))
        sweep_purged(storage, evidence, data)
        storage.purges.overwrite()
    return tuple(said)


def _forget_texts(storage: Storage, orders: Iterable[Purge]) -> None:
    """Remove the texts of removed pages, which may have come back whatever the database knows."""
    hashes = frozenset(each for order in orders for each in order.url_hashes)
    found = [text for text, url in storage.texts.read_urls() if hashes and hash_url(url) in hashes]
    if found:
        storage.texts.remove(found)
        storage.texts.overwrite()


def _say_again(order: Purge, reports: int) -> str:
    when = f"on {order.at:%Y-%m-%d} ({order.wish})"
    if order.kind == "article":
        return f"what was removed {when} was removed from the backup's state, too"
    return (
        f"a person was removed {when}, and the name stands in {plural(reports, 'report')} of the"
        " backup: run 'stationwatch purge --person' again"
    )
