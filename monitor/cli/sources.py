"""Commands about what is watched: list, add, test, import, export."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from monitor.cli.add_source import add, check_address, keep, open_asker
from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, number, show
from monitor.clock import SystemClock
from monitor.errors import StationwatchError, StorageMissing, UsageError
from monitor.model import Source, SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.config.folder import Configuration
    from monitor.jobs.coverage import Coverage
    from monitor.jobs.sources import Tested
    from spiders.frames import RobotsRecord
    from storage.database import Storage

app = typer.Typer(no_args_is_help=True, help="What is watched.")
app.command()(add)

MOST_SHOWN = 30


@app.command("list")
def list_sources(
    data: Data = DATA,
    config: Config = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Count them by country and language; the gaps.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List what is watched."""
    from monitor.config.sources_check import say_reveals
    from monitor.wiring import read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    sources = configuration.sources
    if coverage:
        covered = cover(configuration)
        out.document(covered) if as_json else show_coverage(out, covered)
    elif as_json:
        out.lines(sources)
    else:
        columns = ("id", "outlet", "country", "language", "class", "kind", "on", "address")
        out.table(columns, (describe(source) for source in sources))
        out.say(f"{number(len(sources), 'source')}, {sum(s.enabled for s in sources)} of them on")
        for source in sources:
            if source.enabled and (reveals := say_reveals(source)) is not None:
                out.say(f"[bold]{show(source.id)}[/] is a search feed: {reveals}")
        warn_of_browser(out, configuration)


def warn_of_browser(out: Output, configuration: Configuration) -> None:
    """Say that sources need a browser which there is not."""
    from spiders.browser_find import why_no_browser

    needing = [each for each in configuration.sources if each.enabled and each.browser]
    why = why_no_browser(configuration.settings.network.browser) if needing else None
    if why is not None:
        out.warn(f"{show(needing[0].id)} ({len(needing)} such) cannot be read: {why}")


def describe(source: Source) -> tuple[str | None, ...]:
    """Return the cells of a source in a table."""
    switched = "yes" if source.enabled else "no"
    facts = (source.id, source.outlet, source.country, source.language, source.source_class)
    return (*facts, source.kind, switched, source.url)


def cover(configuration: Configuration) -> Coverage:
    """Return what the sources of `configuration` cover, and what they do not."""
    from monitor.config.files import SOURCES, shipped_file
    from monitor.config.reader import read_document
    from monitor.config.sources import read_sources
    from monitor.jobs.coverage import find_coverage

    shipped, _ = read_sources(read_document(shipped_file(SOURCES)))
    return find_coverage(
        configuration.sources,
        shipped=shipped,
        keywords=configuration.keywords,
        subscribers=configuration.settings.subscribers,
    )


def show_coverage(out: Output, covered: Coverage) -> None:
    """Print how many sources there are by country, language and class, and the gaps."""
    from monitor.render.names import country_name, language_name

    for title, counts, name in (
        ("country", covered.countries, country_name),
        ("language", covered.languages, language_name),
    ):
        rows = ((key, name(key) if key != "none" else "", n) for key, n in counts.items())
        out.table((title, "", "sources"), rows)
        out.say()
    out.table(("class", "sources"), covered.classes.items())
    out.say()
    gaps = covered.gaps
    for title, missing, name in (
        ("countries", gaps.countries, country_name),
        ("languages", gaps.languages, language_name),
    ):
        names = ", ".join(f"{key} ({name(key)})" for key in missing) or "none"
        out.say(f"{title} of interest without any source that is on: [bold]{show(names)}[/]")


@app.command("test")
def try_source(
    place: Annotated[str, typer.Argument(help="The id of a source, or an address.")],
    data: Data = DATA,
    config: Config = None,
    kind: Annotated[
        str, typer.Option("--kind", help="What an address is: feed, sitemap or section.")
    ] = "feed",
    as_json: Json = False,
) -> None:
    """Ask a source now and show what would be found; nothing is stored."""
    from monitor.jobs.sources import look_now
    from monitor.wiring import read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    source = find_source(place, kind, configuration)
    with open_asker(configuration, data) as asker, open_known(data) as storage:
        tested = look_now(source, asker, storage)
    out.document(tested_as_json(tested)) if as_json else show_tested(out, tested)
    raise typer.Exit(1 if tested.look.problem is not None and not tested.entries else 0)


def find_source(place: str, kind: str, configuration: Configuration) -> Source:
    """Return the source with this id, or one made of an address."""
    from monitor.config.reader import suggestion_cure
    from monitor.jobs.fetching import egress_for

    by_id = {source.id: source for source in configuration.sources}
    if place in by_id:
        return by_id[place]
    if "://" not in place:
        cure = suggestion_cure(place, by_id)
        raise UsageError(f"while testing {place!r}: there is no such source; {cure}")
    kinds: dict[str, SourceKind] = {name: name for name in get_args(SourceKind)}
    if kind not in kinds:
        raise UsageError(f"while reading --kind: unknown kind {kind!r}; one of {', '.join(kinds)}")
    url = check_address(place)
    egress = egress_for(url, configuration.sources)
    return Source(id="asked", kind=kinds[kind], url=url, outlet="asked", egress=egress)


def tested_as_json(tested: Tested) -> dict[str, Any]:
    """Return what `sources test` promises."""
    from monitor.config.sources_check import say_reveals

    look = tested.look
    entries = [
        {**asdict(entry), "new": None if tested.new is None else entry.url in tested.new}
        for entry in tested.entries
    ]
    robots = tested.robots and tested.robots.model_dump(include={"verdict", "status", "reason"})
    return {
        "source": tested.source,
        "status": look.status,
        "problem": look.problem,
        "disguise": look.disguise,
        "format": look.format,
        "title": look.title,
        "feeds": look.feeds,
        "moved_to": look.moved_to,
        "next_url": look.next_url,
        "certificate": look.certificate,
        "reveals": say_reveals(tested.source),
        "salvaged": look.salvaged,
        "robots": robots,
        "offered": len(entries),
        "new": None if tested.new is None else sum(bool(each["new"]) for each in entries),
        "entries": entries,
    }


def show_tested(out: Output, tested: Tested) -> None:
    """Print what a source offers."""
    from monitor.config.sources_check import say_reveals

    look, new = tested.look, tested.new
    what = f"{look.format or 'no answer'}{f', status {look.status}' if look.status else ''}"
    out.say(f"[bold]{show(tested.source.id)}[/] {show(tested.source.url)}: {show(what)}")
    if look.problem is not None:
        out.say(f"[bold red]problem[/]  {show(look.problem)}")
    for name, said in (
        ("robots.txt", tested.robots and say_robots(tested.robots, look.problem)),
        ("instead", look.disguise),
        ("moved to", look.moved_to),
        ("names", ", ".join(look.feeds[:5])),
        ("older entries", look.next_url and f"{look.next_url} (read where some may be missing)"),
        (
            "certificate",
            look.certificate and f"accepted by its pinned key alone: {look.certificate}",
        ),
        ("search feed", say_reveals(tested.source)),
    ):
        if said:
            out.say(f"{name}  {show(said)}")
    if tested.entries:
        out.table(
            ("new", "date", "title", "address"),
            (
                (
                    "" if new is None else "yes" if each.url in new else "no",
                    f"{moment:%Y-%m-%d %H:%M}"
                    if (moment := each.published or each.updated)
                    else "",
                    each.title[:100],
                    each.url,
                )
                for each in tested.entries[:MOST_SHOWN]
            ),
        )
    fresh = "" if new is None else f", {sum(e.url in new for e in tested.entries)} of them new"
    out.say(f"{number(len(tested.entries), 'entry', 'entries')}{fresh}; nothing was stored")


def say_robots(robots: RobotsRecord, problem: str | None) -> str:
    """Return what a site's robots.txt means for it; the reason, unless the `problem` says it."""
    if robots.verdict == "rules":
        return "was read, and is obeyed"
    if robots.verdict == "allow":
        return f"forbids nothing: {robots.reason}"
    why = "" if robots.reason in (problem or "") else f": {robots.reason}"
    return f"unknown, and until it is known nothing of the site may be fetched{why}"


@contextmanager
def open_known(data: Path) -> Iterator[Storage | None]:
    """Open what is stored for reading, or give None where there is no watch yet."""
    from monitor.wiring import open_reader_storage

    try:
        storage = open_reader_storage(data)
    except StorageMissing:
        yield None
        return
    with storage:
        yield storage


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="An OPML list, as feed readers export it.")],
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Add the feeds of an OPML list that are not on the list yet."""
    from monitor.jobs.import_sources import read_import
    from monitor.wiring import read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    try:
        body = file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"while reading {str(file)!r}: {error.strerror}; name an OPML file"
        ) from error
    done = read_import(body, configuration.sources)
    written = keep(configuration, done.sources) if done.sources else None
    if as_json:
        out.document({"added": done.sources, "left_out": done.left_out, "file": written})
        return
    for source in done.sources:
        out.say(f"added [bold]{show(source.id)}[/] {show(source.url)}")
    for left in done.left_out:
        out.say(f"left out {show(left.url)}: {show(left.reason)}")
    where = f" to {show(written)}" if written else ""
    out.say(f"{len(done.sources)} added{where}, {len(done.left_out)} left out")


@app.command()
def export(
    data: Data = DATA,
    config: Config = None,
    form: Annotated[
        str, typer.Option("--format", help="opml for feed readers, yaml for another watch.")
    ] = "opml",
    output: Annotated[
        Path | None, typer.Option("--output", help="File to write.", show_default="the screen")
    ] = None,
) -> None:
    """Print the sources as a list for other programs (OPML: the feeds that are on), or as YAML."""
    from monitor.wiring import read_config

    out = Output(as_json=False)
    sources = read_config(config, data).sources
    text, left_out = write_export(sources, form)
    if output is None:
        sys.stdout.write(text)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise StationwatchError(
                f"while writing {str(output)!r}: {error.strerror}; name another file"
            ) from error
    if left_out:
        out.warn(f"left out: {number(left_out, 'source')}; OPML holds only feeds that are on")


def write_export(sources: tuple[Source, ...], form: str) -> tuple[str, int]:
    """Return the text of an export, and how many sources it leaves out."""
    from monitor.config.sources_file import write_list
    from monitor.feeds.opml import write_opml

    if form == "yaml":
        return write_list(sources), 0
    if form != "opml":
        raise UsageError(f"while reading --format: unknown format {form!r}; write opml or yaml")
    feeds = [source for source in sources if source.enabled and source.kind == "feed"]
    body = write_opml(feeds, title="Sources", now=SystemClock().now())
    return body.decode("utf-8"), len(sources) - len(feeds)
