"""The program as a test runs it: in processes of its own, stopped at a step or at a later time.

with Program(tmp_path, warm=True) as program:
    ran = program.run(place, "run", "--once", "--json", later=120)
    assert ran.status == 0, ran.err
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.e2e.processes import find_family, kill_all
from tests.e2e.real_input import ROOT, Place

KILLED = -9


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How one run ended: its exit status, what it left running, and what it said."""

    status: int
    left: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Return what it printed with --json."""
        return json.loads(self.out)


class Program:
    """Starts runs one after the other; see tests/e2e/launcher.py for `warm`.

    `folder` is for what it writes itself. Warm runs know the keywords that ship only.
    """

    def __init__(self, folder: Path, *, warm: bool) -> None:
        self._streams = {name: str(folder / f"said-{name}") for name in ("out", "err")}
        self._pid = 0
        command = [sys.executable, "-m", "tests.e2e.launcher"]
        if warm:
            command += [str(ROOT / "keywords.yaml"), str(folder / "cache")]
        self._launcher = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._launcher.communicate()

    def start(
        self,
        place: Place,
        *arguments: str,
        step: str = "none",
        number: int = 1,
        tree: bool = True,
        later: float = 0,
        folders: bool = True,
    ) -> int:
        """Start a run and return its process id; `finish` must follow."""
        named = ["--data", str(place.data), "--config", str(place.config)] if folders else []
        asked = {
            "step": step,
            "number": number,
            "tree": tree,
            "later": later,
            "arguments": [*arguments, *named],
            **self._streams,
        }
        assert self._launcher.stdin is not None
        self._launcher.stdin.write(json.dumps(asked) + "\n")
        self._launcher.stdin.flush()
        self._pid = int(self._listen()["pid"])
        return self._pid

    def finish(self) -> Ran:
        """Wait for the end of the run."""
        said = self._listen()
        self._pid = 0
        texts = {
            name: Path(path).read_text(encoding="utf-8") for name, path in self._streams.items()
        }
        return Ran(**said, **texts)

    def run(self, place: Place, *arguments: str, **how: Any) -> Ran:
        """Start a run and wait for its end."""
        self.start(place, *arguments, **how)
        return self.finish()

    def family(self) -> Sequence[int]:
        """Return the process ids of the program and its children."""
        return find_family(self._pid) if self._pid else ()

    def kill(self) -> None:
        """Kill the program and all its children."""
        kill_all(self.family())

    def _listen(self) -> Any:
        assert self._launcher.stdout is not None
        return json.loads(self._launcher.stdout.readline())
