"""Telegrams become lines of a CSV."""

import asyncio
import csv
import io
from datetime import UTC, datetime

import pytest

from bridge.commands.record import HEADER, record
from bridge.core.model import Link, LinkReport, PhaseReading, Telegram
from bridge.ports import Tell

NOON = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
TELEGRAM = Telegram(
    (PhaseReading(5.26, 1210.0, 230.1, metered=5.0), PhaseReading(-3.0, -690.0, None, metered=3.0), None)
)
WITHOUT_CURRENT = Telegram((PhaseReading(10.0, 2300.0, 230.0), None, None))


class FakeMeter:
    """Tells some telegrams, then falls silent."""

    def __init__(self, *telegrams: Telegram) -> None:
        self._telegrams = telegrams
        self.has_ended = False
        self.is_silent = asyncio.Event()

    async def follow(self, tell: Tell) -> None:
        try:
            tell(LinkReport(Link.METER, is_up=True))
            for telegram in self._telegrams:
                tell(telegram)
            self.is_silent.set()
            await asyncio.Event().wait()
        finally:
            self.has_ended = True


class Full(io.StringIO):
    """A disk that takes the header and no more."""

    def write(self, text: str) -> int:
        if self.tell():
            raise OSError(28, "No space left on device")
        return super().write(text)


async def test_each_telegram_is_a_line_as_the_meter_sent_it() -> None:
    out, meter = io.StringIO(), FakeMeter(TELEGRAM, WITHOUT_CURRENT)
    count = await record(meter, out, seconds=0.05, progress=io.StringIO(), now=lambda: NOON)
    header, first, second = csv.reader(io.StringIO(out.getvalue()))
    assert tuple(header) == HEADER
    assert HEADER[:5] == ("time", "current_l1", "current_l2", "current_l3", "power_l1")
    assert first == ["2026-03-01T12:00:00.250+00:00", "5", "3", "", "1210", "-690", "", "230.1", "", ""]
    assert second[1:5] == ["", "", "", "2300"]
    assert count == 2
    assert meter.has_ended


async def test_what_is_written_is_there_when_it_is_cancelled() -> None:
    out, progress, meter = io.StringIO(), io.StringIO(), FakeMeter(TELEGRAM)
    task = asyncio.create_task(record(meter, out, progress=progress))
    await meter.is_silent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert out.getvalue().count("\n") == 2
    assert meter.has_ended
    assert progress.getvalue() == "recorded 1 telegrams\n"


async def test_a_full_disk_ends_the_recording() -> None:
    meter = FakeMeter(TELEGRAM, TELEGRAM)
    with pytest.raises(OSError, match="No space"):
        await record(meter, Full(), seconds=5, progress=io.StringIO())
    assert meter.has_ended
