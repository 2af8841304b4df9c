"""The options of `backfill`, each with the words of its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Many = list[str] | None

Since = Annotated[str | None, typer.Option("--from", help="First day of publication, 2019-01-01.")]
Until = Annotated[str | None, typer.Option("--to", help="Last day of publication, included.")]
Sources = Annotated[Many, typer.Option("--source", help="Only the site of this source.")]
Countries = Annotated[
    Many, typer.Option("--country", help="Only sites of sources there: HU, Hungary.")
]
Languages = Annotated[
    Many,
    typer.Option(
        "--language",
        help="Only articles whose text is in it, hu; what a page declares counts only where its"
        " text is too short to tell.",
    ),
]
Topics = Annotated[Many, typer.Option("--topic", help="Only this topic.")]
Sites = Annotated[
    bool,
    typer.Option("--sites", help="The sites' own archives; so unless anything else is named."),
]
Sitemaps = Annotated[Many, typer.Option("--sitemap", help="One more sitemap, or index.")]
Wayback = Annotated[
    Many, typer.Option("--wayback", help="Archived captures of a host, or of 'sources'.")
]
Archive = Annotated[
    str | None, typer.Option("--archive", help="The archive of captures to ask for them.")
]
Warcs = Annotated[
    Many, typer.Option("--warc", help="A WARC file, folder, glob, address (http, s3), or @LIST.")
]
CcNews = Annotated[Many, typer.Option("--ccnews", help="A month of Common Crawl's news, 2024-03.")]
Search = Annotated[
    Many, typer.Option("--search", help="Candidates that GDELT finds for these words.")
]
SearchFrom = Annotated[
    str | None,
    typer.Option("--search-from", help="A file with a search to a line; - is standard input."),
]
SearchTopics = Annotated[
    Many, typer.Option("--search-topic", help="The phrases of this topic, in each --language.")
]
SearchBy = Annotated[
    str,
    typer.Option(
        "--search-by",
        metavar="[gdelt|google-news]",
        help="Who is asked; Google tells few addresses.",
    ),
]
Reveal = Annotated[
    bool, typer.Option("--reveal-subject", help="Yes, a search may learn what is looked for.")
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes; as many as cores unless given."),
]
Cluster = Annotated[
    str | None, typer.Option("--cluster", help="A Dask scheduler, tls://HOST:8786.")
]
ClusterCa = Annotated[
    str | None, typer.Option("--cluster-ca", help="Certificate of the cluster's authority.")
]
ClusterCert = Annotated[
    str | None, typer.Option("--cluster-cert", help="Our own certificate there.")
]
ClusterKey = Annotated[
    str | None, typer.Option("--cluster-key", help="The key of our own certificate.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be read, and at what cost to whom.")
]
NoFilter = Annotated[
    bool, typer.Option("--no-filter", help="Extract every page; finds the same, slowly.")
]
ReportFolder = Annotated[
    Path | None, typer.Option("--report", help="Folder of the report; reports/ in the data.")
]
RunId = Annotated[
    str | None, typer.Argument(help="The beginning of a backfill's run; the latest if none.")
]
Form = Annotated[
    Literal["html", "xlsx", "json"], typer.Option("--format", help="html, xlsx or json.")
]
OutFile = Annotated[
    Path | None,
    typer.Option("--out", help="The file; else in reports/ in the data, JSON on the screen."),
]
