"""Shows a charging car on a broker and obeys the knobs, for looking at it in a real Home Assistant: see README.md."""

import asyncio
import contextlib
import logging
import random
import sys
import time

from mirror.scene import now_charging
from mirror.snapshots import HOME, decision, event

from bridge.core.controls import initial, turned
from bridge.core.model import Control, ControlChange, Observation
from bridge.core.phases import PerPhase
from bridge.mirror.client import MqttMirror
from bridge.mirror.options import MqttOptions


async def play(host: str, port: int, seconds: float) -> None:
    controls = initial(HOME)

    def tell(observation: Observation) -> None:
        nonlocal controls
        if isinstance(observation, ControlChange) and observation.control is not Control.LEARN_PHASES:
            controls = turned(controls, observation, HOME)
            show()

    def show() -> None:
        noise = random.uniform(-0.5, 0.5)  # noqa: S311 a restless house
        house = decision(mains=PerPhase(10.5 + noise, 21.25, -3.125))
        mirror.show(now_charging(decision=house, controls=controls, events=(event(),)))

    async def live() -> None:
        while True:
            show()
            await asyncio.sleep(1)

    mirror = MqttMirror(MqttOptions(host, port), HOME, time.monotonic, "1.2.3")
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as tasks:
            tasks.create_task(mirror.run(tell))
            tasks.create_task(live())


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    host, port, *seconds = sys.argv[1:]
    asyncio.run(play(host, int(port), float(seconds[0]) if seconds else 600.0))
