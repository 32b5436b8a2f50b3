"""What a mirror must bear of somebody who may publish on the broker; each broker's tests inherit it."""

import asyncio
import json

import pytest
from mirror.brokers import PATIENCE, BrokerProcess
from mirror.peers import Ear, Onlooker, onlooker, running
from mirror.scene import AVAILABILITY, BASE, DISCOVERY, EVENT, STATE, UP, is_online, mirror_of, now_charging, warnings

from bridge.core.model import Control, ControlChange, Link, LinkReport, Pace, Refused
from bridge.mirror import connection, listener, turns

HOSTILE = (
    *(b"", b" ", b"\x00", b"\xff\xfe", b"null", b"[]", b"{}", b'{"value": 99}', b"ON\n", b"on", b"TRUE", b"1", b"0"),
    *(b"nan", b"NaN", b"inf", b"-inf", b"1e309", b"1e1", b"-1", b"-16", b"+16", b"0x10", b"1_6", b"16,0", b"16 A"),
    *(b"17", b"26", b"25.0000001", b"99", b"9999", b"9" * 500, b"16." + b"0" * 500, b"5", b"5.999999"),
    *("\N{FULLWIDTH DIGIT ONE}6".encode(), "\N{ARABIC-INDIC DIGIT SIX}".encode(), b"calm\x00", b"eager ", b"maximum"),
    *(b"x" * (connection.LARGEST // 2), b"${jndi:ldap://a}", b"../../../etc/passwd", b"\x1b[2J"),
)
"""None of these is in the range of any knob; `ALLOWED` has what some of them may mean to one."""
ALLOWED = {b"17": Control.MAINS_LIMIT}


def changes(ear: Ear) -> list[ControlChange]:
    return [told for told in ear.told if isinstance(told, ControlChange)]


class AbuseCases:
    """Needs a fixture `broker` that is already started."""

    async def test_no_payload_on_any_topic_leaves_what_the_settings_allow(
        self, broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(listener, "PER_SECOND", 10_000)
        names = (*Control, "fuse", "max_current", "fallback_current", "..", "$SYS")
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        sent = 0
        async with onlooker(broker.port) as seer, running(mirror) as ear:
            await seer.until(lambda: is_online(seer))
            for payload in HOSTILE:
                for name in names:
                    if ALLOWED.get(payload) != name:
                        await seer.publish(f"{BASE}/set/{name}", payload)
                        sent += 1
                refused = sent
                await ear.until(lambda refused=refused: ear.told.count(Refused(Link.MQTT)) >= refused)
        assert changes(ear) == []
        assert len(warnings(caplog)) <= 4
        assert all(line.isprintable() and len(line) < 300 for line in warnings(caplog))

    @pytest.mark.parametrize("topic", [f"{BASE}/set/pace", "homeassistant/status"])
    async def test_a_huge_message_is_hung_up_on(self, broker: BrokerProcess, topic: str) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer, running(mirror) as ear:
            await seer.until(lambda: is_online(seer))
            await seer.publish(topic, b"x" * 1_000_000)
            await ear.until(lambda: ear.told.count(UP) == 2)
            await _is_heard(seer, ear)
        assert _is_hung_up(ear.told[1])

    @pytest.mark.parametrize("topic", [DISCOVERY, f"{BASE}/set/pace"])
    async def test_a_huge_message_that_is_kept_is_told_until_it_is_cleared(
        self, broker: BrokerProcess, topic: str
    ) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer:
            await seer.publish(topic, b"x" * 1_000_000, retain=True)
            async with running(mirror) as ear:
                await ear.until(lambda: sum(_is_hung_up(told) for told in ear.told) >= 2)
                await seer.publish(topic, b"", retain=True)
                await _is_heard(seer, ear)

    async def test_a_switch_that_flutters_is_taken_now_and_then(
        self, broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(listener, "PER_SECOND", 10_000)
        monkeypatch.setattr(turns, "EVERY", 0.5)
        monkeypatch.setattr(turns, "BURST", 3)
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer, running(mirror) as ear:
            await seer.until(lambda: is_online(seer))
            for number in range(301):
                await seer.publish(f"{BASE}/set/charging_allowed", "OFF" if number % 2 == 0 else "ON")
            flutter = len(changes(ear))
            await ear.until(lambda: changes(ear)[-1].value is False and len(changes(ear)) > flutter)
        assert len(changes(ear)) < 50
        assert sum("is turned too often" in line for line in warnings(caplog)) == 1

    async def test_nonsense_is_answered_by_less_than_was_sent(
        self, broker: BrokerProcess, caplog: pytest.LogCaptureFixture
    ) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer, running(mirror) as ear:
            await seer.until(lambda: is_online(seer))
            before = len(seer.on(STATE))
            for _ in range(40):
                await seer.publish(f"{BASE}/set/pace", "frantic")
                await asyncio.sleep(0.025)
            await ear.until(lambda: ear.told.count(Refused(Link.MQTT)) == 40)
            await seer.until(lambda: len(seer.on(STATE)) > before)
        assert len(seer.on(STATE)) - before <= 10
        assert len(warnings(caplog)) == 1

    async def test_whoever_pretends_that_home_assistant_starts_is_answered_rarely(self, broker: BrokerProcess) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer, running(mirror):
            await seer.until(lambda: is_online(seer))
            seer.seen.clear()
            for _ in range(15):
                await seer.publish("homeassistant/status", "online")
                await asyncio.sleep(0.2)
            await seer.until(lambda: seer.on(DISCOVERY))
        assert len(seer.on(DISCOVERY)) == 1

    @pytest.mark.parametrize(
        "garbage",
        [
            b"online",
            b"\xff\x00",
            b"[" * 20_000,
            json.dumps({"components": {str(number): {"platform": "x"} for number in range(4000)}}).encode(),
        ],
    )
    async def test_garbage_on_our_own_topics_is_written_over(self, broker: BrokerProcess, garbage: bytes) -> None:
        mirror = mirror_of(broker)
        mirror.show(now_charging())
        async with onlooker(broker.port) as seer:
            for topic in (STATE, AVAILABILITY, f"{AVAILABILITY}/meter", DISCOVERY, EVENT):
                await seer.publish(topic, garbage, retain=True)
            async with running(mirror) as ear:
                await seer.until(lambda: is_online(seer) and seer.on(STATE)[-1].startswith('{"'))
                await seer.until(lambda: '"limit":' in seer.on(DISCOVERY)[-1])
                assert "origin" in json.loads(seer.on(DISCOVERY)[-1])
                assert set(json.loads(seer.on(DISCOVERY)[-1])["components"]).isdisjoint({"0", "3999"})
        assert changes(ear) == []

    async def test_what_is_kept_on_every_set_topic_turns_nothing_at_any_start(self, broker: BrokerProcess) -> None:
        kept = {"balancing": "OFF", "charging_allowed": "OFF", "pace": "eager", "mains_limit": "6"}
        async with onlooker(broker.port) as seer:
            for name, payload in kept.items():
                await seer.publish(f"{BASE}/set/{name}", payload, retain=True)
            for _ in range(3):
                mirror = mirror_of(broker)
                mirror.show(now_charging())
                seer.seen.clear()
                async with running(mirror) as ear:
                    await _is_heard(seer, ear)
                assert set(changes(ear)) == {ControlChange(Control.PACE, Pace.CALM)}


def _is_hung_up(told: object) -> bool:
    return isinstance(told, LinkReport) and "hung up on a message of 1000" in told.detail


async def _is_heard(seer: Onlooker, ear: Ear) -> None:
    """The mirror listens: a knob that is turned again and again is heard in the end."""
    async with asyncio.timeout(PATIENCE):
        while ControlChange(Control.PACE, Pace.CALM) not in ear.told:
            await seer.publish(f"{BASE}/set/pace", "calm")
            await asyncio.sleep(0.1)
