"""Which files `backfill` reads and writes, and how those are fetched that are elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.errors import UsageError, reason_of

if TYPE_CHECKING:
    from monitor.cli.backfill_wishes import Wishes
    from monitor.config.folder import Configuration
    from monitor.jobs.backfill_files import Plans
    from spiders.archive_download import DownloadSetup
    from spiders.reach import Reach


def find_files(
    wishes: Wishes, configuration: Configuration, spool: Path, setup: DownloadSetup
) -> Plans:
    """Return the files that are named, those of CC-NEWS among them, by where they are.

    Raises UsageError, before anything is asked, where a file would have to go past the proxy that
    the settings want.
    """
    from monitor.jobs.backfill_files import Plans, find_ccnews, sort_files
    from monitor.jobs.backfill_unread import is_address

    base = configuration.settings.archives.ccnews
    if wishes.ccnews and is_address(base):
        check_way_out(configuration, base)
    found = [
        sort_files(
            wishes.warc, check=lambda url: check_way_out(configuration, url), reach=setup.reach
        ),
        *(find_ccnews(month, base, setup, spool) for month in wishes.ccnews),
    ]
    return Plans(
        paths=tuple(path for each in found for path in each.paths),
        addresses=tuple(url for each in found for url in each.addresses),
        missing=tuple(line for each in found for line in each.missing),
    )


def download_setup(configuration: Configuration, reach: Reach) -> DownloadSetup:
    """Return how whole files are fetched; `reach` hears what became of each question."""
    from monitor.jobs.fetching import fetch_settings
    from spiders.archive_download import DownloadSetup

    fetch = fetch_settings(configuration.settings.network)
    return DownloadSetup(
        user_agent=fetch.user_agent,
        allow_private=fetch.allow_private,
        ca_file=fetch.ca_file,
        reach=reach,
    )


def check_way_out(configuration: Configuration, url: str) -> None:
    """Raise UsageError where a file would have to go past the proxy of the settings, or its site's.

    A bucket is none of a site that is watched.
    """
    from monitor.jobs.fetching import egress_for, find_way

    network = configuration.settings.network
    for way in (network.egress, egress_for(url, configuration.sources)):
        if way is not None and find_way(network, way).proxy is not None:
            what = "everything" if way == network.egress else "what is asked of its site"
            raise UsageError(
                f"while reading {url!r}: whole files are fetched directly, and the settings want"
                f" {what} to go by {way!r}; download it yourself and name the file"
            )


def check_files(
    named: Sequence[str], was_removed: Callable[[str], bool] = lambda _pattern: False
) -> None:
    """Raise UsageError where nothing that is named is there; an address is left to the run.

    So is what was there for an earlier run, which could not read it: the run settles it.
    """
    from monitor.jobs.backfill_files import list_named
    from monitor.jobs.backfill_plan import find_files, say_absent

    patterns = list(list_named(named))
    if any("://" in each or next(find_files(each), None) is not None for each in patterns):
        return
    if any(map(was_removed, patterns)):
        return
    if not patterns and named:
        raise UsageError(f"while reading --warc {named[0]!r}: the list names no file")
    if patterns:
        more = f" (nor for {len(patterns) - 1:,} more)" if len(patterns) > 1 else ""
        raise UsageError(
            f"while reading --warc {patterns[0]!r}: {say_absent(patterns[0])}{more}; nothing was"
            f" read or written, {_name_cure(patterns[0])}"
        )


def _name_cure(pattern: str) -> str:
    if Path(pattern).is_dir():
        return "name a folder that holds some, or the files themselves, whatever they are called"
    return "name a file or folder that is there"


def check_report_folder(folder: Path, *, where: str = "", cure: str = "") -> None:
    """Make the folder that the report goes into, before hours of reading; raises UsageError.

    `where` says what was being done, and `cure` what to do: `--report` names the folder unless
    they say otherwise.
    """
    where = where or f"while reading --report {str(folder)!r}"
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{where}: that is a file; {cure or 'name a folder'}")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        said = f"{where}: {reason_of(error)}; {cure or 'name a folder that can be made'}"
        raise UsageError(said) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{where}: nothing can be written there; {cure or 'name another folder'}")
