"""Events, not prose: structlog over the standard library, for people or as JSON.

A log never holds an article's text, a recipient, a keyword or a secret; text from outside is
escaped, so that a title cannot write a line of its own or move the cursor (FAULTS H2).
"""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO, cast

import structlog

LONGEST_VALUE = 500


def get_logger(room: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of `room`; usable before `set_up_logging`."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(room))


def set_up_logging(
    *, as_json: bool = False, level: str = "warning", stream: TextIO | None = None
) -> None:
    """Send events of `level` and above to `stream` (standard error unless given).

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
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.ERROR, stream=out, force=True)


def escape_values(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Replace control characters in every value by their escapes and cut it at LONGEST_VALUE."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception":
            event[key] = escape(value[:LONGEST_VALUE])
    return event


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
