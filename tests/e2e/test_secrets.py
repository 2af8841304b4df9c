"""Nothing that gives people away is written, logged, shown in a process list or sent to the press.

Canary secrets, a canary keyword, a recipient and an organisation are searched in everything that a
whole run leaves behind, with logs at their most talkative, once where all goes well and once where
every channel fails.
"""

from __future__ import annotations

import base64
import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.processes import find_family
from tests.e2e.real_input import Place, write_place
from tests.fakes.hook import Answer, Hook
from tests.fakes.mailbox import Mailbox
from tests.fakes.reports import Text, write_other
from tests.fakes.site import Feed, Reply, Site, redirect

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "kanarienvogel pass+wort/1"
CHAT_TOKEN = "kanarienvogelchat2"
HOOK_KEY = b"kanarienvogel-hook-key-no-3-"
HOOK_SECRET = "whsec_" + base64.b64encode(HOOK_KEY).decode()
ORGANISATION = "Wellensittich"
PERSON = "zaunkoenig"
KEYWORD = "Nebelparlament"

KEYWORDS = f"""\
version: 1
concepts:
  parliament:
    en: [{KEYWORD}*]
topics:
  parliaments:
    title: Parliaments
    report at: 10
    mention at: 4
    rules:
      - {{name: named, any: [parliament], score: 10}}
    examples:
      report: ["The {KEYWORD} met."]
"""

SETTINGS = f"""\
[network]
allow_private = ["127.0.0.0/8", "localhost"]
delay = 0

[log]
level = "debug"

[smtp]
host = "localhost"
port = {{mail_port}}
sender = "{ORGANISATION} Watch <watch@{ORGANISATION.lower()}.example>"
username = "watch"
password_env = "STATIONWATCH_SMTP_PASSWORD"
ca_file = "authority.pem"

[[subscribers]]
name = "{ORGANISATION} duty"
channel = "email"
to = "{PERSON}@{ORGANISATION.lower()}.example"

[[subscribers]]
name = "{ORGANISATION} cases"
channel = "webhook"
url = "{{hook_url}}"
secret_file = "hook-secret"
ca_file = "hook-authority.pem"

[[subscribers]]
name = "{ORGANISATION} chat"
channel = "chat"
url_env = "STATIONWATCH_CHAT_URL"
"""


def forms_of(secret: str) -> set[bytes]:
    """Return a secret as it may stand somewhere: plain, quoted, and in base64 at each offset."""
    found = {secret.encode(), quote(secret).encode(), secret.encode("utf-16-le")}
    for pad in range(3):
        encoded = base64.b64encode(b"x" * pad + secret.encode())
        found.add(encoded[(4 if pad else 0) : len(encoded) - 4])
    return found


SECRETS = {
    "the mail password": forms_of(PASSWORD),
    "the chat's address": forms_of(CHAT_TOKEN),
    "the webhook's secret": forms_of(HOOK_SECRET) | forms_of(HOOK_KEY.decode()),
}


def find_in(content: bytes) -> list[str]:
    """Return which secrets stand in `content`, in any form and case."""
    low = content.lower()
    return [name for name, forms in SECRETS.items() if any(each.lower() in low for each in forms)]


@dataclass
class Seen:
    """What a run showed: its words, all command lines, and the environments of its children.

    An environment is the last that was seen: until a child is its own program it has its parent's.
    """

    status: int = -1
    words: bytes = b""
    lines: set[bytes] = field(default_factory=set)
    environments: dict[int, bytes] = field(default_factory=dict)


def run_watched(place: Place, *arguments: str, environment: dict[str, str]) -> Seen:
    """Run a command and look at all its processes, many times a second."""
    seen = Seen()
    command = [sys.executable, "-m", "monitor", *arguments]
    command += ["--data", str(place.data), "--config", str(place.config)]
    said = place.config.parent / "words"
    with (
        said.open("wb") as words,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=words,
            stderr=subprocess.STDOUT,
        ) as program,
    ):
        while program.poll() is None:
            for pid in find_family(program.pid):
                with contextlib.suppress(OSError):  # it is gone; one that is just going has none
                    seen.lines.add(Path(f"/proc/{pid}/cmdline").read_bytes())
                    environment_of = Path(f"/proc/{pid}/environ").read_bytes()
                    if pid != program.pid and environment_of:
                        seen.environments[pid] = environment_of
            time.sleep(0.01)
    seen.status = program.returncode
    seen.words = said.read_bytes()
    return seen


@dataclass(frozen=True, kw_only=True)
class World:
    """A site, all receivers, and a watch of an organisation that nobody may learn of."""

    place: Place
    site: Site
    mailbox: Mailbox
    hook: Hook
    chat: Hook

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that hold secrets."""
        return {
            "STATIONWATCH_SMTP_PASSWORD": PASSWORD,
            "STATIONWATCH_CHAT_URL": f"json://{self.chat.place}/{CHAT_TOKEN}",
        }


def on_topic(number: int) -> Text:
    """Return a page whose body, and nothing else of it, holds the keyword: twice, so a report."""
    text = write_other(100 + number)
    first, second, *others = text.paragraphs
    said = (f"{first} The {KEYWORD} was in session.", f"{second} The {KEYWORD} rose at noon.")
    return replace(text, paragraphs=(*said, *others))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        site = stack.enter_context(Site())
        mailbox = stack.enter_context(Mailbox(user="watch", password=PASSWORD))
        hook = stack.enter_context(Hook(secret=HOOK_SECRET, tls=True))
        chat = stack.enter_context(Hook())
        feed = Feed(site=site)
        cookie = (("Set-Cookie", "visitor=1; Path=/"),)
        for text in (on_topic(1), on_topic(2), write_other(1)):
            feed.add(text.path, Reply(body=text.page(), headers=cookie))
        moved = on_topic(3)
        site.route("/moved", redirect(feed.site.url(moved.path)), host=feed.host)
        site.route(moved.path, body=moved.page(), host=feed.host)
        feed.add_url(site.url("/moved"))
        place = write_place(
            tmp_path,
            sources="replace: true\nsources:\n"
            f"- {{id: one, outlet: One, kind: feed, url: '{feed.url}'}}\n",
            settings=SETTINGS.format(mail_port=mailbox.port, hook_url=hook.url),
        )
        (place.config / "keywords.yaml").write_text(KEYWORDS, encoding="utf-8")
        mailbox.ca_file(place.config)
        hook.ca_file(place.config)
        secret = place.config / "hook-secret"
        secret.touch(mode=0o600)
        secret.write_text(HOOK_SECRET + "\n")
        yield World(place=place, site=site, mailbox=mailbox, hook=hook, chat=chat)


def find_leaks(folder: Path, seen: Seen) -> list[str]:
    """Return every place where a secret stands that a run wrote or showed."""
    leaks = [f"{each} in the output" for each in find_in(seen.words)]
    leaks += [f"{each} in a command line" for line in seen.lines for each in find_in(line)]
    leaks += [
        f"{each} in a child's environment"
        for environment in seen.environments.values()
        for each in find_in(environment)
    ]
    for path in folder.rglob("*"):
        if path.is_file():
            leaks += [f"{each} in {path}" for each in find_in(path.read_bytes())]
    for database in folder.glob("*.db"):
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
            text = "\n".join(opened.iterdump()).encode()
        leaks += [f"{each} in a row of {database}" for each in find_in(text)]
    return leaks


def find_readable(folder: Path) -> list[str]:
    """Return what others than its owner may use."""
    return [str(path) for path in (folder, *folder.rglob("*")) if path.lstat().st_mode & 0o077]


ALLOWED = {
    "host", "user-agent", "accept", "accept-language", "accept-encoding", "connection",
    "if-none-match", "if-modified-since",
}  # fmt: skip


@pytest.mark.timeout(600)
def test_secret_and_organisation_stay_where_they_belong(world: World) -> None:
    """FAULTS H1, H3: grep over data, words, command lines and environments; what the press saw."""
    seen = run_watched(world.place, "run", "--once", "--new", environment=world.environment)
    assert seen.status == 0, seen.words
    assert world.mailbox.received
    assert all(post.problem is None for post in world.hook.posts)
    assert world.chat.posts
    assert CHAT_TOKEN in world.chat.posts[0].path
    assert len(seen.environments) >= 4, "zygote, crawl child, worker and chat child were not seen"
    assert any(b"chat_child" in line for line in seen.lines)
    assert find_leaks(world.place.data, seen) == []
    assert find_readable(world.place.data) == []
    assert KEYWORD.encode() not in seen.words, "a log names a keyword"
    assert PERSON.encode() not in seen.words, "a log names a recipient"
    for title in (on_topic(1).title, on_topic(2).title):
        assert title.encode() not in seen.words.partition(b"Sources  ")[0], "a log holds a title"
    for line in seen.lines:
        assert not any(word.encode() in line for word in (KEYWORD, PERSON, ORGANISATION))
    for path in (path for path in world.place.data.rglob("*") if path.is_file()):
        assert PERSON.encode() not in path.read_bytes(), f"a recipient stands in {path}"
    see_what_the_press_saw(world)


def see_what_the_press_saw(world: World) -> None:
    """No keyword, name, cookie or referrer: of who asks and for what it learns nothing."""
    assert len(world.site.asked) >= 6
    agents = set()
    for asked in world.site.asked:
        assert {name.lower() for name, _ in asked.headers} <= ALLOWED, asked
        agents.add(asked.header("user-agent"))
        said = f"{asked.path} {asked.headers} {asked.body!r}".lower()
        for word in (ORGANISATION, PERSON, KEYWORD, "kanarienvogel", "parliament"):
            assert word.lower() not in said, asked
    assert len(agents) == 1


def test_search_finds_a_secret_in_each_form() -> None:
    """What the tests here are worth: a secret is found plain, quoted, and inside of base64."""
    for name, secret in (("the mail password", PASSWORD), ("the chat's address", CHAT_TOKEN)):
        login = base64.b64encode(b"\0watch\0" + secret.encode())
        for form in (secret.encode(), quote(secret).encode(), secret.upper().encode(), login):
            assert find_in(b"before " + form + b" after") == [name]


@pytest.mark.timeout(600)
def test_failing_channel_gives_no_secret_away(world: World) -> None:
    """FAULTS H1: refused logins, errors of receivers and tracebacks hold no secret either."""
    world.hook.answers = [Answer(status=500, body=b"no") for _ in range(20)]
    world.chat.answers = [Answer(status=403, body=b"no") for _ in range(20)]
    environment = world.environment | {"STATIONWATCH_SMTP_PASSWORD": PASSWORD + "!"}
    seen = run_watched(world.place, "run", "--once", "--new", environment=environment)
    assert seen.status == 1
    assert b"refuses the login" in seen.words
    assert b"answered 500" in seen.words
    assert b"answered 403" in seen.words
    assert find_leaks(world.place.data, seen) == []
    for command in ("status", "deliveries --failed", "digest --for {name}"):
        words = [each.replace("{name}", f"{ORGANISATION} duty") for each in command.split()]
        again = run_watched(world.place, *words, environment=environment)
        assert find_leaks(world.place.data, again) == [], command


@pytest.mark.timeout(600)
def test_demo_gives_none_of_its_secrets_away(tmp_path: Path) -> None:
    """The demo makes its own secrets; they stand in its configuration only."""
    folder = tmp_path / "demo"
    seen = Seen()
    command = [sys.executable, "-m", "monitor", "demo", "--data", str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as program:
        assert program.stdout is not None
        seen.words = program.stdout.read()
    secrets = {
        name: (folder / "config" / name).read_text().strip()
        for name in ("smtp-password", "hook-secret")
    }
    assert all(len(secret) > 15 for secret in secrets.values())
    written = [path for path in (folder / "data").rglob("*") if path.is_file()]
    assert len(written) > 20
    for path in (*written, folder / "digest.html"):
        content = path.read_bytes()
        for secret in secrets.values():
            assert not any(form in content for form in forms_of(secret)), path
    for secret in secrets.values():
        assert not any(form in seen.words for form in forms_of(secret))
    assert find_readable(folder / "data") == []
