"""Sites and circuits out of the cloud's documents; orders and the answers to them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.chargers.easee import commands
from bridge.chargers.easee.circuit import Circuit, circuits, site_numbers
from bridge.chargers.easee.commands import Orders
from bridge.core.model import Cause, Outcome, Result, SetCircuitLimit
from bridge.core.phases import PerPhase
from bridge.errors import MalformedReadingError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "circuits", "chargers", "backPlate", "masterBackPlateId", "ratedCurrent", "ticks"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def charger(serial: str, plate: str, master: str) -> dict[str, object]:
    return {"id": serial, "backPlate": {"id": plate, "masterBackPlateId": master}}


def test_the_lower_rated_current_and_the_master_are_found() -> None:
    site = {
        "id": 1,
        "ratedCurrent": 25.0,
        "circuits": [
            {"id": 2, "ratedCurrent": 16.0, "chargers": [charger("EH1", "a", "b"), charger("EH2", "b", "b")]},
            {"id": 3, "ratedCurrent": 32.0, "chargers": [charger("EH3", "c", "c")]},
        ],
    }
    shared, own = circuits(site)
    assert (shared.rated_current, shared.master, shared.is_shared) == (16, "EH2", True)
    assert (own.rated_current, own.master, own.is_shared) == (25, "EH3", False)


def test_a_circuit_whose_chargers_are_not_all_known_counts_as_shared() -> None:
    [circuit] = circuits({"id": 1, "circuits": [{"id": 2, "chargers": [{"id": "EH1"}]}]}, is_count_known=False)
    assert circuit.is_shared


@pytest.mark.parametrize(
    "site",
    [
        None,
        [],
        "site",
        {"id": 1},
        {"id": 1, "circuits": None},
        {"id": None, "circuits": [{"id": 2, "chargers": [{"id": "EH1"}]}]},
        {"id": 1, "circuits": [{"id": 2, "chargers": None}]},
        {"id": 1, "circuits": [{"id": 2, "chargers": [{"id": None}]}]},
        {"id": 1, "circuits": [{"chargers": [{"id": "EH1"}]}]},
    ],
)
def test_a_document_without_a_charger_has_no_circuit(site: object) -> None:
    assert circuits(site) == []


def test_sites_are_numbered_once() -> None:
    assert site_numbers([{"id": 1}, {"id": 2}, {"id": 1}, {"id": "3"}, {}, None]) == [1, 2, 3]


@given(JSON)
def test_no_document_raises(document: object) -> None:
    site_numbers(document)
    for circuit in circuits(document):
        assert circuit.chargers
    Orders().accept(1, document)


def order(*currents: int, minutes: int = 10, number: int = 1) -> SetCircuitLimit:
    return SetCircuitLimit(currents, minutes, Cause.LOWER, number)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("currents", "binding", "sent"),
    [
        ((16, 16, 16), None, (16, 16, 16)),
        ((16, 10, 0), 32.0, (16, 10, 0)),
        ((16, 10, 6), 13.9, (13, 10, 6)),
        ((16, 16, 16), 0.0, (0, 0, 0)),
        ((16, 16, 16), -4.0, (0, 0, 0)),
        ((-1, 16, 16), None, (0, 16, 16)),
        ((15.9, 0.5, 6.0), None, (15, 0, 6)),
    ],
)
def test_amperes_are_whole_and_never_above_what_binds(
    currents: tuple[int, int, int], binding: float | None, sent: tuple[int, ...]
) -> None:
    assert commands.currents(order(*currents), binding) == sent


def test_all_phases_and_the_minutes_are_named() -> None:
    assert commands.body((6, 0, 0), 0) == {"phase1": 6, "phase2": 0, "phase3": 0, "timeToLive": 0}
    assert commands.path(Circuit(1, 2, ("EH1",))) == "/api/sites/1/circuits/2/dynamicCurrent"


def response(**members: object) -> dict[str, object]:
    return {"serialNumber": "EH1", "id": 22, "wasAccepted": True, "resultCode": 0, "ticks": 7, **members}


def test_ticks_tell_whose_answer_it_is() -> None:
    orders = Orders()
    for number in (1, 2):
        orders.send(number, (10, 10, 10), 0.0)
        orders.accept(number, {"device": "EH1", "commandId": 22, "ticks": number})
    assert orders.respond(response(ticks=1), 1.0) == Outcome(1, Result.EXECUTED)
    assert orders.respond(response(ticks=9), 1.0) is None
    assert orders.respond(response(ticks=2, wasAccepted=False), 1.0) == Outcome(
        2, Result.REJECTED, "the charger refused it (result 0)"
    )
    assert orders.respond(response(ticks=2), 1.0) is None


def test_without_ticks_the_newest_order_is_meant() -> None:
    orders = Orders()
    orders.send(1, (10, 10, 10), 0.0)
    orders.send(2, (9, 9, 9), 20.0)
    assert orders.respond(response(), 25.0) == Outcome(2, Result.EXECUTED)
    assert orders.respond(response(ticks=None), 29.0) == Outcome(1, Result.EXECUTED)
    assert orders.respond(response(), 29.0) is None


def test_an_answer_half_a_minute_late_is_nobodys() -> None:
    orders = Orders()
    orders.send(1, (10, 10, 10), 0.0)
    assert orders.respond(response(), 31.0) is None


@pytest.mark.parametrize("raw", [None, [], "x", {}, response(id=None), response(wasAccepted=None), response(id="x")])
def test_what_is_no_answer_is_malformed(raw: object) -> None:
    with pytest.raises(MalformedReadingError):
        Orders().respond(raw, 0.0)


def test_an_order_is_confirmed_by_its_read_back() -> None:
    orders = Orders()
    assert orders.is_confirmed(None)
    orders.send(1, (10, 10, 10), 0.0)
    assert not orders.is_confirmed(PerPhase(16, 16, 16))
    assert orders.is_confirmed(PerPhase(10, 10, 10))
