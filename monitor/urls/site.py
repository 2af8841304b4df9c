"""Which site a URL belongs to: its registrable domain by the list of public suffixes."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from monitor.urls.parts import UrlParts, split

if TYPE_CHECKING:
    import tldextract


@cache
def _suffixes() -> tldextract.TLDExtract:
    """Return the list inside the package: no addresses and no cache folder, never the network.

    Private suffixes count, so that two blogs of one hoster are two sites.
    """
    import tldextract  # noqa: PLC0415  # 0.1 s and `requests`, which commands that only read spare

    return tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
    )


def host_of(url: str) -> str:
    """Return the host of `url` in lower-case ASCII; raises ValueError as `canonical_url` does."""
    return split(url).host


def site_of(url: str) -> str:
    """Return the registrable domain of `url` (`bbc.co.uk`); the host where there is none.

    Raises ValueError as `canonical_url` does.
    """
    host = split(url).host
    return registrable_domain(host) or host


def same_site(one: str, other: str) -> bool:
    """Tell whether two URLs belong to one registrable domain; False where either is no URL."""
    try:
        return site_of(one) == site_of(other)
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def registrable_domain(host: str) -> str:
    """Return the registrable domain of `host`, or an empty string (addresses, `localhost`).

    A last label that no list knows counts as a suffix of its own, as the list's standard rule says.
    """
    found = _suffixes().extract_str(host)
    if found.suffix or found.ipv4 or host.startswith("["):
        return found.top_domain_under_public_suffix
    labels = host.rsplit(".", 2)
    return ".".join(labels[-2:]) if len(labels) > 1 else ""


def subdomain_of(parts: UrlParts) -> str:
    """Return the labels left of the registrable domain, or an empty string."""
    domain = registrable_domain(parts.host)
    return parts.host[: -len(domain)].rstrip(".") if domain else ""
