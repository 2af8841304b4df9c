"""Whether a backfill has its filter here, and if not, why: known before hours of reading."""

from __future__ import annotations

from collections.abc import Callable

from monitor.glance.loading import find_home, find_obstacle, is_compiled
from spiders.filter_check import check_filter

COMPILING = "it is compiled for this machine, once, which takes one to three minutes"


def find_why_unfiltered(
    keywords: str,
    cache: str | None,
    *,
    rules: str,
    tell: Callable[[str], None] | None = None,
) -> str | None:
    """Return why there is no filter for the keywords of a file; None where there is one.

    What is known of these rules from an earlier start is not asked again.  Without `tell`, which
    hears that it has to be compiled, it is not, and is taken to be there.
    """
    home = find_home(cache)
    obstacle = find_obstacle(home)
    if obstacle is not None or is_compiled(home, rules):
        return obstacle
    if not is_compiled(home):
        if tell is None:
            return None
        tell(COMPILING)
    return check_filter(keywords, cache)
