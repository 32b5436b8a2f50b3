"""What the worked examples in docs/examples do beyond the contract; on real sockets."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from charger_rigs import Listening, Trouble
from json_rig import TOKEN, JsonRig

from bridge.core.model import Cause, Link, LinkReport, Observation, Refused, SetCircuitLimit, Telegram
from bridge.errors import DeviceUnavailableError, MalformedReadingError, RateLimitedError
from bridge.runtime.supervisor import keep_running
from docs.examples.json_charger import JsonCharger, JsonChargerOptions
from docs.examples.text_meter import TextMeter, TextMeterOptions, read

LINE = b"4 950 231.0; 2 -460 230.0; -\n"


class TextDevice:
    """Sends what it is told to everybody who connects."""

    def __init__(self, *lines: bytes, hangs_up: bool = False) -> None:
        self._lines = lines
        self._hangs_up = hangs_up
        self.visits = 0
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["TextDevice"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.writelines(self._lines)
        if not self._hangs_up:
            await reader.read()  # until the other side leaves
        writer.close()


async def heard(device: TextDevice, is_enough: Callable[[list[Observation]], object]) -> list[Observation]:
    """Follow until that is told."""
    told: list[Observation] = []
    enough = asyncio.Event()

    def tell(seen: Observation) -> None:
        told.append(seen)
        if is_enough(told):
            enough.set()

    following = asyncio.create_task(TextMeter(TextMeterOptions("127.0.0.1", device.port, silence=5)).follow(tell))
    try:
        async with asyncio.timeout(5):
            await enough.wait()
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
    return told


async def test_a_line_is_a_telegram_with_signs_and_gaps() -> None:
    async with TextDevice(LINE).serving() as device:
        up, telegram = await heard(device, lambda told: len(told) == 2)
    assert up == LinkReport(Link.METER, is_up=True)
    assert isinstance(telegram, Telegram)
    l1, l2, l3 = telegram.phases
    assert l1 is not None
    assert l2 is not None
    assert (round(l1.current, 2), round(l2.current, 2), l3) == (4.11, -2.0, None)


async def test_nonsense_is_dropped_and_counted_and_the_next_line_is_read() -> None:
    async with TextDevice(b"hello\n", b"1 2; 3\n", b"nan 1 230; -; -\n", LINE).serving() as device:
        told = await heard(device, lambda told: any(isinstance(seen, Telegram) for seen in told))
    assert told[:3] == [Refused(Link.METER)] * 3


@pytest.mark.parametrize(
    ("device", "cause"),
    [
        (TextDevice(LINE, hangs_up=True), "closed the connection"),
        (TextDevice(b"4 950", hangs_up=True), "closed the connection"),
        (TextDevice(b"x" * 5000), "sends no lines"),
        (TextDevice(LINE), "is silent for 0.2 s"),
    ],
    ids=["hung up", "half a line", "no lines", "silent"],
)
async def test_a_loss_is_raised_with_its_cause(device: TextDevice, cause: str) -> None:
    async with device.serving():
        meter = TextMeter(TextMeterOptions("127.0.0.1", device.port, silence=0.2))
        with pytest.raises(DeviceUnavailableError, match=cause):
            await meter.follow(lambda _: None)


async def test_nobody_there() -> None:
    with pytest.raises(DeviceUnavailableError, match="cannot be reached"):
        await TextMeter(TextMeterOptions("127.0.0.1", 1)).follow(lambda _: None)


async def test_the_supervisor_brings_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.runtime.supervisor.FIRST_DELAY", 0.01)
    told: list[Observation] = []
    async with TextDevice(LINE, hangs_up=True).serving() as device:
        meter = TextMeter(TextMeterOptions("127.0.0.1", device.port))
        running = asyncio.create_task(keep_running(Link.METER, meter.follow, told.append))
        async with asyncio.timeout(5):
            while device.visits < 3:  # noqa: ASYNC110 what is waited for has no event
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.wait({running})
    assert [seen.is_up for seen in told if isinstance(seen, LinkReport)][:4] == [True, False, True, False]


@pytest.mark.parametrize("line", ["", "1 2 3", "1 2 3; 4 5 6", "a b c; -; -", "-1 0 230; -; -", "1 inf 230; -; -"])
def test_a_line_that_is_none_is_malformed(line: str) -> None:
    with pytest.raises(MalformedReadingError):
        read(line, is_fine=False)


async def test_an_order_carries_its_time_to_live_in_seconds() -> None:
    rig = JsonRig()
    await rig.start()
    listening = Listening(rig.charger)
    await listening.until_ready()
    await rig.charger.apply(SetCircuitLimit((8, 8, 8), 10, Cause.LOWER, 1))
    await listening.end()
    await rig.stop()
    assert rig.box.bodies == [{"amperes": [8, 8, 8], "seconds": 600}]


async def test_no_call_of_any_kind_is_made_while_the_charger_wants_none() -> None:
    rig = JsonRig()
    await rig.start()
    listening = Listening(rig.charger)
    await listening.until_ready()
    await rig.trouble(Trouble.RATE_LIMITED)
    order = SetCircuitLimit((8, 8, 8), 10, Cause.LOWER, 1)
    with pytest.raises(RateLimitedError):
        await rig.charger.apply(order)
    await asyncio.sleep(0.05)  # a look that was due already
    calls = rig.box.calls
    for _ in range(5):
        with pytest.raises(RateLimitedError):
            await rig.charger.apply(order)
        await asyncio.sleep(0.02)
    assert rig.box.calls == calls
    await listening.end()
    await rig.stop()


def test_the_token_is_not_shown() -> None:
    assert TOKEN not in repr(JsonChargerOptions("http://127.0.0.1", TOKEN))
    assert TOKEN not in repr(JsonCharger(JsonChargerOptions("http://127.0.0.1", TOKEN), time.monotonic))
