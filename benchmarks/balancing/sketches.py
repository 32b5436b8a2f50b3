"""The two sketches of the law that the engine has to beat.

Both take the house load as mains − draw at the meter's instant, lower at once to what it leaves, and raise only to the
least that was left free throughout a window. They hold the minimum current as long as a thermal model of the fuse
bears it, and resume from a pause after a minute that left more than the minimum. The first is the field notes' sketch
with 30 s and half an ampere of margin. The second waits longer on phases that keep stepping, without a margin. What
the notes leave open was chosen on development houses, for the smallest distance below the clairvoyant's curve: the
long window (of 60, 90, 120 and 180 s), that only steps up count, the smallest raise, and the delay of the loop.
"""

from collections import deque
from dataclasses import dataclass
from math import copysign, floor, inf

from bridge.core.model import Protection
from bridge.core.thermal import fuse_model
from bridge.simulator.closed_loop.controller import Order, Report, Shown, Site, Telegram

MINIMUM = 6
"""A; below it a charger offers nothing (IEC 61851-1)."""
NOMINAL = 230.0
"""V, where the meter sends none."""
UNRESOLVED = 0.99
"""A that a meter of whole amperes may hide (field notes 3.1)."""
SPACING = 12.0
"""s between any order and a raise."""
LOOP_DELAY = 12.0
"""s from an order to its effect, for which the fuse must bear the minimum current."""
STEP = 3.0
"""A; such a rise from one telegram to the next is a step."""
STEPS = 2
"""So many steps make a phase restless."""
STEPS_WITHIN = 600.0
"""s (field notes)."""
RESUME_WINDOW = 60.0
"""s that must have left more than the minimum before a pause ends."""
RESUME_AT = 7
"""A, whole."""


@dataclass(frozen=True)
class Taste:
    """What sets the two apart."""

    margin: float
    """A."""
    window: float
    """s."""
    restless: float
    """The same on phases that keep stepping."""
    worth: int
    """Raises of fewer A wait, unless they reach the maximum."""


class _Phase:
    """What one mains phase carries and has carried."""

    def __init__(self, fuse: float) -> None:
        self._model = fuse_model(fuse, Protection.MCB)
        self._theta = 1.0
        self._told_at: float | None = None
        self._highest: deque[tuple[float, float]] = deque()
        """Loads with their times, each above all that came after it."""
        self._steps: deque[float] = deque(maxlen=STEPS)
        self.load = -inf
        """Without the car, A."""

    def take(self, mains: float, draw: float, now: float) -> None:
        seconds = 1.0 if self._told_at is None else now - self._told_at
        self._theta = self._model.heated(self._theta, mains, seconds)
        load, highest = mains - draw, self._highest
        if self._told_at is not None and load - self.load >= STEP:
            self._steps.append(now)
        self._told_at, self.load = now, load
        while highest and highest[-1][1] <= load:
            highest.pop()
        highest.append((now, load))
        while now - highest[0][0] > STEPS_WITHIN:
            highest.popleft()

    def is_restless(self, now: float) -> bool:
        return len(self._steps) == STEPS and now - self._steps[0] <= STEPS_WITHIN

    def highest(self, window: float, now: float) -> float:
        """Highest load of the last so many seconds, A; of the newest telegram at least."""
        return next((load for at, load in self._highest if now - at <= window), self.load)

    def bears_the_minimum(self) -> bool:
        return self._model.bears(self._theta, self.load + MINIMUM, LOOP_DELAY)


class Sketch:
    """One limit for all phases. Orders when it changes."""

    def __init__(self, site: Site, taste: Taste) -> None:
        self._site = site
        self._taste = taste
        self._phases = {place: _Phase(site.fuse) for place in site.to_mains}
        self._draw = dict.fromkeys(site.to_mains, 0.0)
        self._draw_before = self._draw
        """When the newest telegram was measured: a second before it is told."""
        self._limit = site.maximum
        self._ordered_at = -inf
        self._is_fresh = False

    def reported(self, report: Report, now: float) -> None:
        del now
        self._draw = {place: report.draw[position] for position, place in enumerate(self._site.to_mains)}

    def answered(self, now: float, *, is_taken: bool) -> None:
        """Trust every order."""

    def told(self, telegram: Telegram, now: float) -> None:
        self._is_fresh = True
        for place, phase in self._phases.items():
            # A report may come later than the telegram. With the higher draw a car that slows down does not look like
            # a load; at worst the house looks lighter for a moment, and that raises nothing within a window.
            phase.take(_current(telegram[place]), max(self._draw_before[place], self._draw[place]), now)

    def decide(self, now: float) -> Order | None:
        self._draw_before = self._draw
        if not self._is_fresh:
            return None
        self._is_fresh = False
        limit = self._wanted(now)
        if limit == self._limit:
            return None
        self._limit, self._ordered_at = limit, now
        return Order((limit, limit, limit))

    def _wanted(self, now: float) -> int:
        if self._limit < MINIMUM:
            limit = self._quiet(max(self._taste.window, RESUME_WINDOW), now)
            return limit if limit >= RESUME_AT else 0
        free = self._site.fuse - max(phase.load for phase in self._phases.values())
        if free < self._limit:
            return self._lowered(floor(free - self._taste.margin))
        limit = self._quiet(self._taste.window, now)
        is_worth_it = limit >= self._limit + self._taste.worth or limit == self._site.maximum
        return limit if is_worth_it and now - self._ordered_at >= SPACING else self._limit

    def _lowered(self, limit: int) -> int:
        if limit >= MINIMUM:
            return min(limit, self._limit)
        return MINIMUM if all(phase.bears_the_minimum() for phase in self._phases.values()) else 0

    def _quiet(self, window: float, now: float) -> int:
        """The least that was free throughout the window, whole A."""
        restless = max(window, self._taste.restless)
        highest = max(
            phase.highest(restless if phase.is_restless(now) else window, now) for phase in self._phases.values()
        )
        return min(floor(self._site.fuse - self._taste.margin - highest), self._site.maximum)


def _current(shown: Shown) -> float:
    """Signed A, with what a meter of whole amperes cuts off made up from the power."""
    least = abs(shown.power) / (shown.voltage or NOMINAL)
    return copysign(min(max(shown.current, least), shown.current + UNRESOLVED), shown.power)


def plain(site: Site) -> Sketch:
    """The 60-line sketch: 30 s, half an ampere of margin."""
    return Sketch(site, Taste(margin=0.5, window=30.0, restless=30.0, worth=1))


def restless(site: Site) -> Sketch:
    """A longer window on phases that keep stepping, no margin."""
    return Sketch(site, Taste(margin=0.0, window=30.0, restless=90.0, worth=2))
