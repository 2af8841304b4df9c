"""Real pages served on loopback as feeds, a news sitemap and a section page.

The five texts of `../shared/seeds` are wrapped in plain HTML and hidden among the real pages of
`../shared/pages`.  Each group of pages has a loopback address of its own, as an outlet has a host.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from xml.sax.saxutils import escape


@dataclass
class Outlet:
    """One host of the press: its pages by path, and how it lists them."""

    name: str
    kind: str  # feed, sitemap, section
    pages: dict[str, bytes]
    base: str = ""
    requests: list[tuple[str, int]] = field(default_factory=list)

    def listing(self) -> tuple[str, bytes, str]:
        """Return path, body and content type of the feed, the sitemap or the section page."""
        links = [(self.base + path, title_of(body)) for path, body in self.pages.items()]
        if self.kind == "feed":
            return "/feed.xml", render_feed(self.name, self.base, links), "application/rss+xml"
        if self.kind == "sitemap":
            return "/news-sitemap.xml", render_sitemap(self.name, links), "application/xml"
        return "/news", render_section(links), "text/html; charset=utf-8"


@dataclass
class Press:
    """All outlets while they are being served."""

    outlets: list[Outlet]
    seeds: set[str]

    def sources_yaml(self) -> str:
        """Return a sources file that names exactly these outlets."""
        lines = ["version: 1", "replace: true", "sources:"]
        for outlet in self.outlets:
            lines += [
                f"  - id: {outlet.name}",
                f"    kind: {outlet.kind}",
                f"    outlet: Outlet {outlet.name}",
                f"    url: {outlet.base}{outlet.listing()[0]}",
            ]
            if outlet.kind == "section":
                lines += ["    links:", f'      url: "{outlet.base}/article/*"']
        return "\n".join(lines) + "\n"

    def hosts(self) -> list[str]:
        """Return host:port of every outlet, for the setting that allows them."""
        return [outlet.base.removeprefix("http://") for outlet in self.outlets]

    def fetched(self, *, status: int = 200) -> int:
        """Return how many article pages were answered with `status` so far."""
        return sum(
            1
            for outlet in self.outlets
            for path, answered in outlet.requests
            if answered == status and path.startswith("/article/")
        )

    def forget(self) -> None:
        """Empty the request logs."""
        for outlet in self.outlets:
            outlet.requests.clear()


def title_of(body: bytes) -> str:
    """Return the title element of a page, roughly; what an outlet would put into its feed."""
    start = body.find(b"<title")
    start = body.find(b">", start) + 1 if start >= 0 else -1
    end = body.find(b"</title", start)
    if start <= 0 or end < 0:
        return "Untitled"
    return html.unescape(body[start:end].decode("utf-8", "replace")).strip()[:200] or "Untitled"


def seed_page(text: str) -> bytes:
    """Return a seed's text, line by line, as an HTML page; its first long line is the title."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    title = next((line for line in lines if len(line) > 40), lines[0])
    body = "".join(f"<p>{html.escape(line)}</p>\n" for line in lines)
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{html.escape(title)}</title></head>"
        f"<body><article><h1>{html.escape(title)}</h1>\n{body}</article></body></html>"
    ).encode()


def path_of(name: str) -> str:
    """Return a URL path that says nothing of where the page came from."""
    return f"/article/{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def read_pages(shared: Path, *, most: int | None = None) -> dict[str, bytes]:
    """Return the real pages by path, at most `most` (spread evenly over the whole set)."""
    files = sorted((shared / "pages").rglob("*.html.gz"))
    if most is not None and most < len(files):
        step = len(files) / most
        files = [files[int(position * step)] for position in range(most)]
    return {path_of(file.name): gzip.decompress(file.read_bytes()) for file in files}


def read_seeds(shared: Path) -> dict[str, bytes]:
    """Return the seeds as HTML pages by path."""
    return {
        path_of(file.name): seed_page(file.read_text(encoding="utf-8"))
        for file in sorted((shared / "seeds").glob("*.txt"))
    }


def render_feed(name: str, base: str, links: list[tuple[str, str]]) -> bytes:
    """Return the links as RSS 2.0."""
    items = "".join(
        f"<item><title>{escape(clean(title))}</title><link>{escape(url)}</link>"
        f"<guid>{escape(url)}</guid></item>"
        for url, title in links
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{name}</title><link>{base}/</link><description>News</description>{items}"
        "</channel></rss>"
    ).encode()


def render_sitemap(name: str, links: list[tuple[str, str]]) -> bytes:
    """Return the links as a news sitemap."""
    urls = "".join(
        f"<url><loc>{escape(url)}</loc><news:news><news:publication><news:name>{name}</news:name>"
        "<news:language>en</news:language></news:publication>"
        f"<news:title>{escape(clean(title))}</news:title></news:news></url>"
        for url, title in links
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    ).encode()


def render_section(links: list[tuple[str, str]]) -> bytes:
    """Return the links as a section page with a menu around them."""
    items = "".join(f'<li><a href="{url}">{html.escape(title)}</a></li>' for url, title in links)
    return (
        "<!doctype html><html><head><meta charset=utf-8><title>News</title></head><body>"
        '<nav><a href="/">Home</a> <a href="/about">About us</a></nav>'
        f"<main><ul>{items}</ul></main></body></html>"
    ).encode()


def clean(text: str) -> str:
    """Return `text` without characters that XML 1.0 forbids."""
    return "".join(character for character in text if character.isprintable())


def spread(pages: Mapping[str, bytes], seeds: Mapping[str, bytes], hosts: int) -> list[Outlet]:
    """Deal pages and seeds out to `hosts` outlets: mostly feeds, one sitemap, one section page."""
    outlets = [
        Outlet(f"outlet-{number}", {1: "sitemap", 2: "section"}.get(number, "feed"), {})
        for number in range(hosts)
    ]
    for position, (path, body) in enumerate(pages.items()):
        outlets[position % hosts].pages[path] = body
    for position, (path, body) in enumerate(seeds.items()):
        outlets[position % hosts].pages[path] = body
    return outlets


class PressHandler(BaseHTTPRequestHandler):
    """Answer for one outlet, with ETags."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        outlet = cast("PressServer", self.server).outlet
        listing, body, kind = outlet.listing()
        if self.path != listing:
            body, kind = outlet.pages.get(self.path, b""), "text/html"
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        status = 200 if body else 404
        if body and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        outlet.requests.append((self.path, status))
        self.send_response(status)
        self.send_header("ETag", etag)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing on standard error."""


class PressServer(ThreadingHTTPServer):
    """One outlet on one loopback address."""

    daemon_threads = True

    def __init__(self, address: str, outlet: Outlet) -> None:
        super().__init__((address, 0), PressHandler)
        self.outlet = outlet
        outlet.base = f"http://{address}:{self.server_address[1]}"


@contextmanager
def serve_press(shared: Path, *, most: int | None = None, hosts: int = 8) -> Iterator[Press]:
    """Serve seeds and pages until the block ends; Linux answers on all of 127.0.0.0/8."""
    seeds = read_seeds(shared)
    outlets = spread(read_pages(shared, most=most), seeds, hosts)
    servers = [
        PressServer(f"127.0.0.{10 + number}", outlet) for number, outlet in enumerate(outlets)
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield Press(outlets, set(seeds))
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
