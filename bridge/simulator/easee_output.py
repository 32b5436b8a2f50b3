"""Which phases a charger switches through to the car."""

from typing import TypeAlias

from bridge.core.phases import PerPhase

Output: TypeAlias = tuple[bool, bool, bool]
"""On the charger's P1, P2 and P3."""

NONE: Output = (False, False, False)
ALL: Output = (True, True, True)
MINIMUM = 6.0
LOCKED_TO_ONE, AUTOMATIC, LOCKED_TO_THREE = 1, 2, 3
THREE_PHASES = 30
ONE_PHASE = (10, 12, 14)


def one(place: int) -> Output:
    """Only P1, P2 or P3; 0 to 2."""
    return place == 0, place == 1, place == 2  # noqa: PLR2004 - three phases


def phase_code(output: Output) -> int:
    """Observation 110 in a TN grid."""
    if output == ALL:
        return THREE_PHASES
    return ONE_PHASE[output.index(True)] if any(output) else 0


def lowest(currents: PerPhase, output: Output) -> float:
    """One pilot wire for all: the lowest of the phases in use, of all three before any is."""
    return min(current for current, used in zip(currents, output, strict=True) if used or not any(output))


def chosen(output: Output, limits: PerPhase, phase_mode: int, wired: int | None) -> Output:
    """Decide what the charger switches through under these limits.

    A session that has fallen to one phase stays there: the relays are spared.
    """
    if wired is not None:
        return one(wired)
    if phase_mode == LOCKED_TO_ONE:
        return one(0)
    able = [place for place, current in enumerate(limits) if current >= MINIMUM]
    if phase_mode == LOCKED_TO_THREE:
        return ALL
    if not able or output not in {NONE, ALL}:
        return output
    return ALL if len(able) == len(limits) else one(able[0])


def after_detection(output: Output, draw: PerPhase, drawing: float) -> Output:
    """Open the other relays where the car is seen on one phase only."""
    used = [place for place, current in enumerate(draw) if current > drawing]
    return one(used[0]) if len(used) == 1 and output == ALL else output
