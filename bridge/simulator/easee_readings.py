"""What a charger observes of itself at one instant."""

import math

from bridge.core.phases import PerPhase
from bridge.simulator.easee_charger import DRAWING, EaseeCharger
from bridge.simulator.easee_observations import Id, Value, row, typed
from bridge.simulator.easee_output import lowest, phase_code

PROTECTIVE_EARTH_VOLTAGE = 3.1
"""V between T1 and the neutral."""
FOLLOWED = 0.8
"""A car that takes less than this share of the offer is its own limit."""
LIMITING = {1: 26, 2: 27, 3: 30, 51: 77, 52: 78}
"""Codes of the limits: the same limit keeps from charging (left) or only holds back (right)."""


def readings(charger: EaseeCharger, *, with_totals: bool = True) -> dict[int, Value]:
    """Observation ids and what they are now; the circuit's totals are the master's business."""
    allocated = PerPhase(*(charger.offer if used else 0.0 for used in charger.output))
    total = PerPhase(*(mine + other for mine, other in zip(charger.draw, charger.other_draw, strict=True)))
    values: dict[int, Value] = {
        Id.GRID_TYPE: charger.box.grid_type,
        Id.IS_ENABLED: True,
        Id.PHASE_MODE: charger.box.phase_mode,
        Id.OFFLINE_CHARGING_MODE: 0,
        Id.CHARGER_MAXIMUM: charger.box.charger_maximum,
        Id.DYNAMIC_CHARGER_CURRENT: charger.dynamic_charger_current,
        Id.FIRMWARE: 340,
        Id.NO_CURRENT: reason_for_no_current(charger),
        Id.PILOT_MODE: pilot_mode(charger),
        Id.OP_MODE: int(charger.op_mode),
        Id.OUTPUT_PHASE: phase_code(charger.output),
        Id.OUTPUT_CURRENT: charger.offer,
        Id.TOTAL_POWER: charger.power / 1000,
        Id.SESSION_ENERGY: charger.session_energy,
        Id.LIFETIME_ENERGY: charger.lifetime_energy,
    }
    values |= row(Id.CIRCUIT_MAXIMUM, charger.circuit_maximum)
    values |= row(Id.OFFLINE_CURRENT, tuple(int(current) for current in charger.offline_current))
    values |= row(Id.DYNAMIC_CURRENT, charger.dynamic_current)
    values |= row(Id.IN_CURRENT, (neutral_current(charger.draw), *charger.draw))
    values |= row(Id.IN_VOLTAGE, terminal_voltages(charger.voltage))
    if with_totals:
        values |= row(Id.CIRCUIT_ALLOCATED, allocated) | row(Id.CIRCUIT_DRAW, total)
    return {number: typed(number, value) for number, value in values.items()}


def neutral_current(draw: PerPhase) -> float:
    """T2 in a TN grid: three phases 120° apart, A."""
    a, b, c = draw
    return math.sqrt(max(a * a + b * b + c * c - a * b - b * c - c * a, 0.0))


def terminal_voltages(phase: float) -> tuple[float, ...]:
    """Observations 190 to 199, V: T1-T2, T1-T3 … T4-T5."""
    between = phase * math.sqrt(3)
    return PROTECTIVE_EARTH_VOLTAGE, phase, phase, phase, phase, phase, phase, between, between, between


def pilot_mode(charger: EaseeCharger) -> str:
    """Observation 100: A no car, B connected, C drawing."""
    if not charger.is_plugged_in:
        return "A"
    return "C" if max(charger.draw) > DRAWING else "B"


def reason_for_no_current(charger: EaseeCharger) -> int:
    """Observation 96: which limit keeps the car from more."""
    if not charger.is_plugged_in:
        return 50
    limits = {
        2: lowest(charger.dynamic_current, charger.output),
        1: lowest(charger.circuit_maximum, charger.output),
        51: charger.box.charger_maximum,
        52: charger.dynamic_charger_current,
    }
    if not charger.is_online:
        limits[3] = lowest(charger.offline_current, charger.output)
    binding = min(limits, key=lambda code: limits[code])
    if charger.offer == 0.0:
        return binding
    if max(charger.draw) <= DRAWING:
        return 79
    return 81 if max(charger.draw) < FOLLOWED * charger.offer else LIMITING[binding]
