"""The meter fails: rows of the matrix."""

import asyncio
from dataclasses import replace

from benchmarks.faults.home import Home, Plan
from benchmarks.faults.row import BLIND, BLIND_SAFE, DELIVERED, EACH_TIME, Row
from benchmarks.faults.wire import FrozenWire
from bridge.simulator.esphome_noise import key_of
from bridge.simulator.variants import CLASSIC, MINI

KEY = "QRTIErOb/fcE9Ukd/5qA3RGYMn0Y+p06U58SCtOXvPc="
OTHER_KEY = "8mMoTq4jDP5uQzsBzA8g1jPUbnMOhVx6VQvOylZtgDY="  # opens nothing but the simulator
KEY_TRIED_EVERY = 60.0
"""s between tries with a key that was refused: the library's own."""
BLIND_BOUND = "silence (5 s) + delivery"


async def mute(home: Home) -> None:
    home.telegrams.is_muted = True


async def unmute(home: Home) -> None:
    home.telegrams.is_muted = False


async def freeze(home: Home) -> None:
    assert isinstance(home.meter, FrozenWire)
    home.meter.freeze()


async def thaw(home: Home) -> None:
    assert isinstance(home.meter, FrozenWire)
    home.meter.thaw()


async def lose(home: Home) -> None:
    home.meter.lose()  # type: ignore[union-attr]


async def flap(home: Home) -> None:
    """Cut every 5 s, for as long as the row lasts."""

    async def again() -> None:
        for _ in range(12):
            home.meter.cut()  # type: ignore[union-attr]
            await asyncio.sleep(5)

    home.background(again())


async def dump_old_values(home: Home) -> None:
    """Nothing is measured any more, and the device comes back again and again with what it last knew."""
    home.telegrams.is_muted = True

    async def again() -> None:
        for _ in range(8):
            await asyncio.sleep(6)
            home.meter.cut()  # type: ignore[union-attr]

    home.background(again())


async def lack_a_phase(home: Home) -> None:
    home.telegrams.missing = 1


async def have_all_phases(home: Home) -> None:
    home.telegrams.missing = None


async def send_nan(home: Home) -> None:
    home.telegrams.has_nan = True


async def send_values(home: Home) -> None:
    home.telegrams.has_nan = False


async def drop_every_third(home: Home) -> None:
    home.telegrams.every_third_lost = True


async def drop_none(home: Home) -> None:
    home.telegrams.every_third_lost = False


async def change_unit(home: Home) -> None:
    """An update of its firmware: the same names, but watts."""
    device = home.world.device
    await device.stop()
    await asyncio.sleep(8)
    device.sensors, home.telegrams.variant = MINI.sensors, replace_names()
    await device.start()


def replace_names() -> "type(CLASSIC)":  # type: ignore[valid-type]
    return CLASSIC._replace(power_unit="W", sensors=MINI.sensors)


async def swap_device(home: Home) -> None:
    """Another device at the same address, with a key of its own."""
    await _restart_with(home, OTHER_KEY)


async def swap_back(home: Home) -> None:
    await _restart_with(home, KEY)


async def _restart_with(home: Home, key: str) -> None:
    device = home.world.device
    await device.stop()
    device._key = key_of(key)
    await device.start()


async def step_the_clock(home: Home) -> None:
    """Network time arrives: an hour ahead, and back again."""
    for step in ("+1h", "-1h", "+0"):
        home.set_clock(step)
        await asyncio.sleep(5)


BLINDS = Row(
    "meter",
    "",
    "",
    problem="meter_stale",
    safe_within=BLIND_SAFE,
    bound=BLIND_BOUND,
    cause="meter lost",
    back_within=30.0,
)
ROWS = (
    replace(BLINDS, name="silent", what="connected, but no telegrams", strike=mute, mend=unmute),
    replace(
        BLINDS,
        name="frozen",
        what="its process hangs (SIGSTOP), 60 s",
        strike=freeze,
        mend=thaw,
        lasts=60.0,
        plan=lambda: Plan(is_frozen_wire=True),
    ),
    replace(BLINDS, name="half_open", what="half-open TCP: power cut without a word", strike=lose, lasts=25.0),
    replace(
        BLINDS,
        name="flapping",
        what="connection cut every 5 s, for a minute",
        strike=flap,
        lasts=62.0,
        problem=None,
        most_lines=EACH_TIME,
    ),
    replace(BLINDS, name="nan", what="NaN in every sensor", strike=send_nan, mend=send_values),
    replace(
        BLINDS,
        name="phase_missing",
        what="L2 missing in every telegram",
        strike=lack_a_phase,
        mend=have_all_phases,
        cause="meter stale: L2",
    ),
    replace(
        BLINDS,
        name="third_lost",
        what="every third telegram lost",
        strike=drop_every_third,
        mend=drop_none,
        problem=None,
        cause=None,
        safe_within=DELIVERED + 1,
        bound="delivery + a telegram",
    ),
    replace(
        BLINDS,
        name="clock_steps",
        what="the system's clock steps by an hour, both ways",
        strike=step_the_clock,
        problem=None,
        cause=None,
        safe_within=DELIVERED,
        bound="delivery",
        lasts=20.0,
        plan=lambda: Plan(has_stepping_clock=True),
        needs=("faketime",),
    ),
    replace(
        BLINDS,
        name="other_unit",
        what="restarts with W where it had kW",
        strike=change_unit,
        lasts=25.0,
        safe_within=8 + DELIVERED,
    ),
    replace(
        BLINDS,
        name="other_key",
        what="replaced by a device with another key; then the old one again",
        strike=swap_device,
        mend=swap_back,
        cause="key",
        back_within=KEY_TRIED_EVERY + 15,
        plan=lambda: Plan(key=KEY),
    ),
    replace(
        BLINDS,
        name="old_values",
        what="no telegrams, and old values dumped after each of 8 reconnections",
        strike=dump_old_values,
        mend=unmute,
        lasts=55.0,
        most_lines=EACH_TIME,
    ),
)
"""BLIND is the documented silence: see row.py."""
assert BLIND < BLIND_SAFE
