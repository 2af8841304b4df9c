"""Which addresses may be contacted, and how a contact is kept to them and to its time.

Every connection that the program opens to a host that a file, a page or a person named goes through
here: the address that is connected to is the one that was checked (FAULTS C5, E6, F5; promise P6).
"""

from monitor.egress.addresses import (
    Allowance,
    Target,
    check_address,
    check_url,
    parse_allowance,
)
from monitor.egress.lookup import Address, Lookup, guarded_resolve, resolve_soon
from monitor.egress.post import Reply, host_header, post, tls_context, wire_url

__all__ = [
    "Address",
    "Allowance",
    "Lookup",
    "Reply",
    "Target",
    "check_address",
    "check_url",
    "guarded_resolve",
    "host_header",
    "parse_allowance",
    "post",
    "resolve_soon",
    "tls_context",
    "wire_url",
]
