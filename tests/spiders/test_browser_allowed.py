"""What keeps a browser from starting is told by name; each ban is a real one of the kernel's."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

from spiders.browser_allowed import why_forbidden
from tests.conftest import ROOT

UNSHARE, CHROOT = 272, 161
"""Numbers of system calls on x86_64."""

ASK = "from spiders.browser_allowed import why_forbidden; print(why_forbidden(sandboxed=True))"


def ask(before: Callable[[], object], *words: str) -> str:
    """Return what a process of its own says after `before` has put a ban on it."""
    done = subprocess.run(
        [*words, sys.executable, "-c", ASK],
        preexec_fn=before,
        cwd="/",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"the ban could not be put on a process here: {done.stderr[-200:]}")
    return done.stdout.strip()


def forbid_written_code() -> None:
    """Refuse memory that is written and run, as MemoryDenyWriteExecute does (prctl(2))."""
    if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):
        os._exit(77)


def forbid_call(number: int) -> Callable[[], None]:
    """Return what refuses one system call with EPERM, as SystemCallFilter does (seccomp(2))."""

    def put() -> None:
        libc = ctypes.CDLL(None)
        rules = (
            (0x20, 0, 0, 0),  # load the number of the call
            (0x15, 0, 1, number),  # another one: skip the next line
            (0x06, 0, 0, 0x00050001),  # fail with errno 1
            (0x06, 0, 0, 0x7FFF0000),  # allow
        )
        packed = b"".join(
            code.to_bytes(2, "little") + bytes((yes, no)) + value.to_bytes(4, "little")
            for code, yes, no, value in rules
        )
        code = ctypes.create_string_buffer(packed)

        class Program(ctypes.Structure):
            _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

        program = Program(len(rules), ctypes.addressof(code))
        libc.prctl(38, 1, 0, 0, 0)
        if libc.prctl(22, 2, ctypes.byref(program)):
            os._exit(77)

    return put


intel = pytest.mark.skipif(
    platform.machine() != "x86_64" or sys.platform != "linux",
    reason="the numbers of system calls are those of Linux on x86_64",
)


def test_system_that_forbids_nothing_is_not_blamed() -> None:
    said = ask(lambda: None)
    assert said == "None" or "namespaces" in said  # some containers and distributions forbid those
    assert why_forbidden(sandboxed=False) is None


@intel
def test_code_that_may_not_be_made_is_named() -> None:
    said = ask(forbid_written_code)
    assert "MemoryDenyWriteExecute" in said
    assert "ProcSubset" not in said
    assert "deploy/README.md" in said


@intel
@pytest.mark.parametrize(
    ("number", "setting"), [(UNSHARE, "RestrictNamespaces"), (CHROOT, "SystemCallFilter")]
)
def test_sandbox_that_cannot_be_made_is_named(number: int, setting: str) -> None:
    if ask(lambda: None) != "None":
        pytest.skip("there are no namespaces for users here to begin with")
    said = ask(forbid_call(number))
    assert setting in said
    assert "MemoryDenyWriteExecute" not in said


@intel
def test_hidden_processor_is_named() -> None:
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("unshare is not installed (apt-get install util-linux)")
    mount = 'mount -t proc -o subset=pid proc /proc && exec "$@"'
    said = ask(lambda: None, unshare, "-rmpf", "sh", "-c", mount, "sh")
    assert "ProcSubset" in said


def test_cure_that_is_named_stands_where_it_says() -> None:
    assert "## A browser" in (ROOT / "deploy" / "README.md").read_text()
