from __future__ import annotations

import pytest

from monitor.match.outlet_country import country_of_outlet


@pytest.mark.parametrize(
    ("url", "country"),
    [
        ("https://www.example.hr/a", "HR"),
        ("https://example.co.uk/a", "GB"),
        ("https://example.com/hr", None),
        ("https://example.tv/a", None),
        ("https://192.0.2.1/a", None),
        ("not a url", None),
        ("", None),
        (None, None),
        ("http://[::1", None),
    ],
)
def test_top_level_domain_names_a_country_or_none(url: str | None, country: str | None) -> None:
    assert country_of_outlet(url) == country
