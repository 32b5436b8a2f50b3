"""`ev-load-bridge record`: from the command line to the recording."""

import asyncio
import os
from pathlib import Path
from typing import TextIO

from bridge import parts
from bridge.commands.record import record
from bridge.ports import Meter
from bridge.runtime.logs import complain, set_up
from bridge.runtime.stopping import stop_on_signals
from bridge.settings import load


def run_record(config: Path | None, out: Path, *, seconds: float | None) -> int:
    """Record to a new or overwritten file until `seconds` are over or told to stop; 1 where nothing was recorded.

    Raises SettingsError.
    """
    settings = load(config, os.environ)
    set_up(settings.log.level)
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            return asyncio.run(_until_stopped(parts.meter(settings), file, seconds))
    except OSError as error:
        complain([f"{out}: cannot be written ({error.strerror}); name another file"])
        return 1


async def _until_stopped(meter: Meter, file: TextIO, seconds: float | None) -> int:
    stop = asyncio.Event()
    stop_on_signals(stop)
    recording = asyncio.ensure_future(record(meter, file, seconds=seconds))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({recording, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if recording.done():
        return 0 if recording.result() else 1
    recording.cancel()
    await asyncio.wait({recording})
    return 0
