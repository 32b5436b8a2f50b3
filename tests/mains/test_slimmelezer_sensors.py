"""Which sensors are found, for each firmware."""

import pytest
from aioesphomeapi.model import EntityInfo, SensorInfo, SensorState, TextSensorInfo
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.phases import Phase
from bridge.errors import MalformedReadingError
from bridge.mains.slimmelezer.assembler import Channel, Quantity
from bridge.mains.slimmelezer.plausible import HIGHEST, value_of
from bridge.mains.slimmelezer.sensors import SENSOR_KEYS, Sensor, find_sensors
from bridge.simulator.esphome_messages import SensorSpec
from bridge.simulator.variants import CLASSIC, VARIANTS, Variant


def info(spec: SensorSpec) -> EntityInfo:
    if spec.text:
        return TextSensorInfo(object_id=spec.object_id, key=spec.key, name=spec.name)
    return SensorInfo(object_id=spec.object_id, key=spec.key, name=spec.name, unit_of_measurement=spec.unit)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_every_firmware_tells_everything_of_three_phases(variant: Variant) -> None:
    found = find_sensors(map(info, variant.sensors), {})
    assert {sensor.channel for sensor in found.sensors.values()} == {Channel(p, q) for p in Phase for q in Quantity}
    assert found.complaints == ()
    scales = {s.scale for s in found.sensors.values() if s.channel.quantity is Quantity.CONSUMED}
    assert scales == {1000.0 if variant.power_unit == "kW" else 1.0}


def test_average_demand_and_peaks_are_no_currents() -> None:
    names = ("Current Average Demand", "Electricity Peak Current Month", "Current", "Current Phase 1 Max")
    assert not find_sensors([info(SensorSpec(name, "A")) for name in names], {}).sensors


@pytest.mark.parametrize("named", ["my_current", "My Current"])
def test_a_renamed_sensor_is_named_in_the_settings(named: str) -> None:
    found = find_sensors([info(SensorSpec("My Current", "A"))], {"current_l2": named})
    [sensor] = found.sensors.values()
    assert sensor.channel == Channel(Phase.L2, Quantity.CURRENT)


def test_an_override_that_the_device_lacks_is_complained_about_and_replaces_nothing() -> None:
    found = find_sensors(map(info, CLASSIC.sensors), {"current_l1": "nonsense"})
    assert not any(s.channel == Channel(Phase.L1, Quantity.CURRENT) for s in found.sensors.values())
    assert "nonsense" in found.complaints[0]


def test_a_power_without_a_unit_is_not_guessed() -> None:
    found = find_sensors([info(SensorSpec("Power Consumed Phase 1", ""))], {})
    assert not found.sensors
    assert "kW or W" in found.complaints[0]


def test_sub_devices_with_equal_keys_are_told_apart() -> None:
    one = SensorInfo(object_id="current_phase_1", key=7, unit_of_measurement="A", device_id=0)
    other = SensorInfo(object_id="current_phase_2", key=7, unit_of_measurement="A", device_id=1)
    assert set(find_sensors([one, other], {}).sensors) == {(0, 7), (1, 7)}


def test_the_keys_of_the_settings() -> None:
    assert "power_consumed_l1" in SENSOR_KEYS
    assert len(SENSOR_KEYS) == 12


def sensor(quantity: Quantity, scale: float = 1.0, *, is_signed: bool = False) -> Sensor:
    return Sensor("name", Channel(Phase.L1, quantity), scale, is_signed)


@pytest.mark.parametrize(
    ("quantity", "scale", "state", "value"),
    [
        (Quantity.CONSUMED, 1000.0, 0.689999997615814, 690.0),
        (Quantity.CURRENT, 1.0, 4.170000076293945, 4.17),
        (Quantity.VOLTAGE, 1.0, 230.10000610351562, 230.1),
        (Quantity.CURRENT, 0.001, 5170.0, 5.17),
    ],
)
def test_float32_is_rounded_and_scaled(quantity: Quantity, scale: float, state: float, value: float) -> None:
    assert value_of(sensor(quantity, scale), SensorState(state=state)) == value


@pytest.mark.parametrize("state", [SensorState(state=float("nan")), SensorState(state=5.0, missing_state=True)])
def test_absence_is_none(state: SensorState) -> None:
    assert value_of(sensor(Quantity.CURRENT), state) is None


@pytest.mark.parametrize(
    ("quantity", "state"),
    [
        (Quantity.CURRENT, 1000.5),
        (Quantity.CURRENT, -1.0),
        (Quantity.CURRENT, float("inf")),
        (Quantity.VOLTAGE, 0.0),
        (Quantity.VOLTAGE, 501.0),
        (Quantity.CONSUMED, -0.1),
        (Quantity.PRODUCED, float("-inf")),
    ],
)
def test_nonsense_is_refused(quantity: Quantity, state: float) -> None:
    with pytest.raises(MalformedReadingError):
        value_of(sensor(quantity), SensorState(state=state))


def test_a_net_power_without_a_produced_one_may_be_negative() -> None:
    [found] = find_sensors([info(SensorSpec("Power Consumed Phase 1", "W"))], {}).sensors.values()
    assert value_of(found, SensorState(state=-450.0)) == -450.0


@given(quantity=st.sampled_from(Quantity), state=st.floats(width=32), missing=st.booleans())
def test_what_passes_is_within_bounds(*, quantity: Quantity, state: float, missing: bool) -> None:
    try:
        value = value_of(sensor(quantity), SensorState(state=state, missing_state=missing))
    except MalformedReadingError:
        return
    assert value is None or 0 <= value <= HIGHEST[quantity]
