"""`learn-phases` on real sockets against the whole simulated world, with everybody's clock running fast."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import permutations
from pathlib import Path

import pytest

from bridge.commands.learn_phases import Wishes, _learn
from bridge.commands.learning.alone import Alone
from bridge.commands.learning.asking import ask, is_running
from bridge.commands.learning.result import Learnt
from bridge.core.model import LearnBy, LearningStage
from bridge.core.phases import PerPhase, Phase
from bridge.runtime import clock
from bridge.service import build_charger, build_meter, mqtt_options, serve
from bridge.settings import Settings, load
from bridge.simulator.appliances import scripted
from bridge.simulator.car import CarModel
from bridge.simulator.script import Script
from bridge.simulator.world import World

SPEED = 20.0
BOUND = 60.0
ROTATED = (Phase.L2, Phase.L3, Phase.L1)
CAR = CarModel(dead_time=(1.0, 2.0), resume=(12.0, 16.0))
SETTINGS = """
[mains]
fuse = 25
telegram_max_age = 30
[mains.slimmelezer]
host = "{peers.meter_host}"
port = {peers.meter_port}
[charger]
max_current = 16
[charger.easee]
username = "{peers.username}"
password = "{peers.password}"
api_url = "{peers.api_url}"
stream_url = "{peers.stream_url}"
[mqtt]
enabled = {has_mqtt}
host = "{peers.mqtt_host}"
port = {peers.mqtt_port}
publish_every = 0.5
"""


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    start = time.monotonic()
    monkeypatch.setattr(clock, "now", lambda: start + (time.monotonic() - start) * SPEED)


@asynccontextmanager
async def world_of(wiring: tuple[Phase, ...], *more: object, car: CarModel = CAR) -> AsyncIterator[World]:
    fridges = [scripted("fridge", (phase,), [(0.0, 1e6, 300.0)]) for phase in Phase]
    script = Script((*fridges, *more), car, wiring)  # type: ignore[arg-type]
    world = World(script, speed=SPEED)
    await world.start()
    world.cloud.write_dynamic_current(PerPhase.all(16.0))
    try:
        yield world
    finally:
        await world.stop()


def settings_for(world: World, directory: Path, *, has_mqtt: bool = False) -> Settings:
    path = directory / "settings.toml"
    path.touch(mode=0o600)
    path.write_text(SETTINGS.format(peers=world.addresses, has_mqtt=str(has_mqtt).lower()))
    return load(path, {})


def alone(settings: Settings, told: list[str]) -> Alone:
    return Alone(settings, build_meter(settings), build_charger(settings), told.append)


async def learn(world: World, directory: Path, by: LearnBy = LearnBy.START) -> tuple[Learnt, list[str]]:
    told: list[str] = []
    async with asyncio.timeout(BOUND):
        return await alone(settings_for(world, directory), told).learn(by, asyncio.Event()), told


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(BOUND):
        while not condition():  # noqa: ASYNC110 the world has no event for it
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("wiring", list(permutations(Phase)))
async def test_each_wiring_is_learnt_and_the_limit_restored(wiring: tuple[Phase, ...], tmp_path: Path) -> None:
    async with world_of(wiring) as world:
        learnt, told = await learn(world, tmp_path)
        assert learnt.phases == wiring
        assert learnt.stage is (LearningStage.AGREES if wiring == tuple(Phase) else LearningStage.DIFFERS)
        assert learnt.restored is True
        assert learnt.status == 0
        assert world.cloud.charger.dynamic_current == PerPhase.all(16.0)
        assert world.truth.worst_overload == 0
    assert "learning the phases: pausing the car" in told


async def test_a_kettle_as_the_first_phase_comes_up_does_not_fool_it(tmp_path: Path) -> None:
    kettles = [(start, 20.0, 2200.0) for start in range(60, 400, 47)]
    async with world_of(ROTATED, scripted("kettle", (Phase.L1,), kettles)) as world:
        learnt, _ = await learn(world, tmp_path)
    assert learnt.phases in {ROTATED, None}
    assert learnt.restored is True


async def test_a_car_that_is_unplugged_in_the_middle(tmp_path: Path) -> None:
    async with world_of(ROTATED) as world:
        told: list[str] = []
        lesson = asyncio.create_task(alone(settings_for(world, tmp_path), told).learn(LearnBy.START, asyncio.Event()))
        await until(lambda: "learning the phases: watching the phases come up" in told)
        world.cloud.charger.unplug()
        async with asyncio.timeout(BOUND):
            learnt = await lesson
        assert learnt.stage is LearningStage.FAILED
        assert "no car is plugged in" in learnt.text
        assert learnt.status == 1
        assert world.cloud.charger.dynamic_current == PerPhase.all(16.0)


async def test_a_meter_that_vanishes_in_the_middle(tmp_path: Path) -> None:
    async with world_of(ROTATED) as world:
        told: list[str] = []
        lesson = asyncio.create_task(alone(settings_for(world, tmp_path), told).learn(LearnBy.START, asyncio.Event()))
        await until(lambda: "learning the phases: pausing the car" in told)
        await world.device.stop()
        async with asyncio.timeout(BOUND):
            learnt = await lesson
        assert learnt.stage is LearningStage.FAILED
        assert "the meter is silent" in learnt.text
        assert world.cloud.charger.dynamic_current == PerPhase.all(16.0)


async def test_stopped_in_the_middle_it_restores_the_limit(tmp_path: Path) -> None:
    async with world_of(ROTATED) as world:
        told: list[str] = []
        stop = asyncio.Event()
        lesson = asyncio.create_task(alone(settings_for(world, tmp_path), told).learn(LearnBy.START, stop))
        await until(lambda: world.cloud.charger.dynamic_current == PerPhase.all(0.0))
        stop.set()
        async with asyncio.timeout(BOUND):
            learnt = await lesson
        assert learnt.text == "phases not learnt: stopped by you"
        assert learnt.restored is True
        assert world.cloud.charger.dynamic_current == PerPhase.all(16.0)
        assert f"limit restored: {16} A, by the charger's own word" in told


async def test_without_a_car_nothing_is_ordered_to_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.commands.learning.alone.READY_WITHIN", 3.0)
    async with world_of(ROTATED) as world:
        world.cloud.charger.unplug()
        learnt, _ = await learn(world, tmp_path)
        assert learnt.text == "phases not learnt: no car is charging"
        assert not [order for order in world.cloud.orders if max(order.currents) == 0]


async def test_one_phase_at_a_time_says_that_the_charger_stays_there(tmp_path: Path) -> None:
    """The simulated charger spares its relays: once on one phase, it stays there until the car is unplugged."""
    async with world_of(ROTATED) as world:
        learnt, _ = await learn(world, tmp_path, LearnBy.ONE_PHASE)
        assert "P1 on L2" in learnt.text
        assert "unplug the car" in learnt.text
        assert world.cloud.charger.dynamic_current == PerPhase.all(16.0)


@asynccontextmanager
async def service(settings: Settings, directory: Path) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(settings, stop, directory))
    try:
        async with asyncio.timeout(BOUND):
            while not await is_running(mqtt_options(settings)):  # noqa: ASYNC110 each look is a connection
                await asyncio.sleep(0.1)
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(BOUND):
            await serving


async def test_a_running_service_is_asked_over_mqtt(tmp_path: Path) -> None:
    async with world_of(ROTATED) as world:
        settings = settings_for(world, tmp_path, has_mqtt=True)
        async with service(settings, tmp_path):
            await until(lambda: max(world.truth.draw) > 10)
            learnt = Learnt(LearningStage.FAILED, "")
            told: list[str] = []
            async with asyncio.timeout(BOUND):
                while learnt.stage is LearningStage.FAILED:  # until the first report of the car is there
                    learnt = await ask(mqtt_options(settings), told.append)
            assert learnt.phases == ROTATED
            assert learnt.certainty == 0.995
            assert 'set phases = ["L2", "L3", "L1"]' in learnt.text
            assert "learning the phases: watching the phases come up" in told
            await until(lambda: world.cloud.charger.dynamic_current == PerPhase.all(16.0))


async def test_one_phase_at_a_time_is_not_for_a_running_service(tmp_path: Path) -> None:
    async with world_of(ROTATED) as world:
        settings = settings_for(world, tmp_path, has_mqtt=True)
        async with service(settings, tmp_path):
            with pytest.raises(Exception, match="stop the service first"):
                await _learn(settings, Wishes(single_phase=True, yes=True, as_json=False, write=False))


async def test_a_service_that_stops_in_the_middle_leaves_the_fallback_current(tmp_path: Path) -> None:
    async with world_of(ROTATED) as world:
        settings = settings_for(world, tmp_path, has_mqtt=True)
        async with service(settings, tmp_path) as stop:
            await until(lambda: max(world.truth.draw) > 10)
            asking = asyncio.create_task(_pressing(settings))
            await until(lambda: world.cloud.charger.dynamic_current == PerPhase.all(0.0))
            stop.set()
        asking.cancel()
        await asyncio.wait({asking})
        assert world.cloud.orders[-1].currents == PerPhase.all(6.0)


async def _pressing(settings: Settings) -> None:
    with suppress(asyncio.CancelledError):
        while True:
            await ask(mqtt_options(settings), lambda _: None)


def test_the_document_for_scripts() -> None:
    document = Learnt(LearningStage.DIFFERS, "phases learnt: …", ROTATED, 0.995, restored=True).document(tuple(Phase))
    assert json.loads(json.dumps(document)) == {
        "result": "differs",
        "text": "phases learnt: …",
        "phases": ["L2", "L3", "L1"],
        "certainty": 0.995,
        "settings": ["L1", "L2", "L3"],
        "limit_restored": True,
    }
