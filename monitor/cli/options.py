"""The options that many commands share, and the words in them as people write them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from monitor.errors import UsageError

Data = Annotated[
    Path,
    typer.Option(
        "--data",
        help="Folder of what the program keeps.",
        show_default="var/",
        envvar="STATIONWATCH_DATA",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Folder of keywords.yaml, sources.yaml and settings.toml; what it does not hold"
        " is taken from the files that ship.",
        show_default="this folder",
        envvar="STATIONWATCH_CONFIG",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]

DATA = Path("var")


def read_countries(written: Sequence[str]) -> tuple[str, ...]:
    """Return the codes of countries, which may be written by their names, as `init` reads them."""
    from monitor.config import answers

    return _read_codes("--country", written, answers.read_countries, "HU")


def read_languages(written: Sequence[str]) -> tuple[str, ...]:
    """Return the codes of languages, which may be written by their names."""
    from monitor.config import answers

    return _read_codes("--language", written, answers.read_languages, "hu")


def _read_codes(
    option: str, written: Sequence[str], read: Callable[[str], tuple[str, ...]], such_as: str
) -> tuple[str, ...]:
    from monitor.config.answers import WrongAnswer

    codes: list[str] = []
    for each in written:
        try:
            found = read(each)
        except WrongAnswer as wrong:
            raise UsageError(f"while reading {option}: {wrong}") from wrong
        if not found:
            raise UsageError(
                f"while reading {option} {each!r}: write two letters, such as {such_as}"
            )
        codes += found
    return tuple(dict.fromkeys(codes))


def check_topics(written: Iterable[str], known: Sequence[str]) -> None:
    """Refuse a topic that there is not: it would find nothing, in silence."""
    for topic in written:
        if topic not in known:
            raise UsageError(
                f"while reading --topic: there is no topic {topic!r}; there are: {', '.join(known)}"
            )
