"""The options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path,
    typer.Option(
        "--data",
        help="Folder of what the program keeps.",
        show_default="var/",
        envvar="STATIONWATCH_DATA",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Folder of keywords.yaml, sources.yaml and settings.toml; what it does not hold"
        " is taken from the files that ship.",
        show_default="this folder",
        envvar="STATIONWATCH_CONFIG",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]

DATA = Path("var")
