"""Commands for the person who edits keywords.yaml: test, lint, explain, diff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, number, show

if TYPE_CHECKING:
    from monitor.jobs.explain import Explained
    from monitor.match.explain import Line

keywords_app = typer.Typer(
    no_args_is_help=True, help="Test, check, explain and compare what is watched for."
)

STYLES = {
    "text": "",
    "term": "bold yellow",
    "heading": "bold",
    "rule": "cyan",
    "detail": "dim",
    "good": "bold green",
    "bad": "bold red",
}


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(keywords_app, name="keywords")


@keywords_app.command("test")
def try_examples(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Run the examples that stand in keywords.yaml; exit status 1 when one is not as it should."""
    from monitor.match.examples import run_examples
    from monitor.match.explain import explain
    from monitor.wiring import load_matcher, read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    results = run_examples(load_matcher(configuration))
    wrong = [result for result in results if not result.is_right]
    if as_json:
        out.lines(
            {
                "topic": result.topic,
                "example": result.example.title,
                "line": result.example.line,
                "wanted": result.wanted,
                "got": result.got,
                "ok": result.is_right,
            }
            for result in results
        )
    for result in [] if as_json else wrong:
        name = configuration.keywords_file.name
        out.say(
            f"[bold red]wrong[/] {show(name)}:{result.example.line}: wanted {result.wanted},"
            f" got {result.got}: {show(result.example.title)}"
        )
        show_lines(
            out, explain(result.analysis, title=result.example.title, text=result.example.text)
        )
    out.say(f"{len(results) - len(wrong)} of {number(len(results), 'example')} flagged as wanted.")
    raise typer.Exit(1 if wrong else 0)


@keywords_app.command("lint")
def lint_terms(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Find terms that never match, match nearly everything, or say the same twice."""
    from monitor.match.entities import entity_terms
    from monitor.match.lint import lint
    from monitor.wiring import read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    findings = lint(configuration.keywords, entities={term.entity for term in entity_terms()})
    if as_json:
        out.lines(findings)
    else:
        for finding in findings:
            place = f"{configuration.keywords_file.name}:{finding.line}" if finding.line else ""
            where = f"{finding.concept} {finding.language or ''}".strip()
            out.say(f"{show(place)} [bold]{show(where)}[/]: {show(finding.problem)}")
            out.say(f"    [dim]{show(finding.cure)}[/]")
        out.say(
            f"{number(len(findings), 'thing')} to look at." if findings else "Nothing suspicious."
        )
    raise typer.Exit(1 if any(each.kind in {"empty", "never"} for each in findings) else 0)


@keywords_app.command("explain")
def explain_one(
    place: Annotated[str, typer.Argument(metavar="URL-or-FILE", help="A page, or a text file.")],
    url: Annotated[
        str | None, typer.Option("--url", help="For a page from a file: where it came from.")
    ] = None,
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Say why a page is flagged, with the words marked, or what was missing."""
    from monitor.jobs.explain import explain_place
    from monitor.wiring import load_matcher, read_config, worker_setup

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    explained = explain_place(
        place,
        url=url,
        configuration_settings=configuration.settings,
        setup=worker_setup(configuration, data),
        matcher=load_matcher(configuration),
        sources=configuration.sources,
    )
    if as_json:
        out.document(explained)
        return
    show_explained(out, explained)


def show_explained(out: Output, explained: Explained) -> None:
    """Print the title and then the explanation."""
    from monitor.match.explain import explain

    out.say(f"[bold]{show(explained.title or '(no title)')}[/]")
    if explained.problem:
        out.say(f"[bold red]{show(explained.problem)}[/]")
    show_lines(out, explain(explained.analysis, title=explained.title, text=explained.text))


def show_lines(out: Output, lines: list[Line]) -> None:
    """Print lines of pieces, each in its colour."""
    for line in lines:
        out.say(
            "".join(
                f"[{STYLES[piece.role]}]{show(piece.text)}[/]"
                if STYLES[piece.role]
                else show(piece.text)
                for piece in line
            )
        )


@keywords_app.command("diff")
def diff(
    new: Annotated[Path, typer.Argument(metavar="NEW.yaml", help="The changed file.")],
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show what a changed file would flag, and no longer flag, among the stored articles."""
    from monitor.config.keywords import read_keywords
    from monitor.jobs.rematch import compare_rules
    from monitor.match.matcher import Matcher
    from monitor.wiring import load_matcher, open_reader_storage, read_config

    out = Output(as_json=as_json)
    configuration = read_config(config, data)
    old, changed = load_matcher(configuration), Matcher.load(read_keywords(new))
    counts: dict[str, int] = {}
    compared = 0

    def see(done: int, total: int) -> None:
        nonlocal compared
        compared = done
        bar.update(done=done, total=total)

    with open_reader_storage(data) as storage, out.progress("stored articles") as bar:
        for difference in compare_rules(storage, old, changed, progress=see):
            counts[difference.kind] = counts.get(difference.kind, 0) + 1
            if as_json:
                out.lines([difference])
            else:
                out.say(
                    f"[bold]{difference.kind}[/] {show(difference.topic)}: {show(difference.title)}"
                )
                out.say(f"    {show(difference.article)}")
    summary = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items()))
    articles = number(compared, "stored article")
    if not compared:
        out.say("Nothing is stored yet, so there was nothing to compare.")
    else:
        out.say(f"{articles} compared: {summary or 'all are flagged as before'}.")
