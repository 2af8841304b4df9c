"""The channel that needs nothing: an `.eml` and a `.json` file for each message in a folder."""

from __future__ import annotations

from pathlib import Path

from monitor.model.delivery import FolderChannel, Message, Receipt


class FolderSender:
    """Write messages into `channel.path` under `data`."""

    def __init__(self, channel: FolderChannel, *, data: Path) -> None:
        self._folder = data / channel.path

    def send(self, message: Message, *, deadline: float) -> Receipt:
        """Write both files; one that is there already stays as it is."""
        raise NotImplementedError
