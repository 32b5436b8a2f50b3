"""What a mirror must do while its broker comes and goes; each broker's tests inherit it."""

import asyncio
import contextlib
import logging

import pytest
from mirror.brokers import BrokerProcess
from mirror.peers import onlooker, running
from mirror.scene import (
    EVENT,
    UP,
    is_online,
    mirror_of,
    now_charging,
    states_seen,
    warnings,
)
from mirror.snapshots import decision, event

from bridge.core.model import LinkReport
from bridge.mirror.options import MqttOptions
from bridge.mirror.reader import states


class OutageCases:
    """Needs a fixture `broker` that is already started."""

    async def test_the_broker_may_come_late(self, broker: BrokerProcess, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        await broker.stop()
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with running(mirror) as ear:
            await ear.until(lambda: len(ear.told) == 1)
            for _ in range(3):
                mirror.show(now_charging())
            await broker.start()
            await ear.hears(UP)
            async with onlooker(broker.port) as seer:
                await seer.until(lambda: is_online(seer))
        lost = ear.told[0]
        assert isinstance(lost, LinkReport)
        assert "refuses connections" in lost.detail
        assert warnings(caplog) == [f"mqtt lost: {lost.detail}"]

    async def test_the_broker_may_vanish_and_return(
        self, broker: BrokerProcess, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, logger="bridge")
        mirror = mirror_of(broker)
        mirror.show(now_charging(events=(event(1),)))
        async with running(mirror) as ear:
            async with onlooker(broker.port) as seer:
                await seer.until(lambda: seer.on(EVENT))
            await broker.stop()
            await ear.until(lambda: len(ear.told) == 2)
            mirror.show(now_charging(decision=decision(limit=7), events=(event(1), event(2))))
            await broker.start()
            async with onlooker(broker.port) as seer:
                await seer.until(lambda: is_online(seer) and states_seen(seer)[-1]["limit"] == 7)
        assert [told.is_up for told in ear.told if isinstance(told, LinkReport)] == [True, False, True]
        assert [line[:14] for line in warnings(caplog)] == ["mqtt lost: 127"]
        assert sum("mqtt recovered after" in record.getMessage() for record in caplog.records) == 1

    async def test_a_live_view_follows_the_state_over_a_restart(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        follow = states(MqttOptions("127.0.0.1", broker.port))
        async with running(mirror), contextlib.aclosing(follow), asyncio.timeout(20):
            assert (await anext(follow))["limit"] == 9
            await broker.stop()
            mirror.show(now_charging(decision=decision(limit=7)))
            await broker.start()
            while (await anext(follow))["limit"] != 7:
                pass
