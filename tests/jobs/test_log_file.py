"""The log file holds one event a line, is turned over, and never stops the program (H2)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor import log
from monitor.log import get_logger, prune_logs, set_up_logging


@pytest.fixture(autouse=True)
def usual_log() -> Iterator[None]:
    yield
    set_up_logging()


def test_event_is_one_line_whatever_a_title_holds(tmp_path: Path) -> None:
    """FAULTS H2."""
    set_up_logging(level="info", stream=io.StringIO(), folder=tmp_path)
    get_logger("test").info("page fetched", title="a\r\n\x1b[31mred\u202e", url="https://a.example")
    (line,) = (tmp_path / "stationwatch.log").read_text().splitlines()
    event = json.loads(line)
    assert event["event"] == "page fetched"
    assert event["title"] == "a\\r\\n\\x1b[31mred\\u202e"


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "people"])
def test_address_of_a_recipient_is_in_no_event(tmp_path: Path, as_json: bool) -> None:
    """FAULTS H1: a mail server that refuses somebody repeats the address; so does a traceback."""
    said = io.StringIO()
    set_up_logging(level="info", stream=said, folder=tmp_path, as_json=as_json)
    refused = "550 5.1.1 <duty.officer+x@mail.example.org>: no such user"
    get_logger("test").warning("delivery failed", reason=refused)
    try:
        raise ValueError(refused)
    except ValueError:
        get_logger("test").exception("delivery broke")
    get_logger("test").info("page fetched", url="https://social.example/@newsdesk/1")
    for text in (said.getvalue(), (tmp_path / "stationwatch.log").read_text()):
        assert "duty.officer" not in text
        assert "550 5.1.1 <(address)>: no such user" in text
        assert "ValueError" in text
        assert "https://social.example/@newsdesk/1" in text


def test_error_with_a_page_s_words_moves_no_cursor(tmp_path: Path) -> None:
    """FAULTS H2: the text of an error is from outside as often as any value."""
    said = io.StringIO()
    set_up_logging(stream=said, folder=tmp_path)
    try:
        raise ValueError("no date in \x1b[2J\u202egnp.exe" + "a" * 100_000)
    except ValueError:
        get_logger("test").exception("page broke")
    text = said.getvalue() + (tmp_path / "stationwatch.log").read_text()
    assert len(text) < 100_000
    assert set("\x1b\u202e").isdisjoint(text)
    try:
        raise ValueError("no date in \x1b[2J\u202egnp.exe")
    except ValueError:
        get_logger("test").exception("page broke")
    assert "ValueError: no date in \\x1b[2J\\u202egnp.exe" in said.getvalue()


def test_file_is_turned_over_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULTS H2."""
    monkeypatch.setattr(log, "LOG_BYTES", 2000)
    set_up_logging(level="info", stream=io.StringIO(), folder=tmp_path)
    for number in range(1000):
        get_logger("test").info("polled", number=number)
    files = list(tmp_path.iterdir())
    assert len(files) == log.LOG_FILES
    assert sum(path.stat().st_size for path in files) <= log.LOG_FILES * 2000
    assert all(path.stat().st_size for path in files)


def test_old_files_are_removed_and_the_present_one_stays(tmp_path: Path) -> None:
    for name in ("stationwatch.log", "stationwatch.log.1"):
        (tmp_path / name).write_text("{}")
    assert prune_logs(tmp_path, before=2**40) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["stationwatch.log"]
