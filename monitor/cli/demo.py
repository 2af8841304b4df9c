"""The command that shows the whole chain on a press of its own."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.options import Json
from monitor.cli.output import Output, count_words, number, show

if TYPE_CHECKING:
    from monitor.jobs.demo import Demo
    from monitor.model import FlaggedArticle

FOLDER = Path("var") / "demo"


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command()(demo)


def demo(
    data: Annotated[
        Path, typer.Option("--data", help="Folder for the demo; an earlier demo's is emptied.")
    ] = FOLDER,
    as_json: Json = False,
) -> None:
    """Show the whole chain on a small press of its own: fetch, flag, group, deliver, digest."""
    from monitor.jobs.demo import run_demo
    from monitor.wiring import open_watch, read_config

    out = Output(as_json=as_json)
    started = time.monotonic()
    out.say("Four invented outlets, a mail server and a webhook receiver start on this machine.")
    with out.progress("pages") as bar:
        result = run_demo(
            data,
            open_watch=lambda place, config: open_watch(
                place, read_config(config, place), create=True
            ),
            progress=lambda done, total: bar.update(done=done, total=total),
        )
    if as_json:
        out.document(demo_as_json(result))
    else:
        show_demo(out, result)
        out.say(f"\nThat took {time.monotonic() - started:.0f} s. Nothing was left running.")
    raise typer.Exit(0 if result.ok else 1)


def demo_as_json(result: Demo) -> dict[str, Any]:
    """Return what `demo --json` promises."""
    return {
        "pages": result.pages,
        "outcomes": result.outcomes,
        "articles": [article_as_json(article) for article in result.articles],
        "stories": result.stories,
        "deliveries": result.deliveries,
        "mails": result.mails,
        "webhooks": {"received": result.hooks, "verified": result.hooks_verified},
        "digest": str(result.digest),
        "missed": result.missed,
        "wrong": result.wrong,
    }


def article_as_json(flagged: FlaggedArticle) -> dict[str, Any]:
    """Return one flagged article with the reasons."""
    article = flagged.stored.article
    return {
        "url": article.url,
        "title": article.title,
        "outlet": flagged.stored.outlet,
        "language": article.language,
        "countries": flagged.countries,
        "matches": [
            {
                "topic": match.topic,
                "level": match.level,
                "score": match.score,
                "report_at": match.report_at,
                "rules": [hit.rule for hit in match.hits],
                "passages": [passage.text for passage in match.passages],
            }
            for match in flagged.matches
        ],
    }


def show_demo(out: Output, result: Demo) -> None:
    """Print what a person would want to see: fetched, flagged and why, sent, where to look."""
    from monitor.jobs.demo import is_report

    out.say(f"\n[bold]Fetched[/]  {number(result.pages, 'page')}: {count_words(result.outcomes)}")
    reports = sum(is_report(article) for article in result.articles)
    out.say(
        f"[bold]Flagged[/]  {number(reports, 'report')} in"
        f" {number(len(result.stories), 'story', 'stories')}\n"
    )
    for article in result.articles:
        show_article(out, article, result)
    for url in result.missed:
        out.warn(f"[bold red]missed[/] {show(url)}")
    for url in result.wrong:
        out.warn(f"[bold red]flagged by mistake[/] {show(url)}")
    kinds = Counter(row.message_kind for row in result.deliveries if row.state == "delivered")
    waiting = sum(row.state != "delivered" for row in result.deliveries)
    alerts, digests = number(kinds["alert"], "alert"), number(kinds["digest"], "digest")
    out.say(f"[bold]Sent[/]     {alerts} and {digests} to three readers, {waiting} not delivered")
    mails, calls = number(result.mails, "mail"), number(result.hooks, "webhook call")
    out.say(f"         {mails} arrived over verified TLS (a burst is gathered),")
    out.say(f"         {calls}, {number(result.hooks_verified, 'signature')} verified,")
    out.say(f"         files in {show(result.digest.parent / 'data' / 'outgoing')}")
    out.say(f"[bold]Digest[/]   {show(result.digest)}")


def show_article(out: Output, flagged: FlaggedArticle, result: Demo) -> None:
    """Print one flagged article: what it says, where, and by which rule."""
    from monitor.render.marks import quote_matches

    article, best = flagged.stored.article, flagged.matches[0]
    where = ", ".join(flagged.countries) or "country not known"
    out.say(f"  [bold]{show(article.title)}[/]")
    topic = result.topics.get(best.topic, best.topic)
    out.say(f"    {show(flagged.stored.outlet)} · {show(article.language)} · {show(where)}")
    out.say(f"    {best.level} · {show(topic)} · score {best.score:g} of {best.report_at:g}")
    for quote in quote_matches(article.text, flagged.matches, most=1):
        text, at = "", 0
        for start, end in quote.marks:
            text += f"{show(quote.text[at:start])}[bold yellow]{show(quote.text[start:end])}[/]"
            at = end
        out.say(f"    “{text}{show(quote.text[at:])}”")
    out.say(f"    because: {show(best.hits[0].rule)}\n")
