"""A meter that sends a line of text per telegram over TCP: A, W and V of each phase, `-` where it has none.

4 950 231.0; 2 -460 230.1; -
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from bridge.core.mains_estimate import estimate
from bridge.core.model import Link, LinkReport, PhaseReading, Refused, Telegram
from bridge.errors import DeviceUnavailableError, MalformedReadingError
from bridge.ports import Tell

DEVICE = "meter"
LONGEST_LINE = 200
"""Bytes; a peer that sends more is no such meter."""
PLAUSIBLE = 1000.0
"""A and V beyond this are nonsense, of a house on 100 A at most; W beyond 230 times this."""


@dataclass(frozen=True, slots=True)
class TextMeterOptions:
    host: str
    port: int = 7000
    is_fine: bool = False
    """Whether it sends decimals of an ampere."""
    silence: float = 15.0
    """s without a line until the connection is given up."""


class TextMeter:
    """Implements `ports.Meter`. Each loss is raised: the supervisor starts it anew, backs off, and logs it once."""

    def __init__(self, options: TextMeterOptions) -> None:
        self._options = options
        self._where = f"{options.host}:{options.port}"

    async def follow(self, tell: Tell) -> None:
        try:
            async with asyncio.timeout(self._options.silence):
                place = (self._options.host, self._options.port)
                reader, writer = await asyncio.open_connection(*place, limit=LONGEST_LINE)
        except (OSError, TimeoutError) as error:
            raise self._lost("cannot be reached: is the host right, and the meter on?") from error
        try:
            await self._read(reader, tell)
        except (OSError, ValueError) as error:  # ValueError: a line without an end
            raise self._lost("broke off, or sends no lines: is it this meter?") from error
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader, tell: Tell) -> None:
        is_up = False
        while True:
            try:
                async with asyncio.timeout(self._options.silence):
                    line = await reader.readline()
            except TimeoutError as error:
                raise self._lost(f"is silent for {self._options.silence:g} s: is its cable in?") from error
            if not line.endswith(b"\n"):
                raise self._lost("closed the connection: it is tried again")
            try:
                telegram = read(line.decode("ascii", "replace"), is_fine=self._options.is_fine)
            except MalformedReadingError:
                tell(Refused(Link.METER))
                continue
            if not is_up:
                tell(LinkReport(Link.METER, is_up=True))
                is_up = True
            tell(telegram)

    def _lost(self, detail: str) -> DeviceUnavailableError:
        return DeviceUnavailableError(DEVICE, f"{self._where} {detail}")


def read(line: str, *, is_fine: bool) -> Telegram:
    """Pure: a line of text to a telegram. Raises MalformedReadingError; what is absent is None, never 0."""
    phases = [_phase(part.split(), is_fine=is_fine) for part in line.split(";")]
    if len(phases) != 3:
        raise MalformedReadingError(DEVICE, "not three phases")
    return Telegram((phases[0], phases[1], phases[2]))


def _phase(words: list[str], *, is_fine: bool) -> PhaseReading | None:
    if words == ["-"]:
        return None
    try:
        current, power, voltage = map(float, words)
    except ValueError:
        raise MalformedReadingError(DEVICE, "not three numbers") from None
    if not (0 <= current < PLAUSIBLE and abs(power) < 230 * PLAUSIBLE and 0 < voltage < PLAUSIBLE):
        raise MalformedReadingError(DEVICE, "not plausible")  # catches NaN too
    return estimate(current, power, voltage, meter_is_fine=is_fine)
