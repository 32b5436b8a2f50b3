"""Whether the trial may be made now, and with which order; and what came of it. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from bridge.core.model import ChargerReport, ChargerState, Installation, OnLapse
from bridge.core.phases import PerPhase, PhaseMap

USUAL: Final = 8
"""A that is tried first: above a usual offline current, below a usual maximum."""
APART: Final = 2
"""A between the order and what a lapse might end in, where there is a choice."""
DRAWING: Final = 1.0
"""A from which on a car counts as charging."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One trial. A on the charger's phases."""

    order: int
    """Ordered for one minute."""
    before: PerPhase
    """In force now, and again afterwards."""
    offline: float
    maximum: float
    """The lowest of circuit, rating and charger: what a lapse may free at most."""
    left: float
    """What fuse and house leave the car now."""

    @property
    def restore(self) -> tuple[int, int, int]:
        """What to order afterwards: what was in force, as far as it binds."""
        first, second, third = (math.floor(min(amperes, self.maximum)) for amperes in self.before)
        return first, second, third


class RefusedError(Exception):
    """The trial cannot be made now; says why and what to do."""


class Verdict(NamedTuple):
    """What was seen; UNKNOWN where that is not clear."""

    on_lapse: OnLapse
    after: float | None
    """s from the order to the change; None where there was none."""
    words: str


def plan(report: ChargerReport, mains: PerPhase | None, house: Installation) -> Plan:
    """Choose the order. `mains` is what the meter tells now, A. Raises RefusedError."""
    before, draw, bounds = report.dynamic_current, report.draw, report.bounds
    if report.state is not ChargerState.CHARGING or draw is None or max(draw) < DRAWING:
        raise RefusedError("no car is charging: plug one in, let it charge for a minute, and start again")
    if mains is None:
        raise RefusedError("the meter does not tell every phase: run doctor first, and mend what it says")
    offline, maximum = bounds.offline_current, bounds.binding
    if before is None or offline is None or maximum is None:
        raise RefusedError("the charger does not tell its limits: run doctor again later")
    if offline >= maximum:
        raise RefusedError(
            f"offline current ({offline:g} A) and maximum ({maximum:g} A) could not be told apart: set the offline "
            f"current to {house.fallback} A in the Easee app or portal (installer's access), and start again"
        )
    left = _left(mains, draw, house)
    if left < maximum:
        lower = max(math.floor(left), house.minimum)
        raise RefusedError(
            f"the house leaves {max(math.floor(left), 0)} A, and a lapse might let the car take {maximum:g} A: switch "
            f"something off, or lower the circuit maximum to {lower} A in the Easee app first"
        )
    taken = {offline, maximum, *before}
    candidates = [amperes for amperes in range(house.minimum, math.ceil(maximum)) if amperes not in taken]
    if not candidates:
        raise RefusedError(
            f"no current from {house.minimum} A up differs from offline current ({offline:g} A), maximum "
            f"({maximum:g} A) and the limit in force: set the offline current to 0 A for the trial"
        )
    order = min(candidates, key=lambda amperes: (_crowding(amperes, (offline, maximum)), abs(amperes - USUAL)))
    return Plan(order, before, offline, maximum, left)


def safe(plan: Plan, house: Installation) -> tuple[int, int, int]:
    """What is left behind where the trial went wrong: the lower of limit and fallback current."""
    first, second, third = (min(amperes, house.fallback) for amperes in plan.restore)
    return first, second, third


def is_order(plan: Plan, dynamic: PerPhase | None) -> bool:
    """Whether the order is what the charger reads back."""
    return dynamic == PerPhase.all(float(plan.order))


def judge(plan: Plan, dynamic: PerPhase, after: float, earliest: float) -> Verdict:
    """Name what the charger changed to, so many seconds after the order; before `earliest` it was no lapse."""
    told = f"{dynamic[0]:g} A" if len(set(dynamic)) == 1 else " / ".join(f"{each:g}" for each in dynamic) + " A"
    when = f"{plan.order} A became {told} after {after:.0f} s"
    if after < earliest:
        return Verdict(OnLapse.UNKNOWN, after, f"{when}, sooner than any lapse: somebody else orders too")
    if dynamic == PerPhase.all(plan.offline):
        return Verdict(OnLapse.OFFLINE_CURRENT, after, f"{when}: its offline current")
    if min(dynamic) >= plan.maximum:
        return Verdict(OnLapse.MAXIMUM, after, f"{when}: nothing but its maximum of {plan.maximum:g} A binds")
    return Verdict(OnLapse.UNKNOWN, after, f"{when}: neither its offline current nor its maximum")


def _left(mains: PerPhase, draw: PerPhase, house: Installation) -> float:
    phase_map = PhaseMap(house.phases)
    drawn = phase_map.mains(draw)
    return min(house.fuse - house.margin - (mains[place] - drawn[place]) for place in phase_map.to_mains)


def _crowding(amperes: int, others: Iterable[float]) -> float:
    """By how much an order is too near to one of these, A."""
    return max(APART - min(abs(amperes - other) for other in others), 0)
