"""Garbage is looked for seldom, and never while rules are loaded; afterwards as before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from monitor.collector import SELDOM, collect_seldom, collecting_nothing


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.enable()


def test_nothing_is_collected_inside_and_as_before_behind() -> None:
    with collecting_nothing():
        assert not gc.isenabled()
        with collecting_nothing():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_fails_inside_leaves_the_collector_on() -> None:
    with pytest.raises(KeyError), collecting_nothing():
        raise KeyError
    assert gc.isenabled()


def test_seldom() -> None:
    collect_seldom()
    assert gc.get_threshold() == SELDOM
