"""How tests claim what the outbox owes."""

from __future__ import annotations

from datetime import timedelta

from monitor.model import OwedAlert
from tests.storage.building import Desk

MINUTE = timedelta(minutes=1)


def claim(desk: Desk, **changes: object) -> list[OwedAlert]:
    return list(desk.storage.outbox.claim_alerts(desk.clock.now(), **changes))  # type: ignore[arg-type]
