"""New sources are written between what a person wrote, and never into a file out of order."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.files import SOURCES, shipped_file
from monitor.config.folder import read_configuration
from monitor.config.init import SOURCES_TEXT
from monitor.config.reader import read_document
from monitor.config.sources import read_sources
from monitor.config.sources_file import add_sources, write_list, write_scalar
from monitor.config.yaml_file import read_yaml
from monitor.errors import ConfigError, UsageError
from monitor.model import SectionLinks, Source

NEW = Source(
    id="no",
    kind="feed",
    url="https://e.org/rss?a=1&b=2#c",
    outlet="No: the # “Daily”",
    country="NO",
)
OWN = "- id: kept   # my favourite\n{0}outlet: Kept\n{0}kind: feed\n{0}url: https://k.org/rss\n"
EXISTING = {
    "init's": SOURCES_TEXT,
    "indented": "version: 1\nsources:\n  " + OWN.format("    ") + "# the end\n",
    "not indented": "# head\n\nsources:\n" + OWN.format("  ") + "\n# the end\n",
    "a key behind": "sources:\n" + OWN.format("  ") + "\n# about replace\nreplace: false\n",
    "no list": "version: 1   # the form\n\n\n",
    "empty list with a remark": "sources: []   # none yet\nreplace: false\n",
    "remarks only": "# nothing yet\n",
    "empty": "",
    "Windows": ("version: 1\nsources:\n" + OWN.format("  ")).replace("\n", "\r\n"),
    "no newline at the end": ("sources:\n" + OWN.format("  ")).rstrip("\n"),
    "a text over lines": "sources:\n" + OWN.format("  ") + "  note: |\n    one\n    two\n",
}


def read_own(folder: Path) -> dict[str, Source]:
    sources, problems = read_sources(None, read_document(folder / SOURCES))
    assert problems == ()
    return {source.id: source for source in sources}


@pytest.mark.parametrize("before", EXISTING.values(), ids=EXISTING.keys())
def test_a_source_is_added_and_every_line_kept(tmp_path: Path, before: str) -> None:
    file = tmp_path / SOURCES
    file.write_bytes(before.encode())
    assert add_sources(tmp_path, [NEW]) == file
    after = file.read_bytes().decode()
    kept = [line for line in before.splitlines() if line.strip() and "[]" not in line]
    lines = iter(after.splitlines())
    assert all(line in lines for line in kept), after
    if "none yet" in before:
        assert "# none yet" in after
    found = read_own(tmp_path)
    assert found["no"] == NEW
    assert ("kept" in found) == ("id: kept" in before)
    assert ("\r\n" in after) == ("\r\n" in before)
    assert after.replace("\r\n", "").count("\r") == 0
    assert list(tmp_path.iterdir()) == [file]


def test_a_missing_file_is_made_with_remarks_and_grows(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    add_sources(folder, [NEW])
    second = Source(id="b", kind="section", url="https://b.org/", outlet="B", enabled=False)
    add_sources(folder, [second])
    text = (folder / SOURCES).read_text(encoding="utf-8")
    assert text.startswith("# Your own sources.")
    assert read_own(folder) == {"no": NEW, "b": second}
    assert {"no", "b"} <= {source.id for source in read_configuration(folder).sources}


REFUSED = {
    "brackets": ("sources: [{id: a, kind: feed, url: 'https://a.org', outlet: A}]\n", "brackets"),
    "the id is there": ("sources:\n- id: 'no'\n  enabled: false\n", "second time"),
    "a text that looks like remarks": (
        "sources:\n- id: a\n  outlet: A\n  kind: feed\n  url: https://a.org\n  note: |\n    # b\n",
        None,
    ),
    "out of order": ("sources:\n- id: a\n  colour: red\n", "colour"),
    "nothing behind the key": ("sources:\n", "must be a list"),
    "no UTF-8": ("sources:\n# caf\udce9\n", "UTF-8"),
}


@pytest.mark.parametrize(("before", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_added_to_stays_as_it_was(
    tmp_path: Path, before: str, said: str | None
) -> None:
    file = tmp_path / SOURCES
    data = before.encode("utf-8", "surrogateescape")
    file.write_bytes(data)
    if said is None:  # either way is right, as long as what stood there is read as before
        old = read_own(tmp_path)
        try:
            add_sources(tmp_path, [NEW])
        except UsageError:
            assert file.read_bytes() == data
        else:
            assert read_own(tmp_path) == {**old, "no": NEW}
    else:
        with pytest.raises((UsageError, ConfigError), match=said):
            add_sources(tmp_path, [NEW])
        assert file.read_bytes() == data
    assert list(tmp_path.iterdir()) == [file]


def test_a_source_that_the_reader_would_not_take_is_refused(tmp_path: Path) -> None:
    wrong = Source(id="Wrong Id", kind="feed", url="https://e.org/", outlet="E")
    with pytest.raises(UsageError, match="nothing was changed"):
        add_sources(tmp_path, [wrong])
    assert list(tmp_path.iterdir()) == []


def test_the_list_that_ships_is_never_written_to() -> None:
    before = shipped_file(SOURCES).read_bytes()
    with pytest.raises(UsageError, match="--config"):
        add_sources(shipped_file(SOURCES).parent, [NEW])
    assert shipped_file(SOURCES).read_bytes() == before


def test_rights_of_the_file_and_a_link_to_it_stay(tmp_path: Path) -> None:
    real, folder = tmp_path / "real.yaml", tmp_path / "config"
    folder.mkdir()
    real.write_text("version: 1\n", encoding="utf-8")
    real.chmod(0o600)
    (folder / SOURCES).symlink_to(real)
    add_sources(folder, [NEW])
    assert (folder / SOURCES).is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert read_own(folder) == {"no": NEW}


def test_an_exported_list_stands_for_itself(tmp_path: Path) -> None:
    links = SectionLinks(selector="h2 > a", url="https://s.org/*")
    section = Source(
        id="s", kind="section", url="https://s.org/", outlet="S", links=links, every=900,
        publisher="P", note="of note", source_class="ngo", language="hu",
    )  # fmt: skip
    shipped, _ = read_sources(read_document(shipped_file(SOURCES)))
    sources = (*shipped, NEW, section)
    (tmp_path / SOURCES).write_text(write_list(sources), encoding="utf-8")
    assert read_configuration(tmp_path).sources == sources


def test_an_empty_list_can_be_exported() -> None:
    value, _, problems = read_yaml(write_list(()), file="x")
    assert (value["sources"], problems) == ([], ())


@given(st.text(min_size=1).filter(lambda text: not any(0xD800 <= ord(c) < 0xE000 for c in text)))
def test_any_text_comes_back_as_it_was_written(text: str) -> None:
    value, _, problems = read_yaml(f"note: {write_scalar(text)}\n", file="x")
    assert (value, problems) == ({"note": text}, ())
