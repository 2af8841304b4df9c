"""Commands that judge texts without storing anything: extract, match, keywords."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, show
from monitor.errors import UsageError, reason_of

if TYPE_CHECKING:
    from monitor.model import Analysis

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_]|$)")
EXAMPLE = '{"id": "1", "title": "…", "text": "…"}'


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(extract)
    app.command()(match)


def extract(
    file: Annotated[Path, typer.Argument(help="A page as a file.")],
    url: Annotated[str, typer.Option("--url", help="The address it came from.")],
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show the article in a page: title, text, author, dates, language."""
    from monitor.jobs.extract import extract_file
    from monitor.wiring import read_config, worker_setup

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    prepared = extract_file(file, url=url, setup=worker_setup(configuration, data))
    article = prepared.article
    if as_json:
        out.document(
            {
                "url": prepared.final_url,
                "canonical_url": article.canonical_url if article else None,
                "title": article.title if article else None,
                "text": article.text if article else None,
                "author": article.author if article else None,
                "published": article.published if article else None,
                "language": article.language if article else None,
                "outcome": prepared.outcome or "extracted",
                "method": article.method if article else None,
                "reason": prepared.reason,
            }
        )
        raise typer.Exit(0 if article else 1)
    if article is None:
        out.warn(f"{show(prepared.outcome)}: {show(prepared.reason)}")
        raise typer.Exit(1)
    out.say(f"[bold]{show(article.title)}[/]")
    out.say(
        f"{show(article.author or 'author not given')} · {show(article.published or 'no date')}"
    )
    out.say(f"{show(article.language or 'language not known')} · by {show(article.method)}")
    out.say(show(article.canonical_url))
    out.say()
    for paragraph in article.text.splitlines():
        out.say(show(paragraph))


def read_texts(file: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file, or of standard input for `-`.

    A line that is none stops the command with file, line and cure (nothing is skipped in silence).
    """
    if file == "-":
        yield from parse_lines(sys.stdin, "standard input")
        return
    try:
        with Path(file).open(encoding="utf-8") as stream:
            yield from parse_lines(stream, file)
    except OSError as error:
        raise UsageError(
            f"while reading {file!r}: {reason_of(error)}; name a JSON Lines file"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"while reading {file!r}: not UTF-8; save the file as UTF-8") from error


def parse_lines(lines: Iterable[str], name: str) -> Iterator[dict[str, Any]]:
    """Yield one object a line; empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(
                f"while reading {name}:{number}: no JSON ({error}); write one text a line, like"
                f" {EXAMPLE}, or use 'stationwatch keywords explain' for a page or plain text"
            ) from error
        if not isinstance(value, dict):
            raise UsageError(
                f"while reading {name}:{number}: {line[:40]!r} is no object; write one like"
                f" {EXAMPLE}"
            )
        yield check_item(value, f"while reading {name}:{number}")


def check_item(value: dict[str, Any], where: str) -> dict[str, Any]:
    """Return one object with texts where texts belong; raise UsageError with a line that is right.

    An empty value counts as none. A language may be any code, but not a name.
    """
    from monitor.config.places import check_language
    from monitor.config.validation import WrongValue

    item = {key: inner for key, inner in value.items() if inner is not None}
    for key in ("title", "text", "lang", "url"):
        if not isinstance(item.get(key, ""), str):
            raise UsageError(
                f"{where}: {key!r} must be text, not {item[key]!r}; write a line like {EXAMPLE}"
            )
    if "title" not in item and "text" not in item:
        raise UsageError(f"{where}: neither 'title' nor 'text'; write a line like {EXAMPLE}")
    language = item.get("lang", "")
    if language and not LANGUAGE.match(language):
        try:
            check_language(language)
        except WrongValue as wrong:
            raise UsageError(
                f"{where}: {wrong.problem} ({wrong.cure}); write a line like"
                ' {"id": "1", "title": "…", "text": "…", "lang": "hu"}'
            ) from wrong
    return item


def match(
    file: Annotated[
        str, typer.Argument(help="JSON Lines {id, title, text, lang?, url?}; - for standard input.")
    ],
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Judge texts: one JSON line out for each line in."""
    from monitor.wiring import load_matcher, read_config

    out = Output(as_json=True)
    matcher = load_matcher(read_config(config, data))
    for item in read_texts(file):
        analysis = matcher.match(
            item.get("title", ""),
            item.get("text", ""),
            declared=item.get("lang"),
            url=item.get("url"),
        )
        out.lines([analysis_as_json(item.get("id"), analysis)])


def analysis_as_json(key: Any, analysis: Analysis) -> dict[str, Any]:
    """Return what `match` promises of one text."""
    return {
        "id": key,
        "language": analysis.language,
        "matches": [
            {
                "topic": found.topic,
                "level": found.level,
                "score": found.score,
                "report_at": found.report_at,
                "tags": found.tags,
                "passages": [
                    {
                        "field": passage.field,
                        "start": passage.start,
                        "end": passage.end,
                        "text": passage.text,
                        "rule": passage.rule,
                    }
                    for passage in found.passages
                ],
            }
            for found in analysis.matches
        ],
        "mentions": [asdict(mention) for mention in analysis.mentions],
        "countries": analysis.countries,
    }
