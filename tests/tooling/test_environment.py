"""./stationwatch sets itself up: under any path, once, anew after an interruption, twice at once.

The packages are tiny wheels made here, so that nothing is asked of any network.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tooling import environment

MAIN = """
import importlib.metadata, json, os, sys
installed = {one.name: one.version for one in importlib.metadata.distributions()}
print(json.dumps({
    "arguments": sys.argv[1:],
    "cwd": os.getcwd(),
    "prefix": sys.prefix,
    "installed": {name: installed[name] for name in installed if name.startswith("tiny")},
}))
"""


def make_wheel(folder: Path, name: str, version: str) -> str:
    """Make a wheel with one module, and return its line for a lock."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        record.append(f"{path},sha256={digest.decode()},{len(text)}")
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for inside, text in files.items():
            wheel.writestr(zipfile.ZipInfo(inside), text)  # the same bytes each time
    return (
        f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"
    )


class Checkout:
    """A checkout with a program that tells what it was started with."""

    def __init__(self, folder: Path, wheels: Path, root: Path) -> None:
        self.folder = folder
        self.wheels = wheels
        (folder / "monitor").mkdir(parents=True)
        (folder / "monitor" / "__init__.py").touch()
        (folder / "monitor" / "__main__.py").write_text(MAIN)
        shutil.copy(root / "stationwatch", folder)
        shutil.copytree(root / "tooling", folder / "tooling")
        self.lock(("tinyone", "1.0"), ("tinytwo", "1.0"))

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    def lock(self, *packages: tuple[str, str], name: str = "requirements.lock") -> None:
        lines = [make_wheel(self.wheels, *package) for package in packages]
        (self.folder / name).write_text("".join(lines))

    def variables(self, **changes: str | None) -> dict[str, str]:
        wanted = {
            **os.environ,
            "STATIONWATCH_PYTHON": sys.executable,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
            **changes,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def command(self, *arguments: str) -> list[str]:
        return [str(self.folder / "stationwatch"), *arguments]

    def start(
        self, *arguments: str, cwd: Path | None = None, **changes: str | None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=cwd or self.folder,
            env=self.variables(**changes),
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture
def checkout(tmp_path: Path, root: Path) -> Checkout:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    return Checkout(tmp_path / "it's a ‘Prüf-Ordner’ $HOME 检查", wheels, root)


def test_first_start_sets_up_and_the_second_does_not(checkout: Checkout, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "monitor.py").write_text("raise SystemExit('the wrong monitor')")
    (elsewhere / "json.py").write_text("raise SystemExit('the wrong json')")
    first = checkout.start("run", "--for", "two words", cwd=elsewhere)
    assert told(first) == {
        "arguments": ["run", "--for", "two words"],
        "cwd": str(elsewhere),
        "prefix": str(checkout.venv),
        "installed": {"tinyone": "1.0", "tinytwo": "1.0"},
    }
    assert "setting up" in first.stderr
    link = elsewhere / "sw"
    link.symlink_to(checkout.folder / "stationwatch")
    second = subprocess.run(
        [link], cwd=elsewhere, env=checkout.variables(), capture_output=True, text=True, check=False
    )
    assert told(second)["prefix"] == str(checkout.venv)
    assert second.stderr == ""


def test_changed_lock_brings_the_environment_to_it_and_a_failed_download_changes_nothing(
    checkout: Checkout,
) -> None:
    told(checkout.start())
    checkout.lock(("tinyone", "2.0"), ("tinythree", "1.0"))
    (checkout.wheels / "tinythree-1.0-py3-none-any.whl").rename(checkout.wheels / "away")
    failed = checkout.start()
    assert failed.returncode == 1
    assert "tinythree" in failed.stderr
    kept = subprocess.run(
        [checkout.venv / "bin" / "python", "-c", "import tinyone; print(tinyone.VERSION)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert kept.stdout == "1.0\n"
    (checkout.wheels / "away").rename(checkout.wheels / "tinythree-1.0-py3-none-any.whl")
    again = checkout.start()
    assert told(again)["installed"] == {"tinyone": "2.0", "tinythree": "1.0"}
    assert "up to date" in again.stderr


def test_optional_part_is_added_and_kept_through_a_changed_lock(checkout: Checkout) -> None:
    part = "requirements-browser.lock"
    checkout.lock(("tinyone", "1.0"), ("tinytwo", "1.0"), ("tinyextra", "1.0"), name=part)
    assert "tinyextra" not in told(checkout.start())["installed"]
    added = checkout.start("install", "browser")
    assert added.returncode == 0
    assert added.stdout.startswith("browser is installed.\n")
    assert "deploy/browser.conf" in added.stdout  # a hardened unit keeps it from starting
    assert told(checkout.start())["installed"]["tinyextra"] == "1.0"
    checkout.lock(("tinyone", "2.0"))
    checkout.lock(("tinyone", "2.0"), ("tinyextra", "2.0"), name=part)
    assert told(checkout.start())["installed"] == {"tinyone": "2.0", "tinyextra": "2.0"}
    # A changed lock of the part alone is seen, too.
    checkout.lock(("tinyone", "2.0"), ("tinyextra", "3.0"), name=part)
    assert told(checkout.start())["installed"]["tinyextra"] == "3.0"


def test_unknown_part_is_refused_with_those_there_are(checkout: Checkout) -> None:
    checkout.lock(("tinyone", "1.0"), name="requirements-browser.lock")
    checkout.lock(("tinyone", "1.0"), name="requirements-dev.lock")
    refused = checkout.start("install", "telepathy")
    assert refused.returncode == 1
    assert "no optional part 'telepathy' (there are: browser)" in refused.stderr
    assert checkout.start("install").returncode == 2


def test_set_up_that_was_killed_is_begun_anew(checkout: Checkout) -> None:
    started = subprocess.Popen(
        checkout.command(), cwd=checkout.folder, env=checkout.variables(), start_new_session=True
    )
    deadline = time.monotonic() + 60
    while not (checkout.venv / "pyvenv.cfg").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    assert (checkout.venv / "unfinished").exists()
    (checkout.venv / "left over").touch()
    assert told(checkout.start())["installed"] == {"tinyone": "1.0", "tinytwo": "1.0"}
    assert not (checkout.venv / "left over").exists()


def test_two_first_starts_at_once_set_up_once(checkout: Checkout) -> None:
    starts = [
        subprocess.Popen(
            checkout.command(),
            cwd=checkout.folder,
            env=checkout.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = [one.communicate(timeout=280) for one in starts]
    assert [one.returncode for one in starts] == [0, 0, 0], answers
    assert len({json.loads(out)["prefix"] for out, _ in answers}) == 1
    assert sum("setting up in" in err for _, err in answers) == 1


def test_environment_that_somebody_else_made_is_left_alone(
    checkout: Checkout, tmp_path: Path
) -> None:
    checkout.venv.mkdir()
    (checkout.venv / "pyvenv.cfg").write_text("home = /nowhere\n")
    done = checkout.start(XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert told(done)["prefix"].startswith(str(tmp_path / "cache"))
    assert [one.name for one in checkout.venv.iterdir()] == ["pyvenv.cfg"]


@contextlib.contextmanager
def public_folder() -> Iterator[Path]:
    """Yield a folder that another user may look into; pytest's own are for their owner."""
    folder = Path(tempfile.mkdtemp(prefix="stationwatch-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_nobody(command: Sequence[str]) -> list[str]:
    """Return the command as run by a user who owns nothing; skips where that cannot be done."""
    if os.geteuid() != 0:
        return list(command)
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is not there to run as another user")
    nobody = pwd.getpwnam("nobody")
    user = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    return ["setpriv", *user, *command]


def test_checkout_that_cannot_be_written_to_is_set_up_in_the_cache(root: Path) -> None:
    """Without HOME, for a user without a home, from a checkout that belongs to somebody else."""
    python = next(filter(None, map(shutil.which, ["/usr/bin/python3", "python3"])))
    able = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
    with public_folder() as folder:
        checkout = Checkout(folder / "shared", folder, root)
        checkout.folder.chmod(0o555)
        if subprocess.run(as_nobody([python, "-c", able]), check=False, cwd="/").returncode:
            pytest.skip("no Python of the system's own that another user may start")
        cache = folder / "cache"
        cache.mkdir()
        cache.chmod(0o777)
        variables = checkout.variables(
            HOME=None, STATIONWATCH_PYTHON=python, XDG_CACHE_HOME=None, TMPDIR=str(cache)
        )
        done = subprocess.run(
            as_nobody(checkout.command("status")),
            cwd="/",
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        checkout.folder.chmod(0o755)
    answer = told(done)
    assert answer["installed"] == {"tinyone": "1.0", "tinytwo": "1.0"}
    assert not answer["prefix"].startswith(str(checkout.folder))


def test_package_that_was_changed_on_the_way_is_refused(checkout: Checkout) -> None:
    make_wheel(checkout.wheels, "tinyone", "1.0")
    with zipfile.ZipFile(checkout.wheels / "tinyone-1.0-py3-none-any.whl", "a") as wheel:
        wheel.writestr("evil.py", "")
    done = checkout.start()
    assert done.returncode == 1
    assert "is not the one that was locked; nothing was installed" in done.stderr
    assert done.stdout == ""


def test_no_network_is_said_in_one_sentence(checkout: Checkout) -> None:
    index = "http://127.0.0.1:1/simple"
    done = checkout.start(
        PIP_NO_INDEX=None, PIP_FIND_LINKS=None, PIP_INDEX_URL=index, PIP_EXTRA_INDEX_URL=None
    )
    assert done.returncode == 1
    said = done.stderr.strip().splitlines()
    assert len(said) == 2
    assert said[1].startswith(
        "stationwatch: while setting up: the packages could not be downloaded"
    )
    assert "HTTPS_PROXY" in said[1]


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full (about 700 MB"),
        (
            "ERROR: Could not find a version that satisfies the requirement lxml==6\n"
            "ERROR: No matching distribution found for lxml==6.1.3",
            "there is no ready-made package of lxml==6.1.3 for this machine",
        ),
        ("first\nsecond\nERROR: something else", "pip failed: first / second / ERROR: something"),
    ],
)
def test_failure_of_pip_is_explained_with_a_cure(printed: str, said: str) -> None:
    assert said in environment.explain(printed)


def test_path_with_a_colon_is_refused_in_one_sentence(tmp_path: Path, root: Path) -> None:
    checkout = Checkout(tmp_path / "a:b", tmp_path, root)
    done = checkout.start()
    assert done.returncode == 1
    assert "holds a colon (move the folder)" in done.stderr


def fake_python(folder: Path, name: str, *, version: str, has_venv: bool) -> None:
    folder.mkdir(exist_ok=True)
    is_new = tuple(map(int, version.split("."))) >= (3, 11)
    script = f"""#!/bin/sh
case $2 in
    *print*) echo {version} ;;
    *venv*) exit {0 if has_venv else 1} ;;
    *) exit {0 if is_new else 1} ;;
esac
"""
    (folder / name).write_text(script)
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("version", "has_venv", "said"),
    [
        (None, True, "No Python was found."),
        ("3.9", True, "Found only: 3.9."),
        ("3.12", False, "Found only: 3.12 (without the modules venv and ensurepip)."),
    ],
)
def test_missing_or_old_python_is_said_with_what_to_install(
    checkout: Checkout, tmp_path: Path, version: str | None, has_venv: bool, said: str
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "readlink", "cmp"):
        (tools / name).symlink_to(str(shutil.which(name)))
    if version is not None:
        fake_python(tools, "python3", version=version, has_venv=has_venv)
    done = checkout.start(PATH=str(tools), STATIONWATCH_PYTHON=None)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert said in done.stderr
    assert "apt install python3 python3-venv" in done.stderr
    assert not checkout.venv.exists()
