"""What is wrong with an observation is told without falling over it."""

from functools import reduce

import pytest

from bridge.chargers.easee.circuit import Circuit, circuits
from bridge.chargers.easee.reporter import Reporter
from bridge.core.model import Link, Observation, Refused

NESTED: object = reduce(lambda inner, _: [inner], range(100_000), [])
"""Deeper than the interpreter can follow."""


@pytest.mark.parametrize(
    "raw",
    [NESTED, {"mid": NESTED}, {"mid": "EH1", "id": NESTED}, {"mid": "EH1", "id": 111, "value": NESTED}],
    ids=["itself", "its charger", "its number", "its value"],
)
def test_nothing_is_raised_however_deeply_it_is_nested(raw: object, caplog: pytest.LogCaptureFixture) -> None:
    told: list[Observation] = []
    Reporter(Circuit(1, 2, ("EH1",), charger="EH1"), told.append, pytest.fail).observed(raw)
    assert told == [Refused(Link.CHARGER)]
    assert all(len(record.getMessage()) < 200 for record in caplog.records)


def test_a_back_plate_nested_without_end_speaks_for_nobody() -> None:
    other = reduce(lambda inner, _: [inner], range(100_000), [])
    charger = {"id": "EH1", "backPlate": {"id": NESTED, "masterBackPlateId": other}}
    (found,) = circuits({"id": 1, "circuits": [{"id": 2, "chargers": [charger]}]})
    assert found.master is None
