"""The service itself, unchanged, in time that runs faster and on a machine that can be made to misbehave.

`FAULTS` in the environment is a JSON document: speed, origin (of boot-time seconds), names (host name → address), and
`switches`, a file that is read anew at SIGUSR1: {"dns": false, "slept": seconds}. SIGUSR2 hangs the control loop.
"""

import asyncio
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

from benchmarks.faults.fast import FastLoop
from bridge.runtime import clock
from bridge.runtime.control_loop import ControlLoop

PLAN: dict[str, Any] = json.loads(os.environ["FAULTS"])
SPEED: float = PLAN["speed"]
ORIGIN: float = PLAN["origin"]
STATE: dict[str, Any] = {"dns": True, "slept": 0.0}


def _boot_time() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _now() -> float:
    return ORIGIN + (_boot_time() - ORIGIN) * SPEED + float(STATE["slept"])


def _wall() -> float:
    """As far ahead of the real one as `_now` is, so that a step of the real one is one here."""
    return time.time() + _now() - _boot_time()


def _read_switches(*_: object) -> None:
    STATE.update(json.loads(Path(PLAN["switches"]).read_text(encoding="utf-8")))


def _hang(*_: object) -> None:
    """From now on no decision is made; everything else in the process lives on."""

    async def never(_: ControlLoop) -> None:
        await asyncio.Event().wait()

    ControlLoop._next_occasion = never  # type: ignore[method-assign, assignment]


class _Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return FastLoop(SPEED)


_look_up = socket.getaddrinfo


def _resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if name in PLAN["names"]:
        if not STATE["dns"]:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        name = PLAN["names"][name]
    return _look_up(name, *args, **kwargs)


def main() -> None:
    """Run `ev-load-bridge` with the arguments given."""
    clock.now, clock.wall = _now, _wall
    socket.getaddrinfo = _resolve
    asyncio.set_event_loop_policy(_Policy())
    signal.signal(signal.SIGUSR1, _read_switches)
    signal.signal(signal.SIGUSR2, _hang)
    from bridge.__main__ import main as command  # noqa: PLC0415 after the clocks are in place

    command()


if __name__ == "__main__":
    main()
