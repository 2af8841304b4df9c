"""The service as people run it: it ends in time, refuses a second one, and takes others' jobs."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from aiosmtpd.smtp import Envelope

from tests.fakes.hook import Hook
from tests.fakes.mailbox import Mailbox
from tests.jobs.running import Running, running, wait_until

READY = "stationwatch.db"

pytestmark = pytest.mark.timeout(600)


def is_ready(service: Running) -> bool:
    return (service.data / "backups").is_dir() and service.process.poll() is None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as line:
        return int(line.getsockname()[1])


def read_figures(port: int) -> bytes:
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return bytes(answer.read())
    return b""


def notices(service: Running) -> str:
    return "".join(path.read_text() for path in service.messages("alarm"))


def test_service_refuses_a_second_one_takes_jobs_sleeps_and_ends_in_time(tmp_path: Path) -> None:
    """FAULTS A10, A11, B1: one service, since starting one takes seconds."""
    port = free_port()
    settings = f"[metrics]\nport = {port}\n"
    with running(tmp_path, settings) as service:
        wait_until(lambda: is_ready(service), "the first backup")
        second = service.command("run")
        assert second.returncode == 1
        assert f"process {service.process.pid}" in second.stderr
        assert "(stationwatch run, since" in second.stderr
        wait_until(lambda: b'last_success_timestamp_seconds{job="look"' in read_figures(port), "it")

        # a changed file that is wrong is told, and the last good one goes on; mended, it is taken
        (service.config / "settings.toml").write_text("[metrics]\nprot = 1\n")
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "configuration is not in order" in notices(service), "the mistake")
        assert read_figures(port)
        (service.config / "settings.toml").write_text("")
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "over: the configuration" in notices(service), "the end of it")
        wait_until(lambda: not read_figures(port), "the figures to go")

        os.kill(service.process.pid, signal.SIGSTOP)  # a laptop asleep
        time.sleep(3)
        os.kill(service.process.pid, signal.SIGCONT)

        sent = service.command("digest", "--send")
        assert sent.returncode == 0, sent.stderr
        assert len(service.messages("digest")) == 1
        copied = service.command("backup", str(tmp_path / "copy.db"))
        assert copied.returncode == 0, copied.stderr
        refused = service.command("restore", str(tmp_path / "copy.db"))
        assert refused.returncode == 1
        assert "holds" in refused.stderr

        status, seconds, said = service.stop()
        assert status == 0, said
        assert "broke" not in said
        assert seconds < 30
        assert service.command("restore", str(tmp_path / "copy.db")).returncode == 0


def test_service_drains_a_mail_under_way_when_told_to_end(tmp_path: Path) -> None:
    """FAULTS A11: SIGTERM in mid-send; nothing is lost, nothing is sent twice."""
    with Mailbox(tls=False) as mailbox:
        settings = (
            '[smtp]\nhost = "127.0.0.1"\nsecurity = "none"\n'
            f'port = {mailbox.port}\nsender = "w@example.org"\n'
            '[[subscribers]]\nname = "duty"\nchannel = "email"\nto = "duty@example.org"\n'
            'digest_at = "00:00"\n'
        )
        slow = threading.Event()

        async def wait_before_taking(
            _server: object, _session: object, envelope: Envelope, address: str, _options: object
        ) -> str:
            slow.set()
            await asyncio.sleep(4)
            envelope.mail_from = address
            return "250 OK"

        mailbox.handler.handle_MAIL = wait_before_taking  # type: ignore[assignment,method-assign]
        with running(tmp_path, settings) as service:
            assert slow.wait(60)
            status, seconds, said = service.stop()
            assert status == 0, said
            assert seconds < 30
            listed = service.command("deliveries", "--json").stdout
        assert len(mailbox.received) == 1
        assert '"delivered"' in listed


def test_heart_beats_and_no_secret_is_in_anything_that_is_written(tmp_path: Path) -> None:
    """FAULTS H1, P4: canary secrets, looked for in everything written."""
    with Hook() as hook:
        secret, password = "canary-secret-7f3a", "canary-password-91bc"
        config = tmp_path / "config"
        config.mkdir()
        for name, text in (("beat", f"{hook.url}/{secret}"), ("pass", password)):
            (config / name).touch(mode=0o600)
            (config / name).write_text(text)
        settings = (
            '[network]\nallow_private = ["127.0.0.1", "localhost"]\n[log]\nlevel = "debug"\n'
            '[heartbeat]\nurl_file = "beat"\nevery = "1 minute"\n'
            '[smtp]\nhost = "127.0.0.1"\nport = 9\nsender = "w@example.org"\nsecurity = "none"\n'
            'username = "w"\npassword_file = "pass"\n'
            '[[subscribers]]\nname = "duty"\nchannel = "email"\nto = "duty-canary@example.org"\n'
            'digest_at = "00:00"\n'
        )
        with running(tmp_path, settings) as service:
            wait_until(lambda: is_ready(service), "the first backup")
            wait_until(lambda: bool(hook.posts), "the heartbeat")
            _, _, said = service.stop()
        written = said.encode()
        for path in service.data.rglob("*"):
            if path.is_file():
                written += path.read_bytes()
        assert b"service started" in written
        assert b"service started" in (service.data / "logs" / "stationwatch.log").read_bytes()
        assert secret.encode() not in written
        assert password.encode() not in written
        assert b"duty-canary@" not in said.encode()
