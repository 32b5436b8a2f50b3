"""Which of a device's sensors tell what of which phase, for every firmware that reads a P1 port.

Sensors are known by their whole object id, never by a part of it: "Current Average Demand" is kW.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from aioesphomeapi import EntityInfo, SensorInfo
from aioesphomeapi.object_id import compute_object_id

from bridge.core.phases import Phase
from bridge.errors import one_line
from bridge.mains.slimmelezer.assembler import Channel, Quantity

OBJECT_IDS: Final[Mapping[Quantity, tuple[str, ...]]] = {
    Quantity.CURRENT: ("current_phase_{}", "current_l{}"),
    Quantity.CONSUMED: ("power_consumed_phase_{}", "power_delivered_l{}"),
    Quantity.PRODUCED: ("power_produced_phase_{}", "power_returned_l{}"),
    Quantity.VOLTAGE: ("voltage_phase_{}", "voltage_l{}"),
}
"""Since June 2021, and before or by hand; {} is the number of the phase."""

SCALES: Final[Mapping[Quantity, Mapping[str, float]]] = {
    Quantity.CURRENT: {"a": 1.0, "": 1.0, "ma": 0.001},
    Quantity.CONSUMED: {"kw": 1000.0, "w": 1.0},
    Quantity.PRODUCED: {"kw": 1000.0, "w": 1.0},
    Quantity.VOLTAGE: {"v": 1.0, "": 1.0},
}
"""To A, W and V, by the unit in lower case. The unit of a power has no default: models differ in it."""

SENSOR_KEYS: Final = tuple(f"{quantity}_{phase.lower()}" for quantity in Quantity for phase in Phase)
"""What settings may name: current_l1, power_consumed_l1, power_produced_l1, voltage_l1 and so on."""

LONGEST_NAME, LONGEST_UNIT = 100, 20
"""Letters of what a device calls things, as far as they are shown."""

Address = tuple[int, int]
"""Sub-device and key: what a state says of where it comes from."""


class Sensor(NamedTuple):
    """One sensor that is listened to."""

    object_id: str
    channel: Channel
    scale: float
    is_signed: bool = False
    """A consumed power without a produced one beside it may be a net power."""


class Found(NamedTuple):
    """The sensors of a device, and what is wrong with them."""

    sensors: Mapping[Address, Sensor]
    complaints: tuple[str, ...]
    """One clear line each, with the cure."""

    def knows(self, phase: Phase) -> bool:
        """Tell whether a current can be known of this phase."""
        quantities = {sensor.channel.quantity for sensor in self.sensors.values() if sensor.channel.phase is phase}
        return bool(quantities & {Quantity.CURRENT, Quantity.CONSUMED})


def find_sensors(entities: Iterable[EntityInfo], overrides: Mapping[str, str]) -> Found:
    """Find what can be known of each phase. `overrides` maps SENSOR_KEYS to object ids or names on the device."""
    by_object_id: dict[str, SensorInfo] = {}
    for entity in entities:
        if isinstance(entity, SensorInfo):
            by_object_id.setdefault(entity.object_id, entity)
    sensors: dict[Address, Sensor] = {}
    complaints: list[str] = []
    for channel in (Channel(phase, quantity) for phase in Phase for quantity in Quantity):
        override = overrides.get(f"{channel.quantity}_{channel.phase.lower()}")
        info = _pick(by_object_id, channel, override)
        if info is None:
            if override:
                named = one_line(override, LONGEST_NAME)
                complaints.append(f"the device has no sensor {named!r}: correct the sensor name in the settings")
            continue
        scale = SCALES[channel.quantity].get(info.unit_of_measurement.lower())
        if scale is None:
            unit, named = one_line(info.unit_of_measurement, LONGEST_UNIT), one_line(info.object_id, LONGEST_NAME)
            told = f"sensor {named!r} is in {unit or 'no unit'}, not in {_units(channel)}: it is not used"
            complaints.append(told)
            continue
        sensors[(info.device_id, info.key)] = Sensor(info.object_id, channel, scale)
    return Found(_with_signs(sensors), tuple(complaints))


def looked_for(phase: Phase) -> str:
    """Name the sensors of a phase that were looked for."""
    names = (*OBJECT_IDS[Quantity.CURRENT], *OBJECT_IDS[Quantity.CONSUMED])
    return ", ".join(name.format(phase.place + 1) for name in names)


def _pick(by_object_id: Mapping[str, SensorInfo], channel: Channel, override: str | None) -> SensorInfo | None:
    if override:
        return by_object_id.get(override) or by_object_id.get(compute_object_id(override))
    candidates = (name.format(channel.phase.place + 1) for name in OBJECT_IDS[channel.quantity])
    return next((by_object_id[name] for name in candidates if name in by_object_id), None)


def _units(channel: Channel) -> str:
    return " or ".join({"kw": "kW", "ma": "mA"}.get(unit, unit.upper()) for unit in SCALES[channel.quantity] if unit)


def _with_signs(sensors: Mapping[Address, Sensor]) -> dict[Address, Sensor]:
    produced = {s.channel.phase for s in sensors.values() if s.channel.quantity is Quantity.PRODUCED}
    return {
        address: sensor._replace(
            is_signed=sensor.channel.quantity is Quantity.CONSUMED and sensor.channel.phase not in produced
        )
        for address, sensor in sensors.items()
    }
