"""Each answer of `init`: what is taken, what is refused, and what is offered instead."""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import answers as read
from monitor.config.unit import build_unit, quote_unit


@pytest.mark.parametrize(
    ("reader", "written", "value"),
    [
        (read.read_zone, " Asia/Taipei ", "Asia/Taipei"),
        (read.read_time, "7", "07:00"),
        (read.read_time, "19.45", "19:45"),
        (read.read_time, "0730", "07:30"),
        (read.read_countries, "", ()),
        (read.read_countries, "hu, Italien; UK, HU", ("HU", "IT", "GB")),
        (read.read_languages, "Hungarian, zh", ("hu", "zh")),
        (read.read_host, "smtp.example.org.", "smtp.example.org"),
        (read.read_host, "::1", "::1"),
        (read.read_port, "465", 465),
        (read.read_security, "TLS", "tls"),
        (read.read_sender, "The watch <watch@example.org>", "The watch <watch@example.org>"),
        (read.read_addresses, "a@example.org,b@example.org", "a@example.org, b@example.org"),
        (read.read_hook, "https://hooks.example.org/in", "https://hooks.example.org/in"),
    ],
)
def test_answer_is_taken(reader: Callable[[str], Any], written: str, value: Any) -> None:
    assert reader(written) == value


@pytest.mark.parametrize(
    ("reader", "written", "likely"),
    [
        (read.read_zone, "Zagreb", "Europe/Zagreb"),
        (read.read_zone, "Xqqq", None),
        (read.read_time, "25:00", None),
        (read.read_time, "noon", None),
        (read.read_countries, "Hungry, IT", "HU, IT"),
        (read.read_countries, "Xyzzy, IT", None),
        (read.read_countries, "Atlantis", None),
        (read.read_languages, "Qwertzuish", None),
        (read.read_languages, "hungaran", "hu"),
        (read.read_host, "https://smtp.example.org/", "smtp.example.org"),
        (read.read_host, "smtp.example.org:587", "smtp.example.org"),
        (read.read_host, "ana@example.org", "smtp.example.org"),
        (read.read_host, "a b", None),
        (read.read_port, "smtp", None),
        (read.read_port, "0", None),
        (read.read_security, "SSL", "tls"),
        (read.read_address, "ana@gmail", "ana@gmail.com"),
        (read.read_address, "ana.example.org", None),
        (read.read_address, "ana@example..org", None),
        (read.read_hook, "hooks.example.org/in", "https://hooks.example.org/in"),
        (read.read_hook, "http://hooks.example.org/in", "https://hooks.example.org/in"),
        (read.read_hook, "https://127.0.0.1/in", None),
        (read.read_hook_secret, "short", None),
        (read.read_name, "a/b", None),
        (read.read_password, " ", None),
    ],
)
def test_answer_is_refused_with_what_was_probably_meant(
    reader: Callable[[str], Any], written: str, likely: str | None
) -> None:
    with pytest.raises(read.WrongAnswer) as told:
        reader(written)
    assert told.value.likely == likely
    if likely is not None:
        reader(likely)


def test_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "sources.yaml").write_text("")
    for written in (str(tmp_path / "file" / "watch"), str(tmp_path / "there"), ""):
        with pytest.raises(read.WrongAnswer):
            read.read_config_folder(written)
    assert read.read_config_folder(str(tmp_path / "a" / "new")) == tmp_path / "a" / "new"


READERS = [
    read.read_zone, read.read_time, read.read_countries, read.read_languages, read.read_host,
    read.read_port, read.read_security, read.read_addresses, read.read_sender, read.read_hook,
    read.read_hook_secret, read.read_name, read.topic_reader(["a-topic"]),
]  # fmt: skip


@given(
    st.sampled_from(READERS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    | st.text(string.ascii_letters + ".:/@,- 0123456789", max_size=30),
)
@settings(max_examples=150, deadline=None)
def test_any_answer_is_taken_or_refused_in_words(
    reader: Callable[[str], Any], written: str
) -> None:
    said = "taken"
    try:
        reader(written)
    except read.WrongAnswer as wrong:
        said = str(wrong)
    assert said == "taken" or (len(said) > 10 and said == said.strip())


def test_unit_keeps_a_folder_with_a_space_and_a_percent_sign() -> None:
    unit = build_unit(["/opt/my watch/stationwatch"], config=Path("/a b/100%"), data=Path("/d"))
    assert '"/opt/my watch/stationwatch" "run" "--config" "/a b/100%%" "--data" "/d"' in unit
    assert quote_unit('a"$b\\') == '"a\\"$$b\\\\"'
