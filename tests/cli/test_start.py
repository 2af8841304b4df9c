"""Commands start fast because each loads only what it needs, and the version is always known."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

OTHERS = {
    "aiosmtpd", "ahocorasick", "apprise", "apscheduler", "cryptography", "feedparser", "jinja2",
    "lxml", "requests", "scrapy", "smtplib", "trafilatura", "xlsxwriter",
}  # fmt: skip
ALL = OTHERS | {"httpcore2", "numpy", "opencc", "py3langid", "ruamel", "sqlite3", "sqlite_utils"}

LOADED = """
import json, sys
sys.argv = ["stationwatch", *sys.argv[1:]]
from monitor.cli import main
try:
    main()
finally:
    names = {name.partition(".")[0] for name in sys.modules}
    print(json.dumps(sorted(names)), file=sys.stderr)
"""


def find_loaded(root: Path, *arguments: str) -> set[str]:
    """Return the top names of all modules that a command has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["run", "--help"], ["keywords", "--help"]],
    ids=" ".join,
)
def test_help_loads_next_to_nothing(root: Path, arguments: list[str]) -> None:
    assert find_loaded(root, *arguments) & ALL == set()


def test_reading_what_is_stored_loads_no_sender_and_no_spider(root: Path, tmp_path: Path) -> None:
    folders = ["--config", str(tmp_path / "config"), "--data", str(tmp_path / "data")]
    find_loaded(root, "init", "--defaults", *folders)
    for command in ("status", "stories", "deliveries"):
        assert find_loaded(root, command, *folders) & OTHERS == set(), command


def test_version_is_known_in_a_checkout(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "--version"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{project['version']}\n"


def test_help_lists_install_which_the_script_does(root: Path) -> None:
    done = {
        words: subprocess.run(
            [sys.executable, "-m", "monitor", *words.split()],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        for words in ("--help", "install speed")
    }
    assert "Add an optional part: browser, cluster, s3 or speed." in done["--help"].stdout
    assert done["install speed"].returncode == 2
    assert "the script stationwatch of a checkout" in done["install speed"].stderr
