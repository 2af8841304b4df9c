"""Look names up in time: each in a daemon thread of its own, at most so many at once.

`getaddrinfo` cannot be interrupted, and an executor's threads would be used up by names that hang
and would hold the process at its end (FAULTS C1).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from monitor.egress.addresses import Allowance, IPAddress, Target, check_address
from monitor.errors import EgressRefused

Address = IPAddress
Lookup = Callable[[str, int], Sequence[str]]
"""Name and port → addresses as text; raises OSError (`socket.gaierror`) when there are none."""

MOST_AT_ONCE = 128
"""Threads that may hang in the system's resolver; each is 8 MB of address space, little memory."""

_free = threading.BoundedSemaphore(MOST_AT_ONCE)


def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses that the system's resolver has for `host`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolve_soon(
    target: Target, allow: Allowance, *, lookup: Lookup = look_up
) -> Future[list[Address]]:
    """Return a future of the checked addresses of `target`, in the resolver's order.

    One address that may not be contacted refuses the name as a whole: a mixed answer is how a
    rebinding attack looks. The future fails with EgressRefused or OSError.
    """
    future: Future[list[Address]] = Future()
    if not _free.acquire(blocking=False):
        future.set_exception(
            OSError(
                f"while looking up {target.host!r}: {MOST_AT_ONCE} names are waited for already"
            )
        )
        return future

    def work() -> None:
        try:
            found = lookup(target.host, target.port)
            addresses = [
                check_address(one.split("%")[0], allow, host=target.host, port=target.port)
                for one in found
            ]
            if not addresses:
                raise OSError(f"while looking up {target.host!r}: no address")
        except (OSError, ValueError, EgressRefused) as error:
            future.set_exception(
                OSError(f"while looking up {target.host!r}: {error}")
                if isinstance(error, ValueError)
                else error
            )
        else:
            future.set_result(addresses)
        finally:
            _free.release()

    threading.Thread(target=work, name=f"lookup {target.host}", daemon=True).start()
    return future


def guarded_resolve(
    target: Target, allow: Allowance, *, timeout: float, lookup: Lookup = look_up
) -> list[Address]:
    """Return the checked addresses of `target` within `timeout` seconds.

    Raises EgressRefused, TimeoutError, or OSError when the name has none.
    """
    try:
        return resolve_soon(target, allow, lookup=lookup).result(timeout)
    except FutureTimeout:
        raise TimeoutError(
            f"while looking up {target.host!r}: no answer in {timeout:.0f} s"
        ) from None
