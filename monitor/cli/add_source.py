"""The command `sources add`: what a site offers, and the best of it onto the list."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, show
from monitor.clock import SystemClock
from monitor.errors import UsageError
from monitor.model import Source, SourceClass
from monitor.text.counting import plural

if TYPE_CHECKING:
    from monitor.config.folder import Configuration
    from monitor.jobs.find_sources import Found, Offer
    from monitor.jobs.sources import Asker

Outlet = Annotated[str | None, typer.Option("--outlet", help="Its name.", show_default="its title")]
Country = Annotated[str | None, typer.Option("--country", help="Where it is: HU, IT.")]
Language = Annotated[str | None, typer.Option("--language", help="What it writes in: hu, it.")]
Class = Annotated[str, typer.Option("--class", help=", ".join(get_args(SourceClass)))]
Id = Annotated[str | None, typer.Option("--id", help="Its id.", show_default="from its address")]
Yes = Annotated[bool, typer.Option("--yes", help="Take the best without asking.")]


def add(
    url: Annotated[str, typer.Argument(help="The address of a site, a page of it, or a feed.")],
    data: Data = DATA,
    config: Config = None,
    outlet: Outlet = None,
    country: Country = None,
    language: Language = None,
    source_class: Class = "other",
    source_id: Id = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Find what a site offers, and add the best of it to sources.yaml."""
    from monitor.jobs.find_sources import Search
    from monitor.wiring import read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    address = check_address(url)
    wishes = check_wishes(
        configuration, outlet=outlet, country=country, language=language,
        source_class=source_class, source_id=source_id,
    )  # fmt: skip
    with open_asker(configuration, data) as asker, out.progress(f"asking {address}"):
        search = Search(address, asker=asker, known=configuration.sources, now=SystemClock().now())
        found = search.run()
    if not as_json:
        show_found(out, found)
    proposed = propose(found, found.best, configuration, wishes)
    if proposed is not None and not yes and not as_json and sys.stdin.isatty():
        proposed = ask(out, found, configuration, wishes)
    elif not yes:
        report(out, found, proposed, None)
        raise typer.Exit(0 if found.best is not None else 1)
    report(out, found, proposed, keep(configuration, [proposed]) if proposed else None)
    raise typer.Exit(0 if proposed is not None or is_watched(found, configuration) else 1)


def report(out: Output, found: Found, proposed: Source | None, file: Path | None) -> None:
    """Print what was found and what became of it."""
    if out.as_json:
        fields = {"url": found.url, "offers": found.offers, "problem": found.problem}
        out.document({**fields, "proposed": proposed, "file": file})
        return
    best = found.best
    if file is not None and proposed is not None:
        out.say(f"added [bold]{show(proposed.id)}[/] to {show(file)}")
    elif best is None:
        reason = found.problem or "neither it nor its feeds and sitemaps yield an article"
        out.warn(f"nothing was found at {show(found.url)}: {show(reason)}; try another page of it")
    elif best.watched_as is not None:
        out.say(
            f"{show(best.url)} is on the list already, as [bold]{show(best.watched_as)}[/]"
            " (switched off? write 'enabled: true' under its id in your sources.yaml)"
        )
    elif proposed is not None:
        out.say(f"nothing was added; to take {show(proposed.url)}, add --yes")


def is_watched(found: Found, configuration: Configuration) -> bool:
    """Say whether the best of a site is watched already, which leaves nothing to do."""
    enabled = {source.id for source in configuration.sources if source.enabled}
    return found.best is not None and found.best.watched_as in enabled


def show_found(out: Output, found: Found) -> None:
    """Print what a site offers, the best first."""
    for number, offer in enumerate(found.offers, 1):
        newest = "" if offer.newest is None else f", newest {offer.newest:%Y-%m-%d %H:%M} UTC"
        title = f"  {show(offer.title)}" if offer.title else ""
        out.say(f"{number}. [bold]{offer.kind}[/] {show(offer.url)}{title}")
        if offer.entries or offer.problem is None:
            out.say(f"   {plural(offer.entries, 'entry', 'entries')}{newest}")
        if offer.watched_as is not None:
            out.say(f"   on the list already, as {show(offer.watched_as)}")
        if offer.problem is not None:
            out.say(f"   {show(offer.problem)}")
        for example in offer.examples:
            out.say(f"   · {show(example[:120])}")


def check_address(url: str) -> str:
    """Return the address that a person meant; a bare host gets its https."""
    from monitor.config.sources import check_web_address

    return checked(check_web_address, url if "://" in url else f"https://{url}", "the address")


def checked(check: Callable[[str], str], value: str, what: str) -> str:
    """Return what `check` returns; raises UsageError with the cure."""
    from monitor.config.reader import WrongValue

    try:
        return check(value)
    except WrongValue as wrong:
        raise UsageError(f"while reading {what}: {wrong.problem}; {wrong.cure}") from wrong


def check_wishes(
    configuration: Configuration,
    *,
    outlet: str | None,
    country: str | None,
    language: str | None,
    source_class: str,
    source_id: str | None,
) -> dict[str, Any]:
    """Return what was asked of the new source, before anything is fetched."""
    from monitor.config.places import check_country, check_language
    from monitor.config.sources import SLUG

    if country is not None:
        country = checked(check_country, country, "--country")
    if language is not None:
        language = checked(check_language, language, "--language")
    classes = get_args(SourceClass)
    if source_class not in classes:
        raise UsageError(
            f"while reading --class: unknown class {source_class!r}; one of {', '.join(classes)}"
        )
    if source_id is not None and (len(source_id) > 80 or not SLUG.fullmatch(source_id)):
        raise UsageError(
            f"while reading --id: {source_id!r} may hold small letters, digits, '-' and '.' only"
        )
    if source_id in {source.id for source in configuration.sources}:
        raise UsageError(
            f"while reading --id: {source_id!r} is on the list already; choose another"
        )
    wishes = {"id": source_id, "outlet": outlet, "country": country, "language": language}
    given = {name: value for name, value in wishes.items() if value is not None}
    return {**given, "source_class": source_class}


def propose(
    found: Found, offer: Offer | None, configuration: Configuration, wishes: dict[str, Any]
) -> Source | None:
    """Return the source that `offer` would make; None where there is none or it is on the list."""
    from monitor.config.places import country_codes, language_codes
    from monitor.jobs.find_sources import build_id
    from monitor.match.outlet_country import country_of_outlet
    from monitor.urls import host_of

    if offer is None or offer.watched_as is not None:
        return None
    country = country_of_outlet(found.url)
    language = (offer.language or "").partition("-")[0].lower()
    fields: dict[str, Any] = {
        "id": build_id(found.url, (source.id for source in configuration.sources)),
        "outlet": offer.title[:200] or host_of(found.url).removeprefix("www."),
        "country": country if country in country_codes() else None,
        "language": language if language in language_codes() else None,
    }
    return Source(kind=offer.kind, url=offer.url, **{**fields, **wishes})


def ask(
    out: Output, found: Found, configuration: Configuration, wishes: dict[str, Any]
) -> Source | None:
    """Ask which offer to take and what it is called; None for none."""
    from monitor.config.places import check_country, check_language

    number = typer.prompt("Which one (0: none)", default=1, type=int)
    offer = found.offers[number - 1] if 0 < number <= len(found.offers) else None
    source = propose(found, offer, configuration, wishes)
    if source is None:
        out.say("nothing was added")
        return None
    outlet = typer.prompt("Name of the outlet", default=source.outlet)
    country = typer.prompt("Country, two letters (empty: not known)", default=source.country or "")
    language = typer.prompt("Language (empty: not known)", default=source.language or "")
    return replace(
        source,
        outlet=outlet,
        country=checked(check_country, country, "the country") if country else None,
        language=checked(check_language, language, "the language") if language else None,
    )


def keep(configuration: Configuration, sources: Iterable[Source]) -> Path:
    """Write `sources` to the person's own list and return its path."""
    from monitor.config.sources_file import add_sources

    return add_sources(configuration.folder, tuple(sources))


@contextmanager
def open_asker(configuration: Configuration, data: Path) -> Iterator[Asker]:
    """Open what asks sources without storing anything."""
    from monitor.jobs.sources import Asker
    from monitor.wiring import open_workers

    with open_workers(configuration, data) as workers:
        yield Asker(configuration.settings, workers, data=data)
