"""One look at a device: what it finds, and what it says where there is nothing to find."""

import asyncio
import base64
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence

import pytest
from aioesphomeapi.client import APIClient
from slimmelezer_rig import served

from bridge.core.phases import Phase
from bridge.mains.slimmelezer.assembler import Quantity
from bridge.mains.slimmelezer.client import SlimmelezerOptions
from bridge.mains.slimmelezer.problems import Cause
from bridge.mains.slimmelezer.survey import Bounds, MeterSurvey, survey
from bridge.simulator.esphome_device import EsphomeDevice, SensorSpec
from bridge.simulator.variants import BELGIAN, CLASSIC, MINI, Variant, burst_values

QUICK = Bounds(answer=0.5, listing=0.5, telegrams=2.0)
KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(32)).decode()
WHOLE, FINE = (5.0, 3.0, 8.0), (5.17, 0.0, 8.2)


@contextlib.asynccontextmanager
async def telling(
    device: EsphomeDevice,
    variant: Variant = CLASSIC,
    metered: Sequence[float | None] = WHOLE,
    powers: Sequence[float | None] = (1190.0, -690.0, 1900.0),
    volts: Sequence[float | None] = (230.1, 231.0, 229.9),
) -> AsyncIterator[None]:
    """A device with a meter that sends every 50 ms."""

    async def tell() -> None:
        while True:
            device.publish(burst_values(variant, metered, powers, volts))
            await asyncio.sleep(0.05)

    task = asyncio.create_task(tell())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def look(device: EsphomeDevice, bounds: Bounds = QUICK, **options: object) -> MeterSurvey:
    return await survey(SlimmelezerOptions(device.host, device.port, **options), bounds=bounds)  # type: ignore[arg-type]


async def test_a_classic_is_known_through_and_through() -> None:
    async with served() as device, telling(device):
        seen = await look(device)
        assert seen.trouble is None
        assert seen.identity is not None
        assert seen.identity.name == "slimmelezer"
        assert seen.identity.esphome == "2026.6.5"
        assert not seen.identity.is_encrypted
        assert seen.sensors == dict.fromkeys(Phase, frozenset(Quantity))
        assert len(seen.telegrams) == 4
        assert seen.period is not None
        assert seen.period > 0
        assert seen.resolution == 1.0
        assert seen.has_voltage
        assert seen.newest[1] is not None
        assert seen.newest[1].current < 0
        assert (seen.complaints, seen.implausible, seen.unsigned) == ((), (), ())


async def test_it_leaves_nothing_behind() -> None:
    async with served() as device, telling(device):
        await look(device)
        async with asyncio.timeout(5):
            while device.clients:  # noqa: ASYNC110 what is waited for has no event
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("variant", "metered", "volts", "resolution", "has_voltage"),
    [(BELGIAN, FINE, (230.0,) * 3, 0.01, True), (CLASSIC, WHOLE, (None,) * 3, 1.0, False)],
)
async def test_the_meter_is_judged_by_what_it_sends(
    variant: Variant, metered: Sequence[float], volts: Sequence[float | None], resolution: float, *, has_voltage: bool
) -> None:
    async with served(variant) as device, telling(device, variant, metered, volts=volts):
        seen = await look(device)
        assert (seen.resolution, seen.has_voltage) == (resolution, has_voltage)


async def test_where_nothing_flows_the_resolution_is_not_known() -> None:
    async with served() as device, telling(device, metered=(0.0,) * 3, powers=(0.0,) * 3):
        assert (await look(device)).resolution is None


async def test_a_wrong_unit_is_seen_from_the_physics() -> None:
    async with served(MINI) as device, telling(device, MINI, powers=(1_190_000 / 10, -690.0, 1900.0)):
        [line] = (await look(device)).implausible
        assert line.startswith("L1 tells 119000 W at 5 A and 230 V")


async def test_a_meter_without_powers_cannot_tell_export() -> None:
    bare = Variant("bare", tuple(SensorSpec(f"Current Phase {n}", "A") for n in (1, 2, 3)), *CLASSIC[2:])
    async with served(bare) as device, telling(device, bare, powers=(None,) * 3, volts=(None,) * 3):
        assert (await look(device)).unsigned == tuple(Phase)


async def test_a_missing_phase_is_complained_about() -> None:
    sensors = tuple(spec for spec in CLASSIC.sensors if not spec.name.endswith("Phase 2"))
    device = EsphomeDevice(sensors)
    await device.start()
    try:
        async with telling(device, metered=(5, None, 8), powers=(1190, None, 1900), volts=(230, None, 230)):
            seen = await look(device)
            assert seen.trouble is None
            [line] = seen.complaints
            assert "has no sensor for L2" in line
    finally:
        await device.stop()


@pytest.mark.parametrize(
    ("key", "given", "cause"),
    [
        (KEY, OTHER_KEY, Cause.WRONG_KEY),
        (KEY, None, Cause.KEY_MISSING),
        (None, KEY, Cause.KEY_UNWANTED),
        (KEY, "short", Cause.MALFORMED_KEY),
    ],
)
async def test_what_is_wrong_with_the_key(key: str | None, given: str | None, cause: Cause) -> None:
    async with served(key=key) as device:
        seen = await look(device, encryption_key=given)
        assert seen.trouble is not None
        assert seen.trouble.cause is cause
        assert given is None or given not in repr(seen)


async def test_the_right_key_opens() -> None:
    async with served(key=KEY) as device, telling(device):
        seen = await look(device, encryption_key=KEY)
        assert seen.trouble is None
        assert seen.identity is not None
        assert seen.identity.is_encrypted


async def test_nobody_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    seen = await survey(SlimmelezerOptions("127.0.0.1", port), bounds=QUICK)
    assert seen.trouble is not None
    assert seen.trouble.cause is Cause.REFUSED
    assert seen.identity is None


async def test_a_frozen_device_is_given_up() -> None:
    async with served() as device:
        device.freeze()
        async with asyncio.timeout(5):
            seen = await look(device)
        assert seen.trouble is not None
        assert seen.trouble.cause is Cause.UNANSWERED


async def test_another_device_at_this_address() -> None:
    async with served() as device:
        seen = await look(device, expected_name="p1-reader")
        assert seen.trouble is not None
        assert seen.trouble.cause is Cause.WRONG_NAME


async def test_no_esphome_device() -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        seen = await survey(SlimmelezerOptions("127.0.0.1", server.sockets[0].getsockname()[1]), bounds=QUICK)
    assert seen.trouble is not None
    assert seen.trouble.cause in {Cause.NOT_ESPHOME, Cause.DROPPED, Cause.UNANSWERED}


async def test_a_device_without_a_meter_is_no_p1_reader() -> None:
    device = EsphomeDevice((SensorSpec("Temperature", "°C"),), name="garden")
    await device.start()
    try:
        seen = await look(device)
    finally:
        await device.stop()
    assert seen.trouble is not None
    assert seen.trouble.cause is Cause.NO_SENSORS
    assert seen.identity is not None


async def test_a_silent_meter_is_told_with_what_is_known() -> None:
    async with served() as device:
        seen = await look(device, QUICK._replace(telegrams=0.2))
    assert seen.trouble is not None
    assert seen.trouble.cause is Cause.SILENT
    assert seen.sensors
    assert seen.period is None


async def test_a_list_of_sensors_without_end_is_told_as_such() -> None:
    endless = EsphomeDevice([SensorSpec(f"{number} {'x' * 900}", "A") for number in range(3000)])
    await endless.start()
    seen = await look(endless, QUICK._replace(listing=10.0))
    await endless.stop()
    assert seen.trouble is not None
    assert seen.trouble.cause is Cause.NOT_ESPHOME
    assert "lists more sensors than any P1 reader has" in seen.trouble.detail


async def test_a_name_that_nobody_answers_for_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_self: APIClient, **_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(APIClient, "start_resolve_host", never)
    seen = await survey(SlimmelezerOptions("slimmelezr.local"), bounds=QUICK)
    assert seen.trouble is not None
    assert seen.trouble.cause is Cause.NOT_FOUND
    assert "the name slimmelezr.local is not known in this network" in seen.trouble.detail


async def test_a_plug_that_is_pulled_meanwhile_is_told_at_once() -> None:
    device = EsphomeDevice(CLASSIC.sensors)
    await device.start()

    def pull(_telegram: object) -> None:
        if not tasks:
            tasks.append(asyncio.ensure_future(device.stop()))

    tasks: list[asyncio.Future[None]] = []
    async with telling(device):
        options = SlimmelezerOptions(device.host, device.port)
        seen = await survey(options, telegrams=1000, bounds=QUICK._replace(telegrams=30), show=pull)
    await asyncio.gather(*tasks)
    assert seen.trouble is not None
    assert seen.trouble.cause is Cause.DROPPED
    assert len(seen.telegrams) < 1000
