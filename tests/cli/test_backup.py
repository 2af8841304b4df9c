"""The command `backup` says what it wrote, and who fills the second folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.cli.keep import backup
from tests.jobs.building import FOLDER, open_place


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('[data]\nsecond_backup = "{folder}"\n', True),
        ("", False),
        ("[data]\nkeep_txts = 1\n", False),
    ],
    ids=["second folder", "none", "settings that are wrong"],
)
def test_backup_tells_that_the_second_folder_is_the_services(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: str, told: bool
) -> None:
    second, config = tmp_path / "disk", tmp_path / "config"
    config.mkdir()
    (config / "settings.toml").write_text(settings.format(folder=second))
    with open_place(tmp_path / "var", FOLDER):
        pass
    backup(None, tmp_path / "var", config)
    said = " ".join(capsys.readouterr().out.split())
    assert "Written and read back" in said
    assert ("the service ('stationwatch run') copies each nightly backup there" in said) is told
    assert not second.exists()
