"""The commands `backfill` and `backfill report`: archives of years into historic stories."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.backfill_files import download_setup, find_files
from monitor.cli.backfill_show import as_document, gap_lines, show_done, show_estimate
from monitor.cli.backfill_wishes import (
    REVEALS,
    Wishes,
    check_wishes,
    describe,
    make_inputs,
    make_wishes_wanted,
)
from monitor.cli.options import DATA, Config, Data, Json
from monitor.cli.output import Output, show, writing_to
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.config.folder import Configuration
    from monitor.jobs.backfill import PoolOpener
    from monitor.jobs.backfill_sources import Inputs
    from monitor.jobs.watch import Watch
    from spiders.units import Wanted

Many = list[str] | None
SPOOL = "backfill"
"""Where in the data files from elsewhere are kept while they are read."""

backfill_app = typer.Typer(
    invoke_without_command=True,
    help="Read archives: what was published before the watch began; alerts nobody.",
)


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.add_typer(backfill_app, name="backfill")


@dataclass(frozen=True, kw_only=True)
class Job:
    """One backfill as it was asked for, with everything it needs."""

    configuration: Configuration
    data: Path
    wishes: Wishes
    wanted: Wanted
    inputs: Inputs
    workers: int
    sieve: bool


@backfill_app.callback()
def backfill(
    context: typer.Context,
    data: Data = DATA,
    config: Config = None,
    since: Annotated[
        str | None, typer.Option("--from", help="First day of publication, 2019-01-01.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Last day of publication, included.")
    ] = None,
    source: Annotated[Many, typer.Option("--source", help="Only the site of this source.")] = None,
    country: Annotated[Many, typer.Option("--country", help="Only sites of sources there.")] = None,
    language: Annotated[Many, typer.Option("--language", help="Only articles in it.")] = None,
    topic: Annotated[Many, typer.Option("--topic", help="Only this topic.")] = None,
    sites: Annotated[
        bool,
        typer.Option("--sites", help="The sites' own archives; so unless anything else is named."),
    ] = False,
    sitemap: Annotated[Many, typer.Option("--sitemap", help="One more sitemap, or index.")] = None,
    wayback: Annotated[
        Many, typer.Option("--wayback", help="Archived captures of a host, or of 'sources'.")
    ] = None,
    archive: Annotated[
        str | None, typer.Option("--archive", help="The archive of captures to ask for them.")
    ] = None,
    warc: Annotated[
        Many,
        typer.Option("--warc", help="A WARC file, folder, glob, address (http, s3), or @LIST."),
    ] = None,
    ccnews: Annotated[
        Many, typer.Option("--ccnews", help="A month of Common Crawl's news, 2024-03.")
    ] = None,
    search: Annotated[
        Many, typer.Option("--search", help="Candidates that GDELT finds for these words.")
    ] = None,
    reveal: Annotated[
        bool,
        typer.Option("--reveal-subject", help="Yes, a search may learn what is looked for."),
    ] = False,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes; as many as cores unless given.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="A Dask scheduler, tls://HOST:8786.")
    ] = None,
    cluster_ca: Annotated[
        str | None, typer.Option("--cluster-ca", help="Certificate of the cluster's authority.")
    ] = None,
    cluster_cert: Annotated[
        str | None, typer.Option("--cluster-cert", help="Our own certificate there.")
    ] = None,
    cluster_key: Annotated[
        str | None, typer.Option("--cluster-key", help="The key of our own certificate.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be read, and at what cost to whom.")
    ] = False,
    no_filter: Annotated[
        bool, typer.Option("--no-filter", help="Extract every page; finds the same, slowly.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="Folder of the report; reports/ in the data.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read archives: what was published on the topics before the watch began; alerts nobody."""
    if context.invoked_subcommand is not None:
        return
    wishes = Wishes(
        since=since, until=until, sites=sites, archive=archive, reveal=reveal,
        source=tuple(source or ()), country=tuple(country or ()), language=tuple(language or ()),
        topic=tuple(topic or ()), sitemap=tuple(sitemap or ()), wayback=tuple(wayback or ()),
        warc=tuple(warc or ()), ccnews=tuple(ccnews or ()), search=tuple(search or ()),
    )  # fmt: skip
    out = Output(as_json=as_json)
    pool = _choose_pool(cluster, ca=cluster_ca, cert=cluster_cert, key=cluster_key)
    job = _make_job(wishes, data, config, workers=workers, sieve=not no_filter)
    if wishes.search:
        out.warn(f"[bold]Search[/]: {show(REVEALS)}.")
    if dry_run:
        raise typer.Exit(_estimate(out, job))
    raise typer.Exit(_run(out, job, report or data / "reports", pool))


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


def _make_job(
    wishes: Wishes, data: Path, config: Path | None, *, workers: int | None, sieve: bool
) -> Job:
    from monitor.wiring import read_config

    configuration = read_config(config, data)
    check_wishes(wishes, configuration, now=datetime.now(UTC))
    wanted = make_wishes_wanted(wishes, configuration)
    return Job(
        configuration=configuration,
        data=data,
        wishes=wishes,
        wanted=wanted,
        inputs=make_inputs(wishes, wanted, configuration),
        workers=workers or os.cpu_count() or 1,
        sieve=sieve,
    )


@contextmanager
def _open(out: Output, job: Job) -> Iterator[Watch]:
    from monitor.cli.watch import set_up
    from monitor.wiring import open_watch

    set_up(job.configuration.settings, quiet=True)
    with open_watch(job.data, job.configuration) as watch:
        yield watch


def _estimate(out: Output, job: Job) -> int:
    """Read the lists and no page, and say what the rest would cost; return the exit status."""
    from monitor.jobs.backfill_dry import Estimate, estimate_files, estimate_hosts
    from monitor.jobs.backfill_files import USUAL_SIZE
    from monitor.jobs.backfill_plan import plan_files
    from monitor.jobs.backfill_report import make_report
    from monitor.jobs.backfill_request import begin_request, make_network_plan, read_network_lists
    from monitor.wiring import load_matcher, open_archive_workers

    files = find_files(job.wishes, job.configuration, job.data / SPOOL)
    plan = plan_files(files.paths)
    size = plan.bytes + USUAL_SIZE * len(files.addresses)
    found = Estimate(
        files=len({unit.path for unit in plan.units}) + len(files.addresses),
        parts=len(plan.units),
        file_bytes=size,
        file_hours=estimate_files(size, workers=job.workers),
    )
    lists, gaps = 0, list[str]()
    if not job.inputs.is_empty:
        rules = load_matcher(job.configuration).version
        archives = job.configuration.settings.archives
        network = make_network_plan(job.inputs, job.wanted, archives, rules=rules)
        with (
            _open(out, job) as watch,
            open_archive_workers(job.configuration, job.data, sieve=job.sieve) as workers,
            out.progress("lists of pages") as bar,
        ):
            request = begin_request(watch, network, _words(job, rules))
            read_network_lists(
                watch, network, workers, lambda what, n, m: bar.update(done=n, total=m, what=what)
            )
            counts = watch.storage.archive_lists.count(network.asked)
            lists = counts.done + counts.failed
            cost = watch.storage.backfills.find_cost("page bytes", least=50)
            found = Estimate(
                hosts=estimate_hosts(
                    watch.storage.archive_entries.count_by_host(network.asked),
                    delay=job.configuration.settings.network.delay,
                    archive_host=network.archive_host,
                    archive_delay=network.archive_delay,
                    page_bytes=cost,
                ),
                files=found.files,
                parts=found.parts,
                file_bytes=found.file_bytes,
                file_hours=found.file_hours,
                measured=cost is not None,
            )
            report = make_report(watch, request)
            gaps = [line for line in gap_lines(report) if "not asked yet" not in line]
    missing = [*plan.missing, *(f"{what}: {why}" for what, why in files.missing)]
    show_estimate(out, found, missing=missing, lists=lists, gaps=gaps)
    return 1 if missing else 0


def _run(out: Output, job: Job, folder: Path, pool: PoolOpener | None) -> int:
    """Do it all, write the report, and return the exit status."""
    from monitor.jobs.backfill import Network, open_local_pool
    from monitor.jobs.backfill import backfill as run_backfill
    from monitor.jobs.backfill_files import Downloads
    from monitor.jobs.backfill_plan import plan_files
    from monitor.jobs.backfill_report import make_report
    from monitor.jobs.backfill_request import begin_request, make_network_plan, run_network
    from monitor.render.backfill import write_report
    from monitor.wiring import load_matcher, open_archive_workers

    setup = download_setup(job.configuration)
    files = find_files(job.wishes, job.configuration, job.data / SPOOL)
    plan = plan_files(files.paths)
    rules = load_matcher(job.configuration).version
    archives = job.configuration.settings.archives
    network = make_network_plan(job.inputs, job.wanted, archives, rules=rules)
    with ExitStack() as stack:
        watch = stack.enter_context(_open(out, job))
        workers = stack.enter_context(
            open_archive_workers(job.configuration, job.data, sieve=job.sieve)
        )
        bar = stack.enter_context(out.progress("parts of archives"))
        downloads = stack.enter_context(Downloads(files.addresses, job.data / SPOOL, setup))
        request = begin_request(watch, network, _words(job, rules))

        def gather(run_id: str) -> list[str]:
            return run_network(
                watch,
                network,
                workers,
                run_id,
                lambda what, n, m: bar.update(done=n, total=m, what=what),
            )

        done = run_backfill(
            watch,
            plan,
            job.wanted,
            setup=_pool_setup(job),
            rules_version=rules,
            workers=job.workers,
            progress=lambda n, m: bar.update(done=n, total=m, what="parts of archives"),
            network=Network(
                gather=gather,
                fetched=downloads.units,
                ended=downloads.end,
                rest=downloads.rest,
            ),
            open_pool=pool or open_local_pool,
        )
        unread = [*files.missing, *downloads.failed]
        request = begin_request(
            watch, network, _words(job, rules) | {"unread": unread}, run_id=done.run.id
        )
        report = make_report(watch, request)
    written = write_report(report, folder, f"backfill-{done.run.id[:8]}")
    failed = (*done.failed, *(f"{what}: {why}" for what, why in unread))
    if out.as_json:
        out.document(as_document(done, report) | {"failed": failed})
    else:
        show_done(out, done, report, written)
        for what, why in unread:
            out.warn(f"[bold]could not be read[/]: {show(what)}: {show(why)}")
    return 1 if failed else 0


def _pool_setup(job: Job) -> Any:
    from monitor.wiring import worker_setup
    from spiders.unit_pool import PoolSetup

    arguments = worker_setup(job.configuration, job.data).arguments
    return PoolSetup(
        keywords=arguments["keywords"],
        cache=arguments["cache"],
        sieve=job.sieve,
        wanted=job.wanted,
    )


def _words(job: Job, rules: str) -> dict[str, Any]:
    from monitor.jobs.backfill_plan import make_asked

    names = [*job.wishes.country, *job.wishes.source, *job.wishes.wayback] or ["all sources"]
    return {
        "title": f"Backfill: {', '.join(names[:6])} since {job.wishes.since or 'the beginning'}",
        "asked": describe(job.wishes),
        "from": job.wishes.since,
        "files asked": make_asked(rules, job.wanted, sieve=job.sieve),
    }


@backfill_app.command("report")
def report(
    run: Annotated[
        str | None, typer.Argument(help="The beginning of a backfill's run; the latest if none.")
    ] = None,
    data: Data = DATA,
    config: Config = None,
    form: Annotated[
        Literal["html", "xlsx", "json"], typer.Option("--format", help="html, xlsx or json.")
    ] = "html",
    to: Annotated[
        Path | None, typer.Option("--out", help="The file to write; JSON goes to standard output.")
    ] = None,
) -> None:
    """Write the report of a backfill as it stands now; works while it runs."""
    from monitor.jobs.backfill_report import make_report
    from monitor.render.backfill import render_html, render_json, write_workbook
    from monitor.wiring import open_watch, read_config

    with open_watch(data, read_config(config, data), write=False) as watch:
        request = watch.storage.backfills.find(run)
        if request is None:
            which = f"begins with {run!r}" if run else "was started here"
            raise UsageError(f"while making a report: no backfill {which}")
        found = make_report(watch, request)
    if form == "json" and to is None:
        typer.echo(render_json(found), nl=False)
        return
    target = to or Path(f"backfill-{(request.run_id or request.asked)[:8]}.{form}")
    with writing_to(target) as path:
        if form == "xlsx":
            write_workbook(found, path)
        else:
            text = render_html(found) if form == "html" else render_json(found)
            path.write_text(text, encoding="utf-8")
    typer.echo(str(target))
