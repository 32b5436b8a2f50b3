"""Observations: typed, timed, and never an exception."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.chargers.easee.observations import Observations, Seen, Verdict, number_or_none

NOW = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=6,
)
TIMES = st.datetimes().map(lambda moment: moment.isoformat() + "Z")


def raw(number: object, value: object, stamp: object = "2026-05-01T00:00:00Z") -> dict[str, object]:
    return {"mid": "EH1", "dataType": 3, "id": number, "timestamp": stamp, "value": value}


@pytest.mark.parametrize(
    ("number", "value", "expected"),
    [
        pytest.param(111, "16.0", 16.0, id="a double as text"),
        pytest.param(111, 16, 16.0, id="a double as a number"),
        pytest.param(50, "6", 6.0, id="an integer as text"),
        pytest.param(109, "3.0", 3.0, id="an integer written as a double"),
        pytest.param("111", "16", 16.0, id="a number of an observation as text"),
        pytest.param(250, "1", 1.0, id="truth as 1"),
        pytest.param(250, True, 1.0, id="truth"),
        pytest.param(250, "False", 0.0, id="untruth"),
        pytest.param(183, "-0.02", 0.0, id="noise below nothing"),
    ],
)
def test_values_come_in_many_shapes(number: object, value: object, expected: float) -> None:
    seen = Observations()
    assert seen.take(raw(number, value), NOW) is Verdict.CHANGED
    assert seen.value(Seen(int(str(number)))) == expected


@pytest.mark.parametrize("value", ["", None, "x", "nan", math.nan, "inf", "1e999", 10**400, [], {}, True, -5, 4711])
def test_what_is_no_current_is_refused_and_the_last_one_kept(value: object) -> None:
    seen = Observations()
    seen.take(raw(111, "16"), NOW)
    assert seen.take(raw(111, value), NOW) is Verdict.REFUSED
    assert seen.value(Seen.DYNAMIC_CURRENT_P1) == 16


@pytest.mark.parametrize("stamp", ["", "yesterday", 5, [], "2026-13-01T00:00:00Z"])
def test_what_is_no_time_is_refused(stamp: object) -> None:
    assert Observations().take(raw(111, "16", stamp), NOW) is Verdict.REFUSED


@pytest.mark.parametrize("thing", [None, [], "text", 3, {}, {"id": True}, {"id": "x", "value": 1}, {"id": 11.5}])
def test_what_is_no_observation_is_refused(thing: object) -> None:
    assert Observations().take(thing, NOW) is Verdict.REFUSED


def test_what_does_not_matter_here_is_no_nonsense() -> None:
    assert Observations().take(raw(190, "whatever", "never"), NOW) is Verdict.UNUSED


@pytest.mark.parametrize(
    ("stamp", "verdict"),
    [
        pytest.param("2026-05-01T00:00:00Z", Verdict.OLDER, id="older"),
        pytest.param("2026-05-01T00:00:00", Verdict.OLDER, id="older, without a zone"),
        pytest.param("2026-05-02T01:30:00+02:00", Verdict.OLDER, id="older, in another zone"),
        pytest.param("2026-05-02T00:00:00Z", Verdict.CHANGED, id="of the same second"),
        pytest.param("2026-05-02T00:00:00.1234567Z", Verdict.CHANGED, id="newer, with seven decimals"),
        pytest.param(None, Verdict.CHANGED, id="without a time"),
    ],
)
def test_only_older_ones_are_dropped(stamp: object, verdict: Verdict) -> None:
    seen = Observations()
    seen.take(raw(111, 10, "2026-05-02T00:00:00Z"), NOW)
    assert seen.take(raw(111, 16, stamp), NOW) is verdict
    assert seen.value(Seen.DYNAMIC_CURRENT_P1) == (10 if verdict is Verdict.OLDER else 16)


def test_times_are_kept_per_observation() -> None:
    seen = Observations()
    seen.take(raw(111, 10, "2026-05-02T00:00:00Z"), NOW)
    assert seen.take(raw(47, 32, "2024-01-01T00:00:00Z"), NOW) is Verdict.CHANGED


def test_a_time_from_a_wrong_clock_does_not_lock_out_what_follows() -> None:
    seen = Observations()
    seen.take(raw(111, 10, "2041-01-01T00:00:00Z"), NOW)
    assert seen.take(raw(111, 16, "2026-05-01T00:00:00Z"), NOW) is Verdict.OLDER
    later = datetime.fromtimestamp(NOW + 5, UTC).isoformat()
    assert seen.take(raw(111, 16, later), NOW + 7) is Verdict.CHANGED
    assert seen.take(raw(111, 20, "2026-05-01T00:00:00Z"), NOW) is Verdict.OLDER


def test_a_clock_of_ours_that_is_wrong_changes_nothing() -> None:
    seen = Observations()
    assert seen.take(raw(111, 10, "2026-05-02T00:00:00Z"), 0.0) is Verdict.CHANGED
    assert seen.take(raw(111, 16, "2026-05-01T00:00:00Z"), 0.0) is Verdict.OLDER
    assert seen.take(raw(111, 16, "2026-05-03T00:00:00Z"), 0.0) is Verdict.CHANGED


@given(things=st.lists(GARBAGE, max_size=5))
def test_nothing_at_all_raises(things: list[object]) -> None:
    seen = Observations()
    for thing in things:
        assert seen.take(thing, NOW) in Verdict


@given(
    number=st.sampled_from(Seen) | GARBAGE,
    value=GARBAGE | st.floats().map(str) | st.integers().map(str),
    stamp=TIMES | GARBAGE,
)
def test_nothing_in_the_right_shape_raises_either(number: object, value: object, stamp: object) -> None:
    seen = Observations()
    verdict = seen.take(raw(number, value, stamp), NOW)
    known = [seen.value(key) for key in Seen if seen.value(key) is not None]
    assert len(known) == (verdict is Verdict.CHANGED)
    assert all(0 <= abs(each or 0) <= 1000 for each in known)


@given(st.lists(st.tuples(TIMES, st.integers(0, 32)), min_size=1, max_size=8))
def test_the_newest_wins_in_whatever_order_they_come(readings: list[tuple[str, int]]) -> None:
    newest = max(readings, key=lambda reading: reading[0])
    same = [value for stamp, value in readings if stamp == newest[0]]
    seen = Observations()
    for stamp, value in readings:
        seen.take(raw(111, value, stamp), math.inf)
    assert seen.value(Seen.DYNAMIC_CURRENT_P1) == same[-1]


@given(GARBAGE)
def test_a_number_is_finite_or_none(thing: object) -> None:
    number = number_or_none(thing)
    assert number is None or math.isfinite(number)
