"""Names through the system's own resolver, in a network of its own with a name server that fails.

Needs a Linux that gives a user namespaces (`unshare -rnm`); skipped by name without.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from spiders.workers import child_environment

PROGRAM = """
import json, subprocess, sys, tempfile
from pathlib import Path
from spiders.work import WorkerSetup
from spiders.workers import WorkerHost
from tests.fakes.dns import NameServer
from tests.fakes.site import Feed, Site, page
from tests.spiders.crawling import crawl, look_at, settings

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with tempfile.NamedTemporaryFile("w") as resolv:
    resolv.write("nameserver 127.0.0.1\\n")
    resolv.flush()
    subprocess.run(["mount", "--bind", resolv.name, "/etc/resolv.conf"], check=True)
    server = NameServer()
    with Site() as site, WorkerHost(
        WorkerSetup(factory="tests.fakes.preparing:load_fake", arguments={})
    ) as host:
        feeds = [Feed(site=site, host=f"good{at}.example") for at in range(20)]
        for feed in feeds:
            feed.add("/one", body=page("One", "text"))
        bad = [f"{kind}{at}.example" for kind in ("hang", "nx", "servfail", "private")
               for at in range(40 if kind == "hang" else 1)]
        tasks = [look_at(site.url("/feed", host=name), name=name) for name in bad]
        tasks += [look_at(feed.url, name=feed.host) for feed in feeds]
        crawled = crawl(host, tasks, fetch=settings(lookup=None, lookup_deadline=4.0,
                                                    source_deadline=8.0))
        print(json.dumps({
            "problems": {name: look.problem for name, look in crawled.looks.items()},
            "prepared": len(crawled.prepared),
            "done": crawled.done is not None,
            "asked": sorted(set(server.asked)),
        }))
"""


@pytest.fixture(scope="module")
def found(root: Path) -> dict[str, Any]:
    unshare = shutil.which("unshare")
    if unshare is None or shutil.which("ip") is None:
        pytest.skip("needs unshare and ip")
    namespaces = [unshare, "-rnm"]
    if subprocess.run([*namespaces, "true"], capture_output=True, check=False).returncode:
        pytest.skip("the system gives no namespaces")
    done = subprocess.run(
        [*namespaces, sys.executable, "-c", PROGRAM],
        cwd=root,
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_names_that_resolve_are_crawled_beside_those_that_hang(found: dict[str, Any]) -> None:
    """C1: forty lookups hang in the system's resolver, twenty sources go on."""
    assert found["done"]
    assert found["prepared"] == 20


@pytest.mark.parametrize("name", ["hang0.example", "nx0.example", "servfail0.example"])
def test_name_that_cannot_be_found_says_so(found: dict[str, Any], name: str) -> None:
    """C1."""
    assert "was not found" in (found["problems"][name] or "")


def test_name_that_leads_inside_is_refused(found: dict[str, Any]) -> None:
    """C5."""
    assert "not a public address" in (found["problems"]["private0.example"] or "")


def test_only_names_of_the_batch_are_looked_up(found: dict[str, Any]) -> None:
    """P6: no library asks for anybody else's name."""
    stems = {name.split(".")[0].rstrip("0123456789") for name in found["asked"]}
    assert stems == {"good", "hang", "nx", "servfail", "private"}
