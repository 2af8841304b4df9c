"""A site with years of articles on loopback: sitemaps by month, a paged section, a paged feed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storage.files import DATABASE
from tests.backfill.planting import FILLER, TRICKS, frame
from tests.backfill.test_sieve import REPORTS
from tests.fakes.kept import fill_cache
from tests.fakes.site import Site

ROOT = Path(__file__).resolve().parents[2]
MONTHS = ("2019-05", "2021-03", "2021-04", "2024-02")


@dataclass(frozen=True)
class Piece:
    """One article: its address on the site, its day, its page."""

    path: str
    day: str
    body: bytes


def make_pieces(a_month: int = 6) -> list[Piece]:
    """Return articles of four months, one of each month on the topic."""
    pieces = []
    reports = list(REPORTS.values())
    for place, month in enumerate(MONTHS):
        title, text = reports[place % len(reports)]
        pieces.append(make_piece(f"/{month.replace('-', '/')}/report", f"{month}-05", title, text))
        pieces += [
            make_piece(
                f"/{month.replace('-', '/')}/bread-{number}",
                f"{month}-{10 + number % 18:02}",
                f"The town talks of bread, part {number} of {month}",
                FILLER * 3 + f"\nNumber {number} of the series of {month}.",
            )
            for number in range(a_month)
        ]
    return pieces


def make_piece(path: str, day: str, title: str, text: str) -> Piece:
    html = TRICKS["plain"](title, text)
    meta = f'<meta property="article:published_time" content="{day}T08:00:00Z">'
    return Piece(path, day, html.replace("</head>", meta + "</head>").encode())


def serve_pieces(site: Site, pieces: Iterable[Piece]) -> None:
    for piece in pieces:
        site.route(piece.path, body=piece.body, content_type="text/html; charset=utf-8")


def urlset(site: Site, pieces: Iterable[Piece]) -> bytes:
    rows = "".join(
        f"<url><loc>{site.url(piece.path)}</loc><lastmod>{piece.day}</lastmod></url>"
        for piece in pieces
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()


def serve_sitemaps(site: Site, pieces: list[Piece]) -> None:
    """Serve robots.txt, an index and a sitemap for each month."""
    names = []
    for month in MONTHS:
        name = f"/sitemap-{month}.xml"
        its = [piece for piece in pieces if piece.day.startswith(month)]
        site.route(name, body=urlset(site, its), content_type="application/xml")
        names.append(name)
    index = "".join(f"<sitemap><loc>{site.url(name)}</loc></sitemap>" for name in names)
    site.route(
        "/sitemap.xml",
        body=f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{index}'
        "</sitemapindex>".encode(),
        content_type="application/xml",
    )
    robots = f"User-agent: *\nDisallow: /private/\nSitemap: {site.url('/sitemap.xml')}\n"
    site.route("/robots.txt", body=robots.encode(), content_type="text/plain")


def make_config(folder: Path, sources: str = "[]", more: str = "") -> Path:
    """Write a configuration for loopback, and make the database."""
    from monitor.wiring import create_data

    config = folder / "config"
    config.mkdir()
    (config / "sources.yaml").write_text(f"version: 1\nsources: {sources}\n", encoding="utf-8")
    (config / "settings.toml").write_text(
        '[network]\nallow_private = ["127.0.0.1"]\ndelay = 0.0\nworkers = 1\n' + more,
        encoding="utf-8",
    )
    create_data(folder / "data")
    fill_cache(folder / "data")
    return config


def command(folder: Path, *arguments: str) -> list[str]:
    return [
        sys.executable, "-m", "monitor", "backfill", *arguments[:0], "--data", str(folder / "data"),
        "--config", str(folder / "config"), "--workers", "1", "--json", *arguments,
    ]  # fmt: skip


def run(folder: Path, *arguments: str, status: int = 0, **environment: str) -> dict[str, Any]:
    done = subprocess.run(
        command(folder, *arguments),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        env=os.environ | environment,
        timeout=600,
    )
    assert done.returncode == status, done.stderr + done.stdout
    said = json.loads(done.stdout)
    assert isinstance(said, dict)
    return said


def stored(folder: Path) -> dict[str, Any]:
    """Return what a backfill left in the database, but for ids and times."""
    import sqlite3

    with sqlite3.connect(folder / "data" / DATABASE) as connection:
        ask = connection.execute
        return {
            "articles": ask(
                "SELECT canonical_url, title, published_at FROM article_versions ORDER BY 1"
            ).fetchall(),
            "outcomes": ask(
                "SELECT outcome, SUM(pages) FROM run_outcomes GROUP BY 1 ORDER BY 1"
            ).fetchall(),
            "entries": ask(
                "SELECT url, state, outcome, month FROM archive_entries ORDER BY 1"
            ).fetchall(),
            "lists": ask(
                "SELECT url, state, problem, pages, pruned FROM archive_lists ORDER BY 1"
            ).fetchall(),
            "stories": ask("SELECT COUNT(*), MIN(historic) FROM stories").fetchone(),
            "owed": ask("SELECT COUNT(*) FROM outbox").fetchone(),
            "waiting": ask("SELECT COUNT(*) FROM found_pages").fetchone(),
        }


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


__all__ = [
    "MONTHS", "ROOT", "Piece", "at", "command", "frame", "make_config", "make_pieces", "run",
    "serve_pieces", "serve_sitemaps", "stored", "urlset",
]  # fmt: skip
