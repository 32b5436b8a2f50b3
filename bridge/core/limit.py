"""The control law: what the car may draw, given what the house leaves.

Feed-forward on the house load, never on the limit: the same excess is not counted twice. Lowered at once; raised to
what was free throughout a window; held at the minimum current as long as the fuse bears it; else paused.
"""

from collections.abc import Sequence
from math import floor, inf
from typing import NamedTuple

from bridge.core.model import Instant, Reason
from bridge.core.pacing import PARKED, PARKED_AT_LEAST, WORTH_RAISING, WORTH_RAISING_PARKED, Windows
from bridge.core.phase_track import PhaseTrack
from bridge.core.phases import Phase

LOOP_DELAY = 18.0
"""From a load to the car's answer: meter, cloud and car together (measured: 15 to 20 s)."""
LONGEST_SHORTAGE = 60.0
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
    minimum: int
    windows: Windows
    is_idle: bool
    """A car that takes nothing: no hurry to offer more."""


def balance(lines: Sequence[Line], frame: Frame, now: Instant) -> Wish:
    """The limit for a car that charges or may start."""
    base = min(frame.base, frame.ceiling)
    if frame.ceiling == 0:
        return Wish(0, Reason.MAXIMUM)
    if base < frame.minimum:
        return _resume(lines, frame, now)
    worst, excess = lines[0], -inf
    for line in lines:
        over = line.track.house_low + base - line.allowed
        if over > excess:
            worst, excess = line, over
    if excess > 0:
        return _lower(lines, frame, worst, excess, now)
    return _raise(lines, frame, base, now)


def _lower(lines: Sequence[Line], frame: Frame, worst: Line, excess: float, now: Instant) -> Wish:
    limit = floor(min(line.free(line.track.house_low) for line in lines))
    if limit >= frame.minimum:
        return Wish(limit, Reason.OVERLOAD, worst.phase, excess)
    for line in lines:
        if not _bears_minimum(line, frame.minimum, now):
            return Wish(0, Reason.PAUSE, line.phase, excess)
    reason = Reason.HOLD if frame.base == frame.minimum else Reason.OVERLOAD
    return Wish(frame.minimum, reason, worst.phase, excess)


def _bears_minimum(line: Line, minimum: int, now: Instant) -> bool:
    """Whether the phase bears the minimum current until a pause could take effect."""
    track = line.track
    if track.short_since is not None and now - track.short_since > LONGEST_SHORTAGE:
        return False
    return track.model.bears(track.theta, track.house_low + minimum, LOOP_DELAY)


def _quiet(lines: Sequence[Line], windows: Sequence[float], now: Instant) -> tuple[int, Phase] | None:
    """Whole A that every phase left free throughout its window, and the phase that left least; None if not measured."""
    lowest: tuple[float, Phase] | None = None
    for line, window in zip(lines, windows, strict=True):
        if not line.track.has_measured(min(window, PARKED), now):
            return None
        free = line.free(line.track.highest_house_load(window, now))
        if lowest is None or free < lowest[0]:
            lowest = (free, line.phase)
    return (floor(lowest[0]), lowest[1]) if lowest is not None else None


def _raise(lines: Sequence[Line], frame: Frame, base: int, now: Instant) -> Wish:
    if base >= frame.ceiling:
        return Wish(base, Reason.MAXIMUM)
    tightest = _tightest(lines)
    keep = Wish(base, Reason.HOUSE_LOAD, tightest.phase)
    if tightest.free(tightest.track.house_high) < base + 1:
        return keep
    quiet = _quiet(lines, [_raise_window(line.track, frame, now) for line in lines], now)
    if quiet is None:
        return keep
    limit = min(quiet[0], frame.ceiling)
    if limit - base >= WORTH_RAISING or (limit > base and limit == frame.ceiling):
        reason = Reason.MAXIMUM if limit == frame.ceiling else Reason.HOUSE_LOAD
        return Wish(limit, reason, quiet[1])
    return keep


def _tightest(lines: Sequence[Line]) -> Line:
    return max(lines, key=lambda line: line.track.house_high - line.allowed + line.reserve)


def _raise_window(track: PhaseTrack, frame: Frame, now: Instant) -> float:
    if frame.is_idle:
        return PARKED
    return frame.windows.restless if track.is_restless(now) else frame.windows.raise_


def _resume(lines: Sequence[Line], frame: Frame, now: Instant) -> Wish:
    tightest = _tightest(lines)
    paused = Wish(0, Reason.PAUSE, tightest.phase)
    if tightest.free(tightest.track.house_high) < frame.minimum:
        return paused
    for window, least in _starts(frame):
        quiet = _quiet(lines, [window] * len(lines), now)
        if quiet is not None and quiet[0] >= least:
            return Wish(min(quiet[0], frame.ceiling), Reason.RESUME, quiet[1])
    return paused


def _starts(frame: Frame) -> tuple[tuple[float, int], tuple[float, int]]:
    """The ways out of a pause: how long what must have been free, s and A."""
    good_start = min(max(GOOD_START, frame.minimum), frame.ceiling)
    return (frame.windows.resume, good_start), (frame.windows.resume_at_minimum, frame.minimum)


def resume_window_ends(lines: Sequence[Line], frame: Frame) -> Instant | None:
    """When a paused car could resume if the house load stays as it is; None while it leaves too little."""
    ends = (_window_ends(lines, window, least) for window, least in _starts(frame))
    return min((end for end in ends if end is not None), default=None)


def _window_ends(lines: Sequence[Line], window: float, least: int) -> Instant | None:
    """When every phase will have left that much (A) free throughout a window (s)."""
    ends = -inf
    for line in lines:
        load = line.allowed - line.reserve - least
        until = line.track.loaded_until(load)
        if until is None or line.track.house_high > load:
            return None
        ends = max(ends, until + window)
    return ends


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
