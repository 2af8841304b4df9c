"""The demo's web servers, one for each outlet: ETags, compression, robots.txt and odd pages."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.demo.layout import Link, render_article, render_broken, render_section
from monitor.demo.listings import Item, render_atom, render_news_sitemap, render_rss
from monitor.demo.outlets import BROKEN, DRIPPING, GONE, ODD_PAGES, Outlet
from monitor.demo.server import LoopbackServer, QuietHandler
from monitor.demo.texts import Text

ROBOTS = "User-agent: *\nDisallow: /intern/\n"
HTML = "text/html"
# Long enough apart that a time limit for each read never ends it; only one for the whole does.
SECONDS_BETWEEN_DRIPS = 0.2


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a path is answered with."""

    body: bytes
    content_type: str = HTML


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as a site received it."""

    outlet: str
    path: str
    status: int
    headers: Mapping[str, str]


class Site:
    """One outlet while it is being served; `base` is its address without a closing slash."""

    def __init__(self, outlet: Outlet, texts: Sequence[Text], host: str) -> None:
        self.outlet = outlet
        self.requests: list[Request] = []
        self._server = LoopbackServer(_Handler, self, host=host)
        self.base = f"http://{host}:{self._server.server_port}"
        self.answers = build_answers(outlet, texts, self.base)

    def close(self) -> None:
        """Stop serving, end what drips, and wait for every thread."""
        self._server.stop()


class _Handler(QuietHandler):
    def do_GET(self) -> None:  # noqa: N802 - the name http.server looks for
        """Answer one request."""
        site: Site = self.server.owner
        path = self.path.partition("?")[0]
        if path == DRIPPING and site.outlet.id == "wire":
            self._note(200)
            self._drip(self.server.closing)
            return
        answer = site.answers.get(path)
        if answer is None:
            self._send(404, b"<h1>404</h1>", HTML, None)
            return
        etag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self._send(304, b"", answer.content_type, etag)
            return
        self._send(200, answer.body, answer.content_type, etag)

    def _send(self, status: int, body: bytes, content_type: str, etag: str | None) -> None:
        self._note(status)
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        if status != 304:
            if len(body) > 1000 and "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, 5, mtime=0)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, closing: threading.Event) -> None:
        """Send a byte now and then until the client or the demo has had enough."""
        self.send_response(200)
        self.send_header("Content-Type", HTML)
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):
            while not closing.wait(SECONDS_BETWEEN_DRIPS):
                self.wfile.write(b"<")
                self.wfile.flush()

    def _note(self, status: int) -> None:
        site: Site = self.server.owner
        headers = {name.lower(): value for name, value in self.headers.items()}
        site.requests.append(
            Request(outlet=site.outlet.id, path=self.path, status=status, headers=headers)
        )


def build_answers(outlet: Outlet, texts: Sequence[Text], base: str) -> dict[str, Answer]:
    """Return what each path of the outlet is answered with."""
    own = [text for text in texts if text.outlet == outlet.id]
    odd = ODD_PAGES.get(outlet.id, ())
    links: list[Link] = [(text.path, text.title) for text in own]
    answers = {
        "/robots.txt": Answer(body=ROBOTS.encode(), content_type="text/plain"),
        outlet.listing: _build_listing(outlet, own, base),
    }
    for text in own:
        others = [link for link in links if link[0] != text.path][:4]
        page = render_article(text, outlet, base, others)
        answers[text.path] = Answer(body=page.encode(outlet.charset))
    for path, title in odd:
        if path == BROKEN:
            answers[path] = Answer(body=render_broken())
        elif path not in {DRIPPING, GONE}:
            answers[path] = Answer(body=f"<h1>{title}</h1>".encode())
    return answers


def _build_listing(outlet: Outlet, texts: Sequence[Text], base: str) -> Answer:
    if outlet.kind == "section":
        links = [(text.path, text.title) for text in texts]
        page = render_section(outlet, [*links, *ODD_PAGES.get(outlet.id, ())])
        return Answer(body=page.encode(outlet.charset), content_type=f"{HTML}; charset=utf-8")
    items = [
        Item(
            url=base + text.path,
            title=text.title,
            language=text.language,
            published=text.published,
            summary=text.paragraphs[0],
            author=text.author,
        )
        for text in texts
    ]
    for path, title in ODD_PAGES.get(outlet.id, ()):
        newest = texts[0].published
        items.append(Item(url=base + path, title=title, language="en", published=newest))
    if outlet.kind == "sitemap":
        body = render_news_sitemap(outlet.name, items)
        return Answer(body=body.encode(), content_type="application/xml")
    if outlet.listing.endswith(".atom"):
        body = render_atom(outlet.name, base, items)
        return Answer(body=body.encode(), content_type="application/atom+xml")
    body = render_rss(outlet.name, base, items)
    return Answer(body=body.encode(), content_type="application/rss+xml")
