"""The control law: what the car may draw, given what the house leaves.

Feed-forward on the house load, never on the limit: the same excess is not counted twice. Lowered at once; raised to
what was free throughout a window; held at the minimum current as long as the fuse bears it; else paused.
"""

from collections.abc import Sequence
from math import floor, inf
from typing import NamedTuple

from bridge.core.model import Instant, Reason
from bridge.core.pacing import PARKED, PARKED_AT_LEAST, SOON, WORTH_RAISING_PARKED, Pacing
from bridge.core.phase_track import PhaseTrack
from bridge.core.phases import Phase

BEARS_FOR = 23.0
"""The fuse must bear the minimum current for this long and the meter's period, s: the loop takes 15 to 20."""
SMALL = 2.0
"""An overload below this may use up the tolerance before it costs an order, A."""
LONGEST_SHORTAGE = 110.0
"""The minimum current is held for at most this long above what is allowed, whatever the fuse bears, s."""
GOOD_START = 7
"""Some firmware delays a start at exactly 6 A by five minutes."""


class Wish(NamedTuple):
    """What the limit should be, and which phase says so."""

    limit: int
    reason: Reason
    phase: Phase | None = None
    excess: float = 0.0
    """A over what that phase may carry, with the limit of before."""
    raise_in: float = inf
    """Seconds until a raise is proven if the house stays as it is; inf where it leaves nothing more."""
    only: int | None = None
    """The phase of the charger (0 to 2) that alone gets the limit; None for all."""


class Line(NamedTuple):
    """One phase that the car uses, and what it may carry."""

    phase: Phase
    track: PhaseTrack
    allowed: float
    """Highest mains current, A."""
    reserve: float
    """Kept free below that, A."""

    def free(self, house_load: float) -> float:
        """What a house load leaves for the car, A."""
        return self.allowed - self.reserve - house_load


class Frame(NamedTuple):
    """Everything but the phases that bounds the limit."""

    base: int
    """The limit of before, A."""
    ceiling: int
    """Lowest of settings, controls, circuit and charger, A; 0 where that is below the minimum."""
    appetite: float
    """More is not worth a raise: what the car takes, and some room; inf where that is unknown, A."""
    minimum: int
    pacing: Pacing
    is_idle: bool
    """A car that takes nothing: no hurry to offer more."""
    is_tolerant: bool = False
    """Whether a small overload may still go on without an order."""


def balance(lines: Sequence[Line], frame: Frame, now: Instant) -> Wish:
    """The limit for a car that charges or may start."""
    base = min(frame.base, frame.ceiling)
    if frame.ceiling == 0:
        return Wish(0, Reason.MAXIMUM)
    if base < frame.minimum:
        return _resume(lines, frame, now)
    worst, excess = lines[0], -inf
    for line in lines:
        over = line.track.cut_load + base - line.allowed
        if over > excess:
            worst, excess = line, over
    if excess > 0:
        if frame.is_tolerant and excess < SMALL and base > frame.minimum:
            return Wish(base, Reason.HOUSE_LOAD, worst.phase, excess)
        return _lower(lines, frame, worst, excess, now)
    return _raise(lines, frame, base, now)


def _lower(lines: Sequence[Line], frame: Frame, worst: Line, excess: float, now: Instant) -> Wish:
    limit = floor(min(line.free(line.track.cut_load) for line in lines))
    if limit >= frame.minimum:
        return Wish(limit, Reason.OVERLOAD, worst.phase, excess)
    for line in lines:
        if not (line.track.is_first_sign(now) or _bears_minimum(line, frame.minimum, now)):
            return Wish(0, Reason.PAUSE, line.phase, excess)
    reason = Reason.HOLD if frame.base == frame.minimum else Reason.OVERLOAD
    return Wish(frame.minimum, reason, worst.phase, excess)


def _bears_minimum(line: Line, minimum: int, now: Instant) -> bool:
    """Whether the phase bears the minimum current until a pause could take effect."""
    track = line.track
    if track.short_since is not None and now - track.short_since > LONGEST_SHORTAGE:
        return False
    return track.model.bears(track.theta, track.cut_load + minimum, BEARS_FOR + track.period)


def _raise(lines: Sequence[Line], frame: Frame, base: int, now: Instant) -> Wish:
    highest = min(float(frame.ceiling), frame.appetite)
    if base >= highest:
        return Wish(base, Reason.MAXIMUM)
    tightest = _tightest(lines)
    free = tightest.free(tightest.track.house_high)
    limit, raise_in = _proven(lines, frame, base, floor(min(free, highest)), now)
    reason = Reason.MAXIMUM if limit >= highest else Reason.HOUSE_LOAD
    return Wish(limit, reason, tightest.phase, raise_in=raise_in)


def _proven(lines: Sequence[Line], frame: Frame, base: int, highest: int, now: Instant) -> tuple[int, float]:
    """The highest limit above the base whose quiet is proven; the base where none is, or a higher one soon will be.

    And in how many s the next one is.
    """
    pacing = frame.pacing
    soonest = inf
    for limit in range(highest, base, -1):
        least = PARKED if frame.is_idle else max(pacing.least, pacing.price / (limit - base))
        waits = _waits(lines, limit, least, pacing, now)
        if waits <= 0:
            return (base if (limit - base) * soonest < SOON * pacing.price else limit), soonest
        soonest = min(soonest, waits)
    return base, soonest


def _waits(lines: Sequence[Line], limit: int, least: float, pacing: Pacing, now: Instant) -> float:
    """Seconds until so many A will have been free for long enough on every phase; inf where they are not free."""
    waits = -inf
    for line in lines:
        quiet = line.track.quiet
        lasted = quiet.lasted(limit, now)
        waits = max(waits, least - lasted)
        if waits <= 0:
            waits = max(waits, quiet.cycle(limit, pacing.patience, now) - lasted)
    return waits


def _tightest(lines: Sequence[Line]) -> Line:
    return max(lines, key=lambda line: line.track.house_high - line.allowed + line.reserve)


def _resume(lines: Sequence[Line], frame: Frame, now: Instant) -> Wish:
    tightest = _tightest(lines)
    paused = Wish(0, Reason.PAUSE, tightest.phase)
    highest = min(floor(tightest.free(tightest.track.house_high)), frame.ceiling)
    for limit in range(highest, frame.minimum - 1, -1):
        if _resume_waits(lines, frame, limit, now) <= 0:
            return Wish(limit, Reason.RESUME, tightest.phase)
    return paused


def _resume_waits(lines: Sequence[Line], frame: Frame, limit: int, now: Instant) -> float:
    pacing = frame.pacing
    is_good_start = limit >= min(max(GOOD_START, frame.minimum), frame.ceiling)
    return _waits(lines, limit, pacing.resume if is_good_start else pacing.resume_at_minimum, pacing, now)


def resumes_in(lines: Sequence[Line], frame: Frame, now: Instant) -> float:
    """Seconds until a paused car could resume if the house load stays as it is; inf while it leaves too little."""
    limits = range(frame.minimum, frame.ceiling + 1)
    return min((_resume_waits(lines, frame, limit, now) for limit in limits), default=inf)


def park(lines: Sequence[Line], frame: Frame, now: Instant) -> Wish:
    """The limit with no car plugged in: free for a whole quarter hour, so that plugging in cannot burst."""
    least = min((line.free(line.track.highest_house_load(PARKED, now)), line.phase) for line in lines)
    limit = min(floor(least[0]), frame.ceiling)
    if limit < frame.minimum:
        limit = 0
    base = frame.base
    if limit > base:
        is_proven = all(line.track.has_measured(PARKED_AT_LEAST, now) for line in lines)
        is_worth = limit - base >= WORTH_RAISING_PARKED or limit == frame.ceiling
        if not (is_proven and is_worth):
            return Wish(base, Reason.PARKED, least[1])
    return Wish(limit, Reason.PARKED, least[1])
