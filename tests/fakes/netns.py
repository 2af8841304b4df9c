"""A network of one's own with one way out, and ears on the wire.

    outer namespace                          inner namespace ("watch")
      10.77.0.1  ── veth ──────────────────── 10.77.0.2, default route and name server 10.77.0.1
      sites and proxies of a test             what a test runs with `enter`
      ears: every packet that comes over

Runs inside `unshare -rnm` (see `run_alone`), as root of a user namespace of its own.
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from spiders.workers import child_environment

OUTER, INNER = "10.77.0.1", "10.77.0.2"
TCP, UDP = 6, 17


class OneWayOut:
    """The two namespaces; `heard` is (protocol, address, port) of every packet that went out."""

    def __init__(self) -> None:
        self.heard: set[tuple[int, str, int]] = set()
        run("ip", "link", "set", "lo", "up")
        run("mount", "-t", "tmpfs", "none", "/run")
        run("ip", "netns", "add", "watch")
        run("ip", "link", "add", "outer", "type", "veth", "peer", "name", "inner")
        run("ip", "link", "set", "inner", "netns", "watch")
        run("ip", "addr", "add", f"{OUTER}/24", "dev", "outer")
        run("ip", "link", "set", "outer", "up")
        for words in (
            ("addr", "add", f"{INNER}/24", "dev", "inner"),
            ("link", "set", "inner", "up"),
            ("link", "set", "lo", "up"),
            ("route", "add", "default", "via", OUTER),
        ):
            run("ip", "-n", "watch", *words)
        with tempfile.NamedTemporaryFile("w", delete=False) as resolv:
            resolv.write(f"nameserver {OUTER}\n")
        Path(resolv.name).chmod(0o644)
        run("mount", "--bind", resolv.name, "/etc/resolv.conf")
        self._ears = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self._ears.bind(("outer", 0))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            packet, (_, protocol, *_rest) = self._ears.recvfrom(65536)
            if protocol != 0x0800:  # neighbours of IPv4 and IPv6 greet each other
                continue
            length = (packet[0] & 15) * 4
            if socket.inet_ntoa(packet[12:16]) != INNER:
                continue
            port = 0
            with suppress(struct.error):
                (port,) = struct.unpack_from(">H", packet, length + 2)
            self.heard.add((packet[9], socket.inet_ntoa(packet[16:20]), port))

    def enter(self, program: str) -> str:
        """Run a Python program in the inner namespace and return what it prints."""
        done = subprocess.run(
            ["ip", "netns", "exec", "watch", sys.executable, "-c", program],
            env={**os.environ},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


def run(*words: str) -> None:
    """Run a command that must succeed."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stderr}"


def run_alone(program: str, root: Path) -> str:
    """Run a Python program as root of namespaces of its own and return its last line.

    Skips by name where the system gives none.
    """
    unshare = shutil.which("unshare")
    if unshare is None or shutil.which("ip") is None:
        pytest.skip("needs unshare and ip (Debian: util-linux, iproute2)")
    namespaces = [unshare, "-rnm"]
    veth = "ip link add left type veth peer name right"
    tried = f"mount -t tmpfs none /run && ip netns add x && {veth}"
    if subprocess.run(
        [*namespaces, "sh", "-c", tried], capture_output=True, check=False
    ).returncode:
        pytest.skip("the system gives no network namespaces (sysctl user.max_user_namespaces)")
    done = subprocess.run(
        [*namespaces, sys.executable, "-c", program],
        cwd=root,
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.splitlines()[-1]
