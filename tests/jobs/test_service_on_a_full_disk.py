"""The running service on a disk of its own that fills up: it says so before, survives, resumes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.fakes.hook import SECRET, Hook
from tests.fakes.reports import write_report
from tests.fakes.site import Asked, Feed, Reply, Site
from tests.jobs.running import wait_until

pytestmark = pytest.mark.timeout(600)

SIZE = "48m"
SETTINGS = """\
[network]
allow_private = ["127.0.0.0/8", "localhost"]
delay = 0
[[subscribers]]
name = "program"
channel = "webhook"
url = "{hook}"
secret_file = "secret"
alarms = true
digest = "off"
"""


@contextmanager
def on_a_small_disk(config: Path, disk: Path, said: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the service with its data on a tmpfs that nobody else sees; skips where none may be."""
    disk.mkdir()
    mount = f"mount -t tmpfs -o size={SIZE} none {disk}"
    allowed = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount], capture_output=True, check=False
    )
    if allowed.returncode:
        pytest.skip("this machine allows no mount namespace (unshare -rm)")
    serve = f"{sys.executable} -m monitor run --new --data {disk}/var --config {config}"
    with said.open("wb") as out:
        process = subprocess.Popen(
            ["unshare", "-rm", "sh", "-c", f"{mount} && exec {serve}"],
            cwd=ROOT,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def fill(seen: Path) -> None:
    """Leave no byte of the disk."""
    with (seen / "ballast").open("wb", buffering=0) as ballast:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    ballast.write(b"x" * size)
            except OSError:
                continue


def kinds(hook: Hook) -> list[str]:
    return [post.payload["type"] for post in hook.posts if post.taken]


def test_service_survives_a_full_disk_and_loses_nothing(tmp_path: Path) -> None:
    """FAULTS A5: one warning before, no partial item, and it resumes by itself."""
    config, said = tmp_path / "config", tmp_path / "said"
    config.mkdir()
    full = threading.Event()
    with Site() as site, Hook() as hook:
        feed, report = Feed(site=site), write_report(1)

        def answer(_asked: Asked) -> Reply:
            """The report comes when there is no room left for it."""
            full.wait(50)
            return Reply(body=report.page())

        feed.add(report.path, answer)
        (config / "settings.toml").write_text(SETTINGS.format(hook=hook.url))
        (config / "secret").touch(mode=0o600)
        (config / "secret").write_text(SECRET)
        (config / "sources.yaml").write_text(
            f'version: 1\nreplace: true\nsources:\n  - {{id: one, kind: feed, url: "{feed.url}",'
            " outlet: One, every: 1 minute}\n"
        )
        with on_a_small_disk(config, tmp_path / "disk", said) as service:
            wait_until(lambda: bool(hook.posts), "the warning that the disk is nearly full")
            assert b"disk is nearly full" in hook.posts[0].body
            wait_until(lambda: report.path in site.paths, "the report's page to be asked for")

            seen = Path(f"/proc/{service.pid}/root{tmp_path}/disk")
            fill(seen)
            full.set()
            wait_until(lambda: b"disk is full" in said.read_bytes(), "the failure to be said")
            assert service.poll() is None, said.read_text()

            (seen / "ballast").unlink()
            wait_until(lambda: "alert" in "".join(kinds(hook)), "the report")
            service.send_signal(signal.SIGTERM)
            assert service.wait(60) == 0, said.read_text()
    alerts = [post for post in hook.posts if post.taken and report.title.encode() in post.body]
    assert len(alerts) == 1
    assert sum(b"nearly full" in post.body for post in hook.posts) == 1
    assert b"Traceback" not in said.read_bytes()
