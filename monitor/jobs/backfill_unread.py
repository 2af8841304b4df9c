"""Files of which nothing could be read: told until the same are asked for again, and settled.

Backfills with the same wishes share one report, whatever each of them was given to read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

CCNEWS_LIST = "warc.paths.gz"

NO_FILE = "no such file or folder"
NO_FIT = "no file fits the pattern"
NO_ARCHIVES = "no .warc or .warc.gz in the folder"
ABSENT = frozenset({NO_FILE, NO_FIT, NO_ARCHIVES})
"""Why nothing can be read where there is no file at all."""


def is_address(pattern: str) -> bool:
    """Say whether one `--warc` names something elsewhere."""
    return pattern.startswith(("http://", "https://", "s3://"))


class Unread(NamedTuple):
    """A file by its name alone, why nothing of it could be read, and where it lies.

    `rest` stands for what else was named, where the command named this by itself.  A report says
    only name and why: it goes to others.
    """

    name: str
    why: str
    where: str = ""
    rest: str = ""


def read_words(words: Mapping[str, Any]) -> tuple[Unread, ...]:
    """Return what the words of a request say; those of earlier versions say less."""
    return tuple(Unread(*map(str, each)) for each in words.get("unread", ()))


def keep_unread(
    before: Mapping[str, Any], unread: Iterable[tuple[str, str]], *, named: Iterable[str]
) -> list[Unread]:
    """Return what cannot be read now, and what could not before and was not asked for now.

    `before` are the words of the request so far, `named` what is to be read now: paths, folders,
    patterns, addresses.  What was named by itself is told no more when the same is asked for
    without it.
    """
    found = [(what, why, locate(what)) for what, why in unread]
    places = {where for _, _, where in found}
    asked = {locate(each) for each in named}
    rest, whole = _digest(asked - places), _digest(asked)
    now = [
        Unread(_name(what), why, where, rest if where in asked else "")
        for what, why, where in found
    ]
    kept = [
        each
        for each in read_words(before)
        if each.where
        and each.where not in places
        and each.rest != whole
        and not _is_asked(each.where, asked)
    ]
    return [*now, *kept]


def find_gone(before: Mapping[str, Any], what: str) -> tuple[str, ...]:
    """Return where files lay that an earlier run could not read, and that are there no more.

    `what` is a path, folder or pattern as it is named now.  What was absent then, too, is not gone.
    """
    place = locate(what)
    return tuple(
        each.where
        for each in read_words(before)
        if each.where
        and each.why not in ABSENT
        and _is_asked(each.where, [place])
        and not Path(each.where).exists()
    )


def _name(what: str) -> str:
    return what if is_address(what) else Path(what).name or what


def locate(what: str) -> str:
    """Return a path or pattern wherever it is read from; an address as it is."""
    return what if is_address(what) else str(Path(what).absolute())


def _digest(places: Iterable[str]) -> str:
    text = "\n".join(sorted(places))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def _is_asked(where: str, asked: Iterable[str]) -> bool:
    """Say whether a file is among what is asked for, or a list of files by what it lists."""
    folder, _, name = where.rpartition("/")
    return any(
        where == each
        or where.startswith(f"{each}/")
        or fnmatchcase(where, each)
        or fnmatchcase(each, where)
        or (name == CCNEWS_LIST and each.startswith(f"{folder}/"))
        for each in asked
    )
