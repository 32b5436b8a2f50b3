"""Learns the phases without the service: the same engine, meter and charger, for as long as it takes."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from bridge.commands.learning.asking import LONGEST, Tell
from bridge.commands.learning.result import LEARNT, Learnt
from bridge.core.engine import Engine
from bridge.core.learning import WORTH
from bridge.core.model import (
    Cause,
    ChargerReport,
    Control,
    ControlChange,
    LearnBy,
    LearningStage,
    Link,
    Observation,
    Outcome,
    Problem,
    Result,
    SetCircuitLimit,
    Snapshot,
)
from bridge.core.pairing import SURE
from bridge.core.phases import PerPhase
from bridge.ports import Charger, Meter
from bridge.runtime import clock
from bridge.runtime.control_loop import ControlLoop
from bridge.runtime.delivery import Delivery
from bridge.runtime.supervisor import keep_running
from bridge.runtime.tasks import Tasks
from bridge.settings import Settings

logger = logging.getLogger(__name__)

READY_WITHIN = 120.0
"""For meter and charger to be there and the car to charge, s."""
RESTORED_WITHIN = 20.0
"""For the limit of before to be in force again, s; a slow cloud takes 15."""
CLOSE_WITHIN = 1.0
LOOK_EVERY = 0.05
LAST_NUMBER = 1_000_000
"""Of the order that restores: above all that the engine counted."""
ACTIVE = (LearningStage.PAUSING, LearningStage.WATCHING, LearningStage.ONE_PHASE, LearningStage.RESTORING)


class Alone:
    """One lesson with nobody else at the wheel. The limit found at the start is restored at the end, come what may."""

    def __init__(self, settings: Settings, meter: Meter, charger: Charger, tell: Tell) -> None:
        self._house = settings.installation()
        self._meter = meter
        self._charger = charger
        self._say = tell
        self._tasks = Tasks()
        self._control = ControlLoop(Engine(self._house, clock.now()), clock.now, [self._show])
        self._delivery = Delivery(charger, self._control.orders, self._control.tell)
        self._newest: Snapshot | None = None
        self._found: PerPhase | None = None
        self._in_force: PerPhase | None = None
        self._is_executed = False
        """The charger has carried out the order that restores: a report of before may still say the same limit."""
        self._text = ""

    async def learn(self, by: LearnBy, stop: asyncio.Event) -> Learnt:
        """Give the lesson. Raises what the meter or the charger cannot recover from."""
        steering = self._start()
        lesson = asyncio.create_task(self._lesson(by), name="lesson")
        waiting = asyncio.create_task(self._tasks.until(stop), name="until stopped")
        restored: bool | None = None
        try:
            await asyncio.wait({lesson, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (lesson, waiting):
                task.cancel()
            await asyncio.wait({lesson, waiting})
            steering.cancel()
            await asyncio.wait({steering})
            restored = await self._restore()
            await self._tasks.close(CLOSE_WITHIN)
            await self._charger.close()
        if not waiting.cancelled() and waiting.exception() is not None:
            waiting.result()
        if lesson.cancelled():
            return Learnt(LearningStage.FAILED, "phases not learnt: stopped by you", restored=restored)
        return lesson.result()._replace(restored=restored)

    def _start(self) -> asyncio.Task[None]:
        tasks, tell = self._tasks, self._control.tell
        steering = tasks.start("steer", self._control.steer())
        tasks.start("orders", self._delivery.carry())
        tasks.start("meter", keep_running(Link.METER, self._meter.follow, tell))
        tasks.start("charger", keep_running(Link.CHARGER, self._charger.follow, self._hear))
        return steering

    def _hear(self, seen: Observation) -> None:
        if isinstance(seen, ChargerReport) and seen.dynamic_current is not None:
            self._in_force = seen.dynamic_current
            self._found = self._found or seen.dynamic_current
        if isinstance(seen, Outcome) and (seen.number, seen.result) == (LAST_NUMBER, Result.EXECUTED):
            self._is_executed = True
        self._control.tell(seen)

    def _show(self, snapshot: Snapshot) -> None:
        self._newest = snapshot
        text = snapshot.pairing.text
        if snapshot.pairing.stage in ACTIVE and text != self._text:
            self._text = text
            self._say(text)

    async def _lesson(self, by: LearnBy) -> Learnt:
        if not await self._until(_is_ready, READY_WITHIN):
            return Learnt(LearningStage.FAILED, f"phases not learnt: {_missing(self._newest)}")
        self._control.tell(ControlChange(Control.LEARN_PHASES, by))
        await self._until(lambda shown: shown.pairing.stage is not LearningStage.IDLE, READY_WITHIN)
        if not await self._until(lambda shown: shown.pairing.stage not in ACTIVE, LONGEST) or self._newest is None:
            return Learnt(LearningStage.FAILED, "phases not learnt: it took too long")
        pairing = self._newest.pairing
        is_sure = pairing.stage in LEARNT and pairing.certainty >= SURE
        certainty = pairing.certainty if is_sure else None
        return Learnt(pairing.stage, pairing.text, pairing.likely if is_sure else None, certainty)

    async def _until(self, condition: Callable[[Snapshot], bool], within: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._newest is None or not condition(self._newest):  # noqa: ASYNC110 snapshots have no event
                    await asyncio.sleep(LOOK_EVERY)
            return True
        return False

    async def _restore(self) -> bool | None:
        """Order what was in force before, as far as it binds; None where nothing was changed."""
        shown, found = self._newest, self._found
        if shown is None or found is None or not shown.commands_last_hour:
            return None
        binding = shown.charger.bounds.binding if shown.charger is not None else None
        most = self._house.maximum if binding is None else min(self._house.maximum, binding)
        wanted = [int(min(current, most)) for current in found]
        command = SetCircuitLimit((wanted[0], wanted[1], wanted[2]), 0, Cause.LOWER, LAST_NUMBER)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RESTORED_WITHIN):
                await self._delivery.conclude(command)
                while not (self._is_executed and self._holds(wanted)):  # noqa: ASYNC110 reports have no event
                    await asyncio.sleep(LOOK_EVERY)
        if not self._holds(wanted):  # where the charger answers no order, its newest report of 20 s has to do
            amperes = "/".join(map(str, wanted))
            logger.warning("the limit of before (%s A) was ordered, but the charger does not confirm it", amperes)
            return False
        self._say(f"limit restored: {max(wanted)} A, by the charger's own word")
        return True

    def _holds(self, wanted: list[int]) -> bool:
        return self._in_force == PerPhase(*map(float, wanted))


def _is_ready(shown: Snapshot) -> bool:
    """Whether a lesson can begin: a car that charges, a meter, and a charger that obeys."""
    in_question = {Problem.METER_STALE, Problem.CHARGER_LOST}
    return shown.last_telegram is not None and max(shown.draw) >= WORTH and not in_question & shown.problems


def _missing(shown: Snapshot | None) -> str:
    if shown is None or shown.charger is None:
        return "the charger was not reached; see the lines above"
    if shown.last_telegram is None or Problem.METER_STALE in shown.problems:
        return "the meter was not reached; see the lines above"
    return "no car is charging"
