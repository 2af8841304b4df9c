"""A page that drops the matter after it was flagged: who is owed a word of it still gets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from monitor.jobs.deliver import deliver
from monitor.jobs.digests import begin_now, local_today, preview_digest
from monitor.model import Message, Outcome, RunKind
from monitor.render.digest import render_digest
from tests.jobs.arriving import arrive, commit
from tests.jobs.building import FOLDER, Place, open_place

TITLE = "Dublin shuts an office above a restaurant"
TEXT = "Capel Street neighbours saw no visitors. " * 6
QUIET = replace(FOLDER, digest=False, quiet_hours=(time(11), time(14)), time_zone="UTC")
LATE = replace(FOLDER, alerts=False, time_zone="UTC")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path, replace(QUIET, name="quiet"), replace(LATE, name="late")) as opened:
        yield opened


def withdraw(place: Place) -> None:
    """Let the page be fetched again with other words, in which nothing is found."""
    place.clock.move(seconds=3600)
    again = arrive(place, 1, "The weather stays mild until Sunday. " * 9, title="Mild until Sunday")
    found = again.prepared.analysis
    assert found is not None
    nothing = replace(found, matches=(), mentions=(), countries=())
    again = replace(again, prepared=replace(again.prepared, analysis=nothing))
    assert place.watch.committer.commit(again).outcome is Outcome.UPDATED


def test_withdrawn_report_stands_in_the_digest_as_it_was_found(place: Place) -> None:
    assert commit(place, 1, TEXT, title=TITLE) is Outcome.NEW
    late = place.watch.subscribers[1]
    before = render_digest(preview_digest(place.watch, late, None), late)
    assert TITLE in before.text
    withdraw(place)
    begin_now(place.watch, late, local_today(place.watch, late))
    deliver(place.watch)
    (sent,) = place.post.to("late")
    assert_found(sent)


def test_alert_held_over_quiet_hours_tells_what_was_found(place: Place) -> None:
    assert commit(place, 1, TEXT, title=TITLE) is Outcome.NEW
    withdraw(place)
    place.clock.move(seconds=2 * 3600)
    deliver(place.watch)
    (sent,) = place.post.to("quiet")
    assert_found(sent)


def assert_found(message: Message) -> None:
    assert TITLE in message.text
    assert "Mild until Sunday" not in message.text


def test_report_met_live_after_a_backfill_stands_in_the_digest(place: Place) -> None:
    """What only an archive had told of is news to everybody once the press of today tells it."""
    run = place.storage.runs.begin(RunKind.BACKFILL).id
    old = replace(arrive(place, 1, TEXT, title=TITLE), historic=True, run_id=run, entry_id=None)
    assert place.watch.committer.commit(old).outcome is Outcome.NEW
    late = place.watch.subscribers[1]
    assert TITLE not in render_digest(preview_digest(place.watch, late, None), late).text
    place.clock.move(seconds=3600)
    assert commit(place, 1, TEXT, title=TITLE) is Outcome.UNCHANGED
    assert TITLE in render_digest(preview_digest(place.watch, late, None), late).text
    chain = place.storage.evidence.read_links()
    assert len(list(chain)) == 2, "the bytes that were met live are in the chain as well"


def test_unchanged_page_leaves_no_bytes_that_no_link_speaks_of(place: Place) -> None:
    """A later removal finds bytes by their links."""
    assert commit(place, 1, TEXT, title=TITLE) is Outcome.NEW
    place.clock.move(seconds=3600)
    again = replace(arrive(place, 1, TEXT, title=TITLE), body=b"<p>the same, with other adverts")
    assert place.watch.committer.commit(again).outcome is Outcome.UNCHANGED
    kept = {path.name for path in (place.watch.data / "evidence" / "bodies").glob("??/*")}
    assert kept == {link.sha256 for link in place.storage.evidence.read_links()}
