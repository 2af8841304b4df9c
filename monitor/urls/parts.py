"""URLs taken apart as browsers do it (WHATWG URL), and refused where a browser would."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

import idna

# Sitemaps allow 2,048 characters and browsers show no more; session-laden real ones reach 3,000.
LONGEST_URL = 4096
LONGEST_HOST = 253  # RFC 1035, 2.3.4

_STRIPPED = "".join(map(chr, range(0x21)))  # C0 and space at both ends (WHATWG)
_DROPPED = re.compile(r"[\t\n\r\x00]")
_SCHEME = re.compile(r"(?i)(https?):[/\\]*")
_ASCII_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_-])?")


@dataclass(frozen=True, kw_only=True)
class UrlParts:
    """An absolute http or https URL in its parts.

    `host` is lower-case, in ASCII (IDNA 2008 with UTS 46 mapping), IPv6 in brackets.
    `port` is None where it is the one that either scheme implies.
    `path` begins with a slash; path, query and fragment are as written.
    """

    scheme: str
    host: str
    port: int | None
    path: str
    query: str
    fragment: str

    @property
    def is_public_name(self) -> bool:
        """Tell whether the host is a name with a dot rather than an address or `localhost`."""
        return "." in self.host and not self.host[-1].isdigit() and self.host[0] != "["


def split(url: str) -> UrlParts:
    """Take an absolute http or https URL apart.

    Raises ValueError for any other scheme, an impossible host or port, and anything longer than
    LONGEST_URL. Credentials are dropped. A backslash is a slash, as in every browser.
    """
    cleaned = _clean(url)
    found = _SCHEME.match(cleaned)
    if found is None or len(cleaned) > LONGEST_URL:
        raise refusal(url)
    rest = cleaned[found.end() :]
    authority, path, query, fragment = _split_rest(rest)
    host, port = _split_authority(authority, url)
    return UrlParts(
        scheme=found[1].lower(), host=host, port=port, path=path, query=query, fragment=fragment
    )


def refusal(url: str) -> ValueError:
    """Return the one error that a URL is refused with."""
    return ValueError(
        f"while reading a URL: {url[:80]!r} is not an absolute http or https URL "
        f"of at most {LONGEST_URL} characters"
    )


def unsplit(parts: UrlParts) -> str:
    """Put parts together again."""
    port = f":{parts.port}" if parts.port is not None else ""
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{parts.scheme}://{parts.host}{port}{parts.path}{query}{fragment}"


def is_http_url(url: str) -> bool:
    """Tell whether `url` is an absolute http or https URL that could be asked for."""
    try:
        split(url)
    except ValueError:
        return False
    return True


def join(base: str, url: str) -> str | None:
    """Return `url` made absolute against `base`, or None where that is no http or https URL.

    Never raises, whatever either holds. The fragment stays.
    """
    reference = _clean(url)
    if not reference or len(reference) > LONGEST_URL:
        return None
    if not _SCHEME.match(reference):
        reference = _slashes(reference)
    try:
        # A page's own scheme and host are read by the same rules as everything else.
        joined = urljoin(unsplit(split(base)), reference)
        return unsplit(split(joined))
    except ValueError:
        return None


def _clean(url: str) -> str:
    return _DROPPED.sub("", url[: LONGEST_URL * 2].strip(_STRIPPED))


def _slashes(reference: str) -> str:
    """Return `reference` with backslashes before the query turned, as browsers read them."""
    end = min((i for i in (reference.find("?"), reference.find("#")) if i >= 0), default=None)
    head = reference[:end]
    return head.replace("\\", "/") + reference[len(head) :]


def _split_rest(rest: str) -> tuple[str, str, str, str]:
    """Return authority, path, query and fragment of what follows `http://`."""
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    authority, slash, path = rest.replace("\\", "/").partition("/")
    return authority, slash + path if slash else "/", query, fragment


def _split_authority(authority: str, url: str) -> tuple[str, int | None]:
    """Return host and port, or raise ValueError."""
    place = authority.rpartition("@")[2]
    try:
        # urlsplit knows the brackets of IPv6 and the range of a port.
        port = urlsplit(f"//{place}").port
        host = _read_host(urlsplit(f"//{place}").hostname or "")
    except (ValueError, UnicodeError) as error:
        raise ValueError(f"while reading a URL: no host in {url[:80]!r} ({error})") from error
    return host, None if port in {80, 443} else port


def _read_host(host: str) -> str:
    """Return `host` in lower-case ASCII; raises ValueError where no browser would go."""
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host).compressed}]"
    host = unquote(host, errors="strict")
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode("ascii")
    host = host.lower().rstrip(".")
    if len(host) > LONGEST_HOST or not _ASCII_HOST.fullmatch(host) or ".." in host:
        raise ValueError(f"{host[:80]!r} is no host name")
    return host
