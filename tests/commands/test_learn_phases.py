"""`learn-phases` on real sockets against the whole simulated world, with everybody's clock running fast."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import permutations
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bridge import parts
from bridge.cli import app
from bridge.commands import learn_phases
from bridge.commands.learn_phases import Wishes, _ask_service, _learn
from bridge.commands.learning.alone import Alone
from bridge.commands.learning.asking import ask, is_running
from bridge.commands.learning.result import Learnt
from bridge.core.model import LearnBy, LearningStage
from bridge.core.phases import PerPhase, Phase
from bridge.parts import mqtt_options
from bridge.runtime import clock
from bridge.service import serve
from bridge.settings import Settings, load
from bridge.simulator.appliances import scripted
from bridge.simulator.car import CarModel
from bridge.simulator.easee_charger import Box
from bridge.simulator.script import Script
from bridge.simulator.timeline import Timeline
from bridge.simulator.world import Addresses, World

pytestmark = pytest.mark.by_the_clock

SPEED = 30.0
BOUND = 60.0
NOWHERE = Addresses("127.0.0.1", 1, "http://127.0.0.1:1", "http://127.0.0.1:1/hubs", "127.0.0.1", 1, "me", "secret", "")
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
async def world_of(
    wiring: tuple[Phase, ...], *more: object, car: CarModel = CAR, box: Box | None = None
) -> AsyncIterator[World]:
    fridges = [scripted("fridge", (phase,), [(0.0, 1e6, 300.0)]) for phase in Phase]
    script = Script((*fridges, *more), car, wiring)  # type: ignore[arg-type]
    world = World(script, timeline=Timeline(SPEED), box=box)
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
    return Alone(settings, parts.meter(settings), parts.charger(settings), told.append)


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


async def test_a_limit_above_all_others_comes_back_as_far_as_it_binds(tmp_path: Path) -> None:
    async with world_of(ROTATED) as world:
        world.cloud.write_dynamic_current(PerPhase.all(40.0))
        settings = settings_for(world, tmp_path)
        settings = settings.model_copy(update={"charger": settings.charger.model_copy(update={"max_current": 25})})
        told: list[str] = []
        async with asyncio.timeout(BOUND):
            learnt = await alone(settings, told).learn(LearnBy.START, asyncio.Event())
        assert learnt.restored is True
        assert "limit restored: 16 A, by the charger's own word" in told


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


async def test_one_phase_at_a_time_is_followed_by_three_again(tmp_path: Path) -> None:
    quick = CarModel(dead_time=(1.0, 2.0), resume=(12.0, 16.0), stagger=0.0)
    async with world_of(ROTATED, car=quick, box=Box(starts_anew_after_zero=True)) as world:
        learnt, _ = await learn(world, tmp_path, LearnBy.ONE_PHASE)
        assert learnt.phases == ROTATED
        assert learnt.text.endswith("charging on three phases again")
        assert world.cloud.charger.output == (True, True, True)
        assert world.cloud.charger.dynamic_current == PerPhase.all(16.0)


async def test_a_charger_that_is_locked_to_three_phases_is_not_asked_for_one(tmp_path: Path) -> None:
    async with world_of(ROTATED, box=Box(phase_mode=3)) as world:
        learnt, _ = await learn(world, tmp_path, LearnBy.ONE_PHASE)
        assert learnt.text == "phases not learnt: the charger does not switch between one phase and three"
        assert not [order for order in world.cloud.orders if min(order.currents) == 0]


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
            assert learnt.certainty is not None
            assert learnt.certainty >= 0.99
            assert 'set phases = ["L2", "L3", "L1"]' in learnt.text
            assert "learning the phases: watching the phases come up" in told
            await until(lambda: world.cloud.charger.dynamic_current == PerPhase.all(16.0))


async def test_who_stops_asking_leaves_the_lesson_to_the_service(tmp_path: Path) -> None:
    async with world_of(ROTATED) as world:
        settings = settings_for(world, tmp_path, has_mqtt=True)
        async with service(settings, tmp_path):
            await until(lambda: max(world.truth.draw) > 10)
            stop = asyncio.Event()
            wishes = Wishes(single_phase=False, yes=True, as_json=True, write=False)
            asking = asyncio.create_task(_ask_service(settings, wishes, stop))
            await until(lambda: world.cloud.charger.dynamic_current == PerPhase.all(0.0))
            stop.set()
            async with asyncio.timeout(BOUND):
                learnt = await asking
            assert "the service ends the lesson by itself" in learnt.text
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


DIFFERS = Learnt(LearningStage.DIFFERS, "phases learnt: …", ROTATED, 0.995, restored=True)


@pytest.fixture
def learnt_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A command whose lesson is over already; the settings file it is about."""
    monkeypatch.setattr(learn_phases, "_give_lesson", lambda *_: DIFFERS)
    path = tmp_path / "settings.toml"
    path.touch(mode=0o600)
    path.write_text(SETTINGS.format(peers=NOWHERE, has_mqtt="false"))
    return path


def test_it_ends_with_the_line_for_the_settings(learnt_at_once: Path) -> None:
    before = learnt_at_once.read_text()
    result = CliRunner().invoke(app, ["learn-phases", "--config", str(learnt_at_once)])
    assert result.exit_code == 0
    assert 'phases = ["L2", "L3", "L1"]' in result.output
    assert learnt_at_once.read_text() == before


def test_it_writes_the_line_after_a_yes_and_not_after_a_no(learnt_at_once: Path) -> None:
    command = ["learn-phases", "--write", "--config", str(learnt_at_once)]
    CliRunner().invoke(app, command, input="n\n")
    assert load(learnt_at_once, {}).charger.phases == tuple(Phase)
    result = CliRunner().invoke(app, command, input="y\n")
    assert load(learnt_at_once, {}).charger.phases == ROTATED
    assert "restart the service" in result.output
    assert learnt_at_once.stat().st_mode & 0o777 == 0o600


def test_an_environment_that_says_otherwise_is_told(learnt_at_once: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EV_LOAD_BRIDGE__CHARGER__PHASES", "L3,L2,L1")
    result = CliRunner().invoke(app, ["learn-phases", "--write", "--yes", "--config", str(learnt_at_once)])
    assert result.exit_code == 78
    assert "the environment or a credential says otherwise" in result.output


def test_for_scripts_there_is_one_document_on_standard_output(learnt_at_once: Path) -> None:
    result = CliRunner().invoke(app, ["learn-phases", "--json", "--yes", "--config", str(learnt_at_once)])
    assert json.loads(result.stdout)["phases"] == ["L2", "L3", "L1"]


def test_a_dry_run_is_refused_before_anything_is_asked(learnt_at_once: Path) -> None:
    learnt_at_once.write_text(f"{learnt_at_once.read_text()}[balancing]\ndry_run = true\n")
    result = CliRunner().invoke(app, ["learn-phases", "--config", str(learnt_at_once)])
    assert result.exit_code == 78
    assert "dry run" in result.output


def test_without_a_yes_nothing_begins(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.touch(mode=0o600)
    path.write_text(SETTINGS.format(peers=NOWHERE, has_mqtt="false"))
    command = [sys.executable, "-m", "bridge", "learn-phases", "--config", str(path)]
    result = subprocess.run(command, input="n\n", capture_output=True, text=True, timeout=BOUND, check=False)  # noqa: S603
    assert result.returncode == 1
    assert "stop it first" in result.stderr


def test_the_document_for_scripts() -> None:
    assert json.loads(json.dumps(DIFFERS.document(tuple(Phase)))) == {
        "result": "differs",
        "text": "phases learnt: …",
        "phases": ["L2", "L3", "L1"],
        "certainty": 0.995,
        "settings": ["L1", "L2", "L3"],
        "limit_restored": True,
    }
