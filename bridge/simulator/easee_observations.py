"""The observations an Easee charger reports: ids, types and how values are written."""

import struct
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import NamedTuple, TypeAlias

Value: TypeAlias = bool | int | float | str

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(IntEnum):
    """Data types as the stream numbers them."""

    BOOLEAN = 2
    DOUBLE = 3
    INTEGER = 4
    STRING = 6


class Id(IntEnum):
    """Observations, or the first of a row of them."""

    GRID_TYPE = 21
    CIRCUIT_MAXIMUM = 22
    IS_ENABLED = 31
    PHASE_MODE = 38
    OFFLINE_CHARGING_MODE = 45
    CHARGER_MAXIMUM = 47
    DYNAMIC_CHARGER_CURRENT = 48
    OFFLINE_CURRENT = 50
    CIRCUIT_ALLOCATED = 70
    CIRCUIT_DRAW = 73
    FIRMWARE = 80
    NO_CURRENT = 96
    PILOT_MODE = 100
    OP_MODE = 109
    OUTPUT_PHASE = 110
    DYNAMIC_CURRENT = 111
    OUTPUT_CURRENT = 114
    TOTAL_POWER = 120
    SESSION_ENERGY = 121
    LIFETIME_ENERGY = 124
    IN_CURRENT = 182
    IN_VOLTAGE = 190
    CLOUD_CONNECTED = 250


def row(first: Id, values: tuple[Value, ...]) -> dict[int, Value]:
    """Consecutive observations, such as one for each phase."""
    return {first + place: value for place, value in enumerate(values)}


INTEGERS = frozenset({21, 38, 45, 50, 51, 52, 80, 96, 109, 110})
BOOLEANS = frozenset({31, 250})
STRINGS = frozenset({100})

TELEMETRY = frozenset({70, 71, 72, 73, 74, 75, 96, 114, 120, 121, 124, *range(182, 186), *range(190, 200)})
"""Reported with the slower lag; everything else is an event."""

HEARTBEAT_ONLY = frozenset({124, *range(190, 200)})

DEAD_BAND = {**dict.fromkeys((73, 74, 75, 182, 183, 184, 185), 0.2), 120: 0.05, 121: 0.1}
"""Smaller changes are not reported, A, kW and kWh."""


def kind_of(number: int) -> Kind:
    if number in INTEGERS:
        return Kind.INTEGER
    if number in BOOLEANS:
        return Kind.BOOLEAN
    return Kind.STRING if number in STRINGS else Kind.DOUBLE


def typed(number: int, value: Value) -> Value:
    return float(value) if kind_of(number) is Kind.DOUBLE else value


def written(value: Value) -> str:
    """As the stream writes it: single precision, booleans as 1 and 0."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        text = f"{struct.unpack('f', struct.pack('f', value))[0]:.15g}"
        return text if "." in text or "e" in text else f"{text}.0"
    return str(value)


def stamp(wall: float, *, milliseconds: bool = False) -> str:
    """Unix seconds → the timestamp of the wire: whole seconds from the charger, milliseconds from the cloud."""
    moment = EPOCH + timedelta(seconds=wall)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{moment.microsecond // 1000:03}Z" if milliseconds else "Z")


class Observation(NamedTuple):
    """One value as the cloud heard it."""

    mid: str
    number: int
    value: Value
    wall: float
    """Unix seconds at the charger."""

    def pushed(self) -> dict[str, object]:
        """Argument of ProductUpdate: the value is always text."""
        return {
            "mid": self.mid,
            "dataType": int(kind_of(self.number)),
            "id": self.number,
            "timestamp": stamp(self.wall, milliseconds=self.number == Id.CLOUD_CONNECTED),
            "value": written(self.value),
        }

    def polled(self) -> dict[str, object]:
        """Member of the REST answer: the value has its type."""
        shown = self.pushed()
        return {
            "id": self.number,
            "timestamp": shown["timestamp"],
            "dataType": shown["dataType"],
            "value": self.value,
        }
