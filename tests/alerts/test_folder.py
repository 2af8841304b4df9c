"""The channels that write files: the folder and the feed."""

from __future__ import annotations

import email
import email.policy
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest

from monitor.alerts.atom import AtomSender
from monitor.alerts.folder import FolderSender
from monitor.errors import DeliveryFailed
from monitor.model.delivery import AtomChannel, FolderChannel, Message
from monitor.model.stories import ChangeKind
from monitor.render.alert import render_alert
from monitor.render.notice import render_test
from tests.render.samples import AR, EN, IT, NOW, TOPICS, owed, subscriber


def message(name: str = "one", sample: tuple[str, str, str] = EN, **changes: Any) -> Message:
    return render_alert([owed(name, sample, **changes)], subscriber(), topics=TOPICS)


def test_folder_holds_a_mail_and_its_json(tmp_path: Path) -> None:
    sent = message()
    receipt = FolderSender(FolderChannel(), data=tmp_path).send(sent, deadline=5)
    [mail] = (tmp_path / "outgoing").glob("*.eml")
    [data] = (tmp_path / "outgoing").glob("*.json")
    assert receipt.response == f"written: outgoing/{mail.name}"
    parsed = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
    assert parsed["Subject"] == sent.subject
    assert json.loads(data.read_text()) == sent.payload
    assert stat.S_IMODE(mail.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "outgoing").stat().st_mode) == 0o700


def test_folder_takes_the_same_message_once(tmp_path: Path) -> None:
    channel = FolderSender(FolderChannel(), data=tmp_path)
    channel.send(message(), deadline=5)
    [mail] = (tmp_path / "outgoing").glob("*.eml")
    before = mail.stat().st_mtime_ns
    assert channel.send(message(), deadline=5).response.startswith("there already")
    assert mail.stat().st_mtime_ns == before
    assert len(list((tmp_path / "outgoing").iterdir())) == 2


@pytest.mark.parametrize("path", ["..", "../out", "/tmp/out", "a/../../b", "."])
def test_folder_outside_of_the_data_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed, match="leads out of the data folder") as failure:
        FolderSender(FolderChannel(path=path), data=tmp_path).send(message(), deadline=5)
    assert failure.value.needs_person


def test_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "outgoing").write_text("a file where the folder should be")
    with pytest.raises(DeliveryFailed) as failure:
        FolderSender(FolderChannel(), data=tmp_path).send(message(), deadline=5)
    assert not failure.value.permanent


def test_message_id_fit_for_no_file_name_is_hashed(tmp_path: Path) -> None:
    odd = render_test(subscriber(), message_id="../../odd", now=NOW)
    FolderSender(FolderChannel(), data=tmp_path).send(odd, deadline=5)
    assert len(list((tmp_path / "outgoing").iterdir())) == 2
    assert list(tmp_path.iterdir()) == [tmp_path / "outgoing"]


def entries(path: Path) -> list[Any]:
    parsed = feedparser.parse(path.read_bytes())
    assert not parsed.bozo
    return list(parsed.entries)


def test_feed_holds_one_entry_a_story_newest_first(tmp_path: Path) -> None:
    channel = AtomSender(AtomChannel(), data=tmp_path)
    channel.send(message("a"), deadline=5)
    channel.send(message("b", IT, language="it"), deadline=5)
    channel.send(message("c", AR, kind=ChangeKind.FOLLOW_UP, story="a"), deadline=5)
    channel.send(message("b", IT, language="it"), deadline=5)
    found = entries(tmp_path / "feed/stories.atom")
    assert {entry.title for entry in found} == {IT[0], AR[0]}
    assert all(entry.id.startswith("urn:uuid:") for entry in found)


def test_feed_keeps_the_newest_entries(tmp_path: Path) -> None:
    channel = AtomSender(AtomChannel(entries=3), data=tmp_path)
    for number in range(6):
        channel.send(message(f"n{number}"), deadline=5)
    assert len(entries(tmp_path / "feed/stories.atom")) == 3


def test_feed_with_hostile_title_is_whole(tmp_path: Path) -> None:
    """D3: what XML forbids is shown, not written."""
    bad = ("Title\x00\x08\ud800 <script>alert(1)</script> ]]> \u202e\ufffe", EN[1], EN[2])
    AtomSender(AtomChannel(), data=tmp_path).send(message("bad", bad), deadline=5)
    [entry] = entries(tmp_path / "feed/stories.atom")
    root = ET.fromstring((tmp_path / "feed/stories.atom").read_bytes())
    title = root.findtext("{*}entry/{*}title")
    assert title is not None
    assert "[U+0000]" in title
    assert "[U+202E]" in title
    assert "<script>" in title
    assert "<script" not in entry.get("summary", "")


def test_broken_feed_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "feed/stories.atom"
    path.parent.mkdir()
    path.write_text("<feed")
    AtomSender(AtomChannel(), data=tmp_path).send(message(), deadline=5)
    assert len(entries(path)) == 1
    assert path.with_name("stories.atom.broken").read_text() == "<feed"


def test_feed_written_from_many_threads_loses_nothing(tmp_path: Path) -> None:
    messages = [message(f"t{number}") for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        for sent in messages:
            pool.submit(AtomSender(AtomChannel(), data=tmp_path).send, sent, deadline=5)
    assert len(entries(tmp_path / "feed/stories.atom")) == 24
