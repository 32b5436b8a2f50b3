"""Changes of the links are told and logged once."""

import logging

import pytest

from bridge.chargers.easee.links import Links
from bridge.core.model import Link, LinkReport, Observation


class Hand:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_outage_is_told_once_and_its_end_with_its_length(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    told: list[Observation] = []
    clock = Hand()
    links = Links(told.append, clock)
    links.up(Link.STREAM)
    for detail in ("gone", "still gone"):
        links.lost(Link.STREAM, detail)
    clock.now += 42
    for _ in range(2):
        links.up(Link.STREAM)
    up = LinkReport(Link.STREAM, is_up=True)
    assert told == [up, LinkReport(Link.STREAM, is_up=False, detail="gone"), up]
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "Easee stream connected"),
        ("WARNING", "Easee stream lost: gone"),
        ("INFO", "Easee stream recovered after 42 s"),
    ]


def test_a_ban_after_an_outage_is_told_too_and_so_is_each_further_one() -> None:
    told: list[Observation] = []
    clock = Hand()
    links = Links(told.append, clock)
    links.lost(Link.CHARGER, "HTTP 503")
    links.lost(Link.CHARGER, "banned", 300)
    clock.now += 100
    links.lost(Link.CHARGER, "banned", 200)
    links.lost(Link.CHARGER, "HTTP 503")
    clock.now += 200
    links.lost(Link.CHARGER, "banned again", 3600)
    assert [each.retry_after for each in told if isinstance(each, LinkReport)] == [None, 300, 3600]


def test_a_ban_met_after_the_end_is_told() -> None:
    told: list[object] = []
    links = Links(told.append, lambda: 5.0)
    links.end("gone")
    links.lost(Link.CHARGER, "no calls", 60.0)
    assert told[-1] == LinkReport(Link.CHARGER, is_up=False, detail="no calls", retry_after=60.0)
