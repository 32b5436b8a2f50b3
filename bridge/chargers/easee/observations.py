"""What the charger last said, per observation and with its timestamp. Nothing here raises, whatever arrives."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum, IntEnum, auto
from typing import NamedTuple

_LOWEST, _HIGHEST = -1.0, 1000.0
"""No current (A), power (kW) or code that we read is beyond these; slightly below 0 is noise."""
_AHEAD = 120.0
"""A stamp this far in the future is wrong, s."""
_JUST_NOW = 60.0
"""A stamp this close to our own time is right, s."""


class Seen(IntEnum):
    """The observations that matter here, by Easee's numbers."""

    GRID_TYPE = 21
    CIRCUIT_MAXIMUM_P1 = 22
    CIRCUIT_MAXIMUM_P2 = 23
    CIRCUIT_MAXIMUM_P3 = 24
    PHASE_MODE = 38
    CHARGER_MAXIMUM = 47
    DYNAMIC_CHARGER_CURRENT = 48
    OFFLINE_CURRENT_P1 = 50
    OFFLINE_CURRENT_P2 = 51
    OFFLINE_CURRENT_P3 = 52
    CIRCUIT_DRAW_P1 = 73
    CIRCUIT_DRAW_P2 = 74
    CIRCUIT_DRAW_P3 = 75
    NO_CURRENT = 96
    STATE = 109
    OUTPUT_PHASE = 110
    DYNAMIC_CURRENT_P1 = 111
    DYNAMIC_CURRENT_P2 = 112
    DYNAMIC_CURRENT_P3 = 113
    OUTPUT_CURRENT = 114
    POWER = 120
    CURRENT_T3 = 183
    CURRENT_T4 = 184
    CURRENT_T5 = 185
    CLOUD_CONNECTED = 250


CIRCUIT_MAXIMUM = (Seen.CIRCUIT_MAXIMUM_P1, Seen.CIRCUIT_MAXIMUM_P2, Seen.CIRCUIT_MAXIMUM_P3)
OFFLINE_CURRENT = (Seen.OFFLINE_CURRENT_P1, Seen.OFFLINE_CURRENT_P2, Seen.OFFLINE_CURRENT_P3)
CIRCUIT_DRAW = (Seen.CIRCUIT_DRAW_P1, Seen.CIRCUIT_DRAW_P2, Seen.CIRCUIT_DRAW_P3)
DYNAMIC_CURRENT = (Seen.DYNAMIC_CURRENT_P1, Seen.DYNAMIC_CURRENT_P2, Seen.DYNAMIC_CURRENT_P3)
PHASE_CURRENT = (Seen.CURRENT_T3, Seen.CURRENT_T4, Seen.CURRENT_T5)
"""Terminals 3 to 5, which are L1 to L3 on TN grids."""

_KNOWN = frozenset(Seen)
_CODES = frozenset({Seen.GRID_TYPE, Seen.NO_CURRENT, Seen.PHASE_MODE, Seen.STATE, Seen.OUTPUT_PHASE})
_TRUE = frozenset({"1", "true", "on", "yes"})
_FALSE = frozenset({"0", "false", "off", "no"})


class Verdict(Enum):
    """What became of an observation."""

    CHANGED = auto()
    UNCHANGED = auto()
    OLDER = auto()
    """Dropped: a newer one is known."""
    UNUSED = auto()
    """One of the many that do not matter here."""
    REFUSED = auto()
    """Nonsense."""


class Reading(NamedTuple):
    """One value and when the charger had it, in seconds since 1970; −inf where it does not say."""

    value: float
    stamp: float


class Observations:
    """The newest reading of each observation of one charger."""

    def __init__(self) -> None:
        self._readings: dict[Seen, Reading] = {}

    def take(self, raw: object, now: float) -> Verdict:
        """Take one observation as stream or REST give it. `now` is wall time, s since 1970."""
        if not isinstance(raw, Mapping):
            return Verdict.REFUSED
        number = _whole(raw.get("id"))
        if number is None:
            return Verdict.REFUSED
        if number not in _KNOWN:
            return Verdict.UNUSED
        key = Seen(number)
        value, stamp = _value(key, raw.get("value")), _stamp(raw.get("timestamp"))
        if value is None or stamp is None:
            return Verdict.REFUSED
        return self._keep(key, Reading(value, stamp), now)

    def _keep(self, key: Seen, reading: Reading, now: float) -> Verdict:
        known = self._readings.get(key)
        if known is None:
            self._readings[key] = reading
            return Verdict.CHANGED
        if reading.stamp == -math.inf:
            reading = reading._replace(stamp=known.stamp)
        if reading.stamp < known.stamp and not _is_mended(known.stamp, reading.stamp, now):
            return Verdict.OLDER
        self._readings[key] = reading
        return Verdict.UNCHANGED if known.value == reading.value else Verdict.CHANGED

    def value(self, key: Seen) -> float | None:
        reading = self._readings.get(key)
        return None if reading is None else reading.value

    def code(self, key: Seen) -> int | None:
        value = self.value(key)
        return None if value is None else int(value)

    def stamp(self, *keys: Seen) -> float:
        """When the newest of these was observed; −inf where none is known."""
        return max((self._readings[key].stamp for key in keys if key in self._readings), default=-math.inf)

    def values(self, keys: tuple[Seen, ...]) -> list[float]:
        """Those of them that are known."""
        return [self._readings[key].value for key in keys if key in self._readings]


def number_or_none(raw: object) -> float | None:
    """Number, or text that holds one, as a finite float."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        number = float(raw)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _is_mended(known: float, stamp: float, now: float) -> bool:
    """Whether the charger's clock was ahead and is right again: what it said then must not lock out what follows."""
    return known > now + _AHEAD and abs(stamp - now) <= _JUST_NOW


def _whole(raw: object) -> int | None:
    number = number_or_none(raw)
    return int(number) if number is not None and number.is_integer() else None


def _value(key: Seen, raw: object) -> float | None:
    if key is Seen.CLOUD_CONNECTED:
        return _truth(raw)
    number = number_or_none(raw)
    if number is None or not _LOWEST <= number <= _HIGHEST:
        return None
    if key in _CODES:
        return number if number.is_integer() else None
    return max(number, 0.0)


def _truth(raw: object) -> float | None:
    word = str(raw).strip().lower() if isinstance(raw, bool | int | str) else ""
    if word in _TRUE:
        return 1.0
    return 0.0 if word in _FALSE else None


def _stamp(raw: object) -> float | None:
    if raw is None:
        return -math.inf
    if not isinstance(raw, str):
        return None
    try:
        moment = datetime.fromisoformat(raw)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
