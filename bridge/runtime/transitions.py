"""The log of what the engine decided: transitions, each told once."""

import logging
from typing import Final

from bridge.core.model import Happening, Problem, Snapshot

logger = logging.getLogger(__name__)

_GRAVE: Final = frozenset({Happening.OVERLOAD, Happening.FALLBACK, Happening.CAR_DOES_NOT_RESUME})


class TransitionLog:
    """Reads events off the snapshots by their number. Links are logged by whoever holds them."""

    def __init__(self, *, is_dry_run: bool = False) -> None:
        self._mark = "dry run: " if is_dry_run else ""
        self._events_told = 0
        self._has_other_controller = False

    def show(self, snapshot: Snapshot) -> None:
        """Log what has happened since the last one."""
        for event in snapshot.events:
            if event.number > self._events_told:
                logger.log(logging.WARNING if event.kind in _GRAVE else logging.INFO, "%s%s", self._mark, event.text)
                self._events_told = event.number
        self._tell_other_controller(is_there=Problem.OTHER_CONTROLLER in snapshot.problems)

    def _tell_other_controller(self, *, is_there: bool) -> None:
        if is_there and not self._has_other_controller:
            logger.warning("another controller interferes with the limit")
        elif self._has_other_controller and not is_there:
            logger.info("no other controller interferes any more")
        self._has_other_controller = is_there
