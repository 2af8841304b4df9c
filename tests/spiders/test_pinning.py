"""Certificates held to a pinned key: refused with another, accepted with it, and told (C2)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from spiders.workers import WorkerHost
from tests.fakes.proxy import FakeProxy
from tests.fakes.site import Certificates, Feed, Site
from tests.spiders.crawling import Crawled, crawl, look_at, settings

OTHER = "B" * 43 + "="


class Keyed(Certificates):
    """Certificates whose keys a test may pin."""

    def __init__(self) -> None:
        super().__init__()
        self.pins: dict[str, str] = {}

    def _issue(self, name: str):  # type: ignore[no-untyped-def]
        made = super()._issue(name)
        pem = made.cert_chain_pems[0].bytes()
        key = load_pem_x509_certificate(pem).public_key()
        info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.pins[name] = base64.b64encode(hashlib.sha256(info).digest()).decode()
        return made

    def pin(self, name: str) -> str:
        self._make(name)
        return self.pins[name]


@pytest.fixture(scope="module")
def certificates() -> Iterator[Keyed]:
    certificates = Keyed()
    yield certificates
    certificates.close()


@pytest.fixture(scope="module")
def secure(certificates: Keyed) -> Iterator[Site]:
    with Site(certificates=certificates) as secure:
        yield secure


NAMES = ("good.test", "selfsigned.test", "expired.test", "goodother.test", "selfsignedother.test")


def crawl_pinned(
    host: WorkerHost, secure: Site, certificates: Keyed, proxy: str | None = None
) -> Crawled:
    secure.forget()
    tasks, pins = [], {}
    for name in (*NAMES, "selfsigned.unpinned.test"):
        feed = Feed(site=secure, host=name)
        feed.add("/one")
        tasks.append(look_at(feed.url, name=name))
        if "unpinned" not in name:
            pins[name] = (OTHER if "other" in name else certificates.pin(name),)
    fetch = settings(pins=pins, ca_file=certificates.ca_file, proxy=proxy)
    return crawl(host, tasks, fetch=fetch)


@pytest.fixture(scope="module", params=["directly", "through a proxy"])
def crawled(
    request: pytest.FixtureRequest, host: WorkerHost, secure: Site, certificates: Keyed
) -> Iterator[Crawled]:
    if request.param == "directly":
        yield crawl_pinned(host, secure, certificates)
        return
    with FakeProxy() as proxy:
        address = f"socks5h://127.0.0.1:{proxy.port}"
        yield crawl_pinned(host, secure, certificates, address)


@pytest.mark.parametrize("name", ["good.test", "selfsigned.test", "expired.test"])
def test_host_with_its_pinned_key_is_read(crawled: Crawled, name: str, secure: Site) -> None:
    assert crawled.looks[name].problem is None
    assert secure.url("/one", host=name) in crawled.prepared


@pytest.mark.parametrize(
    ("name", "told"),
    [("good.test", None), ("selfsigned.test", "issuer"), ("expired.test", "expired")],
)
def test_certificate_accepted_by_its_key_alone_is_told(
    crawled: Crawled, name: str, told: str | None
) -> None:
    said = crawled.looks[name].certificate
    assert (said is None) if told is None else (told in (said or ""))


@pytest.mark.parametrize("name", ["goodother.test", "selfsignedother.test"])
def test_other_key_is_refused_whoever_signed_it(
    crawled: Crawled, certificates: Keyed, name: str, secure: Site
) -> None:
    problem = crawled.looks[name].problem or ""
    assert "not pinned" in problem
    assert certificates.pins[name] in problem
    assert name not in {asked.host for asked in secure.asked}


def test_host_without_a_pin_is_checked_as_ever(crawled: Crawled) -> None:
    assert "certificate" in (crawled.looks["selfsigned.unpinned.test"].problem or "")
