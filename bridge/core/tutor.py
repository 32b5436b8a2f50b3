"""Gives the lessons that the owner asks for, and keeps in mind what the car would be allowed without them."""

from collections.abc import Callable
from typing import TypeAlias

from bridge.core.dispatch import Dispatch
from bridge.core.model import Controls, Happening, Installation, Instant, LearnBy
from bridge.core.orders import Orders
from bridge.core.perception import Perception
from bridge.core.phases import Phase
from bridge.core.session import Flags
from bridge.core.wiring import WiringWatch

ALL: Flags = (True, True, True)
Told: TypeAlias = tuple[Happening, str] | None
"""What there is to tell, if anything."""
Allowed: TypeAlias = Callable[[int], int]
"""What the ordinary law makes of a limit now, A."""


class Tutor:
    """Begins lessons and ends them where they cannot go on."""

    __slots__ = ("_dispatch", "_house", "_known", "_orders", "_spared", "watch")

    def __init__(self, house: Installation, known: Perception, orders: Orders, dispatch: Dispatch) -> None:
        self._house = house
        self._known = known
        self._orders = orders
        self._dispatch = dispatch
        self._spared: int | None = None
        """What the car would still be allowed had no lesson paused it, A; None where none has."""
        self.watch = WiringWatch(house)

    @property
    def is_busy(self) -> bool:
        """Whether a lesson is under way, or what it held down is not given back yet."""
        return self._spared is not None

    def used(self, now: Instant) -> Flags:
        """The phases that bind: while the wiring is in question, none can be left out."""
        return ALL if self.watch.is_learning else self._known.session.used(now)

    def ask(self, by: LearnBy, controls: Controls, now: Instant) -> Told:
        """The owner has pressed the button."""
        if not self.watch.is_learning:
            self._spared = self._orders.assured
        trouble = self._trouble(controls, now)
        if by is LearnBy.ONE_PHASE and trouble is None and not self._may_use_one_phase():
            trouble = "the charger does not switch between one phase and three"
        return self.watch.ask(by, trouble, now)

    def attend(self, controls: Controls, allowed: Allowed, lacking: Phase | None, now: Instant) -> Told:
        """Let the lesson go on; remember what the house has left for the car since it is held down.

        `lacking` is the phase that leaves too little for the car to start again.
        """
        told = self.watch.attend(self._trouble(controls, now), lacking, now)
        if not controls.charging_allowed:
            self._spared = 0
        elif self._spared and self._known.stale_phase(ALL, now) is None:
            self._spared = allowed(self._spared)
        if self._orders.assured and not self.watch.is_learning:
            self._spared = None
        return told

    def assured(self) -> int | None:
        """The least that the car may be offered now, as if no lesson had paused it: nothing is raised blindly. A."""
        assured = self._orders.assured
        return self._spared if assured == 0 and self._spared is not None else assured

    def _may_use_one_phase(self) -> bool:
        report = self._known.report
        return len(self._house.phases) > 1 and (report is None or report.switches_phases is not False)

    def _trouble(self, controls: Controls, now: Instant) -> str | None:
        """Why the wiring cannot be learnt now; None where it can."""
        known = self._known
        if self._house.dry_run or self._dispatch.is_last:
            return "dry run: nothing is ordered" if self._house.dry_run else "the service stops"
        if known.report is None or not known.session.is_plugged:
            return "no car is plugged in"
        if known.stale_phase(ALL, now) is not None:
            return "the meter is silent, or does not tell of all three phases"
        if self._orders.is_lost(now, is_live=known.is_live):
            return "the charger does not answer"
        return None if controls.charging_allowed else "charging is not allowed"
