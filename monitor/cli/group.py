"""The command that groups texts without storing them: group."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.judge import read_texts
from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, show

if TYPE_CHECKING:
    from monitor.jobs.group import Grouped, GroupText


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command()(group)


def group(
    file: Annotated[
        str,
        typer.Argument(
            help="JSON Lines {id, title, text, lang?, date?, url?}; - for standard input."
        ),
    ],
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Group texts into articles and stories, in the order given: one JSON line out for each."""
    from monitor.jobs.group import group_texts
    from monitor.wiring import load_matcher, read_config

    out = Output(as_json=True)
    matcher = load_matcher(read_config(config, data))
    texts = (read_text(item, number, out) for number, item in enumerate(read_texts(file), 1))
    for grouped in group_texts(texts, matcher):
        out.lines([grouped_as_json(grouped)])


def read_text(item: dict[str, Any], number: int, out: Output) -> GroupText:
    """Return one line of the file as a text; a date that cannot be read is said, and left out."""
    from monitor.jobs.group import GroupText

    key = item.get("id")
    language = item.get("lang")
    return GroupText(
        key=key if isinstance(key, str | int | float) else number,
        title=item.get("title", ""),
        text=item.get("text", ""),
        language=language if isinstance(language, str) and language else None,
        published=_read_published(item.get("date"), number, out),
        url=item.get("url") if isinstance(item.get("url"), str) else None,
    )


def _read_published(written: Any, number: int, out: Output) -> datetime | None:
    from monitor.feeds.dates import read_date

    if written is None or written == "":
        return None
    moment = read_date(str(written))
    if moment is None:
        out.warn(f"text {number}: no date in {show(repr(written))}; write one as 2026-11-21")
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def grouped_as_json(grouped: Grouped) -> dict[str, Any]:
    """Return what `group` promises of one text, with the story it probably belongs to."""
    return {
        "id": grouped.key,
        "article": grouped.article,
        "story": grouped.story,
        "because": grouped.because,
        "probably": grouped.probably,
    }
