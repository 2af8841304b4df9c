"""settings.toml: what it may hold, what is refused, and with which line and cure."""

from __future__ import annotations

import base64
from datetime import time
from pathlib import Path

import pytest
import trustme

from monitor.config.settings import read_settings
from monitor.config.settings_form import SettingsForm
from monitor.config.validation import known_keys
from monitor.model import (
    AtomChannel,
    ChangeKind,
    ChatChannel,
    EmailChannel,
    FolderChannel,
    Settings,
    WebhookChannel,
)
from tests.config.settings_files import (
    FOLDER,
    HOOK,
    KEY,
    MAIL,
    SMTP,
    read,
    settings_of,
    write_secret,
)


def test_no_file_gives_one_subscriber_with_a_folder() -> None:
    settings, problems = read_settings(None, folder=Path("nowhere"), environment={})
    assert problems == ()
    assert settings is not None
    (me,) = settings.subscribers
    assert (me.name, me.channel, me.time_zone) == ("me", FolderChannel(), "UTC")
    assert settings.network.allow_private == ()


def test_file_without_subscribers_keeps_the_folder(tmp_path: Path) -> None:
    assert settings_of(tmp_path, "# nothing yet\n") == Settings()
    settings = settings_of(tmp_path, '[network]\nallow_private = ["intranet:8080"]\n')
    assert settings.subscribers == Settings().subscribers


EVERY_SETTING = """\
[data]
keep_texts = "30 days"
keep_backups = "2 weeks"
[network]
user_agent = "reader/1"
allow_private = ["10.0.0.0/8"]
feed_deadline = "20 seconds"
page_deadline = "1 minute"
most_page_megabytes = 5
delay = 2
at_once = 4
[log]
level = "info"
json_lines = true
[smtp]
host = "mail.example.org"
port = 2525
security = "tls"
sender = "Watch <watch@example.org>"
username = "watch"
password_file = "smtp-password"
ca_file = "ca.pem"
timeout = "10 seconds"
[[subscribers]]
name = "Márta"
channel = "email"
to = "marta@example.org,  second@example.org"
topics = ["overseas-stations"]
countries = ["HU", "IT"]
languages = ["hu"]
levels = ["report", "mention"]
alerts = false
muted_changes = ["correction", "follow-up"]
quiet_hours = ["22:00", "06:30"]
digest = "weekly"
digest_at = 07:30:00
digest_on = "friday"
digest_mentions = false
time_zone = "Europe/Budapest"
neutral_subject = true
"""


def test_every_setting_arrives(tmp_path: Path) -> None:
    write_secret(tmp_path, "smtp-password", "hunter22\n")
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    settings = settings_of(
        tmp_path,
        EVERY_SETTING,
    )
    assert (settings.data.keep_texts, settings.data.keep_backups) == (30, 14)
    network = settings.network
    assert (network.user_agent, network.allow_private) == ("reader/1", ("10.0.0.0/8",))
    assert (network.feed_deadline, network.page_deadline) == (20.0, 60.0)
    assert (network.most_page_bytes, network.delay, network.at_once) == (5 * 2**20, 2.0, 4)
    assert (settings.log.level, settings.log.as_json) == ("info", True)
    (marta,) = settings.subscribers
    assert marta.channel == EmailChannel(
        to="marta@example.org, second@example.org",
        sender="Watch <watch@example.org>",
        host="mail.example.org",
        port=2525,
        security="tls",
        username="watch",
        password="hunter22",
        ca_file=str(tmp_path / "ca.pem"),
        timeout=10.0,
        neutral_subject=True,
    )
    assert (marta.digest, marta.digest_every, marta.digest_weekday) == (True, "week", 4)
    assert (marta.digest_at, marta.quiet_hours) == (time(7, 30), (time(22, 0), time(6, 30)))
    assert marta.muted_changes == (ChangeKind.CORRECTION, ChangeKind.FOLLOW_UP)
    assert (marta.countries, marta.languages, marta.alerts) == (("HU", "IT"), ("hu",), False)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465)])
def test_port_follows_from_the_kind_of_encryption(tmp_path: Path, security: str, port: int) -> None:
    settings = settings_of(tmp_path, SMTP + f'security = "{security}"\n' + MAIL)
    channel = settings.subscribers[0].channel
    assert isinstance(channel, EmailChannel)
    assert channel.port == port


def test_webhook_signs_with_two_keys_during_rotation(tmp_path: Path) -> None:
    new = base64.b64encode(b"n" * 32).decode()
    write_secret(tmp_path, "new", new + "\n")
    write_secret(tmp_path, "old", KEY)
    text = HOOK.replace('secret_env = "STATIONWATCH_HOOK"', 'secret_file = ["new", "old"]')
    channel = settings_of(tmp_path, text).subscribers[0].channel
    assert isinstance(channel, WebhookChannel)
    assert channel.secrets == (new, KEY)


def test_chat_and_feed_have_their_channels(tmp_path: Path) -> None:
    text = (
        '[[subscribers]]\nname = "c"\nchannel = "chat"\nurl_env = "STATIONWATCH_CHAT"\n'
        '[[subscribers]]\nname = "f"\nchannel = "atom"\nentries = 50\n'
    )
    settings = settings_of(tmp_path, text, {"STATIONWATCH_CHAT": "ntfys://ntfy.example/topic"})
    chat, feed = (subscriber.channel for subscriber in settings.subscribers)
    assert chat == ChatChannel(url="ntfys://ntfy.example/topic")
    assert feed == AtomChannel(entries=50)


def test_private_receiver_is_allowed_when_it_is_named(tmp_path: Path) -> None:
    text = HOOK.replace("https://hooks.example.org", "http://10.0.0.5:8080")
    settings, problems = read(tmp_path, text, {"STATIONWATCH_HOOK": KEY})
    assert settings is None
    assert problems[0].line == 4
    assert "10.0.0.5 is not a public address" in problems[0].problem
    named = '[network]\nallow_private = ["10.0.0.5:8080"]\n' + text
    channel = settings_of(tmp_path, named, {"STATIONWATCH_HOOK": KEY}).subscribers[0].channel
    assert isinstance(channel, WebhookChannel)
    assert channel.allow_private == ("10.0.0.5:8080",)


@pytest.mark.parametrize(
    ("text", "line", "said", "cure"),
    [
        ("[netwrk]\n", 1, "unknown key 'netwrk'", "'network'"),
        ("[network]\nalow_private = []\n", 2, "unknown key 'alow_private'", "'allow_private'"),
        ('[network]\nallow_private = ["a b"]\n', 2, "'a b' is no address", "host:port"),
        ('[network]\nuser_agent = "a\\nb"\n', 2, "cannot be sent", "one line"),
        ("[network]\nat_once = 0\n", 2, "'at_once' is 0", "greater than or equal to 1"),
        ('[network]\npage_deadline = "2 hours"\n', 2, "too long", "to 10 minutes"),
        ('[data]\nkeep_texts = "1 hour"\n', 2, "too short", "from 1 day"),
        ("[data]\nkeep_texts = 90\n", 2, "must be text, but is 90", '"90"'),
        ('[log]\nlevel = "loud"\n', 2, "unknown level 'loud'", "use debug, info, warning or"),
        (SMTP + 'password = "canary"\n', 4, "may not stand in settings.toml", "password_file"),
        (SMTP + 'security = "none"\n', 4, "in clear text", "starttls"),
        (SMTP + 'security = "ssl"\n', 4, "unknown security 'ssl'", "starttls, tls or none"),
        (SMTP + "port = 99999\n", 4, "'port' is 99999", "less than or equal to 65535"),
        (SMTP + 'username = "me"\n', 4, "without a password", "STATIONWATCH_SMTP_PASSWORD"),
        (SMTP + 'ca_file = "gone.pem"\n', 4, "there is no file", "correct the name"),
        (SMTP + f"ca_file = {__file__!r}\n", 4, "holds no certificate", "-----BEGIN"),
        (SMTP.replace("watch@example.org", "watch"), 3, "is no mail address", "name@example"),
        (MAIL, 3, "'duty' wants mail, but there is no section [smtp]", "add [smtp]"),
        (SMTP + MAIL.replace("@", " at "), 7, "is no mail address", "name@example"),
        (SMTP + MAIL + 'time_zone = "Europe/Budapst"\n', 8, "time zone", "'Europe/Budapest'"),
        (SMTP + MAIL + 'time_zone = "Budapest"\n', 8, "time zone", "'Europe/Budapest'"),
        (SMTP + MAIL + 'time_zone = "../../etc/passwd"\n', 8, "time zone", "spelling"),
        (SMTP + MAIL + 'countries = ["HU", "Italia"]\n', 8, "'Italia'", "'IT'"),
        (SMTP + MAIL + 'languages = ["magyar"]\n', 8, "'magyar'", "'hu'"),
        (SMTP + MAIL + 'digest_at = "7.30"\n', 8, "must be a time of day", "07:30"),
        (SMTP + MAIL + 'digest = "dayly"\n', 8, "unknown digest 'dayly'", "'daily'"),
        (SMTP + MAIL + 'digest_on = "Monday"\n', 8, "unknown digest_on 'Monday'", "'monday'"),
        (SMTP + MAIL + 'levels = ["reports"]\n', 8, "'reports'", "'report'"),
        (SMTP + MAIL + 'muted_changes = ["corection"]\n', 8, "'corection'", "'correction'"),
        (SMTP + MAIL + 'url = "https://x.example"\n', 8, "unknown key 'url'", "spelling"),
        (
            SMTP + MAIL + 'quiet_hours = ["22:00"]\n',
            8,
            "an item of 'quiet_hours' is miss",
            "write as",
        ),
        (SMTP + MAIL + MAIL, 9, "'duty' stands here a second time", "name of their own"),
        (SMTP + MAIL.replace("duty@", "a@") + MAIL.replace('"duty"', '"Duty"'), 9, "second", "ow"),
        (
            '[[subscribers]]\nname = "x"\nchannel = "mail"\nto = "a@b.example"\n',
            1,
            "unknown channel 'mail'",
            "'email'",
        ),
        ('[[subscribers]]\nname = "x"\n', 1, "the key 'channel' is missing", "add it"),
        ('[[subscribers]]\nname = "x/y"\nchannel = "folder"\n', 2, "cannot be used", "1 to 60"),
        (
            '[[subscribers]]\nname="x"\nchannel="folder"\npath="../up"\n',
            4,
            "out of the data",
            "out",
        ),
        ('[[subscribers]]\nname="x"\nchannel="folder"\npath="/etc"\n', 4, "out of the data", "out"),
        (HOOK, 5, "STATIONWATCH_HOOK is not set", "set it"),
        (
            HOOK.replace("STATIONWATCH_HOOK", "HOME"),
            5,
            "'HOME' is not one of ours",
            "STATIONWATCH_",
        ),
        (HOOK.replace("secret_env", "secret_file"), 5, "cannot be read", "create the file"),
        (HOOK.partition("secret_env")[0], 1, "no secret to sign with", "openssl rand"),
        (HOOK + 'secret = "canary"\n', 6, "may not stand in settings.toml", "secret_file"),
        ('[[subscribers]]\nname="c"\nchannel="chat"\n', 1, "has no address", "url_file"),
        ('[[subscribers]]\nname="c"\nchannel="chat"\nurl="x"\n', 4, "unknown key 'url'", "url_"),
    ],
)
def test_mistake_is_told_with_line_and_cure(
    tmp_path: Path, text: str, line: int, said: str, cure: str
) -> None:
    settings, problems = read(tmp_path, text)
    assert settings is None
    assert [(one.line, said in one.problem, cure in one.cure) for one in problems] == [
        (line, True, True)
    ], problems
    assert "canary" not in str(problems)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://localhost/x",
        "https://169.254.169.254/x",
        "https://１２７.0.0.1/x",
        "http://127.0.0.1\\\\@example.org/",
        "file:///etc/passwd",
        "https://user:canary@example.org/",
        "http://hooks.example.org/canary",
        "nothing",
    ],
)
def test_receiver_that_may_not_be_contacted_is_refused(tmp_path: Path, url: str) -> None:
    """FAULTS E6, F5; what an address may hold as a secret is not repeated (H1)."""
    text = HOOK.replace("https://hooks.example.org/in", url)
    settings, problems = read(tmp_path, text, {"STATIONWATCH_HOOK": KEY})
    assert settings is None
    assert [one.line for one in problems] == [4]
    assert "canary" not in str(problems)


def test_every_key_of_a_subscriber_is_suggested_for_its_own_channel_only() -> None:
    assert "to" in known_keys(SettingsForm, ("subscribers", 0, "email"))
    assert "to" not in known_keys(SettingsForm, ("subscribers", 0, "folder"))
    assert "secret" not in known_keys(SettingsForm, ("subscribers", 0, "webhook"))
    assert "password" not in known_keys(SettingsForm, ("smtp",))


def test_first_subscriber_hears_of_troubles_unless_somebody_else_asks(tmp_path: Path) -> None:
    second = FOLDER.replace('"x"', '"y"')
    default = settings_of(tmp_path, FOLDER + second).subscribers
    assert [one.alarms for one in default] == [True, False]
    asked = settings_of(tmp_path, FOLDER + second + "alarms = true\n").subscribers
    assert [one.alarms for one in asked] == [False, True]
    declined = settings_of(tmp_path, FOLDER + "alarms = false\n" + second).subscribers
    assert [one.alarms for one in declined] == [False, True]


def test_heartbeat_takes_its_address_from_a_file_and_shows_it_nowhere(tmp_path: Path) -> None:
    write_secret(tmp_path, "beat", "https://beats.example.org/very-secret")
    text = '[heartbeat]\nurl_file = "beat"\nevery = "10 minutes"\n'
    heartbeat = settings_of(tmp_path, text).heartbeat
    assert heartbeat is not None
    assert (heartbeat.url, heartbeat.every) == ("https://beats.example.org/very-secret", 600.0)
    assert "very-secret" not in repr(heartbeat)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[heartbeat]\nevery = "5 minutes"\n', "no address"),
        ('[heartbeat]\nurl = "https://a.example"\nevery = "2 hours"\n', "2 hours"),
        ('[heartbeat]\nurl = "http://127.0.0.1/beat"\n', "refused"),
        ('[heartbeat]\nurl = "http://beats.example.org/"\n', "clear text"),
    ],
    ids=["no address", "too seldom for P4", "private", "clear text"],
)
def test_heartbeat_that_cannot_be_is_told(tmp_path: Path, text: str, said: str) -> None:
    settings, problems = read(tmp_path, text)
    assert settings is None
    assert said in str(problems[0])


def told_lines(folder: Path, text: str) -> list[tuple[int | None, str]]:
    _, problems = read(folder, text)
    return [(one.line, one.problem) for one in problems]


def test_unknown_channel_hides_no_other_mistake_of_its_subscriber(tmp_path: Path) -> None:
    text = '[[subscribers]]\nname = 3\nchannel = "emial"\ntime_zone = "Europe/Budapset"\n'
    told = dict(told_lines(tmp_path, text + 'to = "x"\n'))
    assert told[1] == "unknown channel 'emial'"
    assert told[2] == "'name' must be text, but is 3"
    assert told[4] == "unknown time zone 'Europe/Budapset'"
    assert told[5] == "'x' is no mail address"


def test_channel_that_nobody_can_guess_is_told_with_what_every_channel_has(tmp_path: Path) -> None:
    text = '[[subscribers]]\nname = "a"\nchannel = "zzz"\nto = "x"\ncountries = ["XX"]\n'
    assert [line for line, _ in told_lines(tmp_path, text)] == [1, 5]
    missing = '[[subscribers]]\nname = "a"\nto = "x"\ncountries = ["XX"]\n'
    assert [line for line, _ in told_lines(tmp_path, missing)] == [1, 4]


def test_wrong_section_hides_no_mistake_of_another(tmp_path: Path) -> None:
    text = (
        '[log]\nlevel = "loud"\n'
        '[[subscribers]]\nname = "a"\nchannel = "email"\nto = "a@b.example"\n'
        '[[subscribers]]\nname = "A"\nchannel = "webhook"\nurl = "https://hook.example/"\n'
    )
    told = dict(told_lines(tmp_path, text))
    assert told[2] == "unknown level 'loud'"
    assert "there is no section [smtp]" in told[5]
    assert "stands here a second time" in told[8]
    assert "no secret to sign with" in told[7]


def test_what_depends_on_a_wrong_section_is_not_judged(tmp_path: Path) -> None:
    text = (
        '[network]\nallow_private = ["10.0.0.0/99"]\n'
        '[smtp]\nhost = 5\nsender = "a@b.example"\n'
        '[[subscribers]]\nname = "a"\nchannel = "email"\nto = "a@b.example"\n'
        '[[subscribers]]\nname = "b"\nchannel = "webhook"\nurl = "http://10.1.2.3/"\n'
        'secret_env = "STATIONWATCH_HOOK"\n'
    )
    told = told_lines(tmp_path, text)
    assert [line for line, _ in told] == [2, 4, 14], told
