"""What a person reads on a narrow terminal, and how many failures become few lines."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from monitor.cli.failures import Failure, group_failures, seems_cut_off, tell_failing_sources
from monitor.cli.output import Output, clean, count_things, number


def on_terminal(columns: int) -> tuple[Output, io.StringIO]:
    """Return an output to a terminal of so many columns, and what it wrote."""
    wrote = io.StringIO()
    out = Output(as_json=False)
    out.console = Console(
        file=wrote, force_terminal=True, width=columns, no_color=True, soft_wrap=True
    )
    out.console._highlight = False
    out.errors = out.console
    return out, wrote


def lost(count: int) -> list[Failure]:
    return [
        Failure(
            name=f"source-{at}",
            why=f"the name 'www.a{at}.example' was not found: [Errno -2] Name or service not known",
        )
        for at in range(count)
    ]


@pytest.mark.parametrize("columns", [60, 80])
def test_wide_table_becomes_lines_that_fit(columns: int) -> None:
    out, wrote = on_terminal(columns)
    out.table(("id", "outlet", "said"), [("a", "The Harbour Courier", "one word " * 12)])
    lines = wrote.getvalue().splitlines()
    assert len(lines) > 2
    assert "a · The Harbour Courier" in wrote.getvalue()
    assert wrote.getvalue().count("one word") + wrote.getvalue().count("one\n  word") == 12


def test_narrow_table_stays_a_table() -> None:
    out, wrote = on_terminal(80)
    out.table(("id", "outlet"), [("a", "The Harbour Courier")])
    assert "·" not in wrote.getvalue()


def test_prose_breaks_between_words_behind_its_label_and_keeps_addresses_whole() -> None:
    out, wrote = on_terminal(40)
    url = "https://daily.example.org/" + "x" * 50
    out.prose(f"some words that are long enough to go on, and {url}", label="needs you  ")
    plain = [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in
             wrote.getvalue().splitlines()]  # fmt: skip
    assert plain[0].startswith("needs you  some words")
    assert all(line.startswith(" " * 11) for line in plain[1:])
    assert url in wrote.getvalue()


def test_without_a_network_two_hundred_failures_are_five_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_failing_sources(Output(as_json=False), lost(220), asked=220)
    said = capsys.readouterr().err
    assert "no way out to the internet" in said
    assert "Errno" not in said
    assert len(said.splitlines()) == 5


def test_many_failures_of_few_kinds_are_grouped(capsys: pytest.CaptureFixture[str]) -> None:
    refused = [Failure(name=f"r{at}", why=f"status {400 + at}") for at in range(30)]
    tell_failing_sources(Output(as_json=False), [*lost(20), *refused], asked=90)
    said = capsys.readouterr().err
    assert "50 sources of 90" in said
    assert len(said.splitlines()) == 3
    assert "r0, r1, r2 and 27 more: status 400" in said


def test_few_failures_are_all_named(capsys: pytest.CaptureFixture[str]) -> None:
    tell_failing_sources(Output(as_json=False), lost(9), asked=90)
    assert len(capsys.readouterr().err.splitlines()) == 9


def test_one_dead_source_of_one_is_no_dead_network() -> None:
    assert not seems_cut_off(lost(1), asked=1)
    assert not seems_cut_off(lost(9), asked=10)
    assert not seems_cut_off([Failure(name=str(n), why="status 500") for n in range(9)], asked=9)
    assert seems_cut_off(lost(9), asked=9)


def test_kinds_are_told_apart_by_their_words_only() -> None:
    kinds = group_failures([*lost(3), Failure(name="x", why="status 500 from 'x'")])
    assert [len(kind.names) for kind in kinds] == [3, 1]


def test_numbers_agree_with_their_nouns() -> None:
    assert number(1, "story", "stories") == "1 story"
    assert number(0, "page") == "0 pages"


def test_error_numbers_are_left_out() -> None:
    assert clean("no: [Errno 111] Connection refused") == "no: connection refused"


def test_things_that_went_are_counted_in_words() -> None:
    """A removal said "1 pages kept as evidence"."""
    counts = {"pages kept as evidence": 1, "copies of messages": 1, "entries": 1, "matches": 1}
    assert count_things(counts) == ("1 copy of messages, 1 entry, 1 match, 1 page kept as evidence")
    assert count_things({"texts that matched nothing": 2, "rows of outbox": 1, "logs": 0}) == (
        "2 texts that matched nothing, 1 row of outbox"
    )
    assert count_things({}) == "none"
