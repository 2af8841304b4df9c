"""Whose sites alone a backfill reads, in words, and what to do who wants the others, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.cli.backfill_wishes import Wishes
    from monitor.config.folder import Configuration


def name_sites(wishes: Wishes, configuration: Configuration) -> dict[str, str]:
    """Return `whose` sites are read and the `cure` for who wants all; empty where all are."""
    if not wishes.country and not wishes.source:
        return {}
    from monitor.render.names import country_names

    whose: list[str] = []
    if wishes.country:
        codes = {each.upper() for each in wishes.country}
        count = sum(each.country in codes for each in configuration.sources)
        own = "your one source" if count == 1 else f"your {count:,} sources"
        whose.append(f"{own} in {country_names(wishes.country)}")
    if wishes.source:
        count = len(set(wishes.source))
        whose.append("the source that you named" if count == 1
                     else f"the {count:,} sources that you named")  # fmt: skip
    return {"whose": " and ".join(whose), "cure": _say_cure(wishes)}


def _say_cure(wishes: Wishes) -> str:
    from monitor.render.names import country_names

    given = {"--country": wishes.country, "--source": wishes.source}
    left = f"leave {' and '.join(name for name, values in given.items() if values)} out"
    if not wishes.country:
        return f"For the pages of all sites {left}."
    options = " ".join(f"--country {each.upper()}" for each in wishes.country)
    return (
        f"For everything about {country_names(wishes.country)} {left}, then:"
        f" ./stationwatch stories {options}"
    )


def say_only(sites: dict[str, str]) -> str:
    """Return that files are read for these sites alone; nothing where they are for all."""
    if not sites:
        return ""
    return (
        f"Of files, only pages of the sites of {sites['whose']} are read: where the files hold none"
        f" of those, nothing is found. {sites['cure']}"
    )
