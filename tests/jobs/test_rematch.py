"""A rematch finds what other keywords find, by itself or a slice at a time beside the service."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.errors import StationwatchError
from monitor.jobs.handed import HANDLERS, do_or_hand_over
from monitor.jobs.handed import rematch as begin_rematch
from monitor.jobs.purge import Wanted, purge
from monitor.jobs.rematch import rematch
from monitor.jobs.spool import FOLDER, Spool, hand_over
from monitor.jobs.steps import run_through
from monitor.jobs.watch import Watch
from monitor.match.matcher import Matcher
from monitor.model import StoredText
from monitor.wiring import open_watch, read_config
from tests.storage.building import NOON, make_article, make_source

SAYS = "A Chinese overseas police service station in {city} was ordered to close, says the mayor. "
CITIES = ("Dublin", "Prato", "Lagos", "Toronto", "Prague", "Budapest")


KEYWORDS = """\
version: 1
concepts:
  station:
    en: ["police service station*"]
topics:
  overseas-stations:
    title: Overseas police stations
    rules:
      - name: named
        any: [station]
        score: 10
    report at: 10
    mention at: 4
"""


def write_config(folder: Path) -> Path:
    (folder / "config").mkdir()
    (folder / "config" / "keywords.yaml").write_text(KEYWORDS)
    return folder / "config"


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """A watch of the shipped keywords, in whose texts six reports were once no match."""
    config, data = write_config(tmp_path), tmp_path / "data"
    with open_watch(data, read_config(config, data), create=True) as opened:
        opened.storage.sources.sync((make_source("daily"),))
        for number in range(60):
            city = CITIES[number // 10]
            words = SAYS.format(city=city) if number % 10 == 3 else "It rained in the hills. "
            url = f"https://daily.example/{number}"
            article = make_article(
                number, url=url, canonical_url=url, title=f"{city} today", text=words * 8
            )
            opened.storage.texts.add(
                StoredText(
                    id=f"t{number}", article=article, fetched_at=NOON, source_id="daily",
                    text_hash=f"h{number}", body_sha256=None, rules_version="older",
                )
            )  # fmt: skip
        yield opened


def test_rematch_flags_what_the_keywords_find_now_and_goes_on_after_a_kill(watch: Watch) -> None:
    matcher, seen = Matcher.load(watch.keywords), list[tuple[int, int]]()

    def stop_halfway(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rematch(watch, matcher, progress=stop_halfway)
    assert seen[-1] == (30, 60)
    found = rematch(watch, matcher)
    assert found.added == 3
    assert len(list(watch.storage.articles.iterate())) == 6
    assert watch.storage.texts.count() == 54
    again = rematch(watch, matcher)
    assert (again.added, again.changed, again.looked_at) == (0, 0, 6)


def test_texts_of_sources_that_left_or_are_not_known_become_reports(watch: Watch) -> None:
    """A source that left the list keeps its outlet; a database older than its texts knows none."""
    storage = watch.storage
    storage.sources.sync((make_source("weekly"),))
    for name, city in (("daily", "Vilnius"), ("nobody-knows", "Riga")):
        url = f"https://{name}.example/new"
        article = make_article(99, url=url, canonical_url=url, text=SAYS.format(city=city) * 9)
        storage.texts.add(
            StoredText(
                id=name, article=article, fetched_at=NOON, source_id=name, text_hash=name,
                body_sha256=None, rules_version="older",
            )
        )  # fmt: skip
    assert rematch(watch, Matcher.load(watch.keywords)).added == 8
    stories = {each.article.url: each for each in storage.articles.iterate()}
    outlet = make_source("daily").outlet
    assert outlet
    assert stories["https://daily.example/new"].outlet == outlet
    assert "https://nobody-knows.example/new" in stories
    assert [source.id for source in storage.sources.read_configured()] == ["weekly"]


def test_report_that_is_removed_between_two_steps_does_not_come_back(watch: Watch) -> None:
    rematch(watch, Matcher.load(watch.keywords))
    first, *_ = watch.storage.articles.iterate()
    for topic in watch.keywords.topics:
        object.__setattr__(topic, "report_at", 1000.0)  # every level changes
    steps = begin_rematch(watch, {})
    assert not isinstance(steps, dict)
    next(steps)  # the portion with the second report is read
    second = list(watch.storage.articles.iterate())[1]
    purge(watch, Wanted(article=second.id), wish="the outlet's")
    run_through(steps, lambda _done, _total: None)
    left = [each.id for each in watch.storage.articles.iterate()]
    assert first.id in left
    assert second.id not in left
    assert watch.storage.check() == ()


def handed(watch: Watch, spool: Spool, seen: list[int]) -> tuple[threading.Thread, list[object]]:
    found: list[object] = []

    def ask() -> None:
        try:
            found.append(
                hand_over(watch.data, "rematch", {}, progress=lambda done, _: seen.append(done))
            )
        except StationwatchError as error:
            found.append(str(error))

    asking = threading.Thread(target=ask)
    asking.start()
    while not spool.work(watch):
        time.sleep(0.02)
    return asking, found


def test_service_does_a_slice_at_a_time_and_takes_other_jobs_between(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.jobs.spool.SLICE", 0.0001)
    monkeypatch.setattr("monitor.jobs.spool.WAIT", 0.01)
    spool, seen = Spool({**HANDLERS, "quick": lambda _watch, _arguments: {"texts": 0}}), list[int]()
    asking, found = handed(watch, spool, seen)
    other = threading.Thread(target=lambda: found.append(hand_over(watch.data, "quick", {})))
    other.start()
    turns = 0
    while asking.is_alive() or other.is_alive():
        spool.work(watch)
        spool.go_on(watch)
        turns += 1
        asking.join(0.02)
    assert found[0]["texts"] == 0, "the other job was answered first"  # type: ignore[index]
    assert found[1]["added"] == 6  # type: ignore[index]
    assert turns > 10
    assert len(set(seen)) > 3
    assert seen == sorted(seen)
    assert list((watch.data / FOLDER).iterdir()) == []


def test_second_rematch_is_told_of_the_first(watch: Watch) -> None:
    spool = Spool(HANDLERS)
    folder = watch.data / FOLDER
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.json").write_text('{"job": "rematch", "arguments": {}}')
    spool.work(watch)
    assert "already" in json.loads((folder / "b.done").read_text())["problem"]
    assert not (folder / "a.done").exists()
    spool.close()


@pytest.mark.parametrize("how", ["stopped", "reloaded"])
def test_rematch_that_is_interrupted_is_answered_and_goes_on_when_asked_again(
    watch: Watch, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.jobs.spool.SLICE", 0.0001)
    spool = Spool(HANDLERS)
    asking, found = handed(watch, spool, [])
    spool.go_on(watch)
    if how == "stopped":
        spool.close()
    else:
        spool.go_on(replace(watch))
    asking.join(10)
    assert "run it again" in str(found[0])
    assert list((watch.data / FOLDER).iterdir()) == []
    assert rematch(watch, Matcher.load(watch.keywords)).added == 6


def test_command_does_it_by_itself_where_no_service_runs(tmp_path: Path) -> None:
    config, data, seen = write_config(tmp_path), tmp_path / "data", list[int]()
    with open_watch(data, read_config(config, data), create=True) as watch:
        article = make_article(1, text="It rained. " * 9)
        watch.storage.texts.add(
            StoredText(
                id="t", article=article, fetched_at=NOON, source_id="daily", text_hash="h",
                body_sha256=None, rules_version="older",
            )
        )  # fmt: skip
    found = do_or_hand_over(
        data,
        "rematch",
        {},
        open_watch=lambda: open_watch(data, read_config(config, data)),
        progress=lambda done, total: seen.extend((done, total)),
    )
    assert found["looked_at"] == 1
    assert seen == [1, 1]
