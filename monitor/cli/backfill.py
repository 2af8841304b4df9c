"""The commands `backfill` and `backfill report`: archives of years into historic stories."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import typer

from monitor.cli import backfill_options as option
from monitor.cli.backfill_before import was_removed
from monitor.cli.backfill_estimate import estimate
from monitor.cli.backfill_files import check_files, check_report_folder
from monitor.cli.backfill_job import make_job
from monitor.cli.backfill_searches import SEEN_BY_OTHERS, name_search_option, read_searches
from monitor.cli.backfill_wishes import REVEALS, Wishes
from monitor.cli.backfill_work import find_report, run_job
from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, show, writing_to

if TYPE_CHECKING:
    from monitor.jobs.backfill import PoolOpener

backfill_app = typer.Typer(
    invoke_without_command=True,
    help="Read archives: what was published before the watch began; alerts nobody.",
)


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.add_typer(backfill_app, name="backfill")


@backfill_app.callback()
def backfill(
    context: typer.Context,
    data: Data = DATA,
    config: Config = None,
    since: option.Since = None,
    until: option.Until = None,
    source: option.Sources = None,
    country: option.Countries = None,
    language: option.Languages = None,
    topic: option.Topics = None,
    sites: option.Sites = False,
    sitemap: option.Sitemaps = None,
    wayback: option.Wayback = None,
    archive: option.Archive = None,
    warc: option.Warcs = None,
    ccnews: option.CcNews = None,
    search: option.Search = None,
    search_from: option.SearchFrom = None,
    search_topic: option.SearchTopics = None,
    search_by: option.SearchBy = "gdelt",
    reveal: option.Reveal = False,
    workers: option.Workers = None,
    cluster: option.Cluster = None,
    cluster_ca: option.ClusterCa = None,
    cluster_cert: option.ClusterCert = None,
    cluster_key: option.ClusterKey = None,
    dry_run: option.DryRun = False,
    no_filter: option.NoFilter = False,
    report: option.ReportFolder = None,
    as_json: Json = False,
) -> None:
    """Read archives: what was published on the topics before the watch began; alerts nobody."""
    if context.invoked_subcommand is not None:
        return
    from monitor.wiring import check_data

    wishes = Wishes(
        since=since, until=until, sites=sites, archive=archive, reveal=reveal,
        source=tuple(source or ()), country=tuple(country or ()), language=tuple(language or ()),
        topic=tuple(topic or ()), sitemap=tuple(sitemap or ()), wayback=tuple(wayback or ()),
        warc=tuple(warc or ()), ccnews=tuple(ccnews or ()),
        search=(*(search or ()), *read_searches(search_from)),
        search_topic=tuple(search_topic or ()), search_by=search_by,
        search_option=name_search_option(search, search_from),
    )  # fmt: skip
    out = Output(as_json=as_json)
    pool = _choose_pool(cluster, ca=cluster_ca, cert=cluster_cert, key=cluster_key)
    job = make_job(wishes, data, config, workers=workers, sieve=not no_filter)
    if job.inputs.is_empty and not wishes.ccnews:
        check_files(wishes.warc, partial(was_removed, job))
    if not dry_run:
        check_data(data)
    if job.wishes.search:
        out.warn(f"[bold]Search[/]: {show(REVEALS)}.")
    if search:
        out.warn(f"[bold]Search[/]: {show(SEEN_BY_OTHERS)}.")
    if dry_run:
        raise typer.Exit(estimate(out, job))
    if report is not None:
        check_report_folder(report)
    raise typer.Exit(run_job(out, job, report or data / "reports", pool))


def _choose_pool(
    address: str | None, *, ca: str | None, cert: str | None, key: str | None
) -> PoolOpener | None:
    """Return what puts the work on a cluster, or None for this machine; raises UsageError."""
    if address is None:
        return None
    from spiders.cluster import ClusterAddress, ClusterPool, check_address, import_distributed

    cluster = ClusterAddress(address=address, ca_file=ca, cert_file=cert, key_file=key)
    check_address(cluster)
    import_distributed()
    return lambda units, setup, *, size: ClusterPool(units, setup, cluster=cluster)


@backfill_app.command("report")
def report(
    run: option.RunId = None,
    data: Data = DATA,
    config: Config = None,
    form: option.Form = "html",
    to: option.OutFile = None,
) -> None:
    """Write the report of a backfill as it stands now; works while it runs."""
    from monitor.render.backfill import render_html, render_json, write_workbook

    out = Output(as_json=False)
    name, found = find_report(data, config, run)
    if form == "json" and to is None:
        typer.echo(render_json(found), nl=False)
        return
    folder = data / "reports"
    if to is None:
        check_report_folder(
            folder,
            where=f"while writing the report into {str(folder)!r}",
            cure=f"name a file of your own with --out: --out ~/backfill.{form}",
        )
    target = (to or folder / f"{name}.{form}").absolute()
    with writing_to(target) as path:
        if form == "xlsx":
            write_workbook(found, path)
        else:
            text = render_html(found) if form == "html" else render_json(found)
            path.write_text(text, encoding="utf-8")
    if len(found.runs) > 1:
        out.warn_prose(found.counted, label="One report for all runs with the same wishes: ")
    typer.echo(str(target))
