"""From what the limit should be to the order that brings it in force, if one may leave now."""

from bridge.core.budget import LONGEST_LEAST
from bridge.core.limit import Wish
from bridge.core.model import Cause, Installation, Instant, OnLapse, Reason, SetCircuitLimit
from bridge.core.orders import Orders
from bridge.core.perception import Perception

OUTLIVING = (Reason.METER_STALE, Reason.STOPPING, Reason.PARKED, Reason.NOT_ALLOWED, Reason.BALANCING_OFF)
"""Reasons whose orders must still stand when we are gone."""

LAST = 2


class Dispatch:
    """Numbers the orders; never a second correction on one telegram."""

    __slots__ = ("_house", "_known", "_orders", "_telegrams_at_order", "is_last", "number")

    def __init__(self, house: Installation, known: Perception, orders: Orders) -> None:
        self._house = house
        self._known = known
        self._orders = orders
        self.number = 0
        self._telegrams_at_order = -1
        self.is_last = False
        """The service stops: the order to leave behind waits for nothing but the breaker."""

    def left(self, command: SetCircuitLimit) -> None:
        """An order has left for the charger."""
        self.number = command.number
        self._telegrams_at_order = self._known.telegrams

    def affordable(self, wish: Wish, now: Instant) -> tuple[Wish, SetCircuitLimit | None]:
        """The wish and the order that it needs now; where a raise must wait, what stands and its refresh."""
        wish = self._unrefused(wish, now)
        command = self.command(wish, now)
        base = self._orders.limit
        if command is None and base is not None and wish.limit > base:
            waiting = Reason.HOUSE_LOAD if base else Reason.PAUSE
            reason = wish.reason if wish.reason in OUTLIVING else waiting
            wish = Wish(base, reason, wish.phase, raise_in=wish.raise_in, only=wish.only)
            command = self.command(wish, now)
        return wish, None if self._house.dry_run else command

    def _unrefused(self, wish: Wish, now: Instant) -> Wish:
        """The next lower limit that was not refused lately, where a lower one is needed than stands."""
        limit = wish.limit
        while 0 < limit < (self._orders.in_force or 0) and self._orders.is_rejected(
            self._currents(limit, wish.only), now
        ):
            limit = limit - 1 if limit > self._house.minimum else 0
        return wish if limit == wish.limit else wish._replace(limit=limit)

    def command(self, wish: Wish, now: Instant) -> SetCircuitLimit | None:
        """The order that the wish needs, whether or not it is meant in earnest (dry run)."""
        currents = self._currents(wish.limit, wish.only)
        if self._is_second_on_one_telegram(wish, currents):
            return None
        time_to_live = self._time_to_live(wish.reason, now)
        if self.is_last:
            cause = self._orders.last(currents, time_to_live, now)
        else:
            cause = self._orders.due(currents, time_to_live, now, is_live=self._known.is_live)
        if cause is None or (cause is Cause.REFRESH and wish.reason is Reason.STARTING):
            return None  # nothing is measured yet: one start after the other must not keep a limit alive
        return SetCircuitLimit(currents, time_to_live, cause, self.number + 1)

    def _currents(self, limit: int, only: int | None) -> tuple[int, int, int]:
        """The same on every wired phase of the charger, 0 on one that nobody measures, or that a lesson leaves out."""
        if only is not None:
            return (limit if only == 0 else 0, limit if only == 1 else 0, limit if only == LAST else 0)
        return (limit, limit, limit) if len(self._house.phases) > 1 else (limit, 0, 0)

    def _is_second_on_one_telegram(self, wish: Wish, currents: tuple[int, int, int]) -> bool:
        newest = self._orders.newest
        if newest is None or newest.currents == currents or wish.reason in OUTLIVING:
            return False
        return self._known.telegrams == self._telegrams_at_order

    def _time_to_live(self, reason: Reason, now: Instant) -> int:
        if self._house.on_lapse is OnLapse.MAXIMUM:
            return 0  # a lapse would free the car just when nobody can hold it
        if reason in OUTLIVING and self._house.on_lapse is not OnLapse.OFFLINE_CURRENT:
            return 0
        minutes = self._house.time_to_live
        return minutes if minutes >= LONGEST_LEAST else max(minutes, self._orders.budget.least_minutes(now, after=1))
