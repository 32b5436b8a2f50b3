"""The SignalR hub of the simulated cloud: by hand and with pyeasee's own client."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from easee_plain_client import CIRCUIT, SEPARATOR, SERIAL, Client, eventually
from pyeasee import Easee
from pysignalr.client import SignalRClient

from bridge.core.phases import PerPhase
from bridge.simulator.easee_charger import Box
from bridge.simulator.easee_cloud import EaseeCloud
from bridge.simulator.faults import ALWAYS, Answer, Silence, Swallow
from bridge.simulator.latency import AT_ONCE


async def test_an_id_is_good_for_one_upgrade(client: Client) -> None:
    answer = await (await client.negotiate()).json()
    assert answer["negotiateVersion"] == 0
    socket = await client.upgrade(answer["connectionId"])
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await client.upgrade(answer["connectionId"])
    assert refused.value.status == 404
    await socket.close()


async def test_negotiating_needs_a_token(stranger: Client) -> None:
    assert (await stranger.negotiate()).status == 401


async def test_the_replay_is_complete_and_old(client: Client) -> None:
    stream = await client.stream()
    await stream.send({"type": 1, "target": "SubscribeWithCurrentState", "arguments": [SERIAL, True]})
    seen: dict[int, dict[str, Any]] = {}
    while 250 not in seen:
        message = await stream.receive()
        assert message.keys() == {"type", "target", "arguments"}, "unknown members kill the usual client"
        (observation,) = message["arguments"]
        seen[observation["id"]] = observation
    expected = {21, 22, 38, 45, 47, 48, 50, 70, 73, 96, 109, 110, 111, 112, 113, 114, 120, 121, 124, 182, 185, 190, 199}
    assert expected <= seen.keys()
    assert all(isinstance(observation["value"], str) for observation in seen.values())
    assert seen[22]["timestamp"] < seen[111]["timestamp"] < seen[250]["timestamp"] or seen[250]["value"] == "1"
    assert (seen[111]["value"], seen[111]["dataType"], seen[109]["value"]) == ("40.0", 3, "1")


async def test_an_order_shows_as_read_back_and_command_response(client: Client) -> None:
    stream = await client.subscribe()
    ticket = await (await client.order(9)).json()
    response = await stream.invocation("CommandResponse")
    assert (await stream.observation(111))["value"] == "9.0"
    assert (response["id"], response["ticks"], response["wasAccepted"]) == (22, ticket["ticks"], True)


async def test_an_identical_order_is_answered_but_not_read_back(client: Client) -> None:
    stream = await client.subscribe()
    await client.order(9)
    await stream.invocation("CommandResponse")
    await stream.observation(113)
    ticket = await (await client.order(9)).json()
    messages = [await stream.receive()]
    while messages[-1].get("target") != "CommandResponse":
        messages.append(await stream.receive())
    assert messages[-1]["arguments"][0]["ticks"] == ticket["ticks"]
    assert 111 not in {message["arguments"][0]["id"] for message in messages[:-1]}


@pytest.mark.parametrize(
    ("swallow", "is_answered", "is_effective"),
    [(Swallow.COMMAND, False, False), (Swallow.RESPONSE, False, True), (Swallow.READ_BACK, True, False)],
)
async def test_accepted_orders_can_get_lost(
    client: Client, cloud: EaseeCloud, swallow: Swallow, *, is_answered: bool, is_effective: bool
) -> None:
    cloud.faults.swallow = swallow
    assert (await client.order(9)).status == 202
    cloud.timeline.advance(1)
    assert bool(cloud.commands.results) == (is_answered or is_effective)
    assert (cloud.charger.dynamic_current == (9, 9, 9)) == is_effective


async def test_a_command_can_be_rejected_by_the_charger(client: Client, cloud: EaseeCloud) -> None:
    stream = await client.subscribe()
    cloud.faults.reject_commands = True
    await client.order(9)
    assert (await stream.invocation("CommandResponse"))["wasAccepted"] is False
    assert cloud.charger.dynamic_current == (40, 40, 40)


async def test_the_server_pings_every_fifteen_seconds(client: Client, cloud: EaseeCloud) -> None:
    stream = await client.subscribe()
    cloud.timeline.advance(15.1)
    while (await stream.receive()) != {"type": 6}:
        pass


async def test_a_close_message_may_carry_an_error(client: Client, cloud: EaseeCloud) -> None:
    stream = await client.subscribe()
    cloud.hub.close("Connection closed with an error.", hang_up=False)
    assert await stream.receive() == {
        "type": 7,
        "error": "Connection closed with an error.",
        "allowReconnect": True,
    }
    cloud.hub.close()
    assert await stream.receive() == {"type": 7}
    assert (await stream.socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_a_silent_stream_still_answers_websocket_pings_or_not(client: Client, cloud: EaseeCloud) -> None:
    stream = await client.subscribe()
    cloud.faults.silence = Silence.APPLICATION
    cloud.timeline.advance(30)
    await stream.socket.ping(b"?")
    assert (await stream.socket.receive(timeout=5)).type is aiohttp.WSMsgType.PONG
    cloud.faults.silence = Silence.TCP
    await stream.socket.ping(b"?")
    with pytest.raises(TimeoutError):
        await stream.socket.receive(timeout=0.1)


async def test_stale_observations_follow_fresh_ones_when_out_of_order(client: Client, cloud: EaseeCloud) -> None:
    stream = await client.subscribe()
    cloud.faults.out_of_order = True
    cloud.reports.hear(111, 9.0)
    fresh, stale = await stream.observation(111), await stream.observation(111)
    assert (fresh["value"], stale["value"]) == ("9.0", "40.0")
    assert stale["timestamp"] < fresh["timestamp"]


async def test_anything_can_be_pushed(client: Client, cloud: EaseeCloud) -> None:
    stream = await client.subscribe()
    cloud.push(114, "n/a")
    assert (await stream.observation(114))["value"] == "n/a"
    cloud.push(9999, "1.0", mid="EH000000")
    assert (await stream.observation(9999))["mid"] == "EH000000"
    cloud.hub.invoke("SubscribeToMyProduct", {"id": SERIAL})
    assert await stream.invocation("SubscribeToMyProduct") == {"id": SERIAL}


async def test_a_handshake_can_be_refused(client: Client, cloud: EaseeCloud) -> None:
    cloud.faults.handshake_error = "Requested protocol 'json' is not available."
    number = (await (await client.negotiate()).json())["connectionId"]
    socket = await client.upgrade(number)
    await socket.send_str('{"protocol":"json","version":1}' + SEPARATOR)
    assert "error" in (await socket.receive(timeout=5)).data


async def test_only_what_is_subscribed_is_pushed(client: Client, cloud: EaseeCloud) -> None:
    stream = await client.stream()
    await stream.send({"type": 1, "target": "SubscribeWithCurrentState", "arguments": ["EH000000", True]})
    await stream.send({"type": 1, "target": "Unsubscribe", "arguments": ["EH000000"], "invocationId": "1"})
    assert (await stream.receive())["type"] == 3
    await client.order(9)
    cloud.timeline.advance(15.1)
    assert await stream.receive() == {"type": 6}


async def test_upgrades_can_fail_once(client: Client, cloud: EaseeCloud) -> None:
    cloud.faults.upgrade_not_found = 1
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await client.stream()
    assert await client.stream()
    cloud.faults.upgrade_not_found = ALWAYS
    for _ in range(3):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await client.stream()


async def test_the_affinity_cookie_leads_to_the_right_node(client: Client, cloud: EaseeCloud) -> None:
    cloud.faults.affinity_cookie = True
    assert await client.stream(), "the jar sends the newest cookie"
    number = (await (await client.negotiate()).json())["connectionId"]
    client.session.cookie_jar.clear()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await client.upgrade(number)
    assert refused.value.status == 404


async def test_a_foreign_write_is_seen_like_any_other(client: Client, cloud: EaseeCloud) -> None:
    stream = await client.subscribe()
    cloud.write_dynamic_current(PerPhase.all(20))
    assert (await stream.observation(111))["value"] == "20.0"
    cloud.write_dynamic_charger_current(10)
    assert (await stream.observation(48))["value"] == "10.0"
    assert not cloud.orders, "these are not ours"


# --- the library that the product uses -----------------------------------------------------------


@pytest.fixture
async def named_cloud() -> AsyncIterator[EaseeCloud]:
    """Known by a host name: cookie jars refuse IP addresses."""
    simulated = EaseeCloud(box=Box(SERIAL), latency=AT_ONCE, name="localhost")
    await simulated.start()
    yield simulated
    await simulated.stop()


async def test_pyeasee_finds_the_circuit_orders_and_sees_the_read_back(cloud: EaseeCloud) -> None:
    async with aiohttp.ClientSession() as session:
        easee = Easee("owner@example.com", "correct horse", session)
        easee.base, easee.sr_base = cloud.api_url, cloud.stream_url
        seen: dict[int, Any] = {}

        async def note(_mid: str, _kind: int, number: int, value: Any) -> None:
            seen[number] = value

        circuit = (await easee.get_site(54321)).get_circuits()[0]
        (charger,) = circuit.get_chargers()
        await easee.sr_subscribe(charger, note)
        await eventually(lambda: 250 in seen)
        cloud.charger.plug_in()
        await circuit.set_dynamic_current(9, 9, 9, timeToLive=10)
        await eventually(lambda: seen[111] == 9.0 and seen[114] == 9.0 and seen[96] == 79)
        await easee.close()


async def test_pysignalr_follows_the_affinity_cookie_and_survives_a_drop(named_cloud: EaseeCloud) -> None:
    named_cloud.faults.affinity_cookie = True
    login = named_cloud.accounts.login("owner@example.com", "correct horse")
    assert login is not None
    opened: list[int] = []
    hub = SignalRClient(named_cloud.stream_url, headers={"Authorization": f"Bearer {login['accessToken']}"})

    async def note() -> None:
        opened.append(1)

    hub.on_open(note)
    running = asyncio.create_task(hub.run())
    await eventually(lambda: len(opened) == 1 and named_cloud.hub.connections)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert named_cloud.calls["hub"] == 1
    await eventually(lambda: not named_cloud.hub.connections)


async def test_a_dead_refresh_can_be_played(client: Client, cloud: EaseeCloud) -> None:
    cloud.faults.answer("negotiate", Answer.unauthorised())
    cloud.faults.answer("refresh_token", Answer.server_error(500))
    assert (await client.negotiate()).status == 401
    assert (await client.refresh(client.tokens)).status == 500
    assert (await client.get(f"{CIRCUIT}/dynamicCurrent")).status == 200
