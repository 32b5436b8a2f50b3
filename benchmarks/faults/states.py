"""The states a bridge can be in when it is killed or stopped, and how to get there."""

import asyncio
from dataclasses import dataclass

from benchmarks.faults.home import Home
from benchmarks.faults.row import Act, nothing
from bridge.simulator.faults import EVERYTHING, Answer

HEAVY = 5800.0
"""W on L2 that leave the car less than the minimum current."""
BAN = 60.0
"""s told by the cloud."""
ARRIVES_WITHIN = 200.0


async def _pause(home: Home) -> None:
    home.lever.watts = HEAVY
    await _shows(home, "paused")


async def _quiet(home: Home) -> None:
    home.lever.watts = 0.0


async def _blind(home: Home) -> None:
    home.telegrams.is_muted = True
    await _shows(home, "fallback")


async def _see(home: Home) -> None:
    home.telegrams.is_muted = False


async def _unplug(home: Home) -> None:
    home.world.cloud.charger.unplug()
    await _shows(home, "parked")


async def _plug(home: Home) -> None:
    home.world.cloud.charger.plug_in()


async def _off(home: Home) -> None:
    await home.witness.turn("balancing", "OFF")
    await _shows(home, "off")


async def _on(home: Home) -> None:
    await home.witness.turn("balancing", "ON")


async def _forbid(home: Home) -> None:
    await home.witness.turn("charging_allowed", "OFF")
    await _shows(home, "stopped")


async def _allow(home: Home) -> None:
    await home.witness.turn("charging_allowed", "ON")


async def _order_in_flight(home: Home) -> None:
    home.world.cloud.faults.slow = 6.0
    count = len(home.world.cloud.log)
    home.lever.watts = HEAVY / 2
    await home.until(
        lambda: any(call.endpoint == "dynamic_current" for call in home.world.cloud.log[count:]),
        20.0,
        "an order leaves",
    )
    home.world.cloud.faults.slow = 0.0  # what is under way still takes its time


async def _ban(home: Home) -> None:
    home.world.cloud.faults.answer(EVERYTHING, Answer.too_many_requests(str(BAN)), times=1)
    home.lever.watts = HEAVY / 2
    await home.until(lambda: home.witness.shows("charger_lost"), 30.0, "the ban is shown")
    await asyncio.sleep(6)  # and kept: nothing is written oftener than every 5 s


@dataclass(frozen=True)
class State:
    """Somewhere to be when it happens."""

    name: str
    reach: Act = nothing
    leave: Act = nothing
    rest: float = 0.0
    """s for which nobody may be called even after a new start."""


async def _shows(home: Home, word: str) -> None:
    await home.until(lambda: home.witness.state.get("state") == word, ARRIVES_WITHIN, f"it shows {word}")


STATES = (
    State("balancing"),
    State("paused", _pause, _quiet),
    State("blind", _blind, _see),
    State("parked", _unplug, _plug),
    State("off", _off, _on),
    State("not_allowed", _forbid, _allow),
    State("order_in_flight", _order_in_flight, _quiet),
    State("banned", _ban, _quiet, BAN),
)
