"""Decide which URLs and addresses may be contacted: pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import idna

from monitor.errors import EgressRefused

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

SCHEME_PORTS = {"http": 80, "https": 443}
LONGEST_URL = 8_000
LOWEST_FREE_PORT = 1024
"""Below it only 80 and 443 are asked: a page must not make us talk to a mail server or a shell."""

# Global by the registries that Python knows, yet not the public internet.
NEVER = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "168.63.129.16/32",  # Azure's address for what runs inside it
        "192.0.0.0/24",  # IETF protocol assignments, RFC 6890
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
PUBLIC_V6 = ipaddress.ip_network("2000::/3")  # all that IANA has given out
NEVER_V6 = tuple(
    ipaddress.ip_network(block)
    for block in (
        "2001::/23",  # IETF protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address; no longer routed, RFC 7526
        "3fff::/20",  # documentation, RFC 9637
    )
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """Private places that a setting names: hosts and networks, each with a port or with any."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[tuple[IPNetwork, int | None], ...] = ()

    def allows(self, address: IPAddress, *, host: str, port: int) -> bool:
        """Say whether a setting names this place."""
        if (host, port) in self.hosts or (host, None) in self.hosts:
            return True
        return any(
            address in network and named in (None, port)
            for network, named in self.networks
            if network.version == address.version
        )


NOTHING = Allowance()


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a URL leads: `host` is in lower case and ASCII, without brackets."""

    scheme: str
    host: str
    port: int


def parse_allowance(entries: Iterable[str]) -> Allowance:
    """Read `host`, `host:port`, `192.168.0.0/24`, `10.0.0.5:8080` or `[::1]:8080`.

    Raises ValueError with the entry and the cure.
    """
    hosts: set[tuple[str, int | None]] = set()
    networks: list[tuple[IPNetwork, int | None]] = []
    for entry in entries:
        name, port = _split_port(entry.strip())
        try:
            networks.append((ipaddress.ip_network(name, strict=False), port))
        except ValueError:
            if not re.fullmatch(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?", name) or "/" in name:
                raise ValueError(
                    f"while reading allowed private addresses: {entry!r} is none"
                    " (write host, host:port, 10.0.0.0/8 or [::1]:8080)"
                ) from None
            hosts.add((name, port))
    return Allowance(hosts=frozenset(hosts), networks=tuple(networks))


def _split_port(entry: str) -> tuple[str, int | None]:
    entry = entry.lower()
    if found := re.fullmatch(r"\[([0-9a-f:.]+)\](?::(\d{1,5}))?", entry):
        return found[1], int(found[2]) if found[2] else None
    if found := re.fullmatch(r"([^:]+):(\d{1,5})", entry):
        return found[1], int(found[2])
    return entry, None


def check_address(
    address: str | IPAddress, allow: Allowance = NOTHING, *, host: str = "", port: int = 443
) -> IPAddress:
    """Return the address to connect to, or raise EgressRefused with the reason.

    `host` and `port` are what the URL says, for the allowance.
    An IPv4 address inside an IPv6 one (mapped, NAT64) is judged as what it is; 6to4, Teredo and
    IPv4-compatible ones are refused whatever they carry.
    """
    found = ipaddress.ip_address(address) if isinstance(address, str) else address
    inner = found
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            inner = found.ipv4_mapped
        elif found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    if any(allow.allows(one, host=host, port=port) for one in (found, inner)):
        return found
    if not _is_public(inner):
        raise EgressRefused(
            f"while connecting to {host or str(found)!r}: {found} is not a public address"
            " (name it under allow_private if it is meant)"
        )
    return found


def _is_public(address: IPAddress) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in block for block in NEVER)
    return (
        address in PUBLIC_V6
        and address.is_global
        and address.scope_id is None
        and not any(address in block for block in NEVER_V6)
    )


def check_url(url: str, allow: Allowance = NOTHING) -> Target:
    """Return where `url` leads, or raise EgressRefused; looks up no name.

    Refuses every scheme but http and https, user names and passwords, backslashes and control
    characters, and every spelling of an IPv4 address but four decimal numbers.
    """
    if len(url) > LONGEST_URL:
        raise EgressRefused(f"while reading a URL: {url[:80]!r}… is longer than {LONGEST_URL}")
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise EgressRefused(
            f"while reading the URL {url!r}: backslashes, spaces and control characters may not"
            " stand in it"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise EgressRefused(f"while reading the URL {url!r}: {error}") from error
    if parts.scheme not in SCHEME_PORTS:
        raise EgressRefused(f"while reading the URL {url!r}: only http and https are fetched")
    if "@" in parts.netloc:
        raise EgressRefused(
            f"while reading a URL for {parts.hostname!r}: no password belongs there"
        )
    target = Target(
        scheme=parts.scheme,
        host=_read_host(parts, url),
        port=SCHEME_PORTS[parts.scheme] if port is None else port,
    )
    _check_literal(target, allow)
    return target


def _read_host(parts: SplitResult, url: str) -> str:
    host = (parts.hostname or "").rstrip(".")
    if parts.netloc.startswith("["):
        try:
            ipaddress.IPv6Address(host)
        except ValueError as error:
            raise EgressRefused(f"while reading the URL {url!r}: {error}") from error
        return host
    try:
        host = idna.encode(host, uts46=True).decode() if not host.isascii() else host
    except idna.IDNAError as error:
        raise EgressRefused(f"while reading the URL {url!r}: {error}") from error
    if not re.fullmatch(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", host):
        raise EgressRefused(f"while reading the URL {url!r}: {host!r} is no host name")
    return host


def _check_literal(target: Target, allow: Allowance) -> None:
    named = {(target.host, target.port), (target.host, None)} & allow.hosts
    try:
        address: IPAddress | None = ipaddress.ip_address(target.host)
    except ValueError:
        address = None
        last = target.host.rsplit(".", 1)[-1]
        if last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):
            # WHATWG URL, "ends in a number": 127.1, 2130706433, 0x7f000001, 017700000001
            raise EgressRefused(
                f"while connecting to {target.host!r}: write an address as four decimal numbers"
            ) from None
        if last in {"localhost", "local", "internal", "lan", "home"} and not named:
            raise EgressRefused(
                f"while connecting to {target.host!r}: it names this machine or its network"
                " (name it under allow_private if it is meant)"
            ) from None
    if address is not None:
        check_address(address, allow, host=target.host, port=target.port)
        named = named or (not _is_public(address) and {(target.host, target.port)}) or set()
    _check_port(target, allowed=bool(named))


def _check_port(target: Target, *, allowed: bool) -> None:
    if allowed or target.port in SCHEME_PORTS.values() or target.port >= LOWEST_FREE_PORT:
        return
    raise EgressRefused(
        f"while connecting to {target.host!r}: port {target.port} is not for the web"
    )
