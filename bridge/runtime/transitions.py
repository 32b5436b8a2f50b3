"""The log of what the engine decided: transitions, each told once."""

import logging
from typing import Final

from bridge.core.model import Happening, Link, NoCurrent, Problem, Reason, Snapshot

logger = logging.getLogger(__name__)

_GRAVE: Final = frozenset({Happening.OVERLOAD, Happening.FALLBACK, Happening.CAR_DOES_NOT_RESUME})


class TransitionLog:
    """Reads events off the snapshots by their number. Links are logged by whoever holds them."""

    def __init__(self, *, is_dry_run: bool = False) -> None:
        self._mark = "dry run: " if is_dry_run else ""
        self._events_told = 0
        self._has_other_controller = False
        self._is_lost = False
        self._is_pairing_wrong = False

    def show(self, snapshot: Snapshot) -> None:
        """Log what has happened since the last one."""
        for event in snapshot.events:
            if event.number > self._events_told:
                is_grave = event.kind in _GRAVE or event.reason is Reason.OTHER_CONTROLLER
                logger.log(logging.WARNING if is_grave else logging.INFO, "%s%s", self._mark, event.text)
                self._events_told = event.number
        self._tell_other_controller(snapshot)
        self._tell_wrong_pairing(snapshot)
        self._tell_lost_order(snapshot)

    def _tell_lost_order(self, snapshot: Snapshot) -> None:
        """An order that does not come in force. A lost link is told by whoever holds it."""
        ordered, in_force = snapshot.decision.limit, snapshot.limit_in_force
        is_down = any(report.link is Link.CHARGER and not report.is_up for report in snapshot.links)
        is_lost = Problem.CHARGER_LOST in snapshot.problems and not is_down and ordered != in_force
        if is_lost and not self._is_lost:
            logger.warning(
                "the charger does not take the limit: %s A ordered, %s A in force; trying again", ordered, in_force
            )
        elif self._is_lost and ordered == in_force:
            logger.info("the charger has taken the limit: %s A", in_force)
        self._is_lost = is_lost or (self._is_lost and ordered != in_force)

    def _tell_wrong_pairing(self, snapshot: Snapshot) -> None:
        is_wrong = Problem.WRONG_PAIRING in snapshot.problems
        if is_wrong and not self._is_pairing_wrong:
            likely = ", ".join(snapshot.pairing.likely)
            logger.warning(
                "the charger's phases seem to sit on other mains phases than the settings say (likeliest %s): "
                "run `ev-load-bridge learn-phases` while a car charges",
                likely,
            )
        elif self._is_pairing_wrong and not is_wrong:
            logger.info("the charger's phases sit where the settings say after all")
        self._is_pairing_wrong = is_wrong

    def _tell_other_controller(self, snapshot: Snapshot) -> None:
        is_there = Problem.OTHER_CONTROLLER in snapshot.problems
        if is_there and not self._has_other_controller:
            logger.warning("another controller interferes with the limit: %s", _what_it_does(snapshot))
        elif self._has_other_controller and not is_there:
            logger.info("no other controller interferes any more")
        self._has_other_controller = is_there


def _what_it_does(snapshot: Snapshot) -> str:
    """As far as it can be seen, with figures."""
    charger, limit = snapshot.charger, snapshot.decision.limit
    if charger is not None and charger.no_current is NoCurrent.EQUALIZER:
        return "an Equalizer limits the charger"
    own = None if charger is None else charger.dynamic_charger_current
    if own is not None and own < limit:
        return f"the charger's own limit was set to {own:g} A, ours is {limit} A"
    if snapshot.decision.reason is Reason.OTHER_CONTROLLER:
        return f"it holds the circuit at {limit} A"
    return f"{snapshot.limit_in_force} A are in force, ours is {limit} A"
