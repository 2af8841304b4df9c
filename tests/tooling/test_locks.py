"""The locks are in step with pyproject.toml, complete, and hold nothing of one machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PIN = re.compile(r"(?m)^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ; [^\\]+)? \\\n((?:    --hash=[^\n]+\n)+)")
PARTS = ("browser", "cluster", "s3", "speed")
LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    *(f"requirements-{part}.lock" for part in PARTS),
)


def pins(text: str) -> dict[str, set[Version]]:
    found: dict[str, set[Version]] = {}
    for name, version, _hashes in PIN.findall(text):
        found.setdefault(canonicalize_name(name), set()).add(Version(version))
    return found


def direct(text: str) -> set[str]:
    """Return the names that the lock says stationwatch itself asked for."""
    names = set()
    for name, comment in re.findall(r"(?m)^([A-Za-z0-9._-]+)==[^#]+((?:    #[^\n]*\n)+)", text):
        if re.search(
            r"stationwatch(:dev)? \(pyproject\.toml(:dev)?\)|\(pyproject\.toml\)", comment
        ):
            names.add(str(canonicalize_name(name)))
    return names


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def texts(root: Path) -> dict[str, str]:
    return {name: (root / name).read_text("utf-8") for name in LOCKS}


def wanted(project: dict[str, Any], name: str) -> list[Requirement]:
    lines = list(project["project"]["dependencies"])
    optional = project["project"]["optional-dependencies"]
    for part in PARTS:
        if name in {"requirements-dev.lock", f"requirements-{part}.lock"}:
            lines += optional[part]
    if name == "requirements-dev.lock":
        lines += project["dependency-groups"]["dev"]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_what_pyproject_asks_for_and_nothing_it_stopped_asking_for(
    name: str, project: dict[str, Any], texts: dict[str, str]
) -> None:
    locked = pins(texts[name])
    requirements = wanted(project, name)
    for requirement in requirements:
        versions = locked.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement} is not locked: run tooling/renew_locks"
        assert all(version in requirement.specifier for version in versions), requirement
    asked = {str(canonicalize_name(one.name)) for one in requirements}
    assert direct(texts[name]) == asked, "run tooling/renew_locks"


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_has_its_hashes(name: str, texts: dict[str, str]) -> None:
    names = re.findall(r"(?m)^([A-Za-z0-9._-]+)==", texts[name])
    assert len(PIN.findall(texts[name])) == len(names) > 100
    assert not re.search(r"--hash=(?!sha256:[0-9a-f]{64}\b)", texts[name])


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_no_address_path_or_option(name: str, texts: dict[str, str]) -> None:
    assert "://" not in texts[name]
    lines = [line for line in texts[name].splitlines() if not line.lstrip().startswith(("#", "--"))]
    assert not [line for line in lines if line.startswith(("-", "/", ".", "git+")) or "@" in line]
    assert not re.search(r"(?m)^\s*--(?!hash=)", texts[name])


def test_every_part_has_a_lock(project: dict[str, Any]) -> None:
    assert set(project["project"]["optional-dependencies"]) == set(PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_part_is_named_where_a_person_looks_for_it(part: str, root: Path) -> None:
    usage = re.search(
        r"usage: stationwatch install ([a-z0-9|]+) ", (root / "stationwatch").read_text()
    )
    assert usage
    assert part in usage[1].split("|")
    assert f"./stationwatch install {part}`" in (root / "README.md").read_text("utf-8")
    assert re.search(rf"[` ]{part}`", (root / "tooling" / "README.md").read_text("utf-8"))


@pytest.mark.parametrize("name", LOCKS[1:])
def test_tools_and_parts_are_run_with_the_packages_that_people_run(
    name: str, texts: dict[str, str]
) -> None:
    people, others = pins(texts["requirements.lock"]), pins(texts[name])
    assert {package: others.get(package) for package in people} == people


def test_no_development_tool_is_in_the_lock_that_people_run(
    project: dict[str, Any], texts: dict[str, str]
) -> None:
    tools = {
        canonicalize_name(Requirement(one).name) for one in project["dependency-groups"]["dev"]
    }
    assert not tools & set(pins(texts["requirements.lock"]))
