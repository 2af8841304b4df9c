"""A POST that goes only to addresses that may be contacted, and keeps to its time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from monitor.egress import post
from monitor.errors import EgressRefused
from tests.fakes.certificates import Certificates
from tests.fakes.names import look_up
from tests.fakes.site import MEGABYTE, Reply, Site, encoded, redirect


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as site:
        site.route("/ok", Reply(status=201, body=b"taken", headers=(("X-Id", "7"),)))
        site.route("/drip-body", body=b"x" * 30, drip=0.1)  # whole after 3 s
        site.route("/drip-head", header_drip=0.03)
        site.route("/silent", hang=True)
        site.route("/endless", endless=True)
        site.route("/redirect", redirect("/ok", 307))
        site.route("/large", body=b"x" * MEGABYTE)
        site.route("/bomb", encoded(b" " * 50 * MEGABYTE, "gzip"))
        site.route("/cut", body=b"x" * 100, cut=10)
        site.route("/closed", raw=b"")
        site.route("/nonsense", raw=b"220 mail ESMTP\r\n")
        yield site


def send(site: Site, path: str, *, timeout: float = 5.0, host: str = "127.0.0.1", **kw: object):  # type: ignore[no-untyped-def]
    return post(
        site.url(path, host=host),
        content=b'{"a": "\xc3\xbc"}',
        headers={"Content-Type": "application/json", "webhook-id": "1"},
        timeout=timeout,
        allow_private=kw.pop("allow_private", [site.place]),  # type: ignore[arg-type]
        lookup=look_up,
        **kw,  # type: ignore[arg-type]
    )


def test_post_arrives_as_it_was_given(site: Site) -> None:
    site.forget()
    reply = send(site, "/ok?a=b")
    assert reply.status == 404
    reply = send(site, "/ok")
    assert (reply.status, reply.body, reply.cut) == (201, b"taken", False)
    assert ("X-Id", "7") in reply.headers
    asked = site.asked[-1]
    assert (asked.method, asked.body) == ("POST", b'{"a": "\xc3\xbc"}')
    assert {name.lower() for name, _ in asked.headers} == {
        "host",
        "content-type",
        "content-length",
        "webhook-id",
    }
    assert asked.header("host") == site.place


@pytest.mark.parametrize("path", ["/drip-body", "/drip-head", "/silent"])
def test_post_ends_at_its_deadline_whatever_drips(site: Site, path: str) -> None:
    """E5: the deadline is for the whole call."""
    with pytest.raises(TimeoutError, match="not done in 1 s"):
        send(site, path, timeout=1.0)


@pytest.mark.parametrize("path", ["/endless", "/large", "/bomb"])
def test_reply_is_read_to_its_cap(site: Site, path: str) -> None:
    """E5: 64 kB of an endless reply, and nothing is unpacked."""
    reply = send(site, path)
    assert len(reply.body) <= 64 * 1024
    assert reply.cut == (path != "/bomb")


def test_redirect_is_an_answer_and_not_followed(site: Site) -> None:
    """E6."""
    site.forget()
    assert send(site, "/redirect").status == 307
    assert site.paths == ["/redirect"]


@pytest.mark.parametrize("path", ["/cut", "/closed", "/nonsense"])
def test_answer_that_is_none_is_an_error_of_the_network(site: Site, path: str) -> None:
    with pytest.raises(ConnectionError, match="while posting"):
        send(site, path)


@pytest.mark.parametrize("host", ["127.0.0.1", "x.test", "mapped.test", "metadata.test"])
def test_post_to_a_private_address_is_refused_unsent(site: Site, host: str) -> None:
    """E6."""
    site.forget()
    with pytest.raises(EgressRefused):
        send(site, "/ok", host=host, allow_private=[])
    assert site.asked == []


def test_refused_connection_is_an_error_of_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ConnectionError, match="while posting"):
        post(
            f"http://127.0.0.1:{port}/",
            content=b"",
            headers={},
            timeout=3,
            allow_private=["127.0.0.1"],
        )


def test_name_that_hangs_ends_at_the_deadline(site: Site) -> None:
    """C1."""
    with pytest.raises(TimeoutError):
        send(site, "/ok", host="hang.test", timeout=0.5, allow_private=["127.0.0.1"])


@pytest.mark.parametrize("name", ["expired", "wronghost", "unknownca", "selfsigned", "fine"])
def test_only_a_good_certificate_is_believed(name: str) -> None:
    """C2, E4."""
    certificates = Certificates()
    with Site(certificates=certificates) as secure:
        secure.route("/ok", body=b"taken")
        kw = {"allow_private": ["127.0.0.1"], "ca_file": certificates.ca_file}
        if name == "fine":
            assert send(secure, "/ok", host="fine.test", **kw).body == b"taken"
        else:
            with pytest.raises(OSError, match="certificate"):
                send(secure, "/ok", host=f"{name}.test", **kw)
            assert secure.asked == []
    certificates.close()


def test_server_that_drips_its_handshake_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        stop = threading.Event()

        def drip() -> None:
            conn, _ = server.accept()
            with conn:
                while not stop.wait(0.1):
                    try:
                        conn.sendall(b"\x16")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        with pytest.raises(OSError, match=r"not done|SSL|record"):
            post(
                f"https://127.0.0.1:{port}/",
                content=b"",
                headers={},
                timeout=1.0,
                allow_private=["127.0.0.1"],
            )
        stop.set()
        thread.join(5)
