"""What becomes of a page that a person had removed when it comes again: counted, and not kept."""

from __future__ import annotations

from dataclasses import replace

from monitor.arrival import Arrival, Committed, record_page
from monitor.model import Outcome, Validators
from storage.database import Storage


def end_purged(storage: Storage, arrival: Arrival) -> Committed:
    """Count the page, and keep neither it nor its address; one transaction."""
    page = record_page(arrival, Outcome.PURGED)
    with storage.transaction():
        storage.pages.add(replace(page, url="", final_url="", reason=None, validators=Validators()))
        if arrival.entry_id is not None:
            storage.purges.forget_entry(arrival.entry_id)
    return Committed(outcome=Outcome.PURGED)
