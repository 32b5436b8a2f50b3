"""What the demo came to."""

import asyncio
from itertools import pairwise

import pytest

from bridge.commands.demo_address import is_open, local, reachable
from bridge.commands.demo_play import play
from bridge.commands.demo_stage import Stage, staged
from bridge.commands.demo_summary import commands, summary
from bridge.commands.demo_truth import Alternative, Witness, car, places
from bridge.commands.live.board import Board
from bridge.commands.live.news import News
from bridge.commands.live.showing import End
from bridge.core.phases import PerPhase
from bridge.errors import DeviceUnavailableError
from bridge.simulator.easee_backend import Order
from bridge.simulator.script import demo_script
from bridge.simulator.world import World


def orders(*limits: float) -> list[Order]:
    return [Order(float(at), PerPhase.all(limit), 10) for at, limit in enumerate(limits)]


def test_orders_are_counted_by_what_they_did() -> None:
    sent = commands(orders(16, 16, 9, 0, 0, 16), before=40)
    assert (sent.lowered, sent.raised, sent.refreshed, sent.pauses) == (3, 1, 2, 1)


def test_without_orders_there_is_nothing_to_count() -> None:
    assert commands([], before=40) == (0, 0, 0, 0)


async def simulated(seconds: float, limit: float = 16.0) -> tuple[World, Alternative]:
    """Let the demo's house go by with nobody to govern it."""
    script = demo_script(1)
    world = World(script)
    alternative = Alternative(world, script, limit)
    for _ in range(int(seconds * 2)):
        world.timeline.advance(0.5)
    return world, alternative


async def test_the_demo_shows_a_fuse_that_would_go_without_the_bridge() -> None:
    world, alternative = await simulated(180)
    assert world.truth.has_gone
    assert alternative.gone_after is not None
    assert 30 < alternative.gone_after < 180
    told = dict(summary(world, alternative, commands([], 40)))
    assert told["fuse"] == "GONE"
    assert told["commands"].startswith("0 ")


async def test_what_was_free_is_what_the_house_left_below_the_fuse() -> None:
    _, alternative = await simulated(1)
    assert alternative.free(PerPhase(1, 15, 3)) == 10
    assert alternative.free(PerPhase(1, 1, 1)) == 16
    assert alternative.free(PerPhase(1, 20, 1)) == 0, "below the minimum current nothing is free"


async def test_a_quiet_minute_gives_the_car_its_share() -> None:
    world, alternative = await simulated(6)
    told = dict(summary(world, alternative, commands([], 40)))
    assert told["overload"] == "none"
    assert told["fuse"].startswith("holds, at most ")
    assert "% of what the house left free" in told["energy"]


async def test_comings_and_goings_are_told_with_their_phases() -> None:
    script, news = demo_script(1), News()
    world = World(script)
    witness = Witness(world, script, news)
    for second in range(180):
        world.timeline.advance(1.0)
        witness.tick(float(second))
    told = [item.text for item in news.items]
    for name, where in (("kettle", "L1"), ("oven", "L2"), ("heat pump", "L1–L3")):
        assert told.index(f"{name} on ({where})") < told.index(f"{name} off")
    assert all(before.at <= after.at for before, after in pairwise(news.items))
    assert places(script)["base load"], "the base load has a place too, though it is never told"


async def test_the_car_is_put_into_words() -> None:
    world, _ = await simulated(1)
    truth = world.truth
    assert car(truth).startswith("takes 15.")
    assert car(truth._replace(draw=PerPhase.all(0.0))).startswith("wakes up")
    assert car(truth._replace(draw=PerPhase.all(0.0), offer=0.0)).startswith("waits")


@pytest.mark.parametrize(
    ("listen", "others"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", True), ("192.168.1.5", True)],  # noqa: S104
)
def test_only_loopback_is_closed_to_others(listen: str, others: bool) -> None:  # noqa: FBT001 a case
    assert is_open(listen) is others


def test_any_address_is_reached_by_one_that_exists() -> None:
    assert (local("0.0.0.0"), local("::"), local("192.168.1.5")) == ("127.0.0.1", "::1", "192.168.1.5")  # noqa: S104
    assert reachable("192.168.1.5") == "192.168.1.5"
    assert reachable("0.0.0.0") not in {"", "0.0.0.0"}  # noqa: S104


async def test_an_address_of_another_machine_is_refused_in_one_line() -> None:
    with pytest.raises(DeviceUnavailableError, match=r"cannot listen on 192\.0\.2\.1 .*address of this machine"):
        async with staged(1, "192.0.2.1"):
            pass


async def test_the_settings_point_at_the_peers_and_are_private() -> None:
    async with staged(1, "127.0.0.1") as stage:
        peers, settings = stage.world.addresses, stage.settings
        assert (settings.mains.slimmelezer.host, settings.mains.slimmelezer.port) == ("127.0.0.1", peers.meter_port)
        assert settings.charger.easee.api_url == peers.api_url
        assert (settings.mqtt.host, settings.mqtt.port) == ("127.0.0.1", peers.mqtt_port)
        assert settings.warnings == ()
        files = list(stage.directory.iterdir())
        assert {file.name for file in files} == {"settings.toml", "state.json"}
    assert not stage.directory.exists()


class Sabotage:
    """A show that ends at once, with a fuse that has gone."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def run(self, board: Board, witness: Witness, end: End) -> None:
        assert board.fuse == 25
        assert witness.facts()
        assert not end.is_there()
        await asyncio.sleep(0)
        self._stage.world.physics.fuse.peak = 1.01


async def test_a_fuse_that_would_have_gone_is_exit_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert await play(None, 1, "127.0.0.1", Sabotage) == 1
    assert "fuse      GONE" in capsys.readouterr().out
