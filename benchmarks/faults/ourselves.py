"""We fail, or the machine under us does: rows of the matrix."""

import asyncio
import json
import os
import resource
import signal
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.faults.home import FUSE, KNOB, SURGE, Home, Plan
from benchmarks.faults.measured import Measured
from benchmarks.faults.playing import FULL_WITHIN, START_WITHIN, charging, is_full
from benchmarks.faults.row import BLIND_SAFE, DELIVERED, Row
from benchmarks.faults.states import STATES, State
from benchmarks.faults.systemd import RESTART_AFTER, WATCHDOG
from bridge.core.model import Protection
from bridge.core.thermal import fuse_model

SPEED = 2.0
"""Slower than elsewhere, so that the start of a process does not seem to take for ever."""
STARTED = 7.0 * SPEED
"""s for a start on a busy machine, seen `SPEED` times as long; alone it takes 1."""
ENDED = 1.0 * SPEED
"""The same for what a process needs to end once the service has."""
STOP_WITHIN = 5.0
"""s (DESIGN §8)."""
FALLBACK = 6
NO_JUMP = 3.0
"""Points of thermal load between what is due after the downtime and what is shown."""
UNSAVED = 6.0
"""s before the kill that no state file has seen."""
NAMES = {"home.test": "127.0.0.1", "localhost": "127.0.0.1"}
"""The first names meter and broker, the last the cloud, which has to be this machine where it is not encrypted."""


async def kill(state: State, home: Home, measured: Measured) -> None:
    """Kill -9 while an oven comes on; systemd starts it again after 10 s."""
    await charging(home)
    await state.reach(home)
    await asyncio.sleep(6)  # what was reached is saved: nothing is written oftener than every 5 s
    load, limit = _thermal(home), home.world.cloud.charger.dynamic_current[1]
    calls = len(home.world.cloud.log)
    home.process.send_signal(signal.SIGKILL)
    killed, saved = home.now(), _saved(home)
    if state.name == "balancing":
        home.lever.watts = SURGE
    await home.until(lambda: home.starts == 2 and home.systemd.is_ready, START_WITHIN * SPEED, "it starts again")
    await home.until(lambda: home.witness.heard_at > killed + RESTART_AFTER, 30.0, "it shows what it sees")
    away = home.now() - killed
    highest = _aged(saved, away + UNSAVED) + NO_JUMP
    measured.expect(f"thermal load {load:.0f} -> {_thermal(home):.0f} %", holds=load / 2 <= _thermal(home) <= highest)
    early = [order for order in home.world.cloud.orders if killed < order.at < killed + RESTART_AFTER + STARTED]
    measured.expect(
        "nothing is raised at once", holds=all(order.currents[1] <= max(limit, FALLBACK) for order in early)
    )
    await asyncio.sleep(20)
    measured.safe = (home.watch.last_over(killed) or killed) - killed
    bound = RESTART_AFTER + STARTED + DELIVERED + state.rest
    measured.expect(f"safe after {measured.safe:.1f} s", holds=measured.safe <= bound)
    if state.rest:
        called = [call.at - killed for call in home.world.cloud.log[calls:]]
        measured.expect(
            f"called {called[:1]} s after", holds=not called or called[0] >= state.rest - RESTART_AFTER - 10
        )
    await state.leave(home)
    home.lever.watts = 0.0
    measured.back = (
        await home.until(lambda: is_full(home), FULL_WITHIN + state.rest, "the car has its full current") - killed
    )
    measured.expect("the knob is kept", holds=home.witness.state["charger_maximum"] == KNOB)


async def terminate(state: State, home: Home, measured: Measured) -> None:
    """SIGTERM, then a new start."""
    await charging(home)
    await state.reach(home)
    home.is_supervised = False
    before = home.world.cloud.charger.dynamic_current[1]
    home.process.terminate()
    asked = home.now()
    status = await home.process.wait()
    measured.safe = home.now() - asked
    measured.expect(f"the stop took {measured.safe:.1f} s", holds=measured.safe <= STOP_WITHIN + ENDED)
    measured.expect(f"exit status {status}", holds=status == 0)
    await asyncio.sleep(DELIVERED)
    left = home.world.cloud.charger.dynamic_current[1]
    if state.name not in {"banned", "order_in_flight"}:
        measured.expect(
            f"{left:g} A are left behind", holds=left <= min(before, max(FALLBACK, 0)) or left == before <= FALLBACK
        )
    measured.expect("MQTT says offline", holds=home.witness.online == "offline")
    home.again()
    again = home.now()
    await home.until(lambda: home.starts == 2 and home.systemd.is_ready, START_WITHIN * SPEED, "it starts again")
    await home.until(lambda: home.witness.heard_at > again, 60.0, "it shows what it sees")
    await state.leave(home)
    home.lever.watts = 0.0
    within = FULL_WITHIN + state.rest
    measured.back = await home.until(lambda: is_full(home), within, "the car has its full current") - asked
    measured.expect("the knob is kept", holds=home.witness.state["charger_maximum"] == KNOB)


def _aged(load: float, seconds: float) -> float:
    """% of the thermal limit after a downtime in which the rated current flowed, as the state file assumes."""
    model = fuse_model(FUSE, Protection.MCB)
    return 100 * model.heated(load / 100 * model.limit, FUSE, seconds) / model.limit


def _saved(home: Home) -> float:
    """% of the thermal limit in the state file: a parked car's fuse has cooled since."""
    saved = json.loads((home.directory / "state" / "state.json").read_text(encoding="utf-8"))
    return float(100 * max(saved["thermal"]) / fuse_model(FUSE, Protection.MCB).limit)


def _thermal(home: Home) -> float:
    return max(float(home.witness.state[f"fuse_thermal_load_l{phase}"]) for phase in (1, 2, 3))


async def hang(home: Home) -> None:
    home.process.send_signal(signal.SIGUSR2)


async def suspend(home: Home) -> None:
    """The machine slept for an hour, and the charger went on with what stood."""
    home.switch(slept=3600.0)


async def exhaust_descriptors(home: Home) -> None:
    """No new socket or file can be opened, while every connection has to be made anew."""
    pid = home.process.pid
    used = max(int(each.name) for each in Path(f"/proc/{pid}/fd").iterdir())
    hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used - 8, hard))
    for wire in (home.meter, home.cloud, home.broker):
        wire.cut()  # type: ignore[union-attr]


async def grant_descriptors(home: Home) -> None:
    hard = resource.prlimit(home.process.pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(home.process.pid, resource.RLIMIT_NOFILE, (hard, hard))


async def lose_names(home: Home) -> None:
    home.switch(dns=False)
    for wire in (home.meter, home.cloud, home.broker):
        wire.cut()  # type: ignore[union-attr]


async def find_names(home: Home) -> None:
    home.switch(dns=True)


async def fill_the_disk(home: Home) -> None:
    (home.directory / "state" / "state.new").symlink_to("/dev/full")
    await home.witness.turn("pace", "calm")  # which is to be saved


async def empty_the_disk(home: Home) -> None:
    (home.directory / "state" / "state.new").unlink()
    await home.witness.turn("pace", "normal")


async def arrive_late(home: Home, measured: Measured) -> None:
    """Nobody can be reached at boot; a minute later all of them."""
    await home.until(lambda: home.systemd.is_ready, START_WITHIN * home.plan.speed, "READY without anybody")
    await asyncio.sleep(60)
    await home.arrive()
    arrived = home.now()
    await charging(home)
    measured.back = home.now() - arrived
    measured.expect(f"back after {measured.back:.0f} s", holds=measured.back <= 75 + 60)


def with_state(contents: bytes, *, half_written: bytes = b"") -> Plan:
    """A state file that is not as it was left."""

    def prepare(home: Home) -> None:
        directory = home.directory / "state"
        directory.mkdir()
        (directory / "state.json").write_bytes(contents)
        if half_written:
            (directory / "state.new").write_bytes(half_written)

    return Plan(prepare=prepare)


async def starts_without_it(home: Home, measured: Measured) -> None:
    await charging(home)
    said = [line for line in home.log if "state file" in line]
    measured.lines, measured.said = len(said), said[0].partition("WARNING ")[2] if said else ""
    measured.expect(f"{len(said)} lines say so", holds=len(said) == 1)
    await home.until((home.directory / "state" / "state.json").exists, 30.0, "a new one is written")
    kept = json.loads((home.directory / "state" / "state.json").read_text(encoding="utf-8"))
    measured.expect("the new one has the knob", holds=kept["controls"]["charger_maximum"] == KNOB)


def stepping(zone: str = "UTC", start: str = "+0") -> Plan:
    def prepare(home: Home) -> None:
        home.first_clock = start

    return Plan(has_stepping_clock=True, environment={"TZ": zone}, prepare=prepare)


async def set_back_a_year(home: Home) -> None:
    home.set_clock("-365d")


async def change_to_winter_time(home: Home) -> None:
    """At 3:00 it is 2:00 again."""
    home.set_clock("@2026-10-25 02:59:58")


OURS = Row("ourselves", "", "", problem=None, cause=None, safe_within=DELIVERED)
WORDS = {
    "order_in_flight": "an order is in flight",
    "not_allowed": "charging is not allowed",
    "off": "balancing is off",
}
ROWS = (
    *(
        replace(
            OURS,
            name=f"kill_{state.name}",
            what=f"kill -9 while {WORDS.get(state.name, state.name)}",
            play=partial(kill, state),
            bound="restart (10 s) + start + delivery" + (" + the ban told" if state.rest else ""),
            most_logins=2,
            plan=partial(Plan, speed=SPEED),
        )
        for state in STATES
    ),
    *(
        replace(
            OURS,
            name=f"term_{state.name}",
            what=f"SIGTERM while {WORDS.get(state.name, state.name)}",
            play=partial(terminate, state),
            bound="5 s to the end",
            most_logins=2,
            plan=partial(Plan, speed=SPEED),
        )
        for state in STATES
    ),
    replace(
        OURS,
        name="hang",
        what="the control loop hangs, all else lives",
        strike=hang,
        lasts=WATCHDOG + RESTART_AFTER + 5,
        safe_within=WATCHDOG + RESTART_AFTER + STARTED + DELIVERED,
        bound="watchdog (30 s) + restart (10 s) + start + delivery",
        back_within=RESTART_AFTER + STARTED + DELIVERED,
        most_logins=2,
        plan=partial(Plan, speed=SPEED),
    ),
    replace(
        OURS,
        name="disk_full",
        what="the disk is full",
        strike=fill_the_disk,
        mend=empty_the_disk,
        cause="cannot be written",
    ),
    replace(
        OURS,
        name="read_only",
        what="the state directory cannot be written",
        cause="cannot be written",
        most_lines=0,
        plan=partial(Plan, state_directory="/sys/kernel"),
    ),
    replace(
        OURS,
        name="state_corrupt",
        what="the state file is garbage",
        play=starts_without_it,
        plan=lambda: with_state(os.urandom(700)),
    ),
    replace(
        OURS,
        name="state_half_written",
        what="the state file ends in the middle, a half-written new one beside it",
        play=starts_without_it,
        plan=lambda: with_state(b'{"version": 1, "wall": 179', half_written=b'{"version": 1, "wa'),
    ),
    replace(
        OURS,
        name="descriptors",
        what="no descriptor is left, and every connection is cut",
        strike=exhaust_descriptors,
        mend=grant_descriptors,
        problem=None,
        cause="meter lost",
        lasts=30.0,
        safe_within=30.0 + 15.0 + BLIND_SAFE,
        bound="outage (30 s) + a look (15 s) + delivery",
        back_within=90.0,
    ),
    replace(
        OURS,
        name="clock_back",
        what="the system's clock is set back a year",
        strike=set_back_a_year,
        plan=stepping,
        needs=("faketime",),
    ),
    replace(
        OURS,
        name="winter_time",
        what="the hour from 2 to 3 comes twice",
        strike=change_to_winter_time,
        lasts=30.0,
        plan=partial(stepping, "Europe/Amsterdam"),
        needs=("faketime",),
    ),
    replace(
        OURS,
        name="suspended",
        what="the machine was asleep for an hour",
        strike=suspend,
        safe_within=BLIND_SAFE,
        bound="silence (5 s) + delivery",
        back_within=90.0,
    ),
    replace(
        OURS,
        name="no_network",
        what="no network at boot, for a minute",
        play=arrive_late,
        plan=partial(Plan, absent=("meter", "cloud", "broker")),
    ),
    replace(OURS, name="ipv6_only", what="nothing but IPv6", lasts=5.0, plan=partial(Plan, host="::1")),
    replace(
        OURS,
        name="dns_gone",
        what="names are not resolved any more, and every connection is cut",
        strike=lose_names,
        mend=find_names,
        cause="meter lost",
        most_lines=2,
        lasts=60.0,
        safe_within=60.0 + 15.0 + DELIVERED,
        bound="outage (60 s) + a look (15 s) + delivery",
        back_within=90.0,
        plan=partial(Plan, names=NAMES),
    ),
)
