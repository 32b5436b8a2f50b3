"""One supervised trial: an order that lapses after a minute, a look each second, and the old limit again, always."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, Protocol

from bridge.commands.lapse.plan import Plan, Verdict, is_order, judge, safe
from bridge.commands.lapse.view import View
from bridge.core.model import Cause, Installation, Instant, Link, OnLapse, SetCircuitLimit
from bridge.errors import CommandRejectedError, DeviceError, LoginRejectedError, RateLimitedError
from bridge.ports import Charger

LIFE: Final = 1
"""Minutes that the order lives: the shortest there is."""
TICK: Final = 1.0
IN_FORCE_WITHIN: Final = 30.0
"""s from an order to its read-back; on bad days the cloud takes 15."""
EARLIEST: Final = 45.0
"""s after the order: what changes sooner is no lapse of a minute."""
LONGEST: Final = 300.0
"""s after which nothing has lapsed, and nothing will."""
STEADY: Final = 3.0
"""s that a change must stand: the phases of one limit are told one by one."""
TRIES: Final = 4
"""To restore the limit."""
RETRY: Final = 5.0


class Timing(NamedTuple):
    """The clock and the waiting, s: a simulated house has its own."""

    now: Callable[[], Instant]
    sleep: Callable[[float], Awaitable[None]]


class Show(Protocol):
    """Watches the trial."""

    def tick(self, view: View, since: float) -> None:
        """One look, so many seconds after the order."""

    def say(self, text: str) -> None:
        """One line for the person who supervises."""


class Result(NamedTuple):
    """What was found, and in which state the charger was left."""

    verdict: Verdict
    is_restored: bool
    """Whether what was to be left in force was read back."""
    left_with: str
    """One line about that."""


class _AbortedError(Exception):
    """The measurement ends without a result."""

    def __init__(self, words: str, *, is_dangerous: bool = False) -> None:
        super().__init__(words)
        self.is_dangerous = is_dangerous


class Trial:
    """Run it once. Somebody else keeps `view` told by meter and charger."""

    def __init__(  # noqa: PLR0913 what it is made with
        self,
        charger: Charger,
        view: View,
        plan: Plan,
        house: Installation,
        *,
        timing: Timing,
        stop: asyncio.Event,
        show: Show,
    ) -> None:
        self._charger = charger
        self._view = view
        self._plan = plan
        self._house = house
        self._timing = timing
        self._stop = stop
        self._show = show
        self._number = 0
        self._ordered_at: Instant = timing.now()

    async def run(self) -> Result:
        """Measure, and restore whatever happens. Raises only what is a bug, after having restored."""
        verdict, target = _unclear("it was broken off"), self._plan.restore
        try:
            verdict = await self._measure()
        except _AbortedError as aborted:
            verdict = _unclear(str(aborted))
            if aborted.is_dangerous:  # also where the moment is over
                target = safe(self._plan, self._house)
        except DeviceError as error:
            verdict = _unclear(error.detail)
        finally:
            if self._view.is_blind or self._view.over(self._house.fuse) is not None:
                target = safe(self._plan, self._house)
            is_restored, left_with = await self._leave(target)
        return Result(verdict, is_restored, left_with)

    async def _measure(self) -> Verdict:
        plan, now = self._plan, self._timing.now
        self._check()
        self._show.say(f"ordering {plan.order} A for {LIFE} min")
        await self._order((plan.order,) * 3, LIFE)
        self._ordered_at = now()
        if not await self._until_in_force():
            raise _AbortedError(f"the order did not come into force within {IN_FORCE_WITHIN:g} s")
        changed_at: Instant | None = None
        while now() - self._ordered_at < LONGEST:
            dynamic = self._view.dynamic
            if dynamic is None or is_order(plan, dynamic):
                changed_at = None
            elif changed_at is None:
                changed_at = now()
            elif now() - changed_at >= STEADY:
                return judge(plan, dynamic, changed_at - self._ordered_at, EARLIEST)
            await self._tick()
        if not self._view.is_up(Link.CHARGER):
            return _unclear("the cloud was not there at the end: nobody knows whether it lapsed")
        return Verdict(OnLapse.NEVER, None, f"{plan.order} A were still in force after {LONGEST / 60:g} min")

    async def _until_in_force(self) -> bool:
        while self._timing.now() - self._ordered_at < IN_FORCE_WITHIN:
            if is_order(self._plan, self._view.dynamic):
                return True
            await self._tick()
        return False

    async def _tick(self) -> None:
        self._show.tick(self._view, self._timing.now() - self._ordered_at)
        await self._timing.sleep(TICK)
        self._check()

    def _check(self) -> None:
        """Raise _AbortedError where it must not go on."""
        if self._stop.is_set():
            raise _AbortedError("you stopped it")
        phase = self._view.over(self._house.fuse)
        if phase is not None:
            raise _AbortedError(f"{phase} went over the fuse of {self._house.fuse:g} A", is_dangerous=True)
        if self._view.is_blind:
            raise _AbortedError("the meter fell silent", is_dangerous=True)
        if (words := self._view.ban or self._view.failure) is not None:
            raise _AbortedError(words)

    async def _order(self, currents: tuple[int, int, int], minutes: int) -> None:
        self._number += 1
        await self._charger.apply(SetCircuitLimit(currents, minutes, Cause.LOWER, self._number))

    async def _leave(self, currents: tuple[int, int, int]) -> tuple[bool, str]:
        """Order what is to stay, until it is read back; what became of it."""
        told = f"{max(currents)} A"
        minutes = self._house.time_to_live if self._house.on_lapse is OnLapse.OFFLINE_CURRENT else 0
        # a terminal that is gone (rich ends the process then) must not keep the limit from being restored
        with contextlib.suppress(Exception, SystemExit):
            self._show.say(f"restoring {told}: a moment")
        problem = "it was not read back"
        for _ in range(TRIES):
            try:
                await self._order(currents, minutes)
            except (RateLimitedError, LoginRejectedError, CommandRejectedError) as error:
                problem = error.detail
                break
            except DeviceError as error:
                problem = error.detail
                await self._timing.sleep(RETRY)
                continue
            if await self._is_read_back(currents):
                lower = "" if currents == self._plan.restore else f", not {max(self._plan.restore)} A: nobody balances"
                return True, f"{told} in force, read back{lower}"
        return (
            False,
            f"{told} could NOT be restored ({problem}): set the circuit's limit in the Easee app, or start the service",
        )

    async def _is_read_back(self, currents: tuple[int, int, int]) -> bool:
        """Whether the newest order is in force; where the charger answers no order, what it reports in the end counts.

        A report from before may still say the same limit, while an earlier order is on its way.
        """
        until = self._timing.now() + IN_FORCE_WITHIN
        wanted = tuple(map(float, currents))
        while self._timing.now() < until:
            if self._view.executed == self._number and self._view.dynamic == wanted:
                return True
            await self._timing.sleep(TICK)
        return self._view.dynamic == wanted


def _unclear(words: str) -> Verdict:
    return Verdict(OnLapse.UNKNOWN, None, words)
