"""Commands that show what was found: stories, search, export."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, number, show, writing_to
from monitor.cli.watch import story_as_json
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.jobs.find import Found
    from monitor.model import ExportRow, Story, StoryFilter

FORMATS = ("csv", "xlsx", "jsonl")

Since = Annotated[
    str | None,
    typer.Option("--from", help="First day (UTC) on which it was seen or captured, 2026-11-21."),
]
Until = Annotated[str | None, typer.Option("--to", help="Last day, included.")]
Topic = Annotated[list[str] | None, typer.Option("--topic", help="Only this topic; repeatable.")]
Country = Annotated[
    list[str] | None, typer.Option("--country", help="Only this host country (HU); repeatable.")
]
Language = Annotated[list[str] | None, typer.Option("--language", help="Only this; repeatable.")]
Level = Annotated[list[str] | None, typer.Option("--level", help="report or mention.")]


stories_app = typer.Typer(
    invoke_without_command=True, help="The stories that were found; merge, split, move by hand."
)


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(stories_app, name="stories")
    app.command()(search)
    app.command()(export)


def make_filter(
    since: str | None,
    until: str | None,
    *,
    topic: list[str] | None,
    country: list[str] | None,
    language: list[str] | None,
    level: list[str] | None,
    limit: int | None = None,
) -> StoryFilter:
    """Return the filter that the options ask for."""
    from monitor.config.places import check_country, check_language
    from monitor.model import Level, StoryFilter

    last = _read_moment(until, "--to")
    codes = tuple(code.upper() for code in country or ())
    _check_words("--country", codes, check_country)
    _check_words("--language", language or (), check_language)
    _check_words("--level", level or (), Level)
    return StoryFilter(
        since=_read_moment(since, "--from"),
        until=last + timedelta(days=1) if last else None,
        topics=tuple(topic or ()),
        countries=codes,
        languages=tuple(language or ()),
        levels=tuple(level or ()),
        limit=limit,
    )


def _check_words(option: str, written: Iterable[str], check: Callable[[str], object]) -> None:
    """Refuse a word that fits nothing: it would find nothing, in silence."""
    from monitor.config.validation import WrongValue

    for word in written:
        try:
            check(word)
        except WrongValue as wrong:
            raise UsageError(f"while reading {option}: {wrong.problem} ({wrong.cure})") from wrong
        except ValueError as error:
            raise UsageError(
                f"while reading {option}: {word!r} is none; write report or mention"
            ) from error


def _read_moment(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
    except ValueError as error:
        raise UsageError(f"while reading {option} {text!r}: write a day as 2026-11-21") from error


@stories_app.callback()
def stories(
    context: typer.Context,
    data: Data = DATA,
    config: Config = None,
    since: Since = None,
    until: Until = None,
    topic: Topic = None,
    country: Country = None,
    language: Language = None,
    level: Level = None,
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List the stories that were found, the newest first; or regroup them by hand."""
    if context.invoked_subcommand is not None:
        return
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=as_json)
    wanted = make_filter(
        since, until, topic=topic, country=country, language=language, level=level, limit=limit
    )
    with open_watch(data, read_config(config, data), write=False) as watch:
        found = watch.storage.stories.iterate(wanted)
        if as_json:
            out.lines(story_as_json(story) for story in found)
            return
        shown = 0
        for story in found:
            show_story(out, story)
            shown += 1
    out.say(number(shown, "story", "stories") if shown else "No story yet that fits.")


def show_story(out: Output, story: Story) -> None:
    """Print one story for a person."""
    where = ", ".join(story.countries) or "country not known"
    historic = " · historic" if story.historic else ""
    out.say(f"[bold]{show(story.title)}[/]")
    published = story.articles[0].published if story.articles else None
    when = say_when(published, story.first_seen, historic=story.historic)
    what = f"{show(story.level)} · {show(', '.join(story.topics))}"
    out.say(f"  {when} · {what} · {show(where)}{historic}")
    more = len(story.articles) > 1
    if more:
        from monitor.stories.publishers import count_reports

        out.say(f"  {show(str(count_reports(story)))}")
    for article in story.articles:
        probably = "probably also: " if article.weak else ""
        language = f" ({article.language})" if article.language else ""
        day = f", {article.published:%Y-%m-%d}" if article.published and more else ""
        out.say(f"  {probably}{show(article.outlet)}{show(language)}{day}: {show(article.url)}")
    out.say(f"  [dim]{story.id}[/]")
    out.say()


def say_when(published: datetime | None, first_seen: datetime, *, historic: bool) -> str:
    """Return the day of publication, as reports of a backfill have it, and when it was had.

    What a backfill found was had when its page was captured or asked for.
    """
    had = (
        f"captured {first_seen:%Y-%m-%d}" if historic else f"first seen {first_seen:%Y-%m-%d %H:%M}"
    )
    return f"published {published:%Y-%m-%d}, {had}" if published else f"no date, {had}"


def search(
    words: Annotated[
        list[str], typer.Argument(metavar="WORDS", help="Words, or a phrase; any language.")
    ],
    data: Data = DATA,
    config: Config = None,
    limit: Annotated[int, typer.Option(help="How many at the most.")] = 20,
    as_json: Json = False,
) -> None:
    """Search the articles that were flagged."""
    from monitor.jobs.find import find_texts
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=as_json)
    with open_watch(data, read_config(config, data), write=False) as watch:
        found = find_texts(watch.storage, " ".join(words), limit=limit)
    if as_json:
        out.lines(found)
        return
    for hit in found:
        show_hit(out, hit)
    out.say(number(len(found), "article") if found else "Nothing flagged holds these words.")


def show_hit(out: Output, hit: Found) -> None:
    """Print one article that holds what was searched for, with the words marked."""
    out.say(f"[bold]{show(hit.title)}[/]")
    when = say_when(hit.published, hit.first_seen, historic=hit.historic)
    out.say(f"  {show(hit.outlet)} · {when} · {show(hit.url)}")
    if hit.snippet:
        marked, at = "", 0
        for start, end in hit.marks:
            marked += f"{show(hit.snippet[at:start])}[bold yellow]{show(hit.snippet[start:end])}[/]"
            at = end
        out.say(f"  … {marked}{show(hit.snippet[at:])} …")
    out.say()


def export(
    data: Data = DATA,
    config: Config = None,
    form: Annotated[str, typer.Option("--format", help=f"One of: {', '.join(FORMATS)}.")] = "csv",
    file: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Write to this file, not to the screen; xlsx needs it."
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    topic: Topic = None,
    country: Country = None,
    language: Language = None,
    level: Level = None,
) -> None:
    """Write every flagged article with every field, for a spreadsheet or another program."""
    from monitor.wiring import open_watch, read_config

    if form not in FORMATS:
        raise UsageError(f"while exporting: no format {form!r}; use one of {', '.join(FORMATS)}")
    if form == "xlsx" and file is None:
        raise UsageError(
            "while exporting: xlsx is no text for the screen; name a file: --output reports.xlsx"
        )
    wanted = make_filter(since, until, topic=topic, country=country, language=language, level=level)
    with open_watch(data, read_config(config, data), write=False) as watch:
        count = write_rows(form, watch.storage.stories.export(wanted), file)
    Output(as_json=False).warn(number(count, "row") + (f" written to {show(file)}" if file else ""))


def write_rows(form: str, rows: Iterator[ExportRow], file: Path | None) -> int:
    """Write the rows and return how many."""
    from monitor.render.table import write_csv, write_jsonl, write_xlsx

    write = write_csv if form == "csv" else write_jsonl
    if file is None:
        return write(rows, sys.stdout)
    with writing_to(file):
        if form == "xlsx":
            return write_xlsx(rows, file)
        with file.open("w", encoding="utf-8", newline="") as stream:
            return write(rows, stream)
