"""A server that speaks only what TLS was before 1.2 is refused, whoever signed for it (C2)."""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Iterator

import pytest

from spiders.workers import WorkerHost
from tests.fakes.site import Certificates, Site, page
from tests.spiders.crawling import crawl, look_at, settings


def make_old(context: ssl.SSLContext) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


class Old(Certificates):
    """Good certificates, shown over an old protocol."""

    def _make(self, name: str) -> ssl.SSLContext:
        return make_old(super()._make(name))


@pytest.fixture
def secure() -> Iterator[tuple[Site, Old]]:
    certificates = Old()
    with Site(certificates=certificates) as site:
        site.route("/feed", body=page("x", "y"))
        yield site, certificates
    certificates.close()


def test_old_protocol_is_refused(host: WorkerHost, secure: tuple[Site, Old]) -> None:
    site, certificates = secure
    lenient = make_old(ssl.create_default_context(cafile=certificates.ca_file))
    try:
        with (
            socket.create_connection(("127.0.0.1", site.port)) as plain,
            lenient.wrap_socket(plain, server_hostname="old.test") as spoken,
        ):
            assert spoken.version() in {"TLSv1", "TLSv1.1"}
    except ssl.SSLError:
        pytest.skip("this OpenSSL speaks no TLS before 1.2 at all")
    url = site.url("/feed", host="old.test")
    fetch = settings(ca_file=certificates.ca_file)
    look = crawl(host, [look_at(url, name="old")], fetch=fetch).looks["old"]
    assert look.problem is not None
    assert look.entries == ()
    assert site.asked == []
