"""D5: a real browser that opens a digest or an alert makes no request at all."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.model.delivery import OwedAlert
from monitor.render.alert import render_alert
from monitor.render.digest import render_digest
from tests.render.hostile import HOSTILE, MARKER
from tests.render.samples import TOPICS, digest, owed, subscriber

pytestmark = pytest.mark.browser

# Where the browser itself asks for updates, whatever it is told; no page here names any of them.
BROWSERS_OWN = ("googleapis.com", "google.com", "gstatic.com", "gvt1.com")


class Proxy:
    """Everything that the browser asks of the network, as first lines; each is refused."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    line = connection.recv(4096).split(b"\r\n")[0].decode("latin-1")
                    if line:  # a browser opens connections in advance, and closes them unused
                        self.asked.append(line)
                    connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                except OSError:
                    continue

    def close(self) -> None:
        self._listener.close()


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no headless Chromium (apt-get install chromium)")
    return found


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    server = Proxy()
    yield server
    server.close()


def open_page(chromium: str, proxy: Proxy, page: Path, profile: Path) -> str:
    """Open `page` with every request going through the proxy, and return what it became."""
    done = subprocess.run(
        [
            chromium,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-default-apps",
            "--disable-features=OptimizationHints,MediaRouter,NetworkTimeServiceQuerying",
            f"--user-data-dir={profile}",
            f"--proxy-server=http://127.0.0.1:{proxy.port}",
            "--proxy-bypass-list=<-loopback>",
            "--virtual-time-budget=3000",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert "<html" in done.stdout, done.stderr[-500:]
    return done.stdout


def hostile_alerts() -> list[OwedAlert]:
    return [
        owed(f"bad {name}", (f"{text} police", f"The police {text} police. More.", "police"),
             others=1, url=f"https://{MARKER}/{place}")
        for place, (name, text) in enumerate(HOSTILE.items())
    ]  # fmt: skip


def test_the_proxy_sees_what_a_page_loads(chromium: str, proxy: Proxy, tmp_path: Path) -> None:
    """Without this, the test below could not fail."""
    page = tmp_path / "page.html"
    page.write_text(f"<!DOCTYPE html><html><body><img src='http://{MARKER}/i.png'></body></html>")
    open_page(chromium, proxy, page, tmp_path / "profile")
    assert [line for line in proxy.asked if MARKER in line]


def test_opening_digest_and_alert_asks_nothing_of_the_network(
    chromium: str, proxy: Proxy, tmp_path: Path
) -> None:
    reader = subscriber()
    alerts = hostile_alerts()
    pages = {
        "digest": render_digest(digest(alerts), reader),
        "alert": render_alert(alerts[:1], reader, topics=TOPICS),
        "storm": render_alert(alerts, reader, topics=TOPICS),
    }
    for name, message in pages.items():
        page = tmp_path / f"{name}.html"
        assert message.html is not None
        page.write_text(message.html, encoding="utf-8")
        shown = open_page(chromium, proxy, page, tmp_path / "profile")
        assert "named outright" in shown or name == "storm"
        assert MARKER in shown
        assert not any(host in message.html for host in BROWSERS_OWN)
    assert [line for line in proxy.asked if not any(host in line for host in BROWSERS_OWN)] == []


def test_page_fits_a_narrow_phone(chromium: str, proxy: Proxy, tmp_path: Path) -> None:
    """Nothing stands wider than 360 pixels, long words and addresses included."""
    message = render_digest(digest(hostile_alerts()), subscriber())
    assert message.html is not None
    inner = tmp_path / "inner.html"
    inner.write_text(message.html, encoding="utf-8")
    outer = tmp_path / "outer.html"
    outer.write_text(
        "<!DOCTYPE html><html><body><iframe id=f style='width:360px;height:600px;border:0'"
        " src='inner.html' onload=\"document.title=f.contentDocument.documentElement.scrollWidth\">"
        "</iframe></body></html>"
    )
    # Two files are of one origin only when the browser is told so.
    done = subprocess.run(
        [
            chromium,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--allow-file-access-from-files",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--proxy-server=http://127.0.0.1:{proxy.port}",
            "--virtual-time-budget=3000",
            "--dump-dom",
            outer.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    width = done.stdout.partition("<title>")[2].partition("</title>")[0]
    assert width.isdigit(), done.stdout[:300]
    assert int(width) <= 360
