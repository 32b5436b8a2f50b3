"""`ev-load-bridge run`: the service, until it is told to stop."""

import asyncio
import logging
import os
import sys
import threading
from pathlib import Path

from bridge.runtime import logs
from bridge.runtime.stopping import stop_on_signals
from bridge.settings import Settings, load

END_WITHIN = 0.3
"""After the service has ended, what still hangs (a name that is being looked up) may hold the process this long, s."""


def run(config: Path | None, *, dry_run: bool = False) -> int:
    """Run the service. Returns the exit status; raises SettingsError."""
    settings = load(config, os.environ)
    logs.set_up(settings.log.level)
    if dry_run:
        balancing = settings.balancing.model_copy(update={"dry_run": True})
        settings = settings.model_copy(update={"balancing": balancing})
    return asyncio.run(_run(settings))


async def _run(settings: Settings) -> int:
    from bridge.service import serve  # noqa: PLC0415 unfit settings are told before the libraries are loaded

    stop = asyncio.Event()
    stop_on_signals(stop)
    status = await serve(settings, stop)
    _end_soon(status)
    return status


def _end_soon(status: int) -> None:
    """End the process with this status even where a thread or a task does not: at the stop, seconds count."""

    def end() -> None:
        logging.shutdown()
        sys.stdout.flush()
        os._exit(status)

    timer = threading.Timer(END_WITHIN, end)
    timer.daemon = True
    timer.start()
