"""A site that is empty without JavaScript, opened in the system's Chromium, with its limits."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.model import Outcome, SectionLinks
from spiders.browser_end import find_processes_of
from spiders.browser_find import why_no_browser
from spiders.crawl import CrawlChild, Lost
from spiders.workers import WorkerHost
from tests.fakes.proxy import FakeProxy
from tests.fakes.site import Reply, Site, page, redirect
from tests.spiders.crawling import Crawled, crawl, look_at, settings

WHY = why_no_browser(None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),  # a dozen pages in a browser take minutes on a very busy machine
    pytest.mark.skipif(WHY is not None, reason=f"no browser: {WHY}"),
]

HARBOUR = "The harbour council met on Friday and talked about the ferry timetable."
SHELL = (
    b"<!doctype html><html><head><title>Harbour News, flagged</title></head>"
    b"<body><div id=app></div>"
)
STORIES = SectionLinks(selector="a.story")

SECTION = (
    SHELL
    + b"""<script>
fetch('/api/list').then(r => r.json()).then(list => {
  const app = document.getElementById('app');
  for (const [href, text] of list) {
    const a = document.createElement('a'); a.href = href; a.textContent = text;
    a.className = 'story';
    app.appendChild(a);
  }
});
</script></body></html>"""
)
ARTICLE = (
    SHELL
    + b"""<script>
document.cookie = 'seen=1';
localStorage.setItem('seen', '1');
const show = (url, id) => fetch(url).then(r => r.text()).then(t => {
  const p = document.createElement('p'); p.id = id; p.textContent = t;
  document.getElementById('app').appendChild(p);
}).catch(e => {
  const p = document.createElement('p'); p.id = id; p.textContent = 'refused';
  document.getElementById('app').appendChild(p);
});
show('/api/text', 'text');
</script>
<img src=/picture.png><video src=/film.mp4></video><link rel=stylesheet href=/style.css>
<iframe src=/frame.html></iframe></body></html>"""
)
PRIVATE = ARTICLE.replace(b"show('/api/text', 'text');", b"show('http://127.0.0.2:PORT/x', 'out');"
                          b"show('http://localhost:PORT/x', 'out2');show('file:///etc/passwd','f');"
                          b"new WebSocket('ws://127.0.0.2:PORT/x');"
                          b"navigator.sendBeacon('/beacon', 'x');")  # fmt: skip
HANGS = SHELL + b"<script>for(;;){}</script></body></html>"
CRASHES = SHELL + b"<script>const a=[];for(;;)a.push(new Array(1e6).fill(1.5));</script></body>"
LEAVES = SHELL + b"<p>stays</p><script>location.href='/elsewhere'</script></body></html>"
DOWNLOAD = SHELL + b"<p>stays</p><script>location.href='/big.zip'</script></body></html>"
RESTLESS = SHELL + b"<script>setInterval(()=>fetch('/api/tick'),50)</script><p>ticks</p></body>"

PAGES = {
    "/a/good": ARTICLE,
    "/a/private": PRIVATE,
    "/a/leaves": LEAVES,
    "/a/download": DOWNLOAD,
    "/a/restless": RESTLESS,
}
BAD = {"/a/hangs": HANGS, "/a/crashes": CRASHES, "/a/last": ARTICLE}


@dataclass
class Newsroom:
    """The site on loopback, and what a crawl of it brought."""

    site: Site
    crawled: Crawled
    scratch: list[str]

    def text(self, path: str) -> str:
        message = self.crawled.prepared[self.site.url(path, host="paper.test")]
        return (message.body or b"").decode()

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.site.asked]


def build(site: Site, pages: dict[str, bytes] = PAGES) -> str:
    paths = ",".join(f'["{path}","Harbour council and ferries {path}"]' for path in pages)
    site.route("/news", body=SECTION)
    site.route("/api/list", body=f"[{paths}]".encode(), content_type="application/json")
    site.route("/api/text", body=HARBOUR.encode(), content_type="text/plain")
    site.route("/api/tick", body=b"x")
    site.route("/robots.txt", body=b"User-agent: *\nDisallow: /a/forbidden\n")
    for path, body in pages.items():
        site.route(path, body=body.replace(b"PORT", str(site.port).encode()))
    return site.url("/news", host="paper.test")


@pytest.fixture(scope="module", autouse=True)
def apart() -> Iterator[None]:
    """Keep these browsers apart from those of tests that run beside."""
    with tempfile.TemporaryDirectory(prefix="apart-") as folder, pytest.MonkeyPatch.context() as it:
        it.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture(scope="module")
def room(host: WorkerHost) -> Iterator[Newsroom]:
    before = set(Path(tempfile.gettempdir()).iterdir())
    with Site() as site:
        task = look_at(
            build(site),
            kind="section",
            name="paper",
            browser=True,
            links=STORIES,
        )
        fetch = settings(render=True, page_deadline=20.0, workers=1)
        crawled = crawl(host, [task], fetch=fetch, deadline=110.0)
        left = set(Path(tempfile.gettempdir()).iterdir()) - before
        yield Newsroom(site, crawled, sorted(path.name for path in left))


def test_links_that_only_scripts_make_are_found(room: Newsroom) -> None:
    assert room.crawled.looks["paper"].problem is None
    found = [entry.url for entry in room.crawled.looks["paper"].entries]
    assert found == [room.site.url(path, host="paper.test") for path in PAGES]


def test_text_that_only_scripts_bring_is_read(room: Newsroom) -> None:
    assert HARBOUR in room.text("/a/good")
    headers = dict(room.crawled.prepared[room.site.url("/a/good", host="paper.test")].headers)
    assert "after its scripts had run" in headers["X-Stationwatch-Rendered"]
    assert room.crawled.done is not None


def test_page_that_hangs_or_crashes_costs_itself_only(host: WorkerHost) -> None:
    with Site() as site:
        url = build(site, BAD)
        task = look_at(url, kind="section", name="paper", browser=True, links=STORIES)
        crawled = crawl(host, [task], fetch=settings(render=True, page_deadline=8.0, workers=1))
        for path in ("/a/hangs", "/a/crashes"):
            failed = crawled.failed[site.url(path, host="paper.test")]
            assert "browser" in failed.reason
            assert failed.retry
        assert site.url("/a/last", host="paper.test") in crawled.prepared


def test_scripts_reach_no_private_address_and_no_file(room: Newsroom) -> None:
    """P6, C5."""
    assert room.text("/a/private").count(">refused<") == 3
    assert {asked.host for asked in room.site.asked} == {"paper.test"}
    assert "/x" not in room.paths
    assert "/beacon" not in room.paths


def test_pictures_films_and_downloads_are_not_fetched(room: Newsroom) -> None:
    assert "/style.css" in room.paths
    assert not {"/picture.png", "/film.mp4", "/big.zip"} & set(room.paths)


def test_page_that_leads_away_is_read_as_it_stands(room: Newsroom) -> None:
    assert "stays" in room.text("/a/leaves")
    assert "stays" in room.text("/a/download")
    assert "/elsewhere" not in room.paths


def test_page_that_never_rests_is_cut_off(room: Newsroom) -> None:
    assert "ticks" in room.text("/a/restless")
    assert room.paths.count("/api/tick") <= 150


def test_no_request_says_who_asks_or_what_was_read_before(room: Newsroom) -> None:
    for asked in room.site.asked:
        names = {name.lower() for name, _ in asked.headers}
        assert not names & {"cookie", "referer", "proxy-authorization"}, asked
        assert "Headless" not in (asked.header("user-agent") or "")


def test_nothing_of_the_browser_is_left(room: Newsroom) -> None:
    assert room.scratch == []
    assert browsers_of_ours() == []


def profiles() -> str:
    """Return how the paths of all folders begin that crawls of these tests give to a browser."""
    return f"{tempfile.gettempdir()}/stationwatch-browser-"


def browsers_of_ours() -> list[str]:
    """Return the command lines of browsers whose profile is in a scratch folder of a crawl."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if profiles().encode() in words:
            found.append(words.decode(errors="replace")[:200])
    return found


def test_robots_and_redirects_hold_for_the_page_itself(host: WorkerHost) -> None:
    with Site() as site:
        build(site)
        site.route("/api/list", body=b'[["/a/none", "One"]]', content_type="application/json")
        site.route("/moved", redirect("/a/forbidden", 302))
        site.route("/section", redirect("/news", 301))
        site.route("/other", redirect("http://127.0.0.2:1/", 302))
        names = {"forbidden": "/a/forbidden", "moved": "/moved", "section": "/section",
                 "other": "/other"}  # fmt: skip
        tasks = [
            look_at(site.url(path, host=f"{name}.test"), kind="section", name=name, links=STORIES)
            for name, path in names.items()
        ]
        crawled = crawl(host, tasks, fetch=settings(render=True, page_deadline=20.0, workers=1),
                        meanwhile=lambda *_: None)  # fmt: skip
        assert "robots.txt forbids" in (crawled.looks["forbidden"].problem or "")
        assert "robots.txt forbids" in (crawled.looks["moved"].problem or "")
        assert "/a/forbidden" not in [asked.path for asked in site.asked]
        assert crawled.looks["section"].entries
        assert crawled.looks["section"].moved_to is not None
        assert "127.0.0.2" in (crawled.looks["other"].problem or "")


def test_killed_child_leaves_no_browser(host: WorkerHost) -> None:
    with Site() as site:
        site.route("/news", body=HANGS)
        task = look_at(site.url("/news", host="paper.test"), kind="section", browser=True)
        crawled = crawl(host, [task], fetch=settings(render=True, page_deadline=60.0), deadline=4.0)
    assert crawled.lost is not None
    assert browsers_of_ours() == []


def test_browser_that_stands_still_goes_with_its_child(host: WorkerHost) -> None:
    """A browser that cannot notice that its child is gone."""
    stopped: list[str] = []

    def stop_browser_and_kill_child() -> None:
        if stopped or len(browsers_of_ours()) < 2:
            return
        stopped.extend(browsers_of_ours())
        for pid in find_processes_of(profiles()):
            if pid != child.pid:
                os.kill(pid, signal.SIGSTOP)
        os.kill(child.pid or 0, signal.SIGKILL)

    with Site() as site:
        site.route("/news", body=HANGS)
        task = look_at(site.url("/news", host="paper.test"), kind="section", browser=True)
        fetch = settings(render=True, page_deadline=60.0)
        with CrawlChild([task], workers=host, settings=fetch, rules_version="fake-1",
                        meanwhile=stop_browser_and_kill_child) as child:  # fmt: skip
            said = list(child)
    assert isinstance(said[-1], Lost)
    assert len(stopped) > 1
    assert browsers_of_ours() == []


def test_everything_the_browser_asks_goes_through_the_proxy(host: WorkerHost) -> None:
    """C18; names that no resolver knows."""
    with Site() as site, FakeProxy() as proxy:
        build(site)
        url = site.url("/news", host="hang.test")
        task = look_at(url, kind="section", name="paper", browser=True, links=STORIES)
        fetch = settings(render=True, page_deadline=20.0, proxy=f"socks5h://127.0.0.1:{proxy.port}")
        crawled = crawl(host, [task], fetch=fetch, meanwhile=only_look)
        assert len(crawled.looks["paper"].entries) == len(PAGES)
        assert {name for name, _ in proxy.asked} == {"hang.test"}


def only_look(child: object, message: object) -> None:
    """Stop the crawl after its look."""
    from spiders.frames import Looked

    if isinstance(message, Looked):
        child.stop()  # type: ignore[attr-defined]


def test_answer_that_is_no_page_is_no_browser_s_business(host: WorkerHost) -> None:
    with Site() as site:
        site.route("/feed", body=page("No", "feed"), content_type="application/pdf")
        task = look_at(site.url("/news", host="paper.test"), kind="section", name="p", browser=True)
        site.route("/news", Reply(status=403))
        crawled = crawl(host, [task], fetch=settings(render=True))
        assert "403" in (crawled.looks["p"].problem or "")
        assert Outcome.NEW not in crawled.failed


def test_document_that_scripts_made_too_large_is_told_not_cut() -> None:
    """As for any page: a part that looks whole would be kept as evidence of the whole."""
    from spiders.browser import is_cut
    from spiders.decoding import TooLarge
    from spiders.wire import Asked

    assert not is_cut(10, Asked(seconds=1.0, cap=10))
    assert is_cut(11, Asked(seconds=1.0, cap=10, cut=True))
    with pytest.raises(TooLarge, match="its scripts made 11 bytes"):
        is_cut(11, Asked(seconds=1.0, cap=10))
