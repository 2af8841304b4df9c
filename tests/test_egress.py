"""Which addresses may be contacted, and which names and settings lead to them."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.egress import (
    Allowance,
    Target,
    check_address,
    check_url,
    guarded_resolve,
    parse_allowance,
    wire_url,
)
from monitor.egress.lookup import MOST_AT_ONCE
from monitor.errors import EgressRefused
from tests.fakes.names import look_up

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "::8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "192.167.255.255",
    "223.255.255.254",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_address_that_is_not_public_is_refused(address: str) -> None:
    """C5, P6."""
    with pytest.raises(EgressRefused, match="not a public address"):
        check_address(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_returned(address: str) -> None:
    assert str(check_address(address)) == address.replace("::ffff:8.8.8.8", "::ffff:808:808")


REFUSED = [
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://0/",
    "http://0177.0.0.1/",
    "http://127.0.0.1.:80/",
    "http://1.2.3/",
    "http://1.2.3.4.5/",
    "http://0x/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://a.localhost/",
    "http://printer.local/",
    "http://x.internal/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[::127.0.0.1]/",
    "http://[::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[v1.x]/",
    "http://[",
    "http://１２７.０.０.１/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://127.0.0.1\\@example.org/",
    "http://example.org\\@127.0.0.1/",
    "http://user@example.org/",
    "http://user:secret@example.org/",
    "http://@example.org/",
    "http:///x",
    "http://",
    "http://example.org:22/",
    "http://example.org:25/",
    "http://example.org:0/",
    "http://example.org:99999/",
    "http://example.org:x/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "data:text/html,x",
    "gopher://example.org/",
    "javascript:alert(1)",
    "//example.org/",
    "/path",
    "example.org",
    "ws://example.org/",
    "http://exam%70le.org/",
    "http://a..b/",
    "http://127.0.0.1%2f@example.org/",
    "http://example.org:80:80/",
]


@pytest.mark.parametrize("url", REFUSED)
def test_url_that_may_not_be_contacted_is_refused(url: str) -> None:
    """C5: no spelling slips through."""
    with pytest.raises(EgressRefused):
        check_url(url)


@pytest.mark.parametrize("mark", ["\x00", "\t", "\n", "\r", " ", "\x7f", "\\"])
def test_url_with_a_control_character_is_refused(mark: str) -> None:
    with pytest.raises(EgressRefused, match="control characters"):
        check_url(f"http://exam{mark}ple.org/")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://Example.ORG", Target(scheme="http", host="example.org", port=80)),
        ("HTTPS://example.org./x", Target(scheme="https", host="example.org", port=443)),
        ("https://example.org:8443/", Target(scheme="https", host="example.org", port=8443)),
        ("http://8.8.8.8/", Target(scheme="http", host="8.8.8.8", port=80)),
        ("http://[2606:4700::1111]/", Target(scheme="http", host="2606:4700::1111", port=80)),
        (
            "https://münchen.example/",
            Target(scheme="https", host="xn--mnchen-3ya.example", port=443),
        ),
        ("http://my_host.example/", Target(scheme="http", host="my_host.example", port=80)),
        ("http://3com.example/", Target(scheme="http", host="3com.example", port=80)),
    ],
)
def test_url_of_the_web_leads_where_it_says(url: str, target: Target) -> None:
    assert check_url(url) == target


def test_url_too_long_is_refused() -> None:
    with pytest.raises(EgressRefused, match="longer"):
        check_url("http://example.org/" + "a" * 9000)


def test_refusal_tells_no_password() -> None:
    """H1."""
    with pytest.raises(EgressRefused) as caught:
        check_url("https://user:canary@example.org/")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "host", "address", "port", "allowed"),
    [
        ("127.0.0.1:8080", "127.0.0.1", "127.0.0.1", 8080, True),
        ("127.0.0.1:8080", "127.0.0.1", "127.0.0.1", 8081, False),
        ("127.0.0.1", "x.test", "127.0.0.1", 9, True),
        ("127.0.0.1", "x.test", "127.0.0.2", 9, False),
        ("10.0.0.0/8", "x.test", "10.200.3.4", 443, True),
        ("10.0.0.0/8", "x.test", "11.0.0.1", 443, True),
        ("10.0.0.0/8", "x.test", "192.168.0.1", 443, False),
        ("wiki.lan:8080", "wiki.lan", "192.168.0.1", 8080, True),
        ("wiki.lan:8080", "other.lan", "192.168.0.1", 8080, False),
        ("Wiki.LAN", "wiki.lan", "192.168.0.1", 443, True),
        ("[::1]:8080", "::1", "::1", 8080, True),
        ("::1", "::1", "::1", 80, True),
        ("127.0.0.0/8", "x.test", "::ffff:127.0.0.1", 80, True),
        ("0.0.0.0/0", "x.test", "::1", 80, False),
    ],
)
def test_only_what_a_setting_names_is_allowed(
    entry: str, host: str, address: str, port: int, allowed: bool
) -> None:
    allow = parse_allowance([entry])
    if allowed:
        check_address(address, allow, host=host, port=port)
    else:
        with pytest.raises(EgressRefused):
            check_address(address, allow, host=host, port=port)


@pytest.mark.parametrize("entry", ["", "http://x/", "a b", "10.0.0.0/40", "x:y", "-", "[x]:1"])
def test_setting_that_names_nothing_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="while reading allowed private addresses"):
        parse_allowance([entry])


def test_named_host_may_use_any_port_and_any_name() -> None:
    allow = parse_allowance(["localhost:25", "intranet.local"])
    assert check_url("http://localhost:25/", allow).port == 25
    assert check_url("http://intranet.local/", allow).host == "intranet.local"
    with pytest.raises(EgressRefused):
        check_url("http://localhost:26/", allow)


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"https://example.org/{text}"):
        try:
            target = check_url(url)
        except EgressRefused:
            continue
        assert target.scheme in {"http", "https"}
        assert target.host.isascii()
        wire = wire_url(url, target)
        assert wire.host == target.host.encode()
        assert wire.target.isascii()


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:", "64:ff9b::"]))
def test_address_inside_another_is_judged_as_what_it_is(address: object, around: str) -> None:
    outcomes = []
    for each in (str(address), f"{around}{address}"):
        try:
            check_address(each)
            outcomes.append(True)
        except EgressRefused:
            outcomes.append(False)
    assert outcomes[0] == outcomes[1]


TARGET = Target(scheme="http", host="x.test", port=80)
LOOPBACK = parse_allowance(["127.0.0.1"])


def test_name_with_one_bad_address_is_refused_whole() -> None:
    """C5: a mixed answer is how rebinding looks."""
    target = Target(scheme="http", host="mixed.test", port=80)
    with pytest.raises(EgressRefused):
        guarded_resolve(target, LOOPBACK, timeout=5, lookup=look_up)


@pytest.mark.parametrize("host", ["nx.test", "servfail.test"])
def test_name_without_address_is_an_error_of_the_network(host: str) -> None:
    """C1."""
    with pytest.raises(OSError, match=r"name|temporary"):
        guarded_resolve(
            Target(scheme="http", host=host, port=80), LOOPBACK, timeout=5, lookup=look_up
        )


def test_lookups_that_hang_are_bounded_in_time_and_number() -> None:
    """C1: the threads that wait are counted, and names that answer go on until all are taken."""
    release = threading.Event()

    def lookup(host: str, port: int) -> list[str]:
        if host.startswith("hang"):
            release.wait(60)
        return ["127.0.0.1"]

    for at in range(MOST_AT_ONCE - 1):
        with pytest.raises(TimeoutError):
            guarded_resolve(
                Target(scheme="http", host=f"hang{at}.test", port=80),
                LOOPBACK,
                timeout=0.001,
                lookup=lookup,
            )
    assert guarded_resolve(TARGET, LOOPBACK, timeout=5, lookup=lookup)
    with pytest.raises(TimeoutError):
        guarded_resolve(
            Target(scheme="http", host="hang.test", port=80), LOOPBACK, timeout=0.001, lookup=lookup
        )
    with pytest.raises(OSError, match="waited for already"):
        guarded_resolve(TARGET, LOOPBACK, timeout=5, lookup=lookup)
    release.set()
    for _ in range(200):
        try:
            assert guarded_resolve(TARGET, LOOPBACK, timeout=5, lookup=lookup)
        except TimeoutError:
            raise
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("the threads that had hung were not given back")


def test_nothing_is_allowed_unless_named() -> None:
    assert Allowance() == parse_allowance([])
