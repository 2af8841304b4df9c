"""The configuration folder: what is taken from where, and all problems of all files at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.folder import read_configuration
from monitor.errors import ConfigError

KEYWORDS = """\
version: 1
concepts:
  otter:
    en: [otter*]
topics:
  otters:
    title: Otters
    report at: 1
    mention at: 1
    rules:
    - {name: any otter, any: [otter], score: 5}
"""
SOURCES = """\
replace: true
sources:
- {id: a, outlet: A, kind: feed, url: "https://a.example.org/rss"}
"""


def fill(folder: Path, **texts: str) -> Path:
    names = {"keywords": "keywords.yaml", "sources": "sources.yaml", "settings": "settings.toml"}
    for key, text in texts.items():
        (folder / names[key]).write_text(text, encoding="utf-8")
    return folder


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_configuration(folder, environment={})
    assert caught.value.exit_status == 2
    return str(caught.value).splitlines()


def test_empty_working_folder_takes_what_ships(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = read_configuration(environment={})
    assert {topic.id for topic in found.keywords.topics} >= {"overseas-stations", "joint-patrols"}
    assert len(found.sources) > 100
    assert [subscriber.name for subscriber in found.settings.subscribers] == ["me"]
    assert found.folder == tmp_path
    assert found.keywords_file.is_file()


def test_folder_of_its_own_is_read_whole(tmp_path: Path) -> None:
    text = '[[subscribers]]\nname = "x"\nchannel = "folder"\ntopics = ["otters"]\n'
    found = read_configuration(
        fill(tmp_path, keywords=KEYWORDS, sources=SOURCES, settings=text), environment={}
    )
    assert [topic.id for topic in found.keywords.topics] == ["otters"]
    assert [source.id for source in found.sources] == ["a"]
    assert found.settings.subscribers[0].topics == ("otters",)
    assert found.keywords_file == tmp_path / "keywords.yaml"


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    fill(
        tmp_path,
        keywords=KEYWORDS.replace("score: 5", "score: five"),
        sources=SOURCES.replace("kind: feed", "kind: rss"),
        settings='[log]\nlevel = "loud"\n',
    )
    told = problems_of(tmp_path)
    assert len(told) == 3
    for name, line in zip(
        ("keywords.yaml:11", "sources.yaml:3", "settings.toml:2"), told, strict=True
    ):
        assert line.startswith(f"{tmp_path / name}: ")


def test_unknown_topic_of_a_subscriber_is_told_with_the_likely_one(tmp_path: Path) -> None:
    text = '[[subscribers]]\nname = "x"\nchannel = "folder"\ntopics = [\n"otter",\n]\n'
    fill(tmp_path, keywords=KEYWORDS, sources=SOURCES, settings=text)
    (told,) = problems_of(tmp_path)
    assert "settings.toml:5: 'x' wants the unknown topic 'otter' (did you mean 'otters'?)" in told


def test_source_inside_the_network_must_be_named_in_the_settings(tmp_path: Path) -> None:
    """Promise P6: never a private address, unless a person names it."""
    private = SOURCES.replace("https://a.example.org", "http://10.1.2.3")
    fill(tmp_path, keywords=KEYWORDS, sources=private)
    (told,) = problems_of(tmp_path)
    assert f"{tmp_path / 'sources.yaml'}:3" in told
    assert "10.1.2.3 is not a public address" in told
    assert "allow_private" in told
    fill(tmp_path, settings='[network]\nallow_private = ["10.0.0.0/8"]\n')
    assert read_configuration(tmp_path, environment={}).sources
    disabled = private.replace("id: a,", "id: a, enabled: false,")
    fill(tmp_path, sources=disabled, settings="")
    assert read_configuration(tmp_path, environment={}).sources


def test_named_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    (told,) = problems_of(tmp_path / "gone")
    assert "there is no such folder" in told
    (told,) = problems_of(tmp_path)
    assert "none of keywords.yaml, sources.yaml, settings.toml is here" in told


def test_folder_where_a_file_should_be_is_told(tmp_path: Path) -> None:
    fill(tmp_path, keywords=KEYWORDS, sources=SOURCES)
    (tmp_path / "settings.toml").mkdir()
    (told,) = problems_of(tmp_path)
    assert "this is a folder, not a file" in told


def test_dangling_link_is_told_and_not_taken_for_nothing(tmp_path: Path) -> None:
    fill(tmp_path, keywords=KEYWORDS)
    (tmp_path / "sources.yaml").symlink_to(tmp_path / "gone")
    (tmp_path / "settings.toml").symlink_to(tmp_path / "gone")
    assert len(problems_of(tmp_path)) == 2


def test_mistake_in_one_file_hides_none_in_what_the_others_ask_of_it(tmp_path: Path) -> None:
    """A topic and an address are judged though the subscriber and another source are wrong."""
    fill(
        tmp_path,
        keywords=KEYWORDS,
        sources=SOURCES.replace("https://a.example.org", "http://10.1.2.3")
        + "- {id: b, kind: rrs, outlet: B, url: https://b.example.org/}\n",
        settings='[[subscribers]]\nname = 3\nchannel = "emial"\ntopics = ["otter"]\n',
    )
    told = "\n".join(problems_of(tmp_path))
    assert "unknown kind 'rrs'" in told
    assert "must be text, but is 3" in told
    assert "unknown channel 'emial'" in told
    assert "unknown topic 'otter'" in told
