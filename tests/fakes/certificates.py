"""Certificates for a site that speaks TLS, good ones and bad ones."""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme


class Certificates:
    """Certificates for a TLS site: by the first label of the host that is asked for.

    `expired.…`, `selfsigned.…`, `wronghost.…` and `unknownca.…` get what they say, all others a
    good one. `ca_file` is what a client is to believe.
    """

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self._other = trustme.CA()
        self._folder = tempfile.TemporaryDirectory(prefix="site")
        self.ca_file = str(Path(self._folder.name) / "ca.pem")
        self._ca.cert_pem.write_to_path(self.ca_file)
        self._made: dict[str, ssl.SSLContext] = {}

    def context(self) -> ssl.SSLContext:
        """Return the context of a server that chooses by name."""
        context = self._make("127.0.0.1")

        def choose(sock: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            if name:
                sock.context = self._make(name)

        context.sni_callback = choose  # type: ignore[assignment]
        return context

    def _make(self, name: str) -> ssl.SSLContext:
        if name not in self._made:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._issue(name).configure_cert(context)
            self._made[name] = context
        return self._made[name]

    def _issue(self, name: str) -> trustme.LeafCert:
        label = name.split(".", maxsplit=1)[0]
        if label == "expired":
            then = datetime.now(UTC) - timedelta(days=2)
            return self._ca.issue_cert(name, not_before=then - timedelta(days=9), not_after=then)
        if label == "wronghost":
            return self._ca.issue_cert("somebody-else.test")
        if label == "unknownca":
            return self._other.issue_cert(name)
        if label == "selfsigned":
            return trustme.CA().issue_cert(name)
        return self._ca.issue_cert(name)

    def close(self) -> None:
        """Remove the files."""
        self._folder.cleanup()
