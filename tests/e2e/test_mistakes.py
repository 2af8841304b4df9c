"""What a person mistypes or forgets is told in one sentence with the cure, and an exit status."""

from __future__ import annotations

import pytest

from tests.e2e.program import Program
from tests.e2e.real_input import Place

SMALL = "version: 1\nreplace: true\nsources: []\n"


@pytest.fixture(scope="module")
def place(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A configuration and a data folder that are in order."""
    folder = tmp_path_factory.mktemp("watched")
    place = Place(config=folder / "config", data=folder / "data")
    assert program.run(place, "init", "--defaults").status == 0
    (place.config / "sources.yaml").write_text(SMALL)
    (folder / "page.html").write_text("<p>A page.</p>")
    return place


@pytest.mark.parametrize(
    ("arguments", "status", "sentence", "cure"),
    [
        ("status --data {folder}/gone", 1, "there is no database", "stationwatch init"),
        ("status --config {folder}/gone", 2, "there is no such folder", "stationwatch init"),
        ("status --config {folder}/page.html", 2, "a file, not a folder", "--config"),
        ("extract {folder}/gone --url https://a.example/", 2, "no such file", "name a page"),
        ("extract {folder} --url https://a.example/", 2, "is a directory", "name a page"),
        ("extract {folder}/page.html --url page", 2, "no address of a page", "https://"),
        ("match {folder}/gone", 2, "no such file", "name a JSON Lines file"),
        ("match {folder}/page.html", 2, "page.html:1", "no JSON"),
        ("group {folder}/gone", 2, "no such file", "name a JSON Lines file"),
        ("keywords explain {folder}/gone", 2, "no such file", "name a page or text"),
        ("keywords diff {folder}/gone.yaml", 2, "there is no such file", "check the path"),
        ("export --format doc", 2, "no format 'doc'", "csv, xlsx, jsonl"),
        ("export --format xlsx", 2, "xlsx is no text", "--output"),
        ("export --output {folder}", 2, "this is a folder", "name a file"),
        ("export --output {folder}/no/x.csv", 2, "there is no folder", "make it first"),
        ("export --format xlsx -o {folder}/no/x.xlsx", 2, "there is no folder", "make it"),
        ("export --output /dev/full", 1, "no space left", "room on the disk"),
        ("digest --preview {folder}/no/x.html", 2, "there is no folder", "make it first"),
        ("digest --for nobody", 2, "no subscriber 'nobody'", "one of: me"),
        ("digest --date 2026-02-30", 2, "'2026-02-30'", "write a day as"),
        ("stories --from yesterday", 2, "'yesterday'", "write a day as"),
        ("stories --level high", 2, "'high'", "report or mention"),
        ("stories --country Hungray", 2, "unknown country 'Hungray'", "mean Hungary (HU)?"),
        ("stories --language Hungarina", 2, "unknown language 'Hungarina'", "mean Hungarian (hu)?"),
        ("stories --topic stations", 2, "no topic 'stations'", "there are: overseas-stations"),
        ("export --topic stations", 2, "no topic 'stations'", "there are: overseas-stations"),
        ("deliveries retry abc", 1, "no message 'abc'", "stationwatch deliveries"),
        ("init --defaults", 2, "settings.toml and sources.yaml are there", "move them away"),
        ("demo --data {folder}", 2, "holds something else", "name an empty folder"),
        ("backfill --warc @{folder}/gone", 2, "gone': no such file or", "directory\n"),
        ("backfill --warc {folder}/*.none", 2, "no file fits the pattern", "name a file"),
        ("backfill --warc x --workers 0", 2, "greater than or equal to 1", "--workers"),
        ("backfill report --format pdf", 2, "'pdf' is not one of", "'html', 'xlsx', 'json'"),
        ("backfill --warc a.gz b.gz", 2, "only one file can follow --warc", "in quotes"),
        ("nonsense", 2, "no such command 'nonsense'", "--help"),
        ("run --onec", 2, "no such option: --onec", "--once"),
        ("run --once true", 2, "unexpected words (true)", "quotation marks"),
        ("--config x status", 2, "no such option: --config", "behind the command"),
    ],
    ids=lambda value: value if isinstance(value, str) and "{" in value else None,
)
def test_mistake_is_told_in_a_sentence_with_its_cure(
    program: Program, place: Place, arguments: str, status: int, sentence: str, cure: str
) -> None:
    named = [each.format(folder=place.config.parent) for each in arguments.split()]
    if "--config" in named:
        named += ["--data", str(place.data)]
    elif "--data" in named and "demo" not in named:
        named += ["--config", str(place.config)]
    by_itself = {"--config", "--data", "nonsense", "--onec", "true"} & set(named)
    ran = program.run(place, *named, folders=not by_itself)
    assert ran.status == status, ran.err
    assert sentence in ran.err
    assert cure in ran.err
    assert "Traceback" not in ran.err


def test_database_that_is_there_is_kept_by_init(program: Program, place: Place) -> None:
    database = place.data / "stationwatch.db"
    before = database.read_bytes()
    again = Place(config=place.config.parent / "second", data=place.data)
    ran = program.run(again, "init", "--defaults")
    assert ran.status == 0, ran.err
    assert "there already, and is kept" in ran.out
    assert database.read_bytes() == before
