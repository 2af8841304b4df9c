"""Which version of the program this is, installed or in a checkout."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, version

from monitor.config.files import ROOT

NAME = "stationwatch"


def read_version() -> str:
    """Return the version of the files that run.

    A checkout says so itself: a package of the same name may be installed beside it, in another
    version. Where neither is known, as in files copied by hand, it says "unknown".
    """
    try:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        if project["name"] == NAME:
            return str(project["version"])
    except (OSError, ValueError, LookupError):
        pass  # installed: there is no such file, or it is somebody else's
    try:
        return version(NAME)
    except PackageNotFoundError:
        return "unknown"
