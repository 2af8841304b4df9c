"""An article or a person's name goes with every trace, and what is left can still be verified."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.evidence.store import EvidenceStore
from monitor.evidence.verify import verify
from monitor.jobs.backups import restore_backup, write_backup
from monitor.jobs.deliver import deliver
from monitor.jobs.purge import Wanted, plan_purge, purge
from monitor.jobs.upkeep import prune
from monitor.model import Outcome, StoredText
from monitor.model.evidence import Verification
from monitor.urls import canonical_url
from storage.database import Storage
from storage.files import BACKUPS
from tests.jobs.arriving import arrive, commit
from tests.jobs.building import FOLDER, Place, open_place
from tests.storage.building import HeldClock, make_article

SECRET = "Zubrowka Quintessa"
"""Words that stand in one report and nowhere else; looked for in the bytes of every file."""

WISH = "the outlet, which took it back"
URL = "https://daily.example/1"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", FOLDER) as opened:
        yield opened


def check(place: Place) -> Verification:
    chain = place.storage.evidence
    return verify(place.watch.evidence, chain.read_links(), purges=chain.read_purges())


def files_with(folder: Path, *words: str) -> set[str]:
    """The files that hold any of the words, as bytes: databases, logs, messages, evidence."""
    return {
        path.name
        for path in folder.rglob("*")
        if path.is_file()
        and any(word.encode() in path.read_bytes().lower() for word in map(str.lower, words))
    }


def fill(place: Place) -> None:
    """Two reports, told to somebody; one of them is to go."""
    secret = f"The office was run by {SECRET}, neighbours say. " * 5
    assert commit(place, 1, secret, title=f"{SECRET} closes a station") is Outcome.NEW
    assert commit(place, 2, "Another office was closed in the harbour. " * 5) is Outcome.NEW
    deliver(place.watch)
    (place.watch.data / "logs").mkdir()
    for name in ("stationwatch.log", "stationwatch.log.1"):
        lines = [{"event": "page fetched", "url": URL}, {"event": "polled"}]
        log = place.watch.data / "logs" / name
        log.write_text("".join(json.dumps(line) + "\n" for line in lines))


def keep_messages(place: Place) -> Path:
    """Copies of messages and an export, as the folder channel and a person leave them."""
    folder = place.watch.data / "outgoing"
    folder.mkdir(exist_ok=True)
    (folder / "1.json").write_text(json.dumps({"title": f"{SECRET} closes", "url": URL}))
    (folder / "1.eml").write_text(f"Subject: report\n\n{SECRET} closes\n{URL}\n")
    (folder / "2.json").write_text(json.dumps({"url": "https://daily.example/2"}))
    return folder


def test_article_goes_with_every_trace_and_the_chain_holds(place: Place) -> None:
    fill(place)
    folder = keep_messages(place)
    place.storage.checkpoint()
    assert len(files_with(place.watch.data, SECRET)) >= 4
    plan = plan_purge(place.watch, Wanted(article=URL))
    assert [report.title for report in plan.reports] == [f"{SECRET} closes a station"]
    assert plan.counts["reports"] == 1
    assert len(list(place.storage.articles.iterate())) == 2, "a dry run removes nothing"

    done = purge(place.watch, Wanted(article=URL), wish=WISH)
    assert done.counts["reports"] == 1
    assert done.counts["files of evidence"] == 2
    assert done.counts["lines of the log"] == 2

    # quintessa: the search index keeps words apart; the address is a trace as well
    left = files_with(place.watch.data, "zubrowka", "quintessa", "daily.example/1")
    assert left == set()
    assert sorted(path.name for path in folder.glob("*")) == ["2.json"]
    (kept,) = place.storage.articles.iterate()
    assert kept.article.url == "https://daily.example/2"
    assert place.storage.check() == ()
    found = check(place)
    assert found.ok, found.problems
    assert found.checked == 3
    assert [(one.seq, one.link, one.wish) for one in found.purged] == [(1, 3, WISH)]


def test_article_that_was_removed_is_not_stored_again(place: Place) -> None:
    fill(place)
    purge(place.watch, Wanted(article=URL), wish=WISH)
    again = arrive(place, 1, f"{SECRET} and more")
    assert again.entry_id is None, "a source that offers it again offers nothing to fetch"
    assert place.storage.entries.count_pending() == 0
    # found another way (a redirect, a backfill): counted, and nothing of it is kept
    assert place.watch.committer.commit(again).outcome is Outcome.PURGED
    assert len(list(place.storage.articles.iterate())) == 1
    assert place.storage.runs.check_ledger() == ()
    place.storage.checkpoint()
    assert files_with(place.watch.data, SECRET, "daily.example/1") == set()


def test_text_that_matched_nothing_goes_too(place: Place) -> None:
    article = make_article(7, url="https://daily.example/7", text=SECRET)
    place.storage.texts.add(
        StoredText(
            id="t",
            article=article,
            fetched_at=place.clock.now(),
            source_id="daily",
            text_hash="h",
            body_sha256=None,
            rules_version="r",
        )
    )
    done = purge(place.watch, Wanted(article="https://daily.example/7"), wish=WISH)
    assert done.counts == {"texts that matched nothing": 1}
    assert place.storage.texts.count() == 0
    assert place.storage.purges.is_purged(canonical_url("https://daily.example/7"))


def test_story_goes_on_without_the_report_that_began_it(place: Place) -> None:
    fill(place)
    first, second = place.storage.articles.iterate()
    story = place.storage.stories.find_by_article(first.id)
    other = place.storage.stories.find_by_article(second.id)
    assert story is not None
    assert other is not None
    if other.id != story.id:
        with place.storage.transaction():
            number = place.storage.next_commit()
            place.storage.orders.merge(other.id, story.id, commit=number)
    purge(place.watch, Wanted(article=first.id), wish=WISH)
    left = place.storage.stories.find_by_article(second.id)
    assert left is not None
    assert left.title == "A station closes"
    assert [each.article_id for each in left.articles] == [second.id]
    assert files_with(place.watch.data, "zubrowka", "quintessa") == set()


def test_person_is_blackened_everywhere_and_reports_stay(place: Place) -> None:
    """Case, accents, hyphens and endings make no difference; offsets of passages hold."""
    text = "A witness, Zofia Wiśniewska-Kral, spoke. ZOFIĘ WIŚNIEWSKĄ KRAL nobody believed. " * 3
    assert commit(place, 1, text, title="Zofia Wisniewska Kral speaks") is Outcome.NEW
    assert commit(place, 2, "Another office was closed in the harbour. " * 5) is Outcome.NEW
    deliver(place.watch)
    keep_messages(place).joinpath("3.json").write_text('{"by": "Zofia Wi\\u015bniewska Kral"}')
    wanted = Wanted(person="Zofi* Wisniewsk* Kral")
    plan = plan_purge(place.watch, wanted)
    assert plan.counts["reports"] == 1
    done = purge(place.watch, wanted, wish="the person's own")
    assert done.counts["copies of messages"] == 1

    first, second = place.storage.articles.iterate()
    assert len(first.article.text) == len(text)
    assert "witness, █" in first.article.text
    assert second.article.text.startswith("Another office")
    assert not place.storage.search.find("Wisniewska")
    assert place.storage.search.find("witness")
    place.storage.checkpoint()
    assert files_with(place.watch.data, "wiśniewsk", "WIŚNIEWSK", "wisniewsk") == set()
    assert check(place).ok
    assert check(place).purged[0].seq == 1
    assert place.storage.check() == ()
    # the report comes again, name and all
    assert commit(place, 1, text + "More.", title="Zofia Wisniewska Kral") is Outcome.PURGED
    assert any("comes later" in sentence for sentence in done.keeps)


def test_removal_names_the_copies_that_still_hold_it_and_later_ones_do_not(place: Place) -> None:
    fill(place)
    old = write_backup(place.watch.data, place.clock).database
    done = purge(place.watch, Wanted(article=URL), wish=WISH)
    assert any(f"{old} still holds it" in sentence for sentence in done.keeps)
    place.clock.move(days=1)
    new = write_backup(place.watch.data, place.clock).database
    assert new != old
    assert SECRET.encode() not in new.read_bytes()
    assert not any(str(new) in said for said in plan_purge(place.watch, Wanted(article=URL)).keeps)


def test_backup_from_before_is_purged_again_when_it_is_put_back(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with open_place(folder, FOLDER) as place:
        fill(place)
        old = write_backup(folder, place.clock).database
        purge(place.watch, Wanted(article=URL), wish=WISH)
    done = restore_backup(folder, HeldClock(), old)
    assert any(WISH in sentence for sentence in done.said)
    with Storage.open_writer(folder, HeldClock()) as storage:
        assert [each.article.url for each in storage.articles.iterate()] == [
            "https://daily.example/2"
        ]
        assert storage.purges.is_purged(URL)
        chain, evidence = storage.evidence, EvidenceStore(folder / "evidence")
        evidence.record_links(chain.read_links(after=evidence.last_recorded()))
        found = verify(evidence, chain.read_links(), purges=chain.read_purges())
        assert found.ok, found.problems
    assert SECRET.encode() not in (folder / "stationwatch.db").read_bytes()
    assert (folder / BACKUPS).is_dir()


def test_removal_that_was_killed_is_finished_by_the_next_prune(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after its transaction: the bytes are still in the files, and the report is gone."""

    def die(*_given: object) -> int:
        raise KeyboardInterrupt

    fill(place)
    with monkeypatch.context() as killing:
        killing.setattr("monitor.jobs.purge.remove_traces", die)
        with pytest.raises(KeyboardInterrupt):
            purge(place.watch, Wanted(article=URL), wish=WISH)
    assert [each.article.url for each in place.storage.articles.iterate()] == [
        "https://daily.example/2"
    ]
    assert check(place).ok
    prune(place.watch)
    left = files_with(place.watch.data, "zubrowka", "quintessa")
    assert left == set()
    again = purge(place.watch, Wanted(article=URL), wish=WISH)
    assert again.counts == {"lines of the log": 2}, "what only the address finds"


def test_hole_without_a_removal_in_the_chain_is_named(place: Place) -> None:
    """FAULTS G4: who takes an address or a file away without a removal is found."""
    fill(place)
    purge(place.watch, Wanted(article=URL), wish=WISH)
    place.storage.evidence.hollow([2])
    assert [each.kind for each in check(place).problems] == ["link changed"]


def test_removal_that_was_changed_is_named(place: Place) -> None:
    fill(place)
    purge(place.watch, Wanted(article=URL), wish=WISH)
    (link,) = place.storage.evidence.read_purges()
    path = place.watch.evidence.path_of("bodies", link.sha256)
    path.write_bytes(path.read_bytes().replace(b"the outlet", b"nobody else"))
    kinds = {each.kind for each in check(place).problems}
    assert {"link changed", "file changed"} <= kinds


@pytest.mark.parametrize(
    ("wanted", "wish", "said"),
    [
        (Wanted(article=URL), " ", "by whose wish"),
        (Wanted(article=URL), f"remove {URL}", "holds the address"),
        (Wanted(person="Jan Kowalski"), "of jan kowalski", "names the person"),
        (Wanted(person="me*"), "my own", "letters are needed"),
        (Wanted(person="keeper"), "my own", "is a subscriber"),
    ],
    ids=["no wish", "address in it", "name in it", "too short", "subscriber"],
)
def test_removal_that_would_undo_itself_is_refused(
    place: Place, wanted: Wanted, wish: str, said: str
) -> None:
    watch = place.with_subscribers(replace(FOLDER, name="Keeper"))
    with pytest.raises(UsageError, match=said):
        purge(watch, wanted, wish=wish)
    assert place.storage.purges.read() == ()
