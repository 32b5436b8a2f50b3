"""What one row of the table of entities says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from bridge.core.model import Control, Instant, Snapshot


class Moment(float):
    """A monotonic instant that people are to read as the time of day."""

    @classmethod
    def of(cls, instant: Instant | None) -> "Moment | None":
        return None if instant is None else cls(instant)


Value: TypeAlias = float | int | str | bool | None
"""A Moment is one too; None = unknown."""
Details: TypeAlias = Mapping[str, Value]
Options: TypeAlias = Mapping[str, object]
"""Home Assistant's own, under the names its documentation gives them."""


class Platform(StrEnum):
    """Home Assistant's kinds of entity, as far as we use them."""

    SENSOR = "sensor"
    BINARY_SENSOR = "binary_sensor"
    SWITCH = "switch"
    NUMBER = "number"
    SELECT = "select"
    EVENT = "event"
    BUTTON = "button"


class Source(StrEnum):
    """What an entity needs besides the bridge itself; without it the entity is unavailable."""

    METER = "meter"
    CHARGER = "charger"


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing that is shown, or one knob."""

    key: str
    """Key in the state and tail of the unique id: never changes."""
    name: str
    value: Callable[[Snapshot], Value] | None
    """None where there is nothing to show: a button."""
    platform: Platform = Platform.SENSOR
    band: float | None = None
    """Smallest change of a measurement that is published within a minute; None publishes any change at once."""
    needs: tuple[Source, ...] = ()
    control: Control | None = None
    details: Callable[[Snapshot], Details] | None = None
    """What stands beside the value, as Home Assistant's attributes."""
    options: Options = field(default_factory=dict)


MEASURED: Options = {"state_class": "measurement"}
AMPERES: Options = {
    **MEASURED,
    "device_class": "current",
    "unit_of_measurement": "A",
    "suggested_display_precision": 1,
}
WHOLE_AMPERES: Options = {**AMPERES, "suggested_display_precision": 0}
PERCENT: Options = {**MEASURED, "unit_of_measurement": "%", "suggested_display_precision": 0}
SECONDS: Options = {
    **MEASURED,
    "device_class": "duration",
    "unit_of_measurement": "s",
    "suggested_display_precision": 0,
}
TIMESTAMP: Options = {"device_class": "timestamp"}
PROBLEM: Options = {"device_class": "problem", "entity_category": "diagnostic"}
DIAGNOSTIC: Options = {"entity_category": "diagnostic"}
RARELY_USED: Options = {**DIAGNOSTIC, "enabled_by_default": False}
CONFIG: Options = {"entity_category": "config"}

CURRENT_BAND = 0.2
"""A; what a house moves all the time without anything being switched."""
THERMAL_BAND = 2.0
"""Percentage points."""
AGE_BAND = 15.0
"""s; above the period of the slowest common meter (10 s)."""
RESUME_BAND = 5.0
"""s; the quiet window starts again at each disturbance."""
RAISE_BAND = 15.0
"""s; a restless house puts off a raise all the time."""
BY_THE_MINUTE = float("inf")
"""Only the time decides: such a value changes with every telegram."""
