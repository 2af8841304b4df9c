"""What is wrong around the program is told in a sentence; what it holds up comes later."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.e2e.real_input import Place, write_place
from tests.fakes.hook import SECRET, Answer, Hook
from tests.fakes.mailbox import Mailbox, Wire
from tests.fakes.reports import write_report
from tests.fakes.site import Feed, Site

LATER = 120.0
"""Seconds after which whatever failed once is tried again; the longest first wait is a minute."""

SOURCES = """\
replace: true
sources:
- {{id: one, outlet: One, kind: feed, url: "{url}"}}
"""
SETTINGS = """\
[network]
allow_private = ["127.0.0.0/8", "localhost"]
delay = 0

[smtp]
host = "localhost"
port = {mail_port}
sender = "watch@example.org"
username = "watch"
password_file = "smtp-password"
ca_file = "authority.pem"

[[subscribers]]
name = "duty"
channel = "email"
to = "duty@example.org"
digest = "off"

[[subscribers]]
name = "case system"
channel = "webhook"
url = "{hook_url}"
secret_file = "hook-secret"
ca_file = "hook-authority.pem"
digest = "off"
"""


@dataclass(frozen=True, kw_only=True)
class World:
    """A site with a report, a mail server, a webhook receiver, and a watch that knows them."""

    place: Place
    feed: Feed
    mailbox: Mailbox
    hook: Hook

    wire: Wire

    @property
    def arrived(self) -> dict[str, list[str]]:
        """Return the ids of the alerts that were taken, by channel."""
        mails = [mail for mail in self.mailbox.received if "New:" in str(mail.mail["Subject"])]
        posts = [post for post in self.hook.posts if post.payload["type"].startswith("alert")]
        return {
            "email": [mail.message_id for mail in mails],
            "webhook": [post.headers["webhook-id"] for post in posts if post.taken],
        }

    def write(self, name: str, text: str) -> None:
        """Write a file of the configuration."""
        path = self.place.config / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        site = stack.enter_context(Site())
        mailbox = stack.enter_context(Mailbox(user="watch", password="right"))
        hook = stack.enter_context(Hook(tls=True))
        feed, report = Feed(site=site), write_report(1)
        feed.add(report.path, body=report.page())
        wire = stack.enter_context(Wire(mailbox.port))
        place = write_place(
            tmp_path,
            sources=SOURCES.format(url=feed.url),
            settings=SETTINGS.format(mail_port=wire.port, hook_url=hook.url),
        )
        world = World(place=place, feed=feed, mailbox=mailbox, hook=hook, wire=wire)
        mailbox.ca_file(place.config)
        hook.ca_file(place.config)
        world.write("smtp-password", "right\n")
        world.write("hook-secret", SECRET + "\n")
        yield world


Change = Callable[[World], None]


def refuse_login(world: World) -> None:
    world.write("smtp-password", "wrong\n")


def know_no_authority(world: World) -> None:
    """The certificate of another authority, as where somebody sits between."""
    world.write("authority.pem", (world.place.config / "hook-authority.pem").read_text())


def answer_500(world: World) -> None:
    world.hook.answers = [Answer(status=500, body=b"out of order") for _ in range(9)]


def offer_no_tls(world: World) -> None:
    world.wire.strip_starttls = True


def mend(world: World) -> None:
    world.write("smtp-password", "right\n")
    world.mailbox.ca_file(world.place.config)
    world.hook.answers = []
    world.wire.strip_starttls = False


@pytest.mark.parametrize(
    ("trouble", "sentence", "cure"),
    [
        (
            refuse_login,
            "duty: the mail server refuses the login: 535",
            "check username and password",
        ),
        (know_no_authority, "duty: the mail server's TLS is not believed", "ca_file"),
        (
            offer_no_tls,
            "duty: while talking to 'localhost': the server offers no STARTTLS",
            "nothing was sent",
        ),
        (answer_500, "case system: the receiver answered 500 out of order", "tried again"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_channel_that_fails_is_told_and_delivers_when_it_is_mended(
    program: Program, world: World, trouble: Change, sentence: str, cure: str
) -> None:
    """The other channel delivers meanwhile (P5); the message that comes late has the same id."""
    trouble(world)
    first = program.run(world.place, "run", "--once", "--new")
    assert first.status == 1
    assert sentence in first.err, first.err
    assert cure in first.err, first.err
    assert len(first.err.splitlines()) == 1, first.err
    arrived = world.arrived
    assert sorted(map(len, arrived.values())) == [0, 1]
    waiting = program.run(world.place, "deliveries", "--failed", "--json").out.splitlines()
    assert len(waiting) == 1

    if trouble is not answer_500:  # a webhook's first wait is 5 s, no longer than a start may take
        again = program.run(world.place, "run", "--once")
        assert again.status == 0
        assert world.arrived == arrived, "the wait before the next try was not kept"

    mend(world)
    last = program.run(world.place, "run", "--once", later=LATER)
    assert last.status == 0, last.err
    assert [len(keys) for keys in world.arrived.values()] == [1, 1]
    assert json.loads(waiting[0])["message_id"] in str(world.arrived)
    assert program.run(world.place, "status", later=LATER).status == 0
    assert program.run(world.place, "deliveries", "--failed", "--json").out == ""
