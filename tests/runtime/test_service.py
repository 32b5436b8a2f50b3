"""The service as systemd would run it: `python -m bridge run` between real sockets on loopback."""

import asyncio
import json
import os

import aiomqtt
import pytest
from service_rig import PASSWORD, HomeRig, closed_port, until

from bridge.core.budget import LOWER_EVERY
from bridge.simulator.broker import EmbeddedBroker

CHARGING = 16
FALLBACK = 6


async def charging(home: HomeRig) -> None:
    """A car charges at what it may, and the bridge holds that limit."""
    home.remember(CHARGING)
    await home.live()
    await home.start()
    await until(lambda: home.limits[-1:] == [CHARGING])


async def paced(home: HomeRig) -> None:
    """The newest order is old enough for the pace of orders to allow a lower one."""
    await until(lambda: home.cloud.timeline.now - home.cloud.orders[-1].at > LOWER_EVERY + 0.5)


async def test_it_is_ready_where_meter_cloud_and_broker_are_all_absent(home: HomeRig) -> None:
    await home.start(mqtt_port=closed_port())
    await until(lambda: home.systemd.count("READY=1"))
    assert home.process.returncode is None

    assert await home.stop() == 0
    assert home.systemd.count("STOPPING=1")


async def test_it_takes_over_a_charging_car_and_feeds_the_watchdog(home: HomeRig) -> None:
    await charging(home)
    assert home.systemd.count("READY=1") == 1
    beats = home.systemd.count("WATCHDOG=1")

    await until(lambda: home.systemd.count("WATCHDOG=1") > beats + 1)


async def test_an_overload_at_the_meter_lowers_the_limit(home: HomeRig) -> None:
    await charging(home)
    home.house_load[1] = 15.0
    await until(lambda: home.limits[-1] < CHARGING)

    assert FALLBACK <= home.limits[-1] <= 9
    await until(lambda: max(home.cloud.charger.draw) <= home.limits[-1])
    assert await home.stop() == 0
    assert "(overload: L2 +" in home.log or "(house load: L2" in home.log


async def test_the_stop_leaves_the_charger_at_the_fallback_for_good(home: HomeRig) -> None:
    await charging(home)
    await paced(home)

    assert await home.stop() == 0
    last = home.cloud.orders[-1]
    assert last.currents[0] == FALLBACK
    assert last.minutes == 0
    state = json.loads((home.directory / "state" / "state.json").read_text())
    assert state["limit"] == FALLBACK


async def test_the_stop_right_after_an_order_leaves_the_charger_at_the_fallback(home: HomeRig) -> None:
    await charging(home)

    assert await home.stop() == 0
    assert home.limits[-1] == FALLBACK


async def test_the_stop_leaves_a_lower_limit_alone(home: HomeRig) -> None:
    await home.live()
    home.house_load = [24.0, 24.0, 24.0]
    await home.start()
    await until(lambda: home.limits[-1:] == [0])

    assert await home.stop() == 0
    assert home.limits[-1] == 0


async def test_a_dry_run_says_what_it_would_order_and_orders_nothing(home: HomeRig) -> None:
    home.remember(CHARGING)
    await home.live()
    await home.start(options=["--dry-run"])
    await until(lambda: "dry run: limit" in home.log_so_far)

    assert await home.stop() == 0
    assert home.cloud.orders == []


async def test_a_silent_meter_brings_the_fallback(home: HomeRig) -> None:
    await charging(home)
    await home.device.stop()

    await until(lambda: home.limits[-1] == FALLBACK)


async def test_mqtt_says_offline_only_when_the_charger_is_safe(home: HomeRig) -> None:
    broker = EmbeddedBroker()
    await broker.start()
    try:
        async with aiomqtt.Client("127.0.0.1", broker.port) as client:
            await client.subscribe("ev-load-bridge/main/availability")
            home.remember(CHARGING)
            await home.live()
            await home.start(mqtt_port=broker.port)
            await until(lambda: home.limits[-1:] == [CHARGING])
            await paced(home)
            home.process.terminate()
            async with asyncio.timeout(10):
                async for message in client.messages:
                    if message.payload == b"offline":
                        break
            assert home.limits[-1] == FALLBACK
        assert await home.ended() == 0
    finally:
        await broker.stop()


async def test_a_wrong_password_at_the_start_is_tried_once(home: HomeRig) -> None:
    await home.live()
    await home.start(password="not this one")

    assert await home.ended() == os.EX_NOPERM
    assert home.cloud.calls["login"] == 1
    assert "not this one" not in home.log


async def test_a_hung_cloud_does_not_hold_up_the_stop(home: HomeRig) -> None:
    await charging(home)
    await paced(home)
    home.cloud.faults.slow = 60.0
    home.process.terminate()

    assert await home.ended(within=6.0) == 0
    assert "not answered in time" in home.log


async def test_no_secret_is_in_the_log_at_its_lowest_level(home: HomeRig) -> None:
    await charging(home)
    await home.stop()

    assert "order 1: " in home.log
    assert PASSWORD not in home.log
    assert "owner@example.com" not in home.log
    assert "Bearer" not in home.log


@pytest.mark.parametrize("text", ["", "[mains]\nfuse = 0\n"])
async def test_bad_settings_end_it_with_the_status_of_bad_settings(text: str, home: HomeRig) -> None:
    await home.start()
    await home.stop()
    (home.directory / "settings.toml").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service_rig.SETTINGS", text)
        await home.start()

    assert await home.ended() == os.EX_CONFIG
