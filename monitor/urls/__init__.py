"""What a URL says: the key of an article, the site it belongs to, and links made absolute.

Without a network: the list of public suffixes is the one that tldextract ships.
"""

from monitor.urls.canonical import canonical_url
from monitor.urls.parts import LONGEST_URL, is_http_url, join
from monitor.urls.site import host_of, same_site, site_of

__all__ = [
    "LONGEST_URL",
    "canonical_url",
    "host_of",
    "is_http_url",
    "join",
    "same_site",
    "site_of",
]
