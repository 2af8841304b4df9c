"""Objects in S3-compatible storage; the only module that imports obstore, which is optional.

Where it is and with which keys is read from the usual variables (AWS_ENDPOINT_URL,
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ALLOW_HTTP); without keys, requests are
not signed, as public buckets want it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from monitor.errors import UsageError
from spiders.dialing import NO_NAME


class Bucket:
    """One bucket."""

    def __init__(self, store: Any, module: Any) -> None:
        self._store = store
        self._obstore = module

    def describe(self, key: str) -> tuple[int, str]:
        """Return an object's size and what tells this content from another; raises OSError."""
        try:
            head = self._obstore.head(self._store, key)
        except Exception as error:  # obstore's own errors have no common root but this
            raise OSError(_shorten(error)) from error
        return int(head["size"]), f"{head['size']} {head.get('e_tag')}"

    def read(self, key: str, start: int, end: int) -> bytes:
        """Return the bytes from `start` up to `end`; raises OSError."""
        try:
            return bytes(self._obstore.get_range(self._store, key, start=start, end=end))
        except Exception as error:  # the same
            raise OSError(_shorten(error)) from error

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys of the objects below a prefix, in order; raises OSError."""
        try:
            for page in self._obstore.list(self._store, prefix=prefix or None):
                for each in page:
                    yield str(each["path"])
        except Exception as error:  # the same
            raise OSError(_shorten(error)) from error


def open_bucket(name: str) -> Bucket:
    """Return a bucket; raises UsageError, with the cure, where obstore is not installed."""
    try:
        import obstore  # noqa: PLC0415 - optional
        from obstore.store import S3Store  # noqa: PLC0415 - the same
    except ImportError as error:
        raise UsageError(
            f"while opening the bucket {name!r}: the part for S3 storage is not installed"
            " (./stationwatch install s3)"
        ) from error
    wishes: dict[str, Any] = {}
    if not os.environ.get("AWS_ACCESS_KEY_ID"):
        wishes["skip_signature"] = True
    if os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true"):
        wishes["client_options"] = {"allow_http": True}
    return Bucket(S3Store(name, **wishes), obstore)


def _shorten(error: Exception) -> str:
    text = " ".join(str(error).split())
    said = text.partition(" Debug source:")[0][:300]
    return f"the name of its server {NO_NAME}: {said}" if "dns error" in text else said
