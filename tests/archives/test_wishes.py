"""What a person may ask of a backfill, and the one sentence for what cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.backfill_files import check_report_folder
from monitor.cli.backfill_job import make_job
from monitor.cli.backfill_searches import read_searches, search_topics
from monitor.cli.backfill_wishes import (
    Wishes,
    check_wishes,
    describe,
    make_inputs,
    make_wishes_wanted,
    say_period,
)
from monitor.cli.options import read_countries, read_languages
from monitor.config.folder import Configuration, read_configuration
from monitor.errors import UsageError
from monitor.jobs.backfill_dry import (
    MOST_ASKED,
    PAGE_BYTES,
    PAGE_SECONDS,
    choose_asked,
    estimate_hosts,
    estimate_sizes,
)
from monitor.jobs.backfill_request import make_network_plan

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Configuration:
    folder = tmp_path_factory.mktemp("config")
    (folder / "sources.yaml").write_text(
        "version: 1\nsources:\n"
        '  - {id: town, kind: sitemap, url: "https://www.town.example/map.xml", outlet: Town,'
        " country: FJ}\n"
        '  - {id: asleep, kind: feed, url: "https://asleep.example/feed", outlet: Asleep,'
        " country: FJ, enabled: false}\n",
        encoding="utf-8",
    )
    (folder / "keywords.yaml").write_bytes((root / "keywords.yaml").read_bytes())
    return read_configuration(folder)


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({}, "--from 2019-01-01"),
        ({"since": "2019"}, "write a day as 2024-03-01"),
        ({"since": "2019-02-30"}, "'2019-02-30': there is no such day"),
        ({"since": "30.02.2019"}, "write a day as 2024-03-01"),
        ({"since": "2024-01-01", "until": "2019-01-01"}, "exchange them"),
        ({"since": "2031-01-01"}, "has not come"),
        ({"since": "1980-01-01"}, "the web begins in 1995"),
        ({"since": "2019-01-01", "topic": ("cats",)}, "'cats'; there are: overseas-stations, "),
        ({"since": "2019-01-01", "language": ("hu", "xx")}, "'xx': the keywords have no words in"),
        ({"since": "2019-01-01", "language": ("xx",)}, " hr, hu, "),
        ({"since": "2019-01-01", "wayback": ("https://town.example/",)}, "write a host"),
        ({"wayback": ("town.example",)}, "how far back?"),
        ({"since": "2019-01-01", "sitemap": ("town.example/map.xml",)}, "a whole address"),
        ({"ccnews": ("03/2024",)}, "a month as 2024-03"),
        ({"since": "2019-01-01", "search": ("police",)}, "--reveal-subject"),
        ({"since": "2019-01-01", "search_by": "bing"}, "'bing': write gdelt or google-news"),
    ],
)
def test_what_cannot_be_is_one_sentence_with_the_cure(
    configuration: Configuration, wishes: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match="while") as caught:
        check_wishes(Wishes(**wishes), configuration, now=NOW)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_search_says_what_it_reveals(configuration: Configuration) -> None:
    with pytest.raises(UsageError, match="the words that are searched for"):
        check_wishes(Wishes(since="2019-01-01", search=("a",)), configuration, now=NOW)
    check_wishes(Wishes(since="2019-01-01", search=("a",), reveal=True), configuration, now=NOW)


def inputs(configuration: Configuration, **wishes: Any) -> Any:
    asked = Wishes(since="2019-01-01", **wishes)
    return make_inputs(asked, make_wishes_wanted(asked, configuration), configuration)


def test_sites_are_read_unless_something_else_is_named(configuration: Configuration) -> None:
    by_default = inputs(configuration, country=("fj",))
    assert [source.id for source in by_default.sources] == ["town"]
    assert inputs(configuration, warc=("a.warc",)).is_empty
    both = inputs(configuration, warc=("a.warc",), sites=True, source=("town",))
    assert [source.id for source in both.sources] == ["town"]


def test_hosts_of_the_sources_can_be_meant(configuration: Configuration) -> None:
    found = inputs(configuration, country=("fj",), wayback=("sources", "old.example"))
    assert found.hosts == ("town.example", "old.example")
    assert found.sources == ()


def test_same_wishes_have_the_same_name_and_others_another(configuration: Configuration) -> None:
    def name(rules: str = "r", **wishes: Any) -> str:
        asked = Wishes(**({"since": "2019-01-01", "source": ("town",)} | wishes))
        wanted = make_wishes_wanted(asked, configuration)
        found = make_inputs(asked, wanted, configuration)
        return make_network_plan(found, wanted, configuration.settings.archives, rules=rules).asked

    assert name() == name()
    others = {name(since="2020-01-01"), name(rules="s"), name(wayback=("a.example",)),
              name(language=("hu",)), name(sitemap=("https://a.example/map.xml",))}  # fmt: skip
    assert len(others | {name()}) == 6


def test_what_was_asked_for_is_described_without_what_was_not() -> None:
    assert describe(Wishes(since="2019-01-01", country=("hu",))) == {
        "first day": "2019-01-01", "last day": "until now", "countries": "HU",
        "the sites' own archives": "yes",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("2019-01-01", None, "since 2019-01-01"),
        ("2019-01-01", "2020-12-31", "from 2019-01-01 to 2020-12-31"),
        (None, "2020-12-31", "until 2020-12-31"),
        (None, None, "since the beginning"),
    ],
)
def test_title_says_the_whole_period(since: str | None, until: str | None, said: str) -> None:
    assert say_period(Wishes(since=since, until=until)) == said


def test_cost_is_told_for_each_host_at_its_pace() -> None:
    slow, quick = estimate_hosts(
        {"town.example": 3600, "web.archive.org": 3600},
        delay=1.0,
        archive_host="web.archive.org",
        archive_delay=2.5,
    )
    assert (slow.host, slow.seconds_between, slow.hours) == (
        "web.archive.org", 2.5, 2.5 + PAGE_SECONDS,
    )  # fmt: skip
    assert quick.hours == 1.0 + PAGE_SECONDS
    assert quick.megabytes == 3600 * PAGE_BYTES / 1e6


def test_words_of_a_search_come_from_a_file_or_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "words"
    file.write_text("# remark\n\n  chinese   police station \ncomisaría china\n", encoding="utf-8")
    assert read_searches(str(file)) == ("chinese police station", "comisaría china")
    monkeypatch.setattr("sys.stdin", StringIO("one search\n"))
    assert read_searches("-") == ("one search",)
    assert read_searches(None) == ()


@pytest.mark.parametrize("content", [None, b"", b"# only a remark\n", b"\xff\xfe\x00"])
def test_file_without_words_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "words"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match="--search-from"):
        read_searches(str(file))


def test_topic_is_searched_for_by_its_own_phrases(configuration: Configuration) -> None:
    keywords = configuration.keywords
    (english,) = search_topics(["overseas-stations"], (), keywords)
    assert english.startswith('("')
    assert " OR " in english
    both = search_topics(["overseas-stations"], ("en", "es"), keywords)
    assert both[0] == english
    assert len(both) == 2
    with pytest.raises(UsageError, match="no topic"):
        search_topics(["none"], (), keywords)
    with pytest.raises(UsageError, match="no phrase"):
        search_topics(["overseas-stations"], ("xx",), keywords)


@pytest.mark.parametrize(
    ("count", "sizes", "size", "said"),
    [
        (0, [], 0, ""),
        (2, [100, 300], 400, "as their servers say"),
        (10, [100, None, 300], 2000, "by the 2 of 10 files"),
        (3, [None], 3 * 1024**3, "assumed"),
    ],
)
def test_sizes_of_files_elsewhere_are_asked_or_said_to_be_assumed(
    count: int, sizes: list[int | None], size: int, said: str
) -> None:
    found = estimate_sizes(count, sizes)
    assert found[0] == size
    assert said in found[1]


def test_few_files_of_a_long_list_are_asked_for_their_size() -> None:
    names = [str(number) for number in range(412)]
    assert choose_asked(names[:7]) == names[:7]
    asked = choose_asked(names)
    assert len(asked) <= MOST_ASKED
    assert int(asked[-1]) > 350


def test_report_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "afile"
    file.touch()
    with pytest.raises(UsageError, match="afile': that is a file; name a folder"):
        check_report_folder(file)
    with pytest.raises(UsageError, match="not a directory; name a folder that can be made"):
        check_report_folder(file / "reports")
    check_report_folder(tmp_path / "new" / "reports")
    assert (tmp_path / "new" / "reports").is_dir()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_report_folder_where_nothing_can_be_written_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(UsageError, match="nothing can be written there"):
        check_report_folder(folder)


def test_country_is_a_code_or_a_name() -> None:
    assert read_countries(("Hungary", "it", "HU")) == ("HU", "IT")
    assert read_countries(()) == ()


@pytest.mark.parametrize(
    ("written", "said"),
    [("Hungray", "did you mean Hungary (HU)?"), ("", "two letters"), ("qqqq", "two letters")],
)
def test_country_that_is_none_is_refused(written: str, said: str) -> None:
    with pytest.raises(UsageError, match="while reading --country") as caught:
        read_countries((written,))
    assert said in str(caught.value)


def test_language_is_a_code_or_a_name() -> None:
    """`init` took the names, and nothing else did."""
    assert read_languages(("Hungarian", "de")) == ("hu", "de")
    with pytest.raises(UsageError, match="while reading --language"):
        read_languages(("qqqq",))


def test_source_or_country_that_is_not_watched_is_told_with_the_cure(
    configuration: Configuration,
) -> None:
    with pytest.raises(UsageError, match=r"'twn'; did you mean 'town'\? see .*sources list"):
        make_wishes_wanted(Wishes(source=("twn",)), configuration)
    with pytest.raises(UsageError, match=r"did you mean 'town'"):
        make_wishes_wanted(Wishes(source=("to",)), configuration)
    with pytest.raises(UsageError, match=r"Mongolia in files leave .*stories --country MN"):
        make_wishes_wanted(Wishes(country=("MN",)), configuration)


def test_job_of_a_named_country_is_of_its_sources(tmp_path: Path, root: Path) -> None:
    job = make_job(
        Wishes(country=("Hungary",), warc=("a.warc",)), tmp_path, root, workers=1, sieve=True
    )
    assert job.wishes.country == ("HU",)
    assert job.wanted.sites


@pytest.mark.parametrize("option", ["--search", "--search-from", "--search-topic"])
def test_consent_is_asked_for_the_option_that_was_given(
    tmp_path: Path, root: Path, option: str
) -> None:
    file = tmp_path / "words"
    file.write_text("bread\n", encoding="utf-8")
    value = str(file) if option == "--search-from" else "overseas-stations"
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "backfill", "--data", str(tmp_path / "data"),
         "--config", str(root), "--from", "2019-01-01", option, value],
        capture_output=True, text=True, cwd=root, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"while reading {option}: a search tells" in " ".join(done.stderr.split())
