"""The one way out of a browser: what it lets through, to whom, and how much (C5, C7, P6)."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from monitor.egress import parse_allowance
from spiders.browser_guard import BrowserGuard
from spiders.dialing import GuardedDialer
from tests.fakes.names import look_up
from tests.fakes.site import Certificates, Site


@pytest.fixture(scope="module")
def certificates() -> Iterator[Certificates]:
    certificates = Certificates()
    yield certificates
    certificates.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        site.route("/text", body=b"the ferry is late", close=True)
        site.route("/kept", body=b"the ferry is late")
        site.route("/large", body=b"x" * 3_000_000, close=True)
        yield site


@pytest.fixture
async def guard() -> AsyncIterator[BrowserGuard]:
    allow = parse_allowance(("127.0.0.1/32",))
    dialer = GuardedDialer(allow, lookup=look_up, lookup_seconds=2.0)
    guard = BrowserGuard(dialer, allow, pinned=("pinned.test",))
    await guard.start()
    guard.allot(connections=10, size=1_000_000)
    yield guard
    await guard.close()


@asynccontextmanager
async def connected(
    guard: BrowserGuard,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    port = int(guard.address.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


def login_of(guard: BrowserGuard) -> str:
    pair = base64.b64encode(f"{guard.username}:{guard.password}".encode()).decode()
    return f"Proxy-Authorization: Basic {pair}"


async def ask(guard: BrowserGuard, head: str, *, login: bool = True) -> bytes:
    """Send one head to the guard and return all that comes."""
    lines = [head, *([login_of(guard)] if login else []), "", ""]
    async with connected(guard) as (reader, writer):
        writer.write("\r\n".join(lines).encode())
        return await asyncio.wait_for(reader.read(), 20)


async def test_request_reaches_the_site_without_the_login(guard: BrowserGuard, site: Site) -> None:
    answer = await ask(guard, f"GET {site.url('/text', host='paper.test')} HTTP/1.1\r\nHost: x")
    assert answer.endswith(b"the ferry is late")
    [asked] = site.asked
    assert asked.path == "/text"
    assert asked.header("proxy-authorization") is None
    assert asked.header("connection") == "close"


async def test_second_request_on_a_connection_does_not_reach_the_site(
    guard: BrowserGuard, site: Site
) -> None:
    """It carries the guard's own login, and may be for another host."""
    url = site.url("/kept", host="paper.test")
    one, other = (
        f"GET {each} HTTP/1.1\r\nHost: x\r\n{login_of(guard)}\r\n\r\n" for each in (url, f"{url}?2")
    )
    async with connected(guard) as (reader, writer):
        writer.write(one.encode())
        await asyncio.wait_for(reader.readuntil(b"late"), 20)
        writer.write(other.encode())
        assert await asyncio.wait_for(reader.read(), 20) == b""
    assert site.paths == ["/kept"]


async def test_nobody_else_on_the_machine_may_use_it(guard: BrowserGuard, site: Site) -> None:
    for head in (f"GET {site.url('/text')} HTTP/1.1", f"CONNECT {site.place} HTTP/1.1"):
        assert (await ask(guard, head, login=False)).startswith(b"HTTP/1.1 407 ")
    assert site.asked == []


@pytest.mark.parametrize(
    "place", ["10.0.0.1:80", "127.0.0.2:80", "mapped.test:443", "metadata.test:80", "x.test:25"]
)
@pytest.mark.parametrize("method", ["CONNECT", "GET"])
async def test_private_places_and_odd_ports_are_refused(
    guard: BrowserGuard, place: str, method: str
) -> None:
    url = place if method == "CONNECT" else f"http://{place}/"
    assert (await ask(guard, f"{method} {url} HTTP/1.1\r\nHost: x")).startswith(b"HTTP/1.1 502 ")


@pytest.mark.parametrize("head", ["GET file:///etc/passwd HTTP/1.1", "GET / HTTP/1.1", "nonsense"])
async def test_what_is_no_request_for_the_web_is_refused(guard: BrowserGuard, head: str) -> None:
    assert (await ask(guard, head)).startswith(b"HTTP/1.1 502 ")


async def test_host_whose_keys_are_pinned_is_refused(guard: BrowserGuard, site: Site) -> None:
    """C2: nobody holds the browser's own TLS to the pins."""
    port = site.port
    for head in (f"CONNECT Pinned.test:{port}", f"GET http://pinned.test:{port}/text"):
        assert (await ask(guard, f"{head} HTTP/1.1\r\nHost: x")).startswith(b"HTTP/1.1 502 ")
    assert site.asked == []
    head = f"GET http://paper.test:{port}/text HTTP/1.1\r\nHost: x"
    assert (await ask(guard, head)).endswith(b"late")


async def test_tunnel_carries_tls_to_the_site(
    guard: BrowserGuard, certificates: Certificates
) -> None:
    with Site(certificates=certificates) as secure:
        secure.route("/text", body=b"over TLS")
        context = ssl.create_default_context(cafile=certificates.ca_file)
        async with connected(guard) as (reader, writer):
            head = f"CONNECT good.test:{secure.port} HTTP/1.1\r\n{login_of(guard)}\r\n\r\n"
            writer.write(head.encode())
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            await writer.start_tls(context, server_hostname="good.test")
            writer.write(b"GET /text HTTP/1.1\r\nHost: good.test\r\nConnection: close\r\n\r\n")
            assert (await asyncio.wait_for(reader.readuntil(b"TLS"), 20)).endswith(b"over TLS")


async def test_page_that_has_had_enough_gets_no_more(guard: BrowserGuard, site: Site) -> None:
    head = f"GET {site.url('/large', host='paper.test')} HTTP/1.1\r\nHost: x"
    assert len(await ask(guard, head)) <= 1_000_000 + 65_536
    assert (await ask(guard, head)).startswith(b"HTTP/1.1 502 ")
    allotment = guard.allot(connections=1, size=1_000_000)
    text = f"GET {site.url('/text', host='paper.test')} HTTP/1.1\r\nHost: x"
    assert (await ask(guard, text)).endswith(b"late")
    assert (await ask(guard, text)).startswith(b"HTTP/1.1 502 ")
    assert allotment.connections == 0
