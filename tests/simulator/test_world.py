"""The closed loop over real sockets, sped up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import aioesphomeapi
import aiohttp
import aiomqtt
import pytest

from bridge.core.phases import PerPhase, Phase
from bridge.simulator.car import CarModel
from bridge.simulator.script import Script
from bridge.simulator.timeline import Timeline
from bridge.simulator.world import World

BOUND = 20.0


async def eventually(condition: Callable[[], Any]) -> Any:
    async with asyncio.timeout(BOUND):
        while not (result := condition()):  # noqa: ASYNC110 - what the world does has no event
            await asyncio.sleep(0.01)
    return result


@pytest.fixture
async def world() -> AsyncIterator[World]:
    wiring = (Phase.L2, Phase.L3, Phase.L1)
    quiet = Script(appliances=(), car=CarModel(phases=1, resume=(5, 5)), wiring=wiring)
    simulated = World(quiet, timeline=Timeline(50.0))
    await simulated.start()
    yield simulated
    await simulated.stop()


async def test_the_car_follows_an_order_and_the_observations_follow_the_car(world: World) -> None:
    address = world.addresses
    truth = world.truth
    assert truth.draw.l2 > 15, "one phase, crossed wires: the charger's P1 is the meter's L2"
    assert (truth.draw.l1, truth.draw.l3) == (0, 0)
    async with aiohttp.ClientSession() as session:
        login = await session.post(
            f"{address.api_url}/api/accounts/login",
            json={"userName": address.username, "password": address.password},
        )
        headers = {"Authorization": f"Bearer {(await login.json())['accessToken']}"}
        order = {"phase1": 8, "phase2": 8, "phase3": 8, "timeToLive": 10}
        path = f"{address.api_url}/api/sites/54321/circuits/12345/dynamicCurrent"
        assert (await session.post(path, json=order, headers=headers)).status == 202
        await eventually(lambda: world.truth.draw.l2 == pytest.approx(8 * 0.965))
        await eventually(lambda: world.cloud.reports.known[183].value == pytest.approx(8 * 0.965, abs=0.2))
    assert world.truth.mains.l2 == pytest.approx(8 * 0.965, abs=0.1)
    assert world.truth.energy > 0


async def test_the_meter_shows_it_all_over_the_esphome_api(world: World) -> None:
    client = aioesphomeapi.APIClient(world.addresses.meter_host, world.addresses.meter_port, None)
    await client.connect(login=True)
    entities, _ = await client.list_entities_services()
    names = {entity.key: entity.object_id for entity in entities}
    seen: dict[str, float] = {}

    def note(state: aioesphomeapi.EntityState) -> None:
        if isinstance(state, aioesphomeapi.SensorState):
            seen[names[state.key]] = state.state

    client.subscribe_states(note)
    await eventually(lambda: seen.get("current_phase_2") == 15 and seen.get("voltage_phase_2", 0) > 220)
    assert seen["power_consumed_phase_2"] == pytest.approx(3.5, abs=0.2)
    await client.disconnect()


async def test_the_broker_is_part_of_it(world: World) -> None:
    address = world.addresses
    async with aiomqtt.Client(address.mqtt_host, address.mqtt_port, protocol=aiomqtt.ProtocolVersion.V311) as client:
        await client.publish("x", b"1", qos=1)


async def test_uncontrolled_the_demo_blows_the_fuse_but_not_by_the_house() -> None:
    world = World(seed=1)
    world.timeline.advance(100)
    truth = world.truth
    assert truth.has_gone
    assert not truth.house_has_gone
    assert truth.worst_overload > 10
    assert truth.seconds == pytest.approx(100)


async def test_within_three_minutes_all_three_come_and_go() -> None:
    world = World()
    seen: set[tuple[str, ...]] = set()
    for _ in range(180):
        world.timeline.advance(1)
        seen.add(world.truth.running)
    assert {("kettle",), ("kettle", "oven"), ("kettle", "oven", "heat pump"), ()} <= seen


async def test_a_car_that_is_paused_by_the_charger_stops(world: World) -> None:
    world.cloud.write_dynamic_current(PerPhase.all(0))
    await eventually(lambda: world.truth.draw == (0, 0, 0))
    await eventually(lambda: world.cloud.reports.known[109].value == 2)
    world.cloud.write_dynamic_current(PerPhase.all(10))
    await eventually(lambda: world.cloud.reports.known[109].value == 3)


async def test_a_taken_port_leaves_nothing_running() -> None:
    world, other = World(), World()
    await world.start()
    other.cloud.port = world.cloud.port
    with pytest.raises(OSError, match="address already in use"):
        await other.start()
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection(other.addresses.mqtt_host, other.addresses.mqtt_port)
    await world.stop()
    await world.stop()
