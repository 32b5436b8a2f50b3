"""From observations to a report."""

from datetime import UTC, datetime

import pytest
from easee_peer import STATE
from hypothesis import given
from hypothesis import strategies as st

from bridge.chargers.easee import translate
from bridge.chargers.easee.circuit import Circuit
from bridge.chargers.easee.observations import Observations, Seen
from bridge.core.model import ChargerReport, ChargerState, NoCurrent
from bridge.core.phases import NOTHING, PerPhase

OWN = Circuit(site=1, number=2, chargers=("EH1",), rated_current=20.0, charger="EH1")
SHARED = Circuit(site=1, number=2, chargers=("EH1", "EH2"), master="EH2", charger="EH1")
START = datetime(2026, 5, 1, tzinfo=UTC).timestamp()


def said(*changes: tuple[int, object], after: float = 0) -> Observations:
    """A charging charger, and then these changes, so many seconds later."""
    seen = Observations()
    for seconds, each in ((0.0, STATE.items()), (after, changes)):
        stamp = datetime.fromtimestamp(START + seconds, UTC).isoformat()
        for number, value in each:
            seen.take({"id": number, "timestamp": stamp, "value": value}, START + 1e6)
    return seen


def report(*changes: tuple[int, object], after: float = 0) -> ChargerReport:
    seen = said(*changes, after=after)
    result = translate.report(seen, OWN, seen)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (0, ChargerState.OFFLINE),
        (1, ChargerState.DISCONNECTED),
        (2, ChargerState.AWAITING_START),
        (3, ChargerState.CHARGING),
        (4, ChargerState.COMPLETED),
        (5, ChargerState.ERROR),
        (6, ChargerState.READY),
        (7, ChargerState.AWAITING_AUTHENTICATION),
        (8, ChargerState.DEAUTHENTICATING),
        (9, ChargerState.UNKNOWN),
        (100, ChargerState.UNKNOWN),
    ],
)
def test_every_mode_of_operation_has_a_word(code: int, state: ChargerState) -> None:
    assert report((109, code)).state is state


@pytest.mark.parametrize(
    ("code", "output"),
    [
        (0, None),
        (10, (True, False, False)),
        (12, (False, True, False)),
        (14, (False, False, True)),
        (20, (True, True, False)),
        (21, (False, True, True)),
        (30, (True, True, True)),
        (22, (True, True, True)),
        (99, None),
    ],
)
def test_the_output_names_the_phases_in_use(code: int, output: tuple[bool, bool, bool] | None) -> None:
    assert report((110, code)).output == output


@pytest.mark.parametrize(
    ("code", "group"),
    [
        (0, NoCurrent.NONE),
        (2, NoCurrent.OUR_LIMIT),
        (27, NoCurrent.OUR_LIMIT),
        (52, NoCurrent.OTHER_LIMIT),
        (78, NoCurrent.OTHER_LIMIT),
        (3, NoCurrent.OFFLINE),
        (30, NoCurrent.OFFLINE),
        (28, NoCurrent.EQUALIZER),
        (50, NoCurrent.CAR),
        (79, NoCurrent.CAR),
        (5, NoCurrent.QUEUE),
        (55, NoCurrent.NOT_ALLOWED),
        (56, NoCurrent.FAULT),
        (100, NoCurrent.NONE),
        (999, NoCurrent.NONE),
    ],
)
def test_reasons_are_grouped_by_whose_cure_it_is(code: int, group: NoCurrent) -> None:
    result = report((96, code))
    assert (result.no_current, result.no_current_code) == (group, code)


def test_a_single_phase_car_on_the_third_phase_works() -> None:
    result = report((110, 14), (183, 0.02), (184, 0.01), (185, 16.1))
    assert result.draw == PerPhase(0.02, 0.01, 16.1)
    assert result.output == (False, False, True)


@pytest.mark.parametrize("missing", [*(Seen(n) for n in (109, 111, 112, 113))])
def test_without_state_and_limit_there_is_no_report(missing: Seen) -> None:
    seen = Observations()
    for number, value in STATE.items():
        if number != missing:
            seen.take({"id": number, "value": value}, START)
    assert translate.report(seen, OWN, seen) is None


def test_unknown_is_none_and_not_nothing() -> None:
    seen = Observations()
    for number in (109, 111, 112, 113):
        seen.take({"id": number, "value": 3}, START)
    result = translate.report(seen, OWN, seen)
    assert result is not None
    assert (result.draw, result.output, result.cloud_connected, result.no_current_code) == (None, None, None, None)
    assert result.bounds.offline_current is None
    assert result.bounds.binding == 20.0


def test_the_lowest_limit_binds_and_an_unwired_phase_does_not() -> None:
    bounds = report((22, 16), (23, 0), (24, 0), (47, 25), (50, 6), (51, 0), (52, 0)).bounds
    assert (bounds.circuit_maximum, bounds.charger_maximum, bounds.offline_current) == (16, 25, 6)
    assert bounds.binding == 16


def test_a_circuit_closed_altogether_binds_at_nothing() -> None:
    assert report((22, 0), (23, 0), (24, 0)).bounds.binding == 0


@pytest.mark.parametrize(
    ("changes", "draw"),
    [
        pytest.param([(109, 2)], NOTHING, id="the charger has suspended the car since"),
        pytest.param([(109, 1)], NOTHING, id="the car was unplugged since"),
        pytest.param([(120, 0.0)], NOTHING, id="there is no power since"),
        pytest.param([(109, 6)], PerPhase(15.8, 15.9, 15.7), id="the car may still be ramping down"),
        pytest.param([(120, 9.0)], PerPhase(15.8, 15.9, 15.7), id="there is power"),
    ],
)
def test_currents_that_newer_word_contradicts_are_over(changes: list[tuple[int, object]], draw: PerPhase) -> None:
    assert report(*changes, after=5).draw == draw


def test_a_draw_newer_than_the_state_means_charging() -> None:
    seen = said((109, 6), (183, 0), (184, 0), (185, 0), (120, 0))
    assert translate.charger_state(seen) is ChargerState.READY
    later = datetime.fromtimestamp(START + 9, UTC).isoformat()
    for number, value in ((183, 8), (120, 1.8)):
        seen.take({"id": number, "timestamp": later, "value": value}, START + 1e6)
    assert translate.charger_state(seen) is ChargerState.CHARGING


def test_a_shared_circuit_is_told_by_its_master() -> None:
    own, master = said((109, 1)), Observations()
    assert translate.report(own, SHARED, master) is None
    for number in (73, 74, 75):
        master.take({"id": number, "value": "9.5"}, START)
    result = translate.report(own, SHARED, master)
    assert result is not None
    assert (result.draw, result.state) == (PerPhase(9.5, 9.5, 9.5), ChargerState.CHARGING)
    assert result.output == (True, True, True)


@pytest.mark.parametrize("code", [1, 2, 3])
def test_tn_grids_are_fine(code: int) -> None:
    assert translate.unsuitable_grid(code) is None
    assert translate.grid_warning(code) is None


@pytest.mark.parametrize("code", [4, 5, 32, 33, 34, 35, 50, 51, 52])
def test_other_grids_are_refused(code: int) -> None:
    assert str(code) in (translate.unsuitable_grid(code) or "")


@pytest.mark.parametrize("code", [None, 0, 30, 31, 36, 37, 38, 99])
def test_a_doubtful_grid_is_warned_about(code: int | None) -> None:
    assert translate.unsuitable_grid(code) is None
    assert translate.grid_warning(code)


@given(st.dictionaries(st.sampled_from(Seen), st.floats(-1, 1000) | st.integers(0, 200)), st.booleans())
def test_whatever_was_said_can_be_reported(values: dict[Seen, float], is_shared: bool) -> None:  # noqa: FBT001
    seen = Observations()
    for key, value in values.items():
        seen.take({"id": key.value, "value": value}, START)
    result = translate.report(seen, SHARED if is_shared else OWN, seen)
    if result is not None and result.draw is not None:
        assert min(result.draw) >= 0
