"""The current of one phase, from what smart meters say of it."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bridge.core.mains_estimate import HIDDEN_FRACTION, estimate

whole_amperes = st.integers(0, 100).map(float)
tenths = st.integers(0, 1000).map(lambda tenth: tenth / 10)
powers = st.floats(-30_000, 30_000)
voltages = st.floats(180, 260)
maybe_voltages = st.none() | voltages


@pytest.mark.parametrize(
    ("metered", "power", "voltage", "current"),
    [
        (5.0, 1210.0, 230.0, 1210 / 230),  # the fraction is in the power
        (5.0, 1150.0, 230.0, 5.0),
        (5.0, 1000.0, 230.0, 5.0),  # reactive load: the power says less than the fuse sees
        (5.0, 1700.0, 230.0, 5.99),  # the power is of another instant
        (0.0, 100.0, 230.0, 100 / 230),
        (3.0, 0.0, 230.0, 3.0),  # no active power is no export
        (4.0, -1160.0, 236.0, -1160 / 236),
        (4.0, -563.0, 236.0, -563 / 236),  # only the active part of 4 A is export
        (4.0, -2000.0, 230.0, -4.99),  # no more export than the meter shows
        (5.0, 1210.0, None, 1210 / 230),
        (5.0, None, 230.0, 5.0),
        (5.0, None, None, 5.0),
        (None, 2300.0, 230.0, 10.0),
        (None, -1150.0, None, -5.0),
    ],
)
def test_a_phase_of_a_whole_ampere_meter(
    metered: float | None, power: float | None, voltage: float | None, current: float
) -> None:
    reading = estimate(metered, power, voltage, meter_is_fine=False)
    assert reading is not None
    assert reading.current == pytest.approx(current)
    assert (reading.power, reading.voltage, reading.metered) == (power, voltage, metered)


@pytest.mark.parametrize(
    ("metered", "power", "current"),
    [
        (0.49, 61.0, 0.49),  # 113 VA, 61 W
        (4.17, 1100.0, 4.17),
        (4.17, -900.0, -900 / 230),
        (4.0, 1100.0, 4.0),  # a fine meter that happens to show a whole ampere
        (4.17, None, 4.17),
    ],
)
def test_a_fine_meter_keeps_its_magnitude(metered: float, power: float | None, current: float) -> None:
    reading = estimate(metered, power, 230.0, meter_is_fine=True)
    assert reading is not None
    assert reading.current == pytest.approx(current)
    assert not reading.whole_amperes


def test_decimals_are_believed_before_the_meter_is_known_to_be_fine() -> None:
    reading = estimate(4.17, 1100.0, 230.0, meter_is_fine=False)
    assert reading is not None
    assert reading.current == 4.17


def test_nothing_usable_is_no_reading() -> None:
    assert estimate(None, None, None, meter_is_fine=False) is None
    assert estimate(None, None, 230.0, meter_is_fine=True) is None


@pytest.mark.parametrize(
    ("metered", "power", "voltage", "is_fine", "whole"),
    [
        (5.0, 1200.0, 230.0, False, False),
        (5.0, 1200.0, None, False, True),  # 230 V may be 10 % off: the fraction is a guess
        (5.0, None, 230.0, False, True),
        (None, 1200.0, 230.0, False, True),  # the reactive part is unknown
        (5.2, None, None, True, False),
    ],
)
def test_a_larger_margin_is_asked_for_where_the_fraction_is_unknown(
    *, metered: float | None, power: float | None, voltage: float | None, is_fine: bool, whole: bool
) -> None:
    reading = estimate(metered, power, voltage, meter_is_fine=is_fine)
    assert reading is not None
    assert reading.whole_amperes is whole


@given(metered=whole_amperes, power=st.none() | st.floats(0, 30_000), voltage=maybe_voltages)
def test_import_is_never_below_the_meter_nor_an_ampere_above(
    metered: float, power: float | None, voltage: float | None
) -> None:
    reading = estimate(metered, power, voltage, meter_is_fine=False)
    assert reading is not None
    assert metered <= reading.current <= metered + HIDDEN_FRACTION


@given(metered=st.none() | whole_amperes | tenths, power=powers, voltage=maybe_voltages, is_fine=st.booleans())
def test_the_sign_is_that_of_the_power(
    *, metered: float | None, power: float, voltage: float | None, is_fine: bool
) -> None:
    reading = estimate(metered, power, voltage, meter_is_fine=is_fine)
    assert reading is not None
    assert reading.current >= 0 if power >= 0 else reading.current <= 0


@given(metered=st.none() | whole_amperes | tenths, power=st.floats(-30_000, -1), voltage=maybe_voltages)
def test_export_is_never_credited_beyond_the_active_power(
    metered: float | None, power: float, voltage: float | None
) -> None:
    reading = estimate(metered, power, voltage, meter_is_fine=False)
    assert reading is not None
    assert -reading.current <= abs(power) / (voltage or 230.0) * (1 + 1e-9)
    if metered is not None:
        assert -reading.current <= metered + HIDDEN_FRACTION


@given(
    metered=st.none() | whole_amperes | tenths,
    power=powers,
    more=st.floats(0, 30_000),
    voltage=maybe_voltages,
    is_fine=st.booleans(),
)
def test_more_power_is_never_less_current(
    *, metered: float | None, power: float, more: float, voltage: float | None, is_fine: bool
) -> None:
    low = estimate(metered, power, voltage, meter_is_fine=is_fine)
    high = estimate(metered, power + more, voltage, meter_is_fine=is_fine)
    assert low is not None
    assert high is not None
    assert low.current <= high.current


@given(metered=whole_amperes, more=st.integers(0, 50), power=st.floats(0, 30_000), voltage=voltages)
def test_more_metered_amperes_are_never_less_current(metered: float, more: int, power: float, voltage: float) -> None:
    low = estimate(metered, power, voltage, meter_is_fine=False)
    high = estimate(metered + more, power, voltage, meter_is_fine=False)
    assert low is not None
    assert high is not None
    assert low.current <= high.current


@given(true_current=st.floats(0, 80), voltage=voltages, power_factor=st.floats(0.3, 1))
def test_a_truncating_meter_never_hides_an_ampere(true_current: float, voltage: float, power_factor: float) -> None:
    assume(true_current - math.floor(true_current) <= HIDDEN_FRACTION)
    metered = float(math.floor(true_current))
    power = round(true_current * voltage * power_factor)
    reading = estimate(metered, power, voltage, meter_is_fine=False)
    assert reading is not None
    assert true_current - 1 < reading.current <= true_current + 0.01
