"""`ev-load-bridge run`: the service."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Final

from bridge.runtime.logs import set_up
from bridge.service import serve
from bridge.settings import Settings, load

DRY_RUN: Final = {"EV_LOAD_BRIDGE__BALANCING__DRY_RUN": "true"}
STOPS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""A closed terminal is a stop as well: the charger is left safe."""


def run(config: Path | None, *, dry_run: bool) -> int:
    """Serve until told to stop; give the exit status. Raises SettingsError."""
    settings = load(config, {**os.environ, **DRY_RUN} if dry_run else os.environ)
    set_up(settings.log.level)
    return asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> int:
    stop = asyncio.Event()
    for number in STOPS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return await serve(settings, stop)
