"""What a person meets at `init`: on a terminal, with mistakes, interrupted, and without one."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from monitor.cli.interview import QUESTIONS, Interview
from monitor.config.answers_file import EXAMPLE
from tests.cli.terminal import ROOT, Terminal
from tests.fakes.mailbox import Mailbox

WHOLE = re.sub(r"(?m)^#(?=\S)", "", EXAMPLE)
WHOLE = WHOLE.replace("send_test = true", "send_test = false").replace("ca_file", "# ca_file")
"""The example with its sections, but for the test by mail and the authority."""

TO_THE_LANGUAGES = (
    ("configuration", ""),
    ("kept", ""),
    ("name", "Ana"),
    ("zone", "Europe/Zagrb"),
    ("did you mean 'Europe/Zagreb'?", ""),
    ("digest come", "7.30"),
    ("topics (", "1,stations"),
    ("unknown topic 'stations'", ""),
    ("host countries", "Hungry, Italy, UK"),
    ("unknown country 'Hungry'", ""),
    ("languages", "hungarian"),
    ("keywords.yaml", "n"),
)


def run(*arguments: str, folder: Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "monitor", *arguments],
        cwd=folder,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder), "PATH": "/usr/bin:/bin"},
    )


def test_interview_asks_again_with_the_likely_answer_tests_the_mail_and_writes_what_was_said(
    tmp_path: Path,
) -> None:
    with Mailbox(tls=False) as box, Terminal("init", folder=tmp_path) as terminal:
        terminal.answer(
            *TO_THE_LANGUAGES,
            ("e-mail", "yes"),
            ("Mail server", "http://localhost/"),
            ("write the name alone", ""),
            ("Security", "nonee"),
            ("unknown security", ""),
            ("Port", "99999"),
            ("is no port", "1"),
            ("Sender", "ana@gmail"),
            ("lacks its ending", ""),
            ("User name", "-"),
            ("Send to", "ana@example.org"),
            ("Webhook address", ""),
            ("systemd", "y"),
            ("test message", "y"),
            ("That did not work: ", "1"),
            ("Mail server [localhost]", ""),
            ("Security", ""),
            ("Port [1]", str(box.port)),
            ("Sender", ""),
            ("User name", "-"),
            ("Send to which address", ""),
            ("Is that right?", ""),
        )
        assert terminal.finish() == 0, terminal.screen
        assert [each.recipients for each in box.received] == [["ana@example.org"]]
    watch = tmp_path / "watch"
    written = tomllib.loads((watch / "settings.toml").read_text(encoding="utf-8"))
    [ana] = written["subscribers"]
    assert (ana["name"], ana["time_zone"], ana["digest_at"]) == ("Ana", "Europe/Zagreb", "07:30")
    assert (ana["countries"], ana["languages"]) == (["HU", "IT", "GB"], ["hu"])
    assert ana["topics"] == ["overseas-stations"]
    assert (written["smtp"]["port"], written["smtp"]["sender"]) == (box.port, "ana@gmail.com")
    assert (watch / "data" / "stationwatch.db").is_file()
    assert f'"--config" "{watch}"' in (watch / "stationwatch.service").read_text(encoding="utf-8")
    assert "run --once --config ~/watch --data ~/watch/data" in terminal.screen
    assert "systemctl --user enable --now ~/watch/stationwatch.service" in terminal.screen


def test_mail_server_with_an_authority_of_its_own_is_asked_for_it_once_it_is_not_believed(
    tmp_path: Path,
) -> None:
    """Nobody else is asked; what is answered counts for the test and stands in settings.toml."""
    with Mailbox() as box, Terminal("init", folder=tmp_path) as terminal:
        authority = box.ca_file(tmp_path)
        (tmp_path / "wrong.pem").write_text("no certificate\n")
        terminal.answer(
            *TO_THE_LANGUAGES,
            ("e-mail", "y"),
            ("Mail server", "localhost"),
            ("Security", "starttls"),
            ("Port", str(box.port)),
            ("Sender", "ana@example.org"),
            ("User name", "-"),
            ("Send to", ""),
            ("Webhook address", ""),
            ("systemd", "n"),
            ("test message", "y"),
            ("TLS is not believed", "1"),
            ("Mail server [localhost]", ""),
            ("Security", ""),
            ("Port [", str(box.port)),
            ("Sender", ""),
            ("User name", "-"),
            ("authority's file", "gone.pem"),
            ("there is no file", "wrong.pem"),
            ("holds no certificate", "authority.pem"),
            ("Send to which address", ""),
            ("The mail server took it", ""),
            ("Is that right?", ""),
        )
        assert terminal.finish() == 0, terminal.screen
        assert [each.tls for each in box.received] == [True]
        watch = tmp_path / "watch"
        written = tomllib.loads((watch / "settings.toml").read_text(encoding="utf-8"))
        assert written["smtp"]["ca_file"] == authority
        (watch / "sources.yaml").write_text("version: 1\nreplace: true\nsources: []\n")
        checked = run("check", "--live", "--config", str(watch), "--data", "d", folder=tmp_path)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert len(box.received) == 2


def test_mail_can_be_left_out_after_a_test_that_failed(tmp_path: Path) -> None:
    with Terminal("init", folder=tmp_path, columns=200) as terminal:
        terminal.answer(
            *TO_THE_LANGUAGES,
            ("e-mail", "y"),
            ("Mail server", "localhost"),
            ("Security", "none"),
            ("Port", "1"),
            ("Sender", "ana@example.org"),
            ("User name", "-"),
            ("Send to", ""),
            ("Webhook address", ""),
            ("systemd", "n"),
            ("test message", "y"),
            ("while talking to the mail server 'localhost': ", "4"),
            ("Is that right?", ""),
        )
        assert terminal.finish() == 0, terminal.screen
    written = tomllib.loads((tmp_path / "watch" / "settings.toml").read_text(encoding="utf-8"))
    assert "smtp" not in written
    assert [each["channel"] for each in written["subscribers"]] == ["folder"]


def test_authority_in_a_file_of_answers_is_looked_for_beside_it(tmp_path: Path) -> None:
    with Mailbox() as box:
        box.ca_file(tmp_path)
        text = (
            f'[mail]\nhost = "localhost"\nport = {box.port}\nsend_test = true\n'
            'sender = "a@example.org"\nto = "b@example.org"\n'
        )
        (tmp_path / "a.toml").write_text(text + 'ca_file = "authority.pem"\n')
        (tmp_path / "b.toml").write_text(text)
        (tmp_path / "c.toml").write_text(text + 'ca_file = "gone.pem"\n')
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        done = {
            name: run(
                "init", "--answers", f"../{name}.toml", "--config", name, "--data", "d",
                folder=elsewhere,
            )
            for name in "abc"
        }  # fmt: skip
        assert [each.tls for each in box.received] == [True]
    assert done["a"].returncode == 0, done["a"].stderr
    assert "TLS is not believed" in done["b"].stderr
    assert "c.toml:7:" in done["c"].stderr
    assert "there is no file" in done["c"].stderr


def test_interview_interrupted_leaves_nothing(tmp_path: Path) -> None:
    with Terminal("init", folder=tmp_path) as terminal:
        terminal.answer(*TO_THE_LANGUAGES)
        terminal.expect("Send by e-mail (y/n)")  # not the hint before it: nobody waits there yet
        terminal.interrupt(said="Nothing was written.")
        assert terminal.finish() == 130
    assert "Nothing was written." in terminal.screen
    assert "Traceback" not in terminal.screen
    assert list(tmp_path.iterdir()) == []


def test_one_answer_can_be_changed_before_anything_is_written(tmp_path: Path) -> None:
    with Terminal("init", "--config", "c", "--data", "d", folder=tmp_path) as terminal:
        terminal.answer(
            ("name", ""), ("zone", ""), ("digest come", ""), ("topics (", ""), ("host", ""),
            ("languages", ""), ("keywords", ""), ("e-mail", ""), ("Webhook", ""), ("unit", ""),
            ("Is that right?", "77"), ("no answer '77'", "2"), ("zone [UTC]", "Taipei"),
            ("Asia/Taipei", ""), ("Is that right?", ""),
        )  # fmt: skip
        assert terminal.finish() == 0, terminal.screen
    written = (tmp_path / "c" / "settings.toml").read_text(encoding="utf-8")
    assert 'time_zone = "Asia/Taipei"' in written
    assert (tmp_path / "d" / "stationwatch.db").is_file()


def test_without_a_terminal_it_says_what_to_do(tmp_path: Path) -> None:
    done = run("init", folder=tmp_path, typed="me\nUTC\n")
    assert done.returncode == 2
    assert "--defaults" in done.stderr
    assert "--answers FILE" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["answers.toml", "answers.txt", "answers"])
def test_example_of_answers_is_taken_as_it_stands_under_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(run("init", "--example-answers", folder=tmp_path).stdout)
    done = run("init", "--answers", name, "--config", "c", "--data", "d", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert run("check", "--config", "c", "--data", "d", folder=tmp_path).returncode == 0


def test_commands_in_the_example_make_the_secrets_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text(WHOLE)
    arguments = ("init", "--answers", "answers", "--config", "c", "--data", "d")
    missing = run(*arguments, folder=tmp_path)
    assert missing.returncode == 2
    for file, section in (("smtp-password.txt", "mail"), ("hook-secret.txt", "webhook")):
        assert f"{file}' cannot be read" in missing.stderr
        assert f"or leave [{section}] out" in missing.stderr
    for command in re.findall(r"\(umask .+?\)", EXAMPLE):
        subprocess.run(["sh", "-c", command], cwd=tmp_path, input=b"p4ss\n", check=True)
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "c" / "smtp-password").read_text() == "p4ss\n"


def test_answers_that_are_no_toml_are_told_with_their_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text("name: me\n")
    done = run("init", "--answers", "answers.yaml", "--config", "c", "--data", "d", folder=tmp_path)
    assert done.returncode == 2
    assert "answers.yaml:1:" in done.stderr
    assert 'write key = "value"' in done.stderr


def test_answers_in_a_file_are_followed(tmp_path: Path) -> None:
    (tmp_path / "smtp-password.txt").touch(mode=0o600)
    (tmp_path / "smtp-password.txt").write_text("p4ss\n")
    (tmp_path / "hook-secret.txt").touch(mode=0o600)
    (tmp_path / "hook-secret.txt").write_text("a" * 43 + "=\n")
    (tmp_path / "a.toml").write_text(WHOLE)
    done = run("init", "--answers", "a.toml", "--config", "c", "--data", "d", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    checked = run("check", "--config", "c", "--data", "d", folder=tmp_path)
    assert "2 subscribers" in checked.stdout, checked.stderr
    assert (tmp_path / "c" / "smtp-password").read_text() == "p4ss\n"


def test_wrong_answers_in_a_file_are_told_all_at_once_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    wrong = WHOLE
    for right, mistaken in (
        ("Europe/Zagreb", "Europe/Zagrb"), ("07:00", "25:00"), ('"HU", "IT"', '"Hungry"'),
        ("starttls", "startls"), ("port = 587", "port = 99999"), ("you@", "you"),
        ("digest_at", "digest_att"),
    ):  # fmt: skip
        wrong = wrong.replace(right, mistaken, 1)
    (tmp_path / "a.toml").write_text(wrong)
    done = run("init", "--answers", "a.toml", "--config", "c", "--data", "d", folder=tmp_path)
    assert done.returncode == 2
    for line, hint in ((3, "'Europe/Zagreb'"), (4, "'digest_at'"), (6, "'HU'"), (20, "'starttls'")):
        assert any(f"a.toml:{line}:" in said and hint in said for said in done.stderr.splitlines())
    assert done.stderr.count("a.toml:") == 6
    assert not (tmp_path / "c").exists()


def test_test_mail_that_fails_writes_nothing(tmp_path: Path) -> None:
    text = '[mail]\nhost = "localhost"\nport = 1\nsecurity = "none"\nsend_test = true\n'
    (tmp_path / "a.toml").write_text(text + 'sender = "a@example.org"\nto = "b@example.org"\n')
    done = run("init", "--answers", "a.toml", "--config", "c", "--data", "d", folder=tmp_path)
    assert done.returncode == 1
    assert "Nothing was written" in done.stderr
    assert not (tmp_path / "c").exists()


def test_folder_that_holds_a_configuration_is_refused_before_the_first_question(
    tmp_path: Path,
) -> None:
    (tmp_path / "settings.toml").write_text("")
    with Terminal("init", "--config", ".", folder=tmp_path) as terminal:
        assert terminal.finish() == 2
    assert "already: name another folder" in terminal.screen


@pytest.mark.parametrize("option", ["--defaults", "--example-answers"])
def test_nothing_is_asked_with(tmp_path: Path, option: str) -> None:
    assert run("init", option, "--config", "c", folder=tmp_path).returncode == 0


@pytest.mark.parametrize(("default", "said"), [("HU", "; all)"), (None, "; empty: all)")])
def test_empty_answer_is_no_longer_all_where_one_is_offered(
    monkeypatch: pytest.MonkeyPatch, default: str | None, said: str
) -> None:
    """After 'Hungray' Enter meant HU, and the question said that it meant all."""
    asked: list[str] = []
    monkeypatch.setattr("typer.prompt", lambda words, **_: asked.append(words) or "all")
    question = next(each for each in QUESTIONS if each.key == "countries")
    interview = object.__new__(Interview)
    assert interview._prompt(question, default) in {"", "all"}
    assert asked[0].endswith(said)
