"""The text of a systemd unit for the person who runs the watch under their own name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

UNIT = "stationwatch.service"


def build_unit(command: Sequence[str], *, config: Path, data: Path) -> str:
    """Return a unit that runs `command` with the two folders, for `systemctl --user`.

    `deploy/stationwatch.service` is the harder one, for a server: that needs root, a user manager
    grants only what stands here.
    """
    words = [*command, "run", "--config", str(config), "--data", str(data)]
    return UNIT_TEXT.format(command=" ".join(quote_unit(word) for word in words))


def quote_unit(word: str) -> str:
    r"""Return `word` as systemd reads it back: quoted, `%`, `$`, `"` and `\` doubled or escaped.

    See systemd.service(5), "Command lines", and systemd.unit(5), "Specifiers".
    """
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


UNIT_TEXT = """\
# Runs Stationwatch day and night under your own name. Nothing here needs root:
#   systemctl --user enable --now PATH-OF-THIS-FILE
#   loginctl enable-linger          (so that it also runs while you are logged out)
# How it stands:  systemctl --user status stationwatch
# On a server, deploy/stationwatch.service gives it a user of its own and less to reach.

[Unit]
Description=Stationwatch: watches the world's press for one subject

[Service]
Type=exec
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
KillMode=mixed
TimeoutStopSec=45
Restart=on-failure
RestartSec=30
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
# no, where a source has `browser: true`: a browser runs code that it has just written.
MemoryDenyWriteExecute=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
SystemCallArchitectures=native
MemoryMax=2G
TasksMax=256

[Install]
WantedBy=default.target
"""
