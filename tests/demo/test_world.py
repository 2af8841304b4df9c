"""The demo's press, mail server and webhook receiver."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import smtplib
import socket
import ssl
import threading
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from standardwebhooks.webhooks import Webhook

from monitor.config.reader import read_document
from monitor.config.settings import read_settings
from monitor.config.sources import read_sources
from monitor.demo import DemoWorld
from monitor.demo.outlets import BROKEN, DRIPPING, FORBIDDEN, GONE
from monitor.model import EmailChannel, FolderChannel, Settings, Source, WebhookChannel

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoWorld]:
    with DemoWorld(tmp_path_factory.mktemp("demo"), now=NOW) as running:
        yield running


@pytest.fixture
def settings(world: DemoWorld) -> Settings:
    document = read_document(world.config / "settings.toml")
    found, problems = read_settings(document, folder=world.config, environment={})
    assert problems == ()
    assert found is not None
    return found


@pytest.fixture
def sources(world: DemoWorld) -> dict[str, Source]:
    found, problems = read_sources(None, read_document(world.config / "sources.yaml"))
    assert problems == ()
    return {source.id: source for source in found}


def get(url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read(), {k.lower(): v for k, v in answer.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), {}


def base(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def test_configuration_is_read_without_a_problem(
    settings: Settings, sources: dict[str, Source]
) -> None:
    assert sorted(source.kind for source in sources.values()) == [
        "feed",
        "feed",
        "section",
        "sitemap",
    ]
    kinds = [type(subscriber.channel) for subscriber in settings.subscribers]
    assert kinds == [EmailChannel, WebhookChannel, FolderChannel]
    assert settings.network.allow_private == ("127.0.0.0/8",)


def test_press_speaks_eight_languages_and_prints_what_it_promises(world: DemoWorld) -> None:
    reports = [one for one in world.expected if one.copy_of is None]
    assert {one.language for one in world.expected} >= {
        *("en", "zh", "it", "hu", "hr", "es", "de", "fr"),
    }
    assert {one.topic for one in reports} == {"overseas-stations", "joint-patrols"}
    assert len(reports) >= 8
    assert len(world.quiet) >= 10
    (copy,) = [one for one in world.expected if one.copy_of]
    assert copy.copy_of in {one.url for one in reports}
    for url, because in [*world.quiet.items(), *((one.url, "x") for one in reports)]:
        status, body, _ = get(url)
        assert (status, bool(because)) == (200, True)
        assert b"cookie-banner" in body


def test_feed_of_each_kind_lists_every_page_of_its_site(
    world: DemoWorld, sources: dict[str, Source]
) -> None:
    listed = 0
    for source in sources.values():
        status, body, _ = get(source.url)
        assert status == 200
        pages = [*world.quiet, *(one.url for one in world.expected)]
        own = [url for url in pages if url.startswith(base(source.url) + "/")]
        assert own
        for url in own:
            assert urlsplit(url).path.encode() in body
        if source.kind == "section":
            listed += body.count(b'class="teaser"')
        else:
            tree = ET.fromstring(body)
            listed += sum(
                1 for one in tree.iter() if one.tag.split("}")[-1] in {"item", "entry", "url"}
            )
    assert listed == world.pages


def test_site_answers_304_to_its_own_etag(world: DemoWorld, sources: dict[str, Source]) -> None:
    for url in (sources["courier"].url, world.expected[0].url):
        status, body, headers = get(url)
        assert (status, bool(body)) == (200, True)
        again = get(url, **{"If-None-Match": headers["etag"]})
        assert (again[0], again[1]) == (304, b"")


def test_site_compresses_for_those_who_ask(world: DemoWorld) -> None:
    url = world.expected[0].url
    _, packed, headers = get(url, **{"Accept-Encoding": "gzip"})
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == get(url)[1]


def test_odd_pages_are_odd(world: DemoWorld, sources: dict[str, Source]) -> None:
    courier, rheinblick = base(sources["courier"].url), base(sources["rheinblick"].url)
    assert get(courier + BROKEN)[1].count(b"<div>") > 5000
    assert get(rheinblick + GONE)[0] == 404
    robots = get(rheinblick + "/robots.txt")[1].decode()
    assert f"Disallow: {FORBIDDEN.rpartition('/')[0]}/" in robots
    assert get(courier + "/nothing/here")[0] == 404


def test_dripping_page_never_ends_by_itself_but_with_the_demo(tmp_path: Path) -> None:
    """FAULTS C3: each read succeeds in time; only a deadline for the whole call ends it."""
    with DemoWorld(tmp_path) as world:
        address = urlsplit(world.sites["Meridian Newswire"])
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
        connection.request("GET", DRIPPING)
        answer = connection.getresponse()
        assert [answer.read(1) for _ in range(3)] == [b"<"] * 3
    assert set(answer.read()) <= {ord("<")}
    connection.close()


def send_mail(channel: EmailChannel, *, password: str | None) -> None:
    context = ssl.create_default_context(cafile=channel.ca_file)
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Δοκιμή", channel.sender, channel.to
    mail.set_content("hello")
    with smtplib.SMTP(channel.host, channel.port, timeout=10) as client:
        client.starttls(context=context)
        client.login(channel.username or "", password or "")
        client.send_message(mail)


def test_mail_arrives_encrypted_and_only_with_the_right_password(
    world: DemoWorld, settings: Settings
) -> None:
    channel = settings.subscribers[0].channel
    assert isinstance(channel, EmailChannel)
    before = len(world.mails)
    send_mail(channel, password=channel.password)
    (mail,) = world.mails[before:]
    assert (mail.recipients, mail.encrypted) == (("duty@example.org",), True)
    assert mail.message["Subject"] == "Δοκιμή"
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send_mail(channel, password="wrong")
    with smtplib.SMTP(channel.host, channel.port, timeout=10) as client:
        client.ehlo()
        assert client.mail("a@example.org")[0] == 530  # STARTTLS first
    assert len(world.mails) == before + 1


def post(channel: WebhookChannel, body: bytes, headers: dict[str, str]) -> int:
    context = ssl.create_default_context(cafile=channel.ca_file)
    request = urllib.request.Request(channel.url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_hook_takes_signed_calls_only(world: DemoWorld, settings: Settings) -> None:
    """FAULTS E7: a changed body, a changed id and a missing signature are refused."""
    channel = settings.subscribers[1].channel
    assert isinstance(channel, WebhookChannel)
    body = '{"kind": "test"}'
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(channel.secrets[0]).sign("msg_1", now, body),
    }
    before = len(world.hooks)
    assert post(channel, body.encode(), headers) == 204
    assert post(channel, body.encode() + b" ", headers) == 401
    assert post(channel, body.encode(), {**headers, "webhook-id": "msg_2"}) == 401
    assert post(channel, body.encode(), {}) == 401
    calls = world.hooks[before:]
    assert [one.verified for one in calls] == [True, False, False, False]
    assert (calls[0].id, calls[0].payload) == ("msg_1", {"kind": "test"})


def test_secrets_of_the_demo_are_for_their_owner_alone(world: DemoWorld) -> None:
    """FAULTS H3."""
    for name in ("smtp-password", "hook-secret", "settings.toml", "demo-key.pem"):
        assert (world.config / name).stat().st_mode & 0o077 == 0


def test_nothing_runs_after_the_demo(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with DemoWorld(tmp_path) as world:
        urls = list(world.sites.values())
        keeper = socket.create_connection((urlsplit(urls[0]).hostname, urlsplit(urls[0]).port or 0))
        get(urls[0] + "/robots.txt")
    keeper.close()
    assert set(threading.enumerate()) <= before
    for url in urls:
        with pytest.raises(ConnectionRefusedError), contextlib.closing(socket.socket()) as client:
            client.connect((urlsplit(url).hostname, urlsplit(url).port))


def test_demo_can_be_entered_twice_in_one_folder(tmp_path: Path) -> None:
    for _ in range(2):
        with DemoWorld(tmp_path) as world:
            assert world.pages > 20


def test_start_that_fails_leaves_nothing_running(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    (tmp_path / "sources.yaml").mkdir()
    with pytest.raises((IsADirectoryError, PermissionError)), DemoWorld(tmp_path):
        pass
    assert set(threading.enumerate()) <= before
