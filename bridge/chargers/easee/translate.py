"""From what the charger said to a ChargerReport. Pure.

Numbers and their meaning: Easee's developer documentation, "enumerations".
"""

from bridge.chargers.easee.circuit import Circuit
from bridge.chargers.easee.observations import (
    CIRCUIT_DRAW,
    CIRCUIT_MAXIMUM,
    DYNAMIC_CURRENT,
    OFFLINE_CURRENT,
    PHASE_CURRENT,
    Observations,
    Seen,
)
from bridge.core.model import ChargerBounds, ChargerReport, ChargerState, NoCurrent
from bridge.core.phases import NOTHING, PerPhase

_DRAWING = 1.0
"""A on one phase from which something is drawn: less is the charger itself and its metering."""
_DRAWING_POWER = 0.2
"""The same of the total power, kW."""

_STATES = {
    0: ChargerState.OFFLINE,
    1: ChargerState.DISCONNECTED,
    2: ChargerState.AWAITING_START,
    3: ChargerState.CHARGING,
    4: ChargerState.COMPLETED,
    5: ChargerState.ERROR,
    6: ChargerState.READY,
    7: ChargerState.AWAITING_AUTHENTICATION,
    8: ChargerState.DEAUTHENTICATING,
}
_OPEN_RELAY = {ChargerState.DISCONNECTED, ChargerState.AWAITING_START}
"""Nothing can be drawn: no car, or the charger itself has suspended it."""

_OUTPUTS = {
    10: (True, False, False),
    11: (True, True, False),
    12: (False, True, False),
    13: (True, False, True),
    14: (False, False, True),
    15: (False, True, True),
    20: (True, True, False),
    21: (False, True, True),
    22: (True, True, True),
    30: (True, True, True),
}

_NO_CURRENT = {
    NoCurrent.OUR_LIMIT: (2, 27),
    NoCurrent.OTHER_LIMIT: (1, 4, 25, 26, 51, 52, 75, 76, 77, 78, 80),
    NoCurrent.OFFLINE: (3, 9, 30),
    NoCurrent.EQUALIZER: (10, 28),
    NoCurrent.CAR: (50, 57, 79, 81),
    NoCurrent.QUEUE: (5, 6, 8, 29),
    NoCurrent.NOT_ALLOWED: (53, 54, 55),
    NoCurrent.FAULT: (7, 11, 56),
}
_NO_CURRENT_BY_CODE = {code: group for group, codes in _NO_CURRENT.items() for code in codes}

_AUTOMATIC = 2
"""Phase mode in which the charger itself goes from three phases to one and back; 1 and 3 are locked."""
_TN_WITH_A_FLAW = {30, 31, 36, 37, 38}
_IT = {4, 5, 32, 33, 34, 35, 52}
_UNDETECTABLE = {50: "no grid was found", 51: "the neutral is on the wrong terminal"}


def unsuitable_grid(code: int | None) -> str | None:
    """Why this grid cannot be governed; None where it can, or where the charger has not detected it yet."""
    if code in _IT:
        return (
            f"the charger is on an IT grid (type {code}), where phases share conductors and the sums done here "
            "do not hold: only TN grids are supported"
        )
    if code in _UNDETECTABLE:
        return f"the charger reports that {_UNDETECTABLE[code]} (grid type {code}): have its wiring checked"
    return None


def grid_warning(code: int | None) -> str | None:
    """What a person should know of a grid that is governed all the same."""
    if code in {1, 2, 3}:
        return None
    if code in _TN_WITH_A_FLAW:
        return f"the charger reports a flaw in its wiring (grid type {code}): have it checked"
    told = "has not detected its grid yet" if code in {None, 0} else f"reports an unknown grid (type {code})"
    return f"the charger {told}: taken for a TN grid"


def bounds(own: Observations, circuit: Circuit) -> ChargerBounds:
    """Limits that others set. A circuit maximum of 0 marks a phase that is not wired."""
    wired = [a for a in own.values(CIRCUIT_MAXIMUM) if a > 0] or own.values(CIRCUIT_MAXIMUM)
    return ChargerBounds(
        circuit_maximum=min(wired, default=None),
        rated_current=circuit.rated_current,
        charger_maximum=own.value(Seen.CHARGER_MAXIMUM),
        offline_current=max(own.values(OFFLINE_CURRENT), default=None),
    )


def report(own: Observations, circuit: Circuit, master: Observations) -> ChargerReport | None:
    """All that is known now; None until the state, the limit in force and a shared circuit's draw are.

    `master` holds the observations of the charger that speaks for a shared circuit; `own` itself where there is none.
    """
    dynamic = own.values(DYNAMIC_CURRENT)
    state = own.code(Seen.STATE)
    draw = circuit_draw(master) if circuit.is_shared else charger_draw(own)
    if len(dynamic) < len(DYNAMIC_CURRENT) or state is None or (circuit.is_shared and draw is None):
        return None
    code = own.code(Seen.NO_CURRENT)
    mode = own.code(Seen.PHASE_MODE)
    connected = own.value(Seen.CLOUD_CONNECTED)
    return ChargerReport(
        state=_shared_state(own, draw) if circuit.is_shared else charger_state(own),
        dynamic_current=PerPhase(*dynamic),
        draw=draw,
        output=(True, True, True) if circuit.is_shared else _OUTPUTS.get(own.code(Seen.OUTPUT_PHASE) or 0),
        no_current=_NO_CURRENT_BY_CODE.get(code or 0, NoCurrent.NONE),
        no_current_code=code,
        switches_phases=None if mode is None else mode == _AUTOMATIC,
        cloud_connected=None if connected is None else connected > 0,
        bounds=bounds(own, circuit),
        dynamic_charger_current=own.value(Seen.DYNAMIC_CHARGER_CURRENT),
        name=circuit.charger,
    )


def charger_state(own: Observations) -> ChargerState:
    """What the charger says, unless newer currents or power contradict it: then it is charging."""
    state = _STATES.get(own.code(Seen.STATE) or 0, ChargerState.UNKNOWN)
    told_at = own.stamp(Seen.STATE)
    currents, power = own.values(PHASE_CURRENT), own.value(Seen.POWER) or 0.0
    drawn = max(currents, default=0.0) > _DRAWING and own.stamp(*PHASE_CURRENT) > told_at
    powered = power > _DRAWING_POWER and own.stamp(Seen.POWER) > told_at
    return ChargerState.CHARGING if drawn and powered else state


def charger_draw(own: Observations) -> PerPhase | None:
    """What the charger takes, A; None until it has told one current.

    Currents that newer word contradicts (an open relay, no power) are over. In doubt this is too low, never too
    high: the house is what the mains carry beyond it, and a house taken too small would raise the limit.
    """
    if not own.values(PHASE_CURRENT):
        return None
    told_at = own.stamp(*PHASE_CURRENT)
    state = _STATES.get(own.code(Seen.STATE) or 0)
    if state in _OPEN_RELAY and own.stamp(Seen.STATE) > told_at:
        return NOTHING
    power = own.value(Seen.POWER)
    if power is not None and power < _DRAWING_POWER and own.stamp(Seen.POWER) > told_at:
        return NOTHING
    return PerPhase(*(own.value(key) or 0.0 for key in PHASE_CURRENT))


def circuit_draw(master: Observations) -> PerPhase | None:
    """What all chargers of the circuit take together, A; None where the master does not tell all three."""
    values = master.values(CIRCUIT_DRAW)
    return PerPhase(*values) if len(values) == len(CIRCUIT_DRAW) else None


def _shared_state(own: Observations, draw: PerPhase | None) -> ChargerState:
    if draw is not None and max(draw) > _DRAWING:
        return ChargerState.CHARGING
    return _STATES.get(own.code(Seen.STATE) or 0, ChargerState.UNKNOWN)
