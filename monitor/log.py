"""Events, not prose: structlog over the standard library, for people or as JSON.

A log never holds an article's text, a recipient's address, a keyword or a secret; text from outside
is escaped, so that a title cannot write a line of its own or move the cursor (FAULTS H2).
"""

from __future__ import annotations

import json
import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO, cast

import structlog

LONGEST_VALUE = 500
LONGEST_TRACE = 20_000
MAIL_ADDRESS = re.compile(r"[\w.%+=-]+@[\w.-]+\w")
LOG_FILE = "stationwatch.log"
LOG_BYTES = 10 * 1024 * 1024
LOG_FILES = 10

logging.raiseExceptions = False  # a full disk under the log file is no reason to print a traceback


def get_logger(room: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of `room`; usable before `set_up_logging`."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(room))


def set_up_logging(
    *,
    as_json: bool = False,
    level: str = "warning",
    stream: TextIO | None = None,
    folder: Path | None = None,
) -> None:
    """Send events of `level` and above to `stream` (standard error unless given).

    With `folder`, they also go into `stationwatch.log` there, a JSON document a line; ten files of
    ten megabytes are kept at the most.
    Libraries that log by themselves (scrapy, trafilatura, apscheduler) are heard from `error` on.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    out = stream or sys.stderr
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            escape_values,
            *_open_file(folder),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.ERROR, stream=out, force=True)


_files: list[LogFile] = []


def _open_file(folder: Path | None) -> list[LogFile]:
    """Return the step that writes into a file, if one is wanted; the one before is closed."""
    for file in _files:
        file.close()
    _files[:] = [LogFile(folder)] if folder is not None else []
    return list(_files)


class LogFile:
    """A step of the log that also writes each event into a file, and begins a new one in time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = RotatingFileHandler(
            folder / LOG_FILE, maxBytes=LOG_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8"
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __call__(
        self, _logger: Any, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        """Write one event; a disk that is full costs the line, never the program."""
        line = json.dumps(event, ensure_ascii=False, default=str)
        self._file.handle(logging.makeLogRecord({"msg": line}))
        return event


def prune_logs(folder: Path, *, before: float) -> int:
    """Remove log files last written before a time (seconds since 1970); return how many."""
    old = [path for path in folder.glob(f"{LOG_FILE}.*") if path.stat().st_mtime < before]
    for path in old:
        path.unlink()
    return len(old)


def escape_values(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Replace control characters in every value by their escapes and cut it at LONGEST_VALUE.

    Mail addresses are taken out: a server that refuses one repeats it in its answer.
    """
    for key, value in event.items():
        if isinstance(value, str):
            said = MAIL_ADDRESS.sub("(address)", value) if "@" in value else value
            event[key] = escape_lines(said) if key == "exception" else escape(said[:LONGEST_VALUE])
    return event


def escape_lines(trace: str) -> str:
    """Return the end of a traceback, whose own lines stay: its error may hold what a page said."""
    return "\n".join(map(escape, trace[-LONGEST_TRACE:].split("\n")))


def escape(text: str) -> str:
    r"""Return `text` with everything unprintable written as `\x1b`, `\u202e` and so on."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "backslashreplace").decode()
        for character in text
    )
