"""Names for simulations; runs in the crawl child. A file in HOME makes the resolver fail."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from pathlib import Path

GONE = "dns-is-gone"


def look_up(host: str, port: int) -> Sequence[str]:
    """`*.test` is 127.0.0.1, while there is a resolver."""
    del port
    if (Path(os.environ["HOME"]) / GONE).exists():
        raise socket.gaierror(socket.EAI_AGAIN, "temporary failure in name resolution")
    if host.endswith(".test") or host == "127.0.0.1":
        return ["127.0.0.1"]
    raise socket.gaierror(socket.EAI_NONAME, "name or service not known")
