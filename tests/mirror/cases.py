"""What a mirror must do on any broker; each broker's tests inherit it."""

import asyncio
import json

import aiomqtt
import pytest
from mirror.brokers import PATIENCE, BrokerProcess
from mirror.peers import onlooker, retained, running
from mirror.scene import (
    AVAILABILITY,
    BASE,
    DISCOVERY,
    EVENT,
    STATE,
    is_online,
    mirror_of,
    now_charging,
    states_seen,
    warnings,
)
from mirror.snapshots import decision, event

from bridge.core.model import BridgeState, Control, ControlChange, Link, Pace, Problem, Refused
from bridge.core.phases import PerPhase
from bridge.mirror import listener


class MirrorCases:
    """Needs a fixture `broker` that is already started."""

    async def test_everything_is_kept_for_those_who_come_later(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer, running(mirror):
            await seer.until(lambda: is_online(seer))
            kept = await retained(broker.port)
        assert json.loads(kept[DISCOVERY])["device"]["sw_version"] == "1.2.3"
        assert json.loads(kept[STATE])["state"] == "balancing"
        assert kept[AVAILABILITY] == kept[f"{AVAILABILITY}/meter"] == kept[f"{AVAILABILITY}/charger"] == "online"

    async def test_an_old_state_is_never_shown_as_a_live_one(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer:
            await seer.publish(AVAILABILITY, "online", retain=True)
            async with running(mirror):
                await seer.until(lambda: len(seer.on(AVAILABILITY)) > 1)
        topics = [message.topic for message in seer.seen]
        assert topics.index(DISCOVERY) < topics.index(f"{AVAILABILITY}/meter")
        assert topics.index(STATE) < topics.index(f"{AVAILABILITY}/meter")

    async def test_nobody_reads_the_state_of_an_earlier_version_by_a_new_announcement(
        self, broker: BrokerProcess
    ) -> None:
        """Home Assistant would find keys missing, and say so in its log."""
        mirror = mirror_of(broker)
        async with onlooker(broker.port) as seer, running(mirror):
            await seer.until(lambda: seer.on(AVAILABILITY) == ["offline"])
            mirror.show(now_charging())
            await seer.until(lambda: is_online(seer))
        topics = [message.topic for message in seer.seen]
        assert topics.index(STATE) < topics.index(DISCOVERY)

    async def test_without_a_snapshot_it_is_offline(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker)
        async with onlooker(broker.port) as seer, running(mirror):
            await seer.until(lambda: seer.on(AVAILABILITY) == ["offline"])
            mirror.show(now_charging())
            await seer.until(lambda: is_online(seer))

    async def test_it_says_offline_when_it_stops(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer:
            async with running(mirror):
                await seer.until(lambda: is_online(seer))
                mirror.show(now_charging(state=BridgeState.STOPPED))
            await seer.until(lambda: not is_online(seer))
        kept = await retained(broker.port)
        assert kept[AVAILABILITY] == "offline"
        assert json.loads(kept[STATE])["state"] == "stopped"

    async def test_decisions_and_problems_are_published_at_once(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker, publish_every=3600.0)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer, running(mirror):
            await seer.until(lambda: is_online(seer))
            mirror.show(now_charging(decision=decision(limit=6)))
            await seer.until(lambda: states_seen(seer)[-1]["limit"] == 6)
            mirror.show(now_charging(decision=decision(limit=6), problems=frozenset({Problem.METER_STALE})))
            await seer.until(lambda: seer.on(f"{AVAILABILITY}/meter")[-1] == "offline")
        assert states_seen(seer)[-1]["meter_stale"] == "ON"

    async def test_a_measurement_is_published_when_its_time_has_come(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker, publish_every=0.5)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer, running(mirror):
            await seer.until(lambda: is_online(seer))
            mirror.show(now_charging(decision=decision(mains=PerPhase(18.0, 21.25, -3.125))))
            await seer.until(lambda: states_seen(seer)[-1]["mains_current_l1"] == 18)
        assert [state["mains_current_l1"] for state in states_seen(seer)] == [10.5, 18]

    async def test_an_event_is_told_once(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker)
        async with onlooker(broker.port) as seer, running(mirror):
            mirror.show(now_charging(events=(event(1), event(2))))
            await seer.until(lambda: len(seer.on(EVENT)) == 2)
            mirror.show(now_charging(events=(event(1), event(2), event(3)), state=BridgeState.WAITING))
            await seer.until(lambda: len(seer.on(EVENT)) == 3)
        assert [json.loads(payload)["number"] for payload in seer.on(EVENT)] == [1, 2, 3]
        assert EVENT not in await retained(broker.port)

    async def test_an_event_waits_until_home_assistant_has_learnt_of_us(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging(events=(event(1),)))
        async with onlooker(broker.port) as seer, running(mirror):
            await seer.until(lambda: is_online(seer))
            assert not seer.on(EVENT)
            await seer.until(lambda: seer.on(EVENT))

    async def test_a_turned_knob_is_told(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer, running(mirror) as ear:
            await seer.until(lambda: is_online(seer))
            await seer.publish(f"{BASE}/set/pace", "calm")
            await seer.publish(f"{BASE}/set/mains_limit", "20.5")
            await ear.hears(ControlChange(Control.PACE, Pace.CALM))
            await ear.hears(ControlChange(Control.MAINS_LIMIT, 20.5))

    async def test_nonsense_is_refused_and_the_old_value_published_again(
        self, broker: BrokerProcess, caplog: pytest.LogCaptureFixture
    ) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer, running(mirror) as ear:
            await seer.until(lambda: is_online(seer))
            before = len(seer.on(STATE))
            await seer.publish(f"{BASE}/set/mains_limit", "40")
            await seer.publish(f"{BASE}/set/mains_limit", b"\xff\x00")
            await seer.publish(f"{BASE}/set/fuse", "40")
            await ear.until(lambda: ear.told.count(Refused(Link.MQTT)) == 3)
            await seer.until(lambda: len(seer.on(STATE)) > before)
        assert states_seen(seer)[-1]["mains_limit"] == 25
        assert not [told for told in ear.told if isinstance(told, ControlChange)]
        assert warnings(caplog) == ["mqtt: refused '40' for 'mains_limit': send a number from 6 to 25"]

    async def test_a_retained_order_is_none(self, broker: BrokerProcess, caplog: pytest.LogCaptureFixture) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer:
            await seer.publish(f"{BASE}/set/charging_allowed", "OFF", retain=True)
            async with running(mirror) as ear:
                await seer.publish(f"{BASE}/set/pace", "calm")
                await seer.until(lambda: is_online(seer))
                await seer.publish(f"{BASE}/set/pace", "calm")
                await ear.hears(ControlChange(Control.PACE, Pace.CALM))
        assert ControlChange(Control.CHARGING_ALLOWED, value=False) not in ear.told
        assert ["retained" in line for line in warnings(caplog)] == [True]

    @pytest.mark.by_the_clock
    async def test_a_flood_is_not_listened_to(
        self, broker: BrokerProcess, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listener, "DEAF", 0.5)
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer, running(mirror) as ear:
            await seer.until(lambda: is_online(seer))
            async with aiomqtt.Client("127.0.0.1", broker.port) as flooder, asyncio.timeout(PATIENCE):
                for _ in range(600):
                    await flooder.publish(f"{BASE}/set/pace", "frantic")
                while not any("deaf" in line for line in warnings(caplog)):  # noqa: ASYNC110 the log has no event
                    await asyncio.sleep(0.01)
            async with asyncio.timeout(PATIENCE):
                while ControlChange(Control.PACE, Pace.CALM) not in ear.told:
                    await seer.publish(f"{BASE}/set/pace", "calm")
                    await asyncio.sleep(0.1)
        assert ear.told.count(Refused(Link.MQTT)) < 300
        assert len(warnings(caplog)) < 10

    async def test_all_is_told_again_when_home_assistant_starts(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer, running(mirror):
            await seer.until(lambda: is_online(seer))
            seer.seen.clear()
            await seer.publish("homeassistant/status", "offline")
            for _ in range(3):
                await seer.publish("homeassistant/status", "online")
            await seer.until(lambda: is_online(seer))
            told = [message.topic for message in seer.seen if message.topic != "homeassistant/status"]
        assert told[:5] == [STATE, DISCOVERY, f"{AVAILABILITY}/meter", f"{AVAILABILITY}/charger", AVAILABILITY]

    async def test_entities_of_an_earlier_version_are_removed(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer:
            earlier = {"components": {"moon": {"platform": "sensor", "name": "Phase of the moon"}}}
            await seer.publish(DISCOVERY, json.dumps(earlier), retain=True)
            async with running(mirror):
                await seer.until(lambda: is_online(seer))
        _, removing, new = (json.loads(payload)["components"] for payload in seer.on(DISCOVERY))
        assert removing == {"moon": {"platform": "sensor"}}
        assert "moon" not in new

    async def test_what_home_assistant_knows_already_is_not_announced_again(self, broker: BrokerProcess) -> None:
        async with onlooker(broker.port) as seer:
            for times in (1, 2):
                mirror = mirror_of(broker)
                mirror.show(now_charging())
                async with running(mirror):
                    await seer.until(lambda times=times: seer.on(AVAILABILITY).count("online") == times)
                await seer.until(lambda: not is_online(seer))
        assert len(seer.on(DISCOVERY)) == 1
