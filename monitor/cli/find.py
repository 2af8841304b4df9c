"""Commands that show what was found: stories, search, export."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import (
    DATA,
    Config,
    Data,
    Json,
    check_topics,
    read_countries,
    read_languages,
)
from monitor.cli.output import Output, number, show, writing_to
from monitor.cli.watch import story_as_json
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.jobs.find import Found
    from monitor.jobs.watch import Watch
    from monitor.model import ExportRow, Story, StoryFilter

FORMATS = ("csv", "xlsx", "jsonl")

Since = Annotated[
    str | None,
    typer.Option("--from", help="First day (UTC) on which it was seen or captured, 2026-11-21."),
]
Until = Annotated[str | None, typer.Option("--to", help="Last day, included.")]
PublishedFrom = Annotated[
    str | None,
    typer.Option(
        "--published-from", help="First day of publication; captured, where none is known."
    ),
]
PublishedTo = Annotated[
    str | None, typer.Option("--published-to", help="Last day of publication, included.")
]
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


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What `stories` and `export` are asked for, as it was typed."""

    since: str | None = None
    until: str | None = None
    published_from: str | None = None
    published_to: str | None = None
    topic: Sequence[str] = ()
    country: Sequence[str] = ()
    language: Sequence[str] = ()
    level: Sequence[str] = ()


def make_filter(wanted: Wanted, *, limit: int | None = None) -> StoryFilter:
    """Return the filter that the options ask for; raises UsageError for what fits nothing."""
    from monitor.model import Level, StoryFilter

    for level in wanted.level:
        if level not in list(Level):
            raise UsageError(f"while reading --level: {level!r} is none; write report or mention")
    return StoryFilter(
        since=_read_moment(wanted.since, "--from"),
        until=_read_moment(wanted.until, "--to", after=True),
        published_since=_read_moment(wanted.published_from, "--published-from"),
        published_until=_read_moment(wanted.published_to, "--published-to", after=True),
        topics=tuple(wanted.topic),
        countries=read_countries(wanted.country),
        languages=read_languages(wanted.language),
        levels=tuple(wanted.level),
        limit=limit,
    )


def check_known_topics(watch: Watch, topics: Sequence[str]) -> None:
    """Refuse a topic that is neither in the keywords nor, from older ones, on any story."""
    from monitor.model import StoryFilter

    known = [topic.id for topic in watch.keywords.topics]
    new = [each for each in topics if each not in known]
    stories = watch.storage.stories
    check_topics(
        (each for each in new if not any(stories.iterate(StoryFilter(topics=(each,), limit=1)))),
        known,
    )


def say_published(watch: Watch, wanted: StoryFilter) -> str | None:
    """Return how many stories were published in days in which none was seen; None for none."""
    if not (wanted.since or wanted.until) or wanted.published_since or wanted.published_until:
        return None
    instead = replace(
        wanted, since=None, until=None, limit=None,
        published_since=wanted.since, published_until=wanted.until,
    )  # fmt: skip
    count = sum(1 for _ in watch.storage.stories.iterate(instead))
    if not count:
        return None
    return (
        "Nothing that fits was first seen or captured in these days, but"
        f" {number(count, 'story', 'stories')} {'was' if count == 1 else 'were'} published in them:"
        " ask with --published-from and --published-to."
    )


def _read_moment(text: str | None, option: str, *, after: bool = False) -> datetime | None:
    """Return the beginning of a day in UTC; with `after`, its end."""
    if text is None:
        return None
    try:
        return timedelta(days=after) + datetime.combine(
            date.fromisoformat(text), time(), tzinfo=UTC
        )
    except ValueError as error:
        raise UsageError(f"while reading {option} {text!r}: write a day as 2026-11-21") from error


@stories_app.callback()
def stories(
    context: typer.Context,
    data: Data = DATA,
    config: Config = None,
    since: Since = None,
    until: Until = None,
    published_from: PublishedFrom = None,
    published_to: PublishedTo = None,
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
    asked = Wanted(
        since=since, until=until, published_from=published_from, published_to=published_to,
        topic=topic or (), country=country or (), language=language or (), level=level or (),
    )  # fmt: skip
    wanted = make_filter(asked, limit=limit)
    with open_watch(data, read_config(config, data), write=False) as watch:
        check_known_topics(watch, wanted.topics)
        found = watch.storage.stories.iterate(wanted)
        if as_json:
            out.lines(story_as_json(story) for story in found)
            return
        shown = 0
        for story in found:
            show_story(out, story)
            shown += 1
        nothing = None if shown else say_published(watch, wanted) or "No story yet that fits."
    out.prose(nothing or number(shown, "story", "stories"))


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


ENDINGS = 'Whole words are found; with a star, whatever their ending: "patrol*".'


def search(
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORDS", help="Words, or a phrase; any language. " + ENDINGS),
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
    if found:
        out.say(number(len(found), "article"))
    else:
        out.prose(f"Nothing flagged holds these words. {ENDINGS}")


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
    published_from: PublishedFrom = None,
    published_to: PublishedTo = None,
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
    asked = Wanted(
        since=since, until=until, published_from=published_from, published_to=published_to,
        topic=topic or (), country=country or (), language=language or (), level=level or (),
    )  # fmt: skip
    wanted, out = make_filter(asked), Output(as_json=False)
    with open_watch(data, read_config(config, data), write=False) as watch:
        check_known_topics(watch, wanted.topics)
        articles: set[str] = set()
        rows = note_articles(watch.storage.stories.export(wanted), articles)
        count = write_rows(form, rows, file)
        if not count and (said := say_published(watch, wanted)):
            out.warn_prose(said)
    to_file = f" written to {show(file)}" if file else ""
    out.warn(number(count, "row") + to_file + say_articles(count, len(articles)))


def note_articles(rows: Iterator[ExportRow], seen: set[str]) -> Iterator[ExportRow]:
    """Yield `rows` as they come, and put the ids of their articles into `seen`."""
    for row in rows:
        seen.add(row.article_id)
        yield row


def say_articles(rows: int, articles: int) -> str:
    """Return why there are more rows than articles, where there are."""
    if rows == articles:
        return ""
    whose = "its" if articles == 1 else "their"
    return f" ({number(articles, 'article')}, one row for each of {whose} topics)"


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
