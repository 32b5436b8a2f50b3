"""What a broker must keep no more once a bridge is forgotten; for any broker."""

import asyncio

from mirror.brokers import BrokerProcess
from mirror.peers import Onlooker, onlooker, retained, running
from mirror.scene import AVAILABILITY, BASE, DISCOVERY, STATE, is_online, mirror_of, now_charging

from bridge.mirror.forgetting import Forgotten, forget
from bridge.mirror.options import MqttOptions

OURS = {DISCOVERY, STATE, AVAILABILITY, f"{AVAILABILITY}/meter", f"{AVAILABILITY}/charger"}
OTHERS = {
    "homeassistant/device/ev-load-bridge-garage/config": "{}",
    "ev-load-bridge/garage/state": "{}",
    "ev-load-bridge/main/notes": "of the owner",
    "ev-load-bridge/main/set/pace/notes": "of the owner",
    "homeassistant/status": "online",
}


def options_of(broker: BrokerProcess) -> MqttOptions:
    return MqttOptions("127.0.0.1", broker.port)


async def lived(broker: BrokerProcess, seer: Onlooker) -> None:
    """A bridge was there, and has stopped."""
    mirror = mirror_of(broker)
    mirror.show(now_charging())
    async with running(mirror):
        await seer.until(lambda: is_online(seer))
    await seer.until(lambda: not is_online(seer))


class ForgetCases:
    """Needs a fixture `broker` that is already started."""

    async def test_nothing_of_a_bridge_that_was_there_is_kept(self, broker: BrokerProcess) -> None:
        async with onlooker(broker.port) as seer:
            await lived(broker, seer)
        assert (await retained(broker.port)).keys() == OURS
        assert await forget(options_of(broker)) == Forgotten(len(OURS))
        assert await retained(broker.port) == {}

    async def test_what_is_not_ours_stays(self, broker: BrokerProcess) -> None:
        async with onlooker(broker.port) as seer:
            await lived(broker, seer)
            for topic, payload in OTHERS.items():
                await seer.publish(topic, payload, retain=True)
        await forget(options_of(broker))
        assert await retained(broker.port) == OTHERS

    async def test_home_assistant_drops_the_device_before_its_values_are_gone(self, broker: BrokerProcess) -> None:
        async with onlooker(broker.port) as seer:
            await lived(broker, seer)
            seer.seen.clear()
            await forget(options_of(broker))
            await seer.until(lambda: {message.topic for message in seer.seen} >= OURS)
        assert seer.seen[0].topic == DISCOVERY
        assert {message.payload for message in seer.seen} == {""}

    async def test_orders_that_somebody_left_below_our_topic_go_too(self, broker: BrokerProcess) -> None:
        async with onlooker(broker.port) as seer:
            await seer.publish(f"{BASE}/set/pace", "calm", retain=True)
        assert await forget(options_of(broker)) == Forgotten(1)
        assert await retained(broker.port) == {}

    async def test_where_nothing_was_nothing_is_cleared(self, broker: BrokerProcess) -> None:
        assert await forget(options_of(broker)) == Forgotten(0)

    async def test_a_bridge_that_is_there_is_let_alone(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer, running(mirror):
            await seer.until(lambda: is_online(seer))
            assert await forget(options_of(broker)) == Forgotten(0, is_online=True)
            assert (await retained(broker.port)).keys() == OURS

    async def test_what_says_online_and_is_gone_can_be_forgotten_anyway(self, broker: BrokerProcess) -> None:
        async with onlooker(broker.port) as seer:
            await seer.publish(AVAILABILITY, "online", retain=True)
        assert await forget(options_of(broker), even_online=True) == Forgotten(1)
        assert await retained(broker.port) == {}

    async def test_what_is_published_again_meanwhile_is_told(self, broker: BrokerProcess) -> None:
        async with onlooker(broker.port) as seer:
            await seer.publish(STATE, "{}", retain=True)
            forgetting = asyncio.create_task(forget(options_of(broker)))
            await seer.until(lambda: seer.on(STATE)[-1:] == [""])
            await seer.publish(STATE, "{}", retain=True)
            assert await forgetting == Forgotten(0, (STATE,))
