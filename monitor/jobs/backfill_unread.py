"""Files of which nothing could be read: told until the same are asked for again, and are read.

Backfills with the same wishes share one report, whatever each of them was given to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

CCNEWS_LIST = "warc.paths.gz"


def is_address(pattern: str) -> bool:
    """Say whether one `--warc` names something elsewhere."""
    return pattern.startswith(("http://", "https://", "s3://"))


class Unread(NamedTuple):
    """A file by its name alone, why nothing of it could be read, and where it lies.

    A report says only the first two: it goes to others.
    """

    name: str
    why: str
    where: str


def read_words(words: Mapping[str, Any]) -> tuple[Unread, ...]:
    """Return what the words of a request say; those of an earlier version do not say where."""
    return tuple(Unread(str(what), str(why), *where) for what, why, *where in _listed(words))


def _listed(words: Mapping[str, Any]) -> list[list[str]]:
    return [[*each, ""] if len(each) == 2 else list(each) for each in words.get("unread", ())]


def keep_unread(
    before: Mapping[str, Any], unread: Iterable[tuple[str, str]], *, named: Iterable[str]
) -> list[Unread]:
    """Return what cannot be read now, and what could not before and was not asked for now.

    `before` are the words of the request so far, `named` what is to be read now: paths, folders,
    patterns, addresses.
    """
    now = [Unread(_name(what), why, _where(what)) for what, why in unread]
    places = {each.where for each in now}
    asked = [_where(each) for each in named]
    kept = [
        each
        for each in read_words(before)
        if each.where and each.where not in places and not _is_asked(each.where, asked)
    ]
    return [*now, *kept]


def _name(what: str) -> str:
    return what if is_address(what) else Path(what).name or what


def _where(what: str) -> str:
    return what if is_address(what) else str(Path(what).absolute())


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
