"""Digests as people read them: what was found, and whether the silence can be believed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from monitor.model.digest import SourceTrouble
from monitor.model.pages import Outcome
from monitor.render.digest import render_digest
from monitor.render.watch import view_watch
from tests.render.messages import html_of
from tests.render.samples import NOW, digest, subscriber, watch


def test_digest_holds_everything_and_its_sums_agree() -> None:
    message = render_digest(digest(), subscriber())
    flat = " ".join(re.sub(r"<[^>]+>", " ", html_of(message)).split())
    for words in (
        "Daily digest, Saturday, 21 November 2026",
        "3 new reports, 1 story grown, 1 mention",
        "214 of 216 sources answered",
        "Overseas police stations",
        "United Arab Emirates",
        "Also mentioned",
        "Grenzland Kurier",
        "the certificate has expired",
        "nothing new for 9 days",
        "the same text under another address",
        "1,204",
        "500 Internal Server Error",
        "21 November 2026, 06:40",
    ):
        assert words in flat, words
        assert words in " ".join(message.text.split()), words
    rows = re.findall(r"(?m)^  ([a-z ]+?) {2,}([\d,]+)$", message.text)
    counts = {name: int(figure.replace(",", "")) for name, figure in rows}
    outcomes = sum(counts.get(str(outcome), 0) for outcome in Outcome)
    assert outcomes == digest().watch.pages
    assert "do not add up" not in message.text


def test_digest_of_a_quiet_day_says_so_and_why_it_can_be_believed() -> None:
    quiet = watch(deliveries_failed=())
    message = render_digest(digest([], state=quiet), subscriber())
    assert message.subject.endswith("nothing new")
    assert "Nothing new today: no report on what you follow" in message.text
    assert "The watch itself is well" in message.text


@pytest.mark.parametrize(
    ("state", "warning"),
    [
        ({"pages": 9}, "The figures do not add up"),
        ({"sources_asked": 3}, "2 of 3 sources could not be read"),
        ({"sources_asked": 0, "sources_failed": ()}, "No source was asked"),
        ({"canary_problem": "mail was refused"}, "did not come through: mail was refused"),
        ({"canary_at": NOW - timedelta(days=3)}, "No test report has come through since"),
        ({"not_running": (date(2026, 11, 19),)}, "did not run on 19 November 2026"),
    ],
)
def test_silence_that_cannot_be_believed_is_not_called_well(
    state: dict[str, Any], warning: str
) -> None:
    """P9: silence is what an adversary wants."""
    found = watch(**{"deliveries_failed": (), **state})
    message = render_digest(digest([], state=found), subscriber())
    flat = " ".join(message.text.split())
    assert warning in flat
    assert "The watch itself is well" not in flat
    assert "something may have been missed" in flat
    assert warning in " ".join(html_of(message).split())


def test_weekly_digest_says_week() -> None:
    message = render_digest(
        digest([], digest_every="week", state=watch(deliveries_failed=())), subscriber()
    )
    assert message.subject.startswith("Weekly digest")
    assert "Nothing new this week" in message.text


def test_many_troubles_are_cut_and_counted() -> None:
    rows = tuple(replace(watch().sources_failed[0], name=f"Source {n}") for n in range(90))
    message = render_digest(digest([], state=watch(sources_failed=rows)), subscriber())
    assert "and 65 more" in message.text


def test_warnings_of_a_digest_say_what_they_mean() -> None:
    days = tuple(date(2026, 11, day) for day in range(1, 14))
    view = view_watch(watch(not_running=days[:3], canary_problem="no page came"), zone="UTC")
    assert view.warnings[0].startswith(
        "The watch did not run on 1 November 2026, 2 November 2026 and 3 November 2026;"
    )
    assert "Real reports may be missing" in "".join(view.warnings)
    many = view_watch(watch(not_running=days), zone="UTC").warnings[0]
    assert "(and 3 more days)" in many
    one = view_watch(watch(not_running=days[:1]), zone="UTC").warnings[0]
    assert "on 1 November 2026;" in one


def test_list_of_troubles_that_is_cut_names_the_command_with_all() -> None:
    troubles = tuple(SourceTrouble(name=f"Outlet {n}", why="no answer") for n in range(30))
    *_, last = view_watch(watch(sources_failed=troubles), zone="UTC").failed
    assert last.name == "and 5 more"
    outage = view_watch(watch(sources_failed=troubles, sources_asked=40), zone="UTC").failed
    assert [len(outage), outage[-1].name] == [6, "and 25 more"], "one reason, said often enough"
    assert "stationwatch status --all" in last.why
