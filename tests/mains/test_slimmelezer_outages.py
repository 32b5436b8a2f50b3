"""Each way in which the device is not there: one line, one report, and back again."""

import asyncio
import base64
import logging
import socket

import pytest
from slimmelezer_rig import QUICK, Ear, eventually, followed, meter_of, served
from zeroconf.asyncio import AsyncZeroconf

from bridge.mains.slimmelezer import connection, watch
from bridge.mains.slimmelezer.client import SlimmelezerMeter, SlimmelezerOptions
from bridge.mains.slimmelezer.problems import Place
from bridge.simulator.esphome_device import EsphomeDevice, SensorSpec
from bridge.simulator.variants import CLASSIC, burst_values

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(32)).decode()
BURST = burst_values(CLASSIC, (5.0, 3.0, 0.0), (1210.0, -690.0, 0.0), (230.0, 230.0, 230.0))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("device_key", "options", "cure"),
    [
        (KEY, {"encryption_key": OTHER_KEY}, "copy encryption_key again"),
        (KEY, {}, "set encryption_key"),
        (KEY, {"encryption_key": ""}, "set encryption_key"),
        (KEY, {"encryption_key": "c2hvcnQ="}, "no key"),
        (None, {"encryption_key": KEY}, "remove encryption_key"),
        (None, {"expected_name": "kitchen"}, "answers slimmelezer, not kitchen"),
        (KEY, {"encryption_key": KEY, "expected_name": "kitchen"}, "answers slimmelezer, not kitchen"),
    ],
)
async def test_what_the_settings_got_wrong_is_one_line_with_the_cure(
    *, device_key: str | None, options: dict[str, str], cure: str, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(key=device_key) as device, followed(meter_of(device, **options), ear):
        await eventually(lambda: ear.reports)
    [report] = ear.reports
    assert not report.is_up
    assert cure in report.detail
    assert warnings(caplog) == [f"meter lost: {report.detail}"]
    assert KEY not in caplog.text
    assert OTHER_KEY not in caplog.text


async def test_a_closed_port_is_one_line(ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        meter = SlimmelezerMeter(SlimmelezerOptions("127.0.0.1", taken.getsockname()[1]))
        async with followed(meter, ear):
            await eventually(lambda: ear.reports)
    assert "refuses" in ear.reports[0].detail
    assert len(warnings(caplog)) == 1


async def test_a_peer_that_is_no_esphome_is_one_line(ear: Ear) -> None:
    async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(web, "127.0.0.1", 0)
    async with server:
        meter = SlimmelezerMeter(SlimmelezerOptions("127.0.0.1", server.sockets[0].getsockname()[1]))
        async with followed(meter, ear):
            await eventually(lambda: ear.reports)
    assert "does not speak ESPHome's API" in ear.reports[0].detail


async def test_a_device_without_p1_sensors_is_told_with_what_was_looked_for(ear: Ear) -> None:
    device = EsphomeDevice((SensorSpec("Temperature", "°C"),), name="kitchen")
    await device.start()
    async with followed(meter_of(device), ear):
        await eventually(lambda: ear.reports)
    await device.stop()
    [report] = ear.reports
    assert not report.is_up
    assert "current_phase_1" in report.detail
    assert device.subscriptions == 0


async def test_a_list_of_sensors_without_end_is_not_taken_in(ear: Ear) -> None:
    endless = EsphomeDevice([SensorSpec(f"{number} {'x' * 900}", "A") for number in range(3000)])
    await endless.start()
    async with followed(meter_of(endless), ear):
        await eventually(lambda: ear.reports)
    await endless.stop()
    assert "lists more sensors than any P1 reader has" in ear.reports[0].detail
    assert endless.subscriptions == 0


async def test_a_silent_meter_is_told_and_the_connection_made_anew(
    device: EsphomeDevice, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    async with followed(meter_of(device, QUICK), ear):
        await eventually(lambda: device.subscriptions == 2)
        device.publish(BURST)
        await eventually(lambda: ear.telegrams)
    assert [report.is_up for report in ear.reports] == [True, False, True]
    assert "P1 cable" in ear.reports[1].detail
    assert len(warnings(caplog)) == 1


async def test_a_meter_that_falls_silent_later_is_noticed(device: EsphomeDevice, ear: Ear) -> None:
    async with followed(meter_of(device, QUICK), ear):
        await eventually(lambda: device.subscriptions == 1 and ear.is_up)
        for count in (1, 2):
            device.publish(BURST)
            await eventually(lambda count=count: len(ear.telegrams) == count)
        await eventually(lambda: device.subscriptions == 2)
        assert not ear.is_up
        device.publish({"wi-fi_signal": -60.0}, with_texts=False)  # no sign of life of the meter
        await eventually(lambda: device.subscriptions == 3)
        assert not ear.is_up


async def test_a_session_that_never_sends_states_is_replaced(device: EsphomeDevice, ear: Ear) -> None:
    device.ignores_subscriptions = True
    async with followed(meter_of(device, QUICK), ear):
        await eventually(lambda: device.subscriptions == 1)
        device.ignores_subscriptions = False
        await eventually(lambda: device.subscriptions == 2)
        device.publish(BURST)
        await eventually(lambda: ear.telegrams)
    assert device.clients <= 1


async def test_a_device_that_goes_and_comes_back_is_one_line_each(
    device: EsphomeDevice, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with followed(meter_of(device), ear):
        await eventually(lambda: device.subscriptions == 1 and ear.is_up)
        await device.stop()
        await eventually(lambda: len(ear.reports) == 3)  # up, dropped, refused
        await device.start()
        await eventually(lambda: ear.is_up)
    assert len(warnings(caplog)) == 1
    assert "meter recovered after" in caplog.records[-1].message


async def test_a_device_that_takes_its_leave_is_one_line(
    device: EsphomeDevice, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    async with followed(meter_of(device), ear):
        await eventually(lambda: device.subscriptions == 1 and ear.is_up)
        device.dismiss_clients()
        await eventually(lambda: device.subscriptions == 2 and ear.is_up)
    assert [report.is_up for report in ear.reports] == [True, False, True]
    assert "restart" in ear.reports[1].detail
    assert len(warnings(caplog)) == 1


async def test_complaints_about_sensors_are_said_once_whatever_the_number_of_connections(
    ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    device = EsphomeDevice((SensorSpec("Current Phase 1", "A"), SensorSpec("Power Consumed Phase 1", "kvar")))
    await device.start()
    async with followed(meter_of(device, sensor_names={"voltage_l1": "volts"}), ear):
        await eventually(lambda: device.subscriptions == 1)
        device.drop_clients()
        await eventually(lambda: device.subscriptions == 2 and ear.is_up)
    await device.stop()
    complaints = [line for line in warnings(caplog) if line.startswith("meter: ")]
    assert len(complaints) == 3
    assert any("'volts'" in line for line in complaints)
    assert any("kvar" in line for line in complaints)
    assert any("L2, L3" in line for line in complaints)


@pytest.mark.parametrize("key", [None, KEY], ids=["plaintext", "noise"])
async def test_a_frozen_device_is_told_and_does_not_hold_up_the_end(
    key: str | None, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(key=key) as device:
        device.freeze()
        async with followed(meter_of(device, QUICK, encryption_key=key), ear):
            await eventually(lambda: ear.reports)
            started = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - started < 5
    assert "no answer" in ear.reports[0].detail
    assert len(warnings(caplog)) == 1


async def test_a_device_that_freezes_while_listing_is_given_up(
    device: EsphomeDevice, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("bridge.simulator.esphome_session.LIST_ENTITIES", -1)
        async with followed(meter_of(device, QUICK._replace(listing=0.2)), ear):
            await eventually(lambda: ear.reports)
            patch.undo()
            await eventually(lambda: device.subscriptions == 1 and ear.is_up)
    assert "does not answer" in ear.reports[0].detail


async def test_a_device_that_thaws_is_read_again(device: EsphomeDevice, ear: Ear) -> None:
    device.freeze()
    async with followed(meter_of(device, QUICK), ear):
        await eventually(lambda: ear.reports)
        device.thaw()
        await eventually(lambda: device.subscriptions == 1 and ear.is_up)


async def test_too_many_clients_is_one_line(device: EsphomeDevice, ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    device.max_clients = 0
    async with followed(meter_of(device), ear):
        await eventually(lambda: ear.reports)
        device.max_clients = 1
        await eventually(lambda: ear.is_up)
    assert "too many clients" in ear.reports[0].detail
    assert len(warnings(caplog)) == 1


@pytest.mark.parametrize(
    ("host", "is_searched"),
    [("meterbox", True), ("slimmelezer.local", True), ("192.0.2.1", False), ("::1", False), ("meter.lan", False)],
)
async def test_the_library_is_lent_one_searcher_of_names_which_is_closed_in_the_end(
    *, host: str, is_searched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one of its own for each try, it took its listener off the wrong one, and never tried again."""
    made: list[AsyncZeroconf] = []

    class OnLoopback(AsyncZeroconf):
        def __init__(self) -> None:
            super().__init__(interfaces=["127.0.0.1"])
            made.append(self)

    monkeypatch.setattr("zeroconf.asyncio.AsyncZeroconf", OnLoopback)
    meter = connection.Connection(Place(host, 6053), lambda _: None, 5.0)
    assert len(made) == is_searched
    assert all(meter._logic._zeroconf_manager.get_async_zeroconf() is each for each in made)
    await meter.close()
    assert all(each.zeroconf.done for each in made)


async def test_a_library_that_stops_trying_is_begun_anew(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[object] = []

    class Mute(connection.Connection):
        async def start(self) -> None:
            if len(closed) > 1:
                await super().start()

        async def close(self) -> None:
            closed.append(self)
            await super().close()

    monkeypatch.setattr(watch, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(watch, "Connection", Mute)
    async with served() as device:
        options = SlimmelezerOptions("127.0.0.1", device.port)
        patience = QUICK._replace(answer=0.05, stuck=0.1)
        async with followed(SlimmelezerMeter(options, patience=patience), ear):
            await eventually(lambda: ear.reports and ear.reports[-1].is_up)
    assert len(closed) > 1
