"""The words that a search is asked for: from a file, or a topic's own; not on the command line.

What stands on a command line, every user of the machine can read, and a shell remembers it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.errors import UsageError, reason_of

if TYPE_CHECKING:
    from monitor.model import Keywords

SEEN_BY_OTHERS = (
    "the words after --search stand in the list of processes, where every user of this machine can"
    " read them, and in the memory of the shell; --search-from FILE, or --search-from - for"
    " standard input, keeps them out of both"
)


def read_searches(place: str | None) -> tuple[str, ...]:
    """Return one search for each line of a file, or of standard input (`-`); `#` begins a remark.

    Raises UsageError for a file that cannot be read or that holds no words.
    """
    if place is None:
        return ()
    try:
        text = sys.stdin.read() if place == "-" else Path(place).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"while reading --search-from {place!r}: {reason_of(error)}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"while reading --search-from {place!r}: it is no UTF-8 text") from error
    lines = (" ".join(line.split()) for line in text.splitlines())
    found = tuple(line for line in lines if line and not line.startswith("#"))
    if not found:
        raise UsageError(f"while reading --search-from {place!r}: write one search to a line")
    return found


def name_search_option(words: Sequence[str] | None, place: str | None) -> str:
    """Return the option by which a search was asked for, to be named to the one who gave it."""
    if words:
        return "--search"
    return "--search-topic" if place is None else "--search-from"


def search_topics(
    topics: Sequence[str], languages: Sequence[str], keywords: Keywords
) -> tuple[str, ...]:
    """Return what finds the phrases of topics, in each language; English unless one is given.

    Raises UsageError for a topic that there is not, or that has no phrase to search for.
    """
    from monitor.config.searches import build_topic_query

    known = {topic.id for topic in keywords.topics}
    searches: list[str] = []
    for topic in topics:
        if topic not in known:
            raise UsageError(f"while reading --search-topic: there is no topic {topic!r}")
        queries = [build_topic_query(topic, keywords, each) for each in languages or ("en",)]
        found = [f"({each})" if " OR " in each else each for each in queries if each]
        if not found:
            raise UsageError(
                f"while reading --search-topic {topic!r}: it has no phrase of its own in"
                f" {', '.join(languages or ('en',))}; use --search-from"
            )
        searches += found
    return tuple(dict.fromkeys(searches))
