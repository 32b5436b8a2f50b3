"""`record`: what the meter says, one CSV line per telegram, for looking at and for replaying."""

import asyncio
import csv
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

from bridge.core.model import Observation, Telegram
from bridge.core.phases import Phase
from bridge.ports import Meter

HEADER = ("time", *(f"{quantity}_{phase.lower()}" for quantity in ("current", "power", "voltage") for phase in Phase))
"""ISO 8601 in UTC; A as the meter sends them, unsigned; W, import + / export −; V. Empty where it does not say."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def record(
    meter: Meter,
    out: TextIO,
    *,
    seconds: float | None = None,
    progress: TextIO | None = None,
    now: Callable[[], datetime] = _utc_now,
) -> int:
    """Write telegrams to `out` until `seconds` are over, for ever where that is None; return how many.

    Each line is flushed, so that nothing is lost when this is cancelled. `progress`, standard error where None, gets a
    line that counts. Raises OSError where `out` cannot be written, and what the meter raises.
    """
    recorder = _Recorder(out, progress or sys.stderr, now)
    following = asyncio.ensure_future(meter.follow(recorder.tell))
    recorder.stop = following.cancel
    try:
        async with asyncio.timeout(seconds):
            await following
    except TimeoutError:
        pass
    except asyncio.CancelledError:
        if recorder.failure is None:
            raise
    finally:
        recorder.end()
    if recorder.failure is not None:
        raise recorder.failure
    return recorder.count


class _Recorder:
    """Takes what the meter tells. A failure to write ends the recording instead of being raised into the meter."""

    def __init__(self, out: TextIO, progress: TextIO, now: Callable[[], datetime]) -> None:
        self._out = out
        self._progress = progress
        self._now = now
        self._csv = csv.writer(out, lineterminator="\n")
        self._csv.writerow(HEADER)
        out.flush()
        self.count = 0
        self.failure: OSError | None = None
        self.stop: Callable[[], object] = lambda: None

    def tell(self, seen: Observation) -> None:
        if not isinstance(seen, Telegram):
            return  # how the connection fares is in the log
        try:
            self._write(seen)
        except OSError as error:
            self.failure = error
            self.stop()

    def end(self) -> None:
        self._show(f"recorded {self.count} telegrams", end="\n")

    def _write(self, telegram: Telegram) -> None:
        readings = telegram.phases
        columns = (
            *(reading and reading.metered for reading in readings),
            *(reading and reading.power for reading in readings),
            *(reading and reading.voltage for reading in readings),
        )
        time = self._now().isoformat(timespec="milliseconds")
        self._csv.writerow((time, *map(_text, columns)))
        self._out.flush()
        self.count += 1
        if self._progress.isatty():
            self._show(f"{self.count} telegrams")

    def _show(self, line: str, end: str = "") -> None:
        start = "\r\x1b[K" if self._progress.isatty() else ""
        self._progress.write(f"{start}{line}{end}")
        self._progress.flush()


def _text(value: float | None) -> str:
    return "" if value is None else f"{round(value, 3):.3f}".rstrip("0").rstrip(".")
