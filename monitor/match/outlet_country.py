"""The country that an outlet's address names, for an article that names no place abroad at all.

"Our town's police walk with officers from China" names no country; `.hr` does.
"""

from __future__ import annotations

from monitor.urls.site import host_of

# Country codes that anybody registers under, whatever the country.
_SOLD = (
    "ac ag ai am as bz cc cd co cx dj fm gg gl gs im io ki la ly me ms mu nu pw sc sh st tk tl to"
    " tv vc vg ws eu su"
)
SOLD = frozenset(_SOLD.split())
OTHER_CODE = {"uk": "GB"}


def country_of_outlet(url: str | None) -> str | None:
    """Return the ISO 3166-1 code that the top-level domain stands for, or None."""
    if not url:
        return None
    try:
        top = host_of(url).rpartition(".")[2].casefold()
    except ValueError:
        return None
    if len(top) != 2 or not top.isalpha() or not top.isascii() or top in SOLD:
        return None
    return OTHER_CODE.get(top, top.upper())
