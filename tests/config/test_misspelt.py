"""Every misspelt key is told, once, with the one that was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.folder import read_configuration
from monitor.config.validation import suggest
from monitor.errors import ConfigError

SETTINGS = """\
[netwrk]
delay = 2
[smtp]
host = "mail.example.org"
sendr = "a@example.org"
[[subscribers]]
name = "me"
chanel = "email"
to = "me@example.org"
digest_att = "07:00"
[[subscribers]]
name = "you"
channel = "folder"
contries = ["HU"]
[[subscribers]]
name = "she"
digets = "daily"
to = "she@example.org"
"""


def test_misspelt_keys_are_all_told_at_once_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(SETTINGS)
    with pytest.raises(ConfigError) as told:
        read_configuration(tmp_path, environment={})
    said = {(each.line, each.problem, each.cure) for each in told.value.problems}
    assert said == {
        (1, "unknown key 'netwrk'", "did you mean 'network'?"),
        (5, "unknown key 'sendr'", "did you mean 'sender'?"),
        (8, "unknown key 'chanel'", "did you mean 'channel'?"),
        (10, "unknown key 'digest_att'", "did you mean 'digest_at'?"),
        (14, "unknown key 'contries'", "did you mean 'countries'?"),
        (15, "the key 'channel' is missing", "add it"),
        (17, "unknown key 'digets'", "did you mean 'digest'?"),
    }


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[backup]\nfolder = "/mnt/disk"\n', "backup"),
        ('second_backup = "/mnt/disk"\n', "second_backup"),
        ('[smtp]\nhost = "h"\nsender = "a@b.org"\nsecond_backup = "/mnt/disk"\n', "second_backup"),
    ],
    ids=["section", "no section", "other section"],
)
def test_second_backup_outside_of_data_is_told_where_it_stands(
    tmp_path: Path, text: str, key: str
) -> None:
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(ConfigError) as told:
        read_configuration(tmp_path, environment={})
    said = [(each.problem, each.cure) for each in told.value.problems]
    assert said == [(f"unknown key {key!r}", "`second_backup` stands under [data]")]


def test_misspelt_threshold_is_told_once(tmp_path: Path, root: Path) -> None:
    text = (root / "keywords.yaml").read_text(encoding="utf-8")
    (tmp_path / "keywords.yaml").write_text(text.replace("report at:", "reprot at:", 1))
    with pytest.raises(ConfigError) as told:
        read_configuration(tmp_path, environment={})
    [problem] = told.value.problems
    assert "'reprot at'" in problem.problem
    assert problem.cure == "did you mean 'report at'?"


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("digest_att", "digest_at"), ("digest_time", "digest"), ("mail_sender", "sender")],
)
def test_nearest_whole_word_comes_before_a_part(wrong: str, meant: str) -> None:
    assert suggest(wrong, ["digest", "digest_at", "sender"]) == meant
