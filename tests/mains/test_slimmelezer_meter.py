"""The meter against a device that speaks the real protocol on loopback."""

import asyncio
import base64
import logging

import pytest
from slimmelezer_rig import Ear, eventually, followed, meter_of, served

from bridge.core.model import Link, LinkReport, Observation, Telegram
from bridge.core.phases import Phase
from bridge.mains.slimmelezer.client import SlimmelezerMeter, SlimmelezerOptions
from bridge.simulator.esphome_device import EsphomeDevice, SensorSpec
from bridge.simulator.variants import BELGIAN, CLASSIC, MINI, VARIANTS, Variant, burst_values

KEY = base64.b64encode(bytes(range(32))).decode()
AMPERES, WATTS, VOLTS = (5.0, 3.0, 0.0), (1210.0, -690.0, 0.0), (230.1, 231.0, 229.4)


def burst(variant: Variant = CLASSIC, *amperes: float | None) -> dict[str, float | None]:
    return burst_values(variant, amperes or AMPERES, WATTS, VOLTS)


async def subscribed(device: EsphomeDevice, ear: Ear, times: int = 1) -> None:
    await eventually(lambda: ear.is_up and device.subscriptions == times)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
async def test_every_firmware_is_read(variant: Variant, ear: Ear) -> None:
    async with served(variant) as device, followed(meter_of(device), ear):
        await subscribed(device, ear)
        device.publish(burst(variant))
        await eventually(lambda: ear.telegrams)
        device.publish(burst(variant))
        await eventually(lambda: len(ear.telegrams) == 2)
    l1, l2, l3 = ear.telegrams[-1].phases
    assert l1 is not None
    assert (l1.power, l1.voltage, l1.metered, l1.whole_amperes) == (1210.0, 230.1, 5.0, False)
    assert l1.current == pytest.approx(1210 / 230.1)
    assert l2 is not None
    assert l2.current == pytest.approx(-690 / 231)
    assert l3 is not None
    assert l3.current == 0.0
    assert ear.refused == 0


@pytest.mark.parametrize("variant", [CLASSIC, MINI], ids=["kW", "W"])
async def test_an_encrypted_device_is_read(variant: Variant, ear: Ear) -> None:
    async with served(variant, key=KEY) as device, followed(meter_of(device, encryption_key=KEY), ear):
        await subscribed(device, ear)
        device.publish(burst(variant))
        await eventually(lambda: ear.telegrams)
    assert ear.telegrams[0].phases[0] is not None


async def test_the_dump_of_old_values_is_not_fresh(device: EsphomeDevice, ear: Ear) -> None:
    device.publish(burst())  # the last telegram before the meter fell silent
    async with followed(meter_of(device), ear):
        await subscribed(device, ear)
        device.publish({"wi-fi_signal": -60.0}, with_texts=False)
        await asyncio.sleep(0.6)  # longer than the gap that would end a burst
        assert ear.telegrams == []
        device.publish(burst())
        await eventually(lambda: ear.telegrams)
    assert len(ear.telegrams) == 1


async def test_a_value_published_again_unchanged_is_fresh(device: EsphomeDevice, ear: Ear) -> None:
    device.publish(burst())
    async with followed(meter_of(device), ear):
        await subscribed(device, ear)
        for count in (1, 2, 3):
            device.publish(burst())
            await eventually(lambda count=count: len(ear.telegrams) == count)


async def test_a_reconnection_starts_with_a_dump_again(device: EsphomeDevice, ear: Ear) -> None:
    async with followed(meter_of(device), ear):
        await subscribed(device, ear)
        device.publish(burst())
        await eventually(lambda: ear.telegrams)
        device.drop_clients()
        await eventually(lambda: device.subscriptions == 2)
        device.publish(burst(CLASSIC, 9.0, 3.0, 0.0))
        await eventually(lambda: len(ear.telegrams) == 2)
    assert ear.telegrams[-1].phases[0] is not None
    assert ear.telegrams[-1].phases[0].metered == 9.0


async def test_a_single_phase_meter_is_read(device: EsphomeDevice, ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    async with followed(meter_of(device, phases=("L1",)), ear):
        await subscribed(device, ear)
        for count in range(1, 12):
            device.publish(burst_values(CLASSIC, (5.0, None, None), (1210.0, None, None), (230.0, None, None)))
            await eventually(lambda count=count: len(ear.telegrams) == count)
    assert ear.telegrams[-1].phases[0] is not None
    assert ear.telegrams[-1].phases[1:] == (None, None)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_phase_that_never_comes_is_complained_about_once(
    device: EsphomeDevice, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    async with followed(meter_of(device), ear):
        await subscribed(device, ear)
        for count in range(1, 15):
            device.publish(burst_values(CLASSIC, (5.0, None, None), (1210.0, None, None), (230.0, None, None)))
            await eventually(lambda count=count: len(ear.telegrams) == count)
    [warning] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "nothing of L2, L3" in warning.message


async def test_a_phase_missing_from_a_burst_is_none_in_it(device: EsphomeDevice, ear: Ear) -> None:
    async with followed(meter_of(device), ear):
        await subscribed(device, ear)
        device.publish(burst())
        await eventually(lambda: ear.telegrams)
        device.publish(burst_values(CLASSIC, (5.0, None, 1.0), (1210.0, None, 230.0), VOLTS))
        await eventually(lambda: len(ear.telegrams) == 2)
    assert [reading is None for reading in ear.telegrams[-1].phases] == [False, True, False]


async def test_a_belgian_meter_keeps_its_decimals(ear: Ear) -> None:
    async with served(BELGIAN) as device, followed(meter_of(device), ear):
        await subscribed(device, ear)
        device.publish(burst(BELGIAN, 5.43, 3.21, 0.17))
        await eventually(lambda: ear.telegrams)
    l1, _, l3 = ear.telegrams[0].phases
    assert l1 is not None
    assert l3 is not None
    assert (l1.current, l3.current) == (5.43, 0.17)


async def test_a_renamed_sensor_is_found_by_the_settings(ear: Ear) -> None:
    device = EsphomeDevice((SensorSpec("My Current", "A"), SensorSpec("My Power", "W")))
    await device.start()
    names = {"current_l1": "my_current", "power_consumed_l1": "My Power"}
    async with followed(meter_of(device, sensor_names=names, phases=("L1",)), ear):
        await subscribed(device, ear)
        device.publish({"my_current": 5.0, "my_power": -1000.0})
        await eventually(lambda: ear.telegrams)
    await device.stop()
    assert ear.telegrams[0].phases[0] is not None
    assert ear.telegrams[0].phases[0].power == -1000.0


async def test_a_device_that_comes_back_with_another_unit_is_read_right(ear: Ear) -> None:
    async with served(CLASSIC) as classic, followed(meter_of(classic), ear):
        await subscribed(classic, ear)
        await classic.stop()
        mini = EsphomeDevice(MINI.sensors, name=MINI.node_name, port=classic.port)
        await mini.start()
        await subscribed(mini, ear)
        mini.publish(burst(MINI))
        await eventually(lambda: ear.telegrams)
        await mini.stop()
    assert ear.telegrams[0].phases[0] is not None
    assert ear.telegrams[0].phases[0].power == 1210.0


async def test_nonsense_is_refused_counted_and_warned_of_once(
    device: EsphomeDevice, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    async with followed(meter_of(device), ear):
        await subscribed(device, ear)
        device.publish(burst())
        await eventually(lambda: ear.telegrams)
        for count in (2, 3):
            device.publish(burst() | {"current_phase_1": 1e9})
            await eventually(lambda count=count: len(ear.telegrams) == count)
    assert ear.refused == 2
    assert ear.telegrams[-1].phases[0] is None
    assert ear.telegrams[-1].phases[1] is not None
    assert len([record for record in caplog.records if "refused" in record.message]) == 1


async def test_a_raising_listener_neither_floods_the_log_nor_stops_the_meter(
    device: EsphomeDevice, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(seen: Observation) -> None:
        ear(seen)
        assert not isinstance(seen, Telegram), "a bug"

    async with followed(meter_of(device), faulty):
        await subscribed(device, ear)
        for count in (1, 2, 3):
            device.publish(burst())
            await eventually(lambda count=count: ear.refused == count)
    assert len(ear.telegrams) == 3
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1


async def test_cancelling_disconnects_and_it_can_be_followed_again(device: EsphomeDevice, ear: Ear) -> None:
    meter = meter_of(device)
    for times in (1, 2):
        async with followed(meter, ear):
            await eventually(lambda times=times: device.subscriptions == times)
        await eventually(lambda: device.clients == 0)


async def test_the_link_is_reported_once_when_it_is_up(device: EsphomeDevice, ear: Ear) -> None:
    async with followed(meter_of(device), ear):
        await subscribed(device, ear)
        for count in (1, 2):
            device.publish(burst())
            await eventually(lambda count=count: len(ear.telegrams) == count)
    assert ear.reports == [LinkReport(Link.METER, is_up=True)]


def test_a_wrong_sensor_key_or_phase_is_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="current_l4"):
        SlimmelezerMeter(SlimmelezerOptions("host", sensor_names={"current_l4": "x"}))
    with pytest.raises(ValueError, match="L4"):
        SlimmelezerMeter(SlimmelezerOptions("host", phases=("L4",)))
    assert Phase.L1 in SlimmelezerOptions("host").phases


def test_the_key_is_not_in_the_representation() -> None:
    assert KEY not in repr(SlimmelezerOptions("host", encryption_key=KEY))
