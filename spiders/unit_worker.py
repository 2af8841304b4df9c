"""One archive worker: a process that is told units on standard input, and tells what they come to.

in   one line of JSON: what to load; then one line for each unit
out  frames: a length in four bytes, then a message of `spiders.units`
"""

from __future__ import annotations

import gc
import json
import resource
import signal
import struct
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import TypeAdapter

from monitor.prepare import load_preparer
from spiders.archive_preparer import load_filter
from spiders.units import Told, Unit, UnitDone, Wanted, pack_told, work_unit
from spiders.worker import address_space

HEAD = struct.Struct(">I")
_UNIT = TypeAdapter(Unit)
_WANTED = TypeAdapter(Wanted)


def main() -> None:
    """Serve until standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    setup: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    preparer = load_preparer(setup["keywords"], setup.get("cache"))
    sieve, unfiltered = load_filter(preparer, setup.get("cache")) if setup["sieve"] else (None, "")
    gc.freeze()  # the collector need not walk through what stays
    wanted = _WANTED.validate_python(setup["wanted"])
    if base := address_space():
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (base + int(setup["memory"]), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        unit = _UNIT.validate_json(line)
        try:
            for told in work_unit(
                unit, wanted, preparer=preparer, sieve=sieve, open_file=open_file
            ):
                if isinstance(told, UnitDone):
                    told = replace(  # noqa: PLW2901
                        told, rules=preparer.rules_version, unfiltered=unfiltered
                    )
                send(out, told)
        except MemoryError:
            raise
        except Exception as error:  # one page: the parent skips it
            sys.stderr.write(f"{type(error).__name__}: {error!s:.300}\n")
            raise SystemExit(3) from error


def send(out: BinaryIO, told: Told) -> None:
    """Write one frame."""
    data = pack_told(told)
    out.write(HEAD.pack(len(data)) + data)
    out.flush()


def open_file(path: str) -> BinaryIO:
    """Open a local file for reading."""
    return Path(path).open("rb")


if __name__ == "__main__":
    main()
