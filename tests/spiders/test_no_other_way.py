"""Sources behind a proxy, in a network that has another way out: nothing takes it (C18).

Every packet that leaves is heard: with the proxy up only those to the proxy, with the proxy down
only the attempts to reach it; never a name looked up, never the site itself. The same of a browser,
whose page tries WebRTC and asks for a name to be looked up in advance (left out without Chromium).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spiders.browser_find import why_no_browser
from tests.fakes.netns import OUTER, TCP, UDP, run_alone

PROGRAM = """
import json
from tests.fakes.netns import OUTER, OneWayOut
from tests.fakes.proxy import FakeProxy
from tests.fakes.site import Feed, Site

CRAWL = '''
import json
from spiders.browser_find import why_no_browser
from monitor.jobs.fetching import by_way, fetch_settings
from monitor.model import Egress, NetworkSettings, SectionLinks
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from tests.spiders.crawling import crawl, look_at
found = {{}}
with WorkerHost(WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={{}})) as host:
    for proxy in {proxies!r}:
        network = NetworkSettings(
            delay=0.0, page_deadline=9.0, feed_deadline=4.0, workers=1, egress="hidden",
            ways=(Egress(name="hidden", proxy=proxy), Egress(name="direct")))
        tasks = [look_at({feed!r}, name="feed", egress={egress!r}),
                 look_at("http://no-such-name.example/feed", name="nowhere", egress={egress!r})]
        (way,) = by_way([task.source for task in tasks], network)
        crawled = crawl(host, tasks, fetch=fetch_settings(network, way=way))
        found[proxy] = {{
            "problems": [look.problem for look in crawled.looks.values()],
            "prepared": len(crawled.prepared)}}
    if {egress!r} is None and why_no_browser(None) is None:
        task = look_at({section!r}, kind="section", name="section", browser=True,
                       links=SectionLinks(selector="a"), egress={egress!r})
        (way,) = by_way([task.source], network)
        crawled = crawl(host, [task], fetch=fetch_settings(network, way=way))
        found["browser"] = {{
            "problems": [look.problem for look in crawled.looks.values()],
            "prepared": len(crawled.prepared)}}
print(json.dumps(found))
'''

SECTION = b'''<html><body><script>
try {
  new RTCPeerConnection({iceServers: [{urls: "stun:10.77.0.1:3478"}]}).createDataChannel("x");
} catch {}
const link = document.createElement("link");
link.rel = "dns-prefetch"; link.href = "//leaks.example"; document.head.append(link);
fetch("/list").then(r => r.text()).then(url => {
  const a = document.createElement("a"); a.href = url; a.textContent = "The one story";
  document.body.append(a);
});
</script></body></html>'''

net = OneWayOut()
with Site() as site:
    feed = Feed(site=site, host="paper.example")
    feed.add("/one")
    site.route("/section", body=SECTION)
    site.route("/list", body=site.url("/one", host="paper.example").encode())
    places = {scheme: FakeProxy(address=OUTER) for scheme in ("socks5h", "http")}
    proxies = [f"{scheme}://{OUTER}:{proxy.port}" for scheme, proxy in places.items()]
    found = {"proxies": sorted(proxy.port for proxy in places.values())}
    for state in ("up", "down"):
        if state == "down":
            for proxy in places.values():
                proxy.close()
        site.forget()
        net.heard.clear()
        text = net.enter(CRAWL.format(proxies=proxies, feed=feed.url, egress=None,
                                       section=site.url("/section", host="paper.example")))
        found[state] = {
            "crawls": list(json.loads(text).values()), "asked": site.paths,
            "heard": sorted(net.heard),
            "names": [[name for name, _ in proxy.asked] for proxy in places.values()]}
    # The ears hear: the same crawl, told to go directly, looks the names up.
    net.heard.clear()
    net.enter(CRAWL.format(proxies=["socks5h://127.0.0.1:1"], feed=feed.url, egress="direct",
                          section=site.url("/section", host="paper.example")))
    found["direct"] = {"heard": sorted(net.heard)}
print(json.dumps(found))
"""


# Three starts of workers and two of a browser, which take minutes on a very busy machine.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def found(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run_alone(PROGRAM, root))
    return found


def test_proxy_that_is_up_carries_everything_by_name(found: dict[str, Any]) -> None:
    seen = found["up"]
    browser = [1] if why_no_browser(None) is None else []
    assert [crawl["prepared"] for crawl in seen["crawls"]] == [1, 1, *browser]
    assert all("paper.example" in names for names in seen["names"])
    assert seen["heard"] == [[TCP, OUTER, port] for port in found["proxies"]]


def test_proxy_that_is_down_lets_nothing_out(found: dict[str, Any]) -> None:
    seen = found["down"]
    assert {crawl["prepared"] for crawl in seen["crawls"]} == {0}
    assert all(all(crawl["problems"]) for crawl in seen["crawls"])
    assert seen["asked"] == []
    assert seen["heard"] == [[TCP, OUTER, port] for port in found["proxies"]]


def test_what_goes_directly_is_heard(found: dict[str, Any]) -> None:
    assert [UDP, OUTER, 53] in found["direct"]["heard"]
