"""A wheel brings everything along that a checkout has for the program to run."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

# Libraries that several rooms use as they use the standard library.
# zstd is in the standard library from Python 3.14 on (`compression`).
SHARED = {"babel", "idna", "lxml", "pydantic", "pydantic_core", "w3lib", "backports", "compression"}
ROOMS = ("monitor", "spiders", "storage")
MODULES = {
    "backports.zstd": "backports",
    "pyahocorasick": "ahocorasick",
    "ruamel.yaml": "ruamel",
    "sqlite-utils": "sqlite_utils",
    "css-inline": "css_inline",
    "prometheus-client": "prometheus_client",
    "scrapy-playwright": "scrapy_playwright",
    "zlib-ng": "zlib_ng",
}


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, laid out as pip would."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def test_wheel_holds_every_file_of_the_rooms(root: Path, installed: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z", *ROOMS], cwd=root, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if tracked == [""]:
        pytest.skip("not a git checkout")
    missing = [name for name in tracked if name and not (installed / name).exists()]
    assert [name for name in missing if (root / name).exists()] == []


def test_wheel_holds_nothing_but_the_rooms(installed: Path) -> None:
    assert {one.name for one in installed.iterdir() if ".dist-info" not in one.name} == set(ROOMS)


@pytest.mark.parametrize("name", ["keywords.yaml", "sources.yaml"])
def test_files_that_ship_are_found_in_a_checkout_and_in_a_wheel(
    name: str, root: Path, installed: Path
) -> None:
    script = f"from monitor.config.files import shipped_file; print(shipped_file({name!r}))"
    texts = []
    for place in (root, installed):
        found = subprocess.run(
            [sys.executable, "-P", "-c", script],
            env={"PYTHONPATH": str(place)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        assert found.startswith(str(place))
        texts.append(Path(found).read_bytes())
    assert texts[0] == texts[1]


def imported(root: Path) -> dict[str, set[str]]:
    """Return every library that is imported, and the rooms that do so."""
    found: dict[str, set[str]] = {}
    for path in [one for room in ROOMS for one in (root / room).rglob("*.py")]:
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                found.setdefault(name.partition(".")[0], set()).add(path.parts[len(root.parts)])
    return {
        name: rooms
        for name, rooms in found.items()
        if name not in sys.stdlib_module_names and name not in ROOMS
    }


def test_every_library_has_one_home_or_is_known_to_be_shared(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    homes = {
        library
        for contract in project["tool"]["importlinter"]["contracts"]
        for library in contract.get("protected_modules", ())
    }
    libraries = set(imported(root))
    assert libraries - homes - SHARED == set(), "give it a contract in pyproject.toml"


def test_every_imported_library_is_asked_for_by_pyproject(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    optional = project["project"]["optional-dependencies"].values()
    lines = [*project["project"]["dependencies"], *(line for part in optional for line in part)]
    asked = {Requirement(line).name for line in lines}
    modules = {MODULES.get(name, name) for name in asked}
    assert set(imported(root)) - modules - {"pydantic_core", "compression"} == set()


def test_no_tracked_file_names_the_folder_of_this_checkout(root: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    holding = []
    for name in filter(None, listed):
        path = root / name
        if path.is_file() and str(root).encode() in path.read_bytes():
            holding.append(name)
    assert holding == []
