"""A real archive of captures on loopback: pywb, as a process, over WARC files.

pywb is GPL and no part of this project: it is run, never imported.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HOW = (
    "pywb is not installed: make a venv of its own ('uv venv --python 3.11 V; uv pip install"
    " --python V pywb==2.10.0 setuptools') and name it in STATIONWATCH_PYWB=V"
)


def find_pywb() -> Path:
    """Return the folder of pywb's programs, or skip the test with how to get it."""
    named = os.environ.get("STATIONWATCH_PYWB")
    if named and (Path(named) / "bin" / "wayback").exists():
        return Path(named) / "bin"
    found = shutil.which("wayback")
    if found is None:
        pytest.skip(HOW)
    return Path(found).parent


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@contextmanager
def serve_archive(folder: Path, files: Iterable[Path]) -> Iterator[str]:
    """Index WARC files, serve them, and yield the address of the collection."""
    programs, port = find_pywb(), free_port()
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)

    def work(*words: str) -> None:
        subprocess.run(
            [str(programs / "wb-manager"), *words],
            cwd=folder, env=environment, check=True, capture_output=True,
        )  # fmt: skip

    folder.mkdir()
    work("init", "main")
    work("add", "main", *(str(file.resolve()) for file in files))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(programs / "wayback"), "-b", "127.0.0.1", "-p", str(port)],
            cwd=folder, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/main"
    finally:
        process.kill()
        process.wait()


def wait_for(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"nothing answers at {url}")
