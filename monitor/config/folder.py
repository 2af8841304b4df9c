"""The configuration folder: keywords.yaml, sources.yaml and settings.toml, read together.

What a folder does not hold is taken from the files that ship; settings.toml may be missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.config.document_cache import read_kept_document
from monitor.config.files import KEYWORDS, NAMES, SETTINGS, SOURCES, find_file, shipped_file
from monitor.config.keywords import read_keywords
from monitor.config.reader import Document, suggestion_cure
from monitor.config.settings import read_settings, written_subscribers
from monitor.config.sources import read_sources
from monitor.config.sources_check import check_sources
from monitor.errors import ConfigError, Problem
from monitor.model import Keywords, Settings, Source


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Everything people wrote, checked. `sources` holds the switched-off ones too.

    `keywords_file` is the file that `keywords` came from; `folder` the one asked for.
    """

    folder: Path
    keywords: Keywords
    keywords_file: Path
    sources: tuple[Source, ...]
    settings: Settings


def read_configuration(
    folder: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    cache: Path | None = None,
) -> Configuration:
    """Read the three files of `folder` (the working folder unless given) or those that ship.

    Raises ConfigError with every problem of all three at once. A folder that was named must exist
    and hold at least one of the three: a mistyped `--config` must not watch for something else.
    `cache` is where what was read of long files may be kept.
    """
    where = Path.cwd() if folder is None else folder
    if folder is not None and not any((folder / name).is_file() for name in NAMES):
        raise ConfigError([_wrong_folder(folder)])
    variables = os.environ if environment is None else environment
    problems: list[Problem] = []
    keywords_file = find_file(where, KEYWORDS)
    keywords = None
    try:
        keywords = read_keywords(keywords_file, cache=cache)
    except ConfigError as error:
        problems.extend(error.problems)
    own_sources = _read_own(where / SOURCES, cache)
    shipped = read_kept_document(shipped_file(SOURCES), cache=cache)
    sources, found = read_sources(shipped, own_sources, keywords=keywords)
    problems.extend(found)
    written = _read_own(where / SETTINGS)
    settings, found = read_settings(written, folder=where, environment=variables)
    problems.extend(found)
    if keywords is not None and written is not None:
        problems.extend(_check_topics(keywords, written))
    if settings is not None:
        problems.extend(check_sources(sources, settings, own_sources))
    if problems or keywords is None or settings is None:
        raise ConfigError(sorted(problems, key=_find_order))
    return Configuration(
        folder=where,
        keywords=keywords,
        keywords_file=keywords_file,
        sources=sources,
        settings=settings,
    )


def _read_own(path: Path, cache: Path | None = None) -> Document | None:
    if not path.exists() and not path.is_symlink():
        return None
    if path.resolve() == shipped_file(path.name).resolve():
        return None
    return read_kept_document(path, cache=cache)


def _find_order(problem: Problem) -> tuple[int, int]:
    """Return where a problem stands among those of all three files: in the order of NAMES."""
    name = Path(problem.file).name
    return (NAMES.index(name) if name in NAMES else len(NAMES), problem.line or 0)


def _wrong_folder(folder: Path) -> Problem:
    problem = "there is no such folder"
    if folder.is_dir():
        problem = f"none of {', '.join(NAMES)} is here"
    elif folder.exists():
        problem = "this is a file, not a folder"
    return Problem(
        file=str(folder),
        line=None,
        problem=problem,
        cure="correct --config, or write the files with 'stationwatch init'",
    )


def _check_topics(keywords: Keywords, document: Document) -> Iterable[Problem]:
    known = [topic.id for topic in keywords.topics]
    for at, subscriber in written_subscribers(document):
        topics = subscriber.get("topics")
        for index, topic in enumerate(topics if isinstance(topics, list) else ()):
            if isinstance(topic, str) and topic not in known:
                yield document.problem(
                    ("subscribers", at, "topics", index),
                    f"{subscriber.get('name')!r} wants the unknown topic {topic!r}",
                    suggestion_cure(topic, known),
                )
