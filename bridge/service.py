"""The composition root: builds the parts, starts the tasks, ends them; the only module that knows them all."""

import asyncio
import logging
from pathlib import Path

from bridge import __version__, parts
from bridge.core.engine import Engine
from bridge.core.model import Installation, Link, Memory
from bridge.errors import LoginRejectedError, UnsuitableError, exit_code
from bridge.ports import Rest
from bridge.runtime import clock
from bridge.runtime.control_loop import ControlLoop, Show
from bridge.runtime.delivery import Delivery
from bridge.runtime.notify import Notifier
from bridge.runtime.outage import spell
from bridge.runtime.saving import Saving
from bridge.runtime.starts import Starts
from bridge.runtime.state_file import Clocks, StateFile, state_directory
from bridge.runtime.stopping import leave_safe
from bridge.runtime.supervisor import keep_running
from bridge.runtime.tasks import Tasks
from bridge.runtime.transitions import TransitionLog
from bridge.settings import Settings

logger = logging.getLogger(__name__)

CLOSE_WITHIN = 0.8
"""For saying offline, saving and letting go of sockets, s."""


async def serve(settings: Settings, stop: asyncio.Event, directory: Path | None = None) -> int:
    """Run the bridge until `stop` is set; the charger is left safe then. Returns the exit code, does not raise.

    0 stopped as asked · 77 login refused at the start · 78 a person must mend the settings or the installation ·
    1 a bug. `directory` holds the state file; None takes systemd's or the user's own.
    """
    for warning in settings.warnings:
        logger.warning("%s", warning)
    house = settings.installation()
    _introduce(settings, house)
    return await Service(settings, house, directory or state_directory()).run(stop)


class Service:
    """All parts of one bridge."""

    def __init__(self, settings: Settings, house: Installation, directory: Path) -> None:
        state_file = StateFile(directory, house, Clocks(clock.now, clock.wall))
        memory = state_file.load()
        engine = Engine(house, clock.now(), memory)
        self._meter = parts.meter(settings)
        self._charger = parts.charger(settings, _rest(memory, Starts(directory, clock.wall).note()))
        self._mirror = parts.mirror(settings, house)
        self._notifier = Notifier()
        self._saving = Saving(lambda: engine.memory(clock.now()), state_file.save)
        shows: list[Show] = [self._notifier.show, TransitionLog(is_dry_run=house.dry_run).show, self._saving.show]
        if self._mirror is not None:
            shows.append(self._mirror.show)
        self._control = ControlLoop(engine, clock.now, shows)
        self._delivery = Delivery(self._charger, self._control.orders, self._control.tell)
        self._tasks = Tasks()

    async def run(self, stop: asyncio.Event) -> int:
        """Run until `stop` is set or something ends that must not. Returns the exit code."""
        steering = self._start()
        code = 0
        try:
            await self._tasks.until(stop)
            await self._leave_safe(steering)
        except (UnsuitableError, LoginRejectedError) as error:
            logger.error("%s", error)  # noqa: TRY400 a person acts on the line, a traceback says nothing more
            code = exit_code(error)
        except Exception as error:
            logger.critical("a bug ends the service", exc_info=error)
            code = exit_code(error)
        await self._close(is_saved=code == 0)
        return code

    def _start(self) -> asyncio.Task[None]:
        tasks, tell = self._tasks, self._control.tell
        steering = tasks.start("steer", self._control.steer())
        tasks.start("orders", self._delivery.carry())
        tasks.start("meter", keep_running(Link.METER, self._meter.follow, tell))
        tasks.start("charger", keep_running(Link.CHARGER, self._charger.follow, tell))
        if self._mirror is not None:
            tasks.start("mirror", keep_running(Link.MQTT, self._mirror.run, tell))
        tasks.start("saving", self._saving.run())
        return steering

    async def _leave_safe(self, steering: asyncio.Task[None]) -> None:
        self._notifier.stopping()
        steering.cancel()
        await asyncio.wait({steering})
        await leave_safe(self._control, self._delivery)

    async def _close(self, *, is_saved: bool) -> None:
        try:
            async with asyncio.timeout(CLOSE_WITHIN):
                saved = [self._saving.save()] if is_saved else []
                await asyncio.gather(self._tasks.close(CLOSE_WITHIN), *saved)
                await self._charger.close()
        except TimeoutError:
            logger.warning("closing took too long: something was left open")
        self._notifier.close()


def _introduce(settings: Settings, house: Installation) -> None:
    meter, mqtt = settings.mains.slimmelezer, settings.mqtt
    logger.info(
        "EV Load Bridge %s: fuse %g A, charger at most %d A, fallback %d A; Slimmelezer %s:%d, Easee, %s",
        __version__,
        house.fuse,
        house.maximum,
        house.fallback,
        meter.host,
        meter.port,
        f"MQTT {mqtt.host}:{mqtt.port}" if mqtt.enabled else "no MQTT",
    )
    if house.dry_run:
        logger.info("dry run: limits are decided and shown, nothing is ordered")


def _rest(memory: Memory | None, too_many_starts: float) -> Rest:
    """How long the charger's cloud is left alone after this start."""
    banned_for = 0.0 if memory is None else memory.banned_for
    if banned_for >= too_many_starts:
        return Rest(banned_for, f"the cloud wanted no calls before the restart: none for {spell(banned_for)}")
    return Rest(too_many_starts, f"started too often: the cloud is left alone for {spell(too_many_starts)}")
