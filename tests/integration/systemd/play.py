"""Installs, kills, updates and removes the service on a booted systemd, with the simulator's peers. See README.md."""

import argparse
import asyncio
import random
import shlex
import statistics
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from hass import Hass
from machine import CHECKOUT, UNIT, Machine
from watch import Onlooker, Watch

from bridge.commands.demo_stage import TEMPLATE
from bridge.core.model import Pace, Protection
from bridge.core.pacing import PACES
from bridge.core.thermal import fuse_model
from bridge.mirror.options import MqttOptions
from bridge.mirror.survey import survey
from bridge.simulator.script import demo_script
from bridge.simulator.world import World

MAXIMUM: Final = 16
QUIET: Final = (3.0, 35.0)
"""s from READY to the next kill: with RestartSec some eight starts in five minutes, below what is held back."""
APPLIANCES: Final = frozenset({"base load", "kettle"})
"""Of the demo's house: enough to make the car slow down, too little to keep it paused between two kills."""
BACK_WITHIN: Final = 120.0
NO_RAISE_WITHIN: Final = PACES[Pace.EAGER].least
"""s after READY in which nothing may be ordered above what was in force: the quiet is measured anew, at the demo's
pace."""
AGREES_WITHIN: Final = 0.05
"""θ first published against θ saved and aged, (I/In)²."""
FUSE: Final = fuse_model(25.0, Protection.MCB)
BROKEN: Final = {
    "never ready": "async def serve(*_, **__): return 1",
    "ready, then gives up": (
        "async def serve(*_, **__):\n"
        "    from bridge.runtime.notify import Notifier\n"
        "    Notifier()._send('READY=1')\n"
        "    await asyncio.sleep(0.1)\n"  # before doctor looks at the unit
        "    return 78"
    ),
    "ready, then crashes": (
        "async def serve(*_, **__):\n"
        "    from bridge.runtime.notify import Notifier\n"
        "    Notifier()._send('READY=1')\n"
        "    await asyncio.sleep(3)\n"
        "    return 1"
    ),
}
"""What is appended to bridge/service.py."""


class Fall(NamedTuple):
    """One end of the service that it did not want."""

    how: str
    down: float
    """s until READY."""
    thermal_gap: float
    """θ first published less θ saved and aged to that moment, the phase that differs most."""
    too_cool: float
    """θ of the real fuse less θ first published, the phase that differs most."""
    logins: int
    limits: tuple[float, float]
    """In force before and once ready, A."""
    raised: bool


class Play:
    """All acts, one after the other. What is not as promised is printed and counted."""

    def __init__(self, machine: Machine, world: World, broker: tuple[str, int], seed: int) -> None:
        self.machine, self.world, self.broker = machine, world, broker
        self.watch = Watch(*broker)
        self.onlooker: Onlooker | None = None
        self.failures = 0
        self._rng = random.Random(seed)  # noqa: S311 - when to kill, not a secret
        self.before: set[str] = set()

    def check(self, name: str, *, holds: bool, told: str = "") -> None:
        self.failures += not holds
        say(f"{'ok  ' if holds else 'FAIL'} {name}{f': {told}' if told else ''}")

    async def install(self) -> None:
        machine = self.machine
        await machine.do("rm", "-rf", CHECKOUT)
        self.before = await machine.files()
        await machine.put_checkout()
        first = await machine.in_checkout("scripts/install")
        self.check(
            "first install", holds="the settings are not filled in yet" in first.told, told=f"{first.seconds:.0f} s"
        )
        host, port = self.broker
        peers = self.world.addresses._replace(mqtt_port=port)
        text = TEMPLATE.format(fuse=25, maximum=MAXIMUM, peers=peers, mqtt_host=host, publish_every=0.5)
        await machine.must("tee", f"/etc/{UNIT}/settings.toml", given=text.encode())
        again = await machine.in_checkout("scripts/install")
        self.check("started by the second", holds=again.status == 0, told=f"{again.seconds:.0f} s")
        say(again.told)
        third = await machine.in_checkout("scripts/install")
        self.check("the third has nothing to do", holds="nothing to do" in third.told, told=f"{third.seconds:.0f} s")
        modes = (await machine.must("stat", "-c", "%a %U %n", f"/etc/{UNIT}", f"/etc/{UNIT}/settings.toml")).split("\n")
        self.check("modes", holds=modes[0].startswith("755 root") and modes[1].startswith("600 root"))

    async def fall(self, how: str) -> Fall:
        """End the main process, and look at how the next one begins."""
        machine, cloud = self.machine, self.world.cloud
        old, saved = await machine.unit(), await machine.saved()
        limit, logins, orders = max(cloud.charger.dynamic_current), cloud.calls["login"], len(cloud.orders)
        began = time.monotonic()
        await machine.signal(how)
        unit = await machine.back(old.pid, BACK_WITHIN)
        at, told = await self.watch.first_after(began + 1)
        aged = [FUSE.heated(theta, FUSE.rated, at - saved["monotonic"]) for theta in saved["thermal"]]
        shown = [told[f"fuse_thermal_load_l{number}"] / 100 * FUSE.limit for number in (1, 2, 3)]
        real = [load * FUSE.limit for load in self.world.truth.thermal_load]
        too_cool = max(true - have for true, have in zip(real, shown, strict=True))
        gap = max((have - want for have, want in zip(shown, aged, strict=True)), key=abs)
        await asyncio.sleep(max(unit.ready_at + NO_RAISE_WITHIN - time.monotonic(), 0))
        raised = any(max(order.currents) > limit for order in cloud.orders[orders:])
        after = max(cloud.charger.dynamic_current)
        if self.onlooker is not None:
            await self.onlooker.sees_it(began)
        return Fall(how, unit.ready_at - began, gap, too_cool, cloud.calls["login"] - logins, (limit, after), raised)

    async def fall_often(self, seconds: float, stops: int) -> None:
        until, falls = time.monotonic() + seconds, []
        while time.monotonic() < until:
            await asyncio.sleep(self._rng.uniform(*QUIET))
            falls.append(await self.fall("KILL"))
            say(_line(falls[-1]))
        for _ in range(stops):
            await asyncio.sleep(30)
            falls.append(await self.fall("STOP"))
            say(_line(falls[-1]))
        self._judge(falls)

    def _judge(self, falls: list[Fall]) -> None:
        for how in ("KILL", "STOP"):
            downs = [fall.down for fall in falls if fall.how == how]
            if downs:
                middle, worst = statistics.median(downs), max(downs)
                say(f"{how}: {len(downs)}, ready again after p50 {middle:.1f} s, max {worst:.1f} s")
        logins = sum(fall.logins for fall in falls)
        self.check("a log-in for each start at most", holds=logins <= len(falls), told=f"{logins} for {len(falls)}")
        gaps = max(abs(fall.thermal_gap) for fall in falls)
        self.check("thermal state without a jump", holds=gaps < AGREES_WITHIN, told=f"{gaps:.3f} (I/In)² at most")
        coolest = max(fall.too_cool for fall in falls)
        self.check("and not cooler than the fuse", holds=coolest < AGREES_WITHIN, told=f"{-coolest:+.3f} at least")
        self.check("nothing raised before it is known", holds=not any(fall.raised for fall in falls))
        self.check("limit within bounds", holds=all(0 <= fall.limits[1] <= MAXIMUM for fall in falls))
        truth = self.world.truth
        if self.onlooker is not None:
            say(f"Home Assistant showed it again {self.onlooker.slowest:.0f} s after each end at most")
        self.check("the fuse holds", holds=not truth.has_gone, told=f"hottest now {max(truth.thermal_load):.2f}")

    async def storm(self, kills: int) -> None:
        """Kill it at each READY: so many log-ins must not follow."""
        before, old = self.world.cloud.calls["login"], await self.machine.unit()
        began = time.monotonic()
        for _ in range(kills):
            await self.machine.signal("KILL")
            old = await self.machine.back(old.pid, BACK_WITHIN)
        logins = self.world.cloud.calls["login"] - before
        told = f"{logins} log-ins for {kills} kills in {time.monotonic() - began:.0f} s"
        self.check("a crash loop is no storm of log-ins", holds=logins < kills, told=told)
        said = await self.machine.must("journalctl", "-u", UNIT, "-n", "400", "--no-pager")
        self.check("and says so", holds="started too often" in said)

    async def update(self) -> None:
        for name, change in BROKEN.items():
            await self._take_back(name, change)
        await self.machine.put_checkout()
        await self.machine.in_checkout("""sed -i 's/__version__ = .*/__version__ = "99.0"/' bridge/__init__.py""")
        good = await self.machine.in_checkout("scripts/install")
        say(good.told)
        used = await self.machine.must("readlink", f"/opt/{UNIT}/current", f"/opt/{UNIT}/previous")
        self.check("a good update is taken", holds=good.status == 0 and "99.0-" in used, told=f"{good.seconds:.0f} s")
        back = await self.machine.in_checkout("scripts/install --rollback")
        used = await self.machine.must("readlink", f"/opt/{UNIT}/current")
        self.check("and can be undone", holds=back.status == 0 and "99.0-" not in used, told=f"{back.seconds:.0f} s")

    async def _take_back(self, name: str, change: str) -> None:
        machine = self.machine
        await machine.put_checkout()
        await machine.do("tee", "-a", f"{CHECKOUT}/bridge/service.py", given=f"\n\n{change}\n".encode())
        settings, used = await self._kept()
        done = await machine.in_checkout("scripts/install")
        say(done.told)
        unit = await machine.unit()
        self.check(
            f"taken back: {name}", holds=done.status == 1 and "Going back" in done.told, told=f"{done.seconds:.0f} s"
        )
        self.check("as before, and running", holds=(settings, used) == await self._kept() and unit.pid > 0)

    async def _kept(self) -> tuple[str, str]:
        settings = await self.machine.must("sha256sum", f"/etc/{UNIT}/settings.toml")
        return settings, await self.machine.must("readlink", f"/opt/{UNIT}/current")

    async def credentials(self) -> None:
        await self.machine.put_checkout()
        done = await self.machine.in_checkout("scripts/install --credentials")
        say(done.told)
        text = await self.machine.must("cat", f"/etc/{UNIT}/settings.toml")
        unit = await self.machine.unit()
        self.check("secrets as credentials", holds=done.status == 0 and 'password = "' not in text and unit.pid > 0)

    async def remove(self) -> None:
        broker = MqttOptions(*self.broker)
        was_there = (await survey(broker)).is_announced
        done = await self.machine.in_checkout("scripts/uninstall --yes")
        say(done.told)
        left = {path for path in await self.machine.files() - self.before if CHECKOUT not in path}
        self.check("nothing is left", holds=done.status == 0 and not left, told=" ".join(sorted(left)[:20]))
        seen = await survey(broker)
        is_gone = was_there and not seen.trouble and not seen.is_announced and seen.availability is None
        self.check("the broker has forgotten it", holds=is_gone)
        if self.onlooker is not None:
            trouble = self.onlooker.trouble()
            self.check("Home Assistant's log is clean", holds=not trouble, told=" | ".join(trouble[:5]))
        told = await self.machine.do("systemctl", "list-units", "--all", "--no-legend", f"{UNIT}*")
        self.check("systemd has forgotten it", holds=UNIT not in told.told, told=told.told.strip())


def say(text: str) -> None:
    print(text.rstrip(), flush=True)  # noqa: T201 it is a script


def _line(fall: Fall) -> str:
    before, after = fall.limits
    return (
        f"  {fall.how}: ready after {fall.down:.1f} s, {fall.logins} log-in(s), {before:.0f} A -> {after:.0f} A, "
        f"thermal state {fall.thermal_gap:+.3f} from what was saved, {-fall.too_cool:+.3f} from the fuse"
    )


def _acts(play: Play, wishes: argparse.Namespace) -> Iterator[Any]:
    yield play.install()
    yield asyncio.sleep(60)
    yield play.fall_often(wishes.minutes * 60, wishes.stops)
    if wishes.storm:
        yield play.storm(wishes.storm)
        yield asyncio.sleep(60)
    if wishes.update:
        yield play.update()
        yield play.credentials()
    yield play.remove()


async def play(wishes: argparse.Namespace) -> int:
    script = demo_script(wishes.seed)
    script = replace(script, appliances=tuple(each for each in script.appliances if each.name in APPLIANCES))
    machine, world = Machine(shlex.split(wishes.enter)), World(script, seed=wishes.seed)
    await world.start()
    host, _, port = (wishes.broker or f"127.0.0.1:{world.addresses.mqtt_port}").rpartition(":")
    acts = Play(machine, world, (host, int(port)), wishes.seed)
    if wishes.hass:
        url, token, log = wishes.hass
        acts.onlooker = Onlooker(Hass(url, token, Path(log)))
    watching = asyncio.create_task(acts.watch.run())
    try:
        say(await machine.must("bash", "-c", "systemctl --version | head -1; python3 --version"))
        for act in _acts(acts, wishes):
            await act
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await world.stop()
    say("all as promised" if not acts.failures else f"{acts.failures} not as promised")
    return int(acts.failures > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("enter", help="the command that runs a command as root in the machine, in one argument")
    parser.add_argument("--minutes", type=float, default=5.0, help="of random kills")
    parser.add_argument("--stops", type=int, default=2, help="times it is frozen")
    parser.add_argument("--storm", type=int, default=0, help="kills in a row, each at READY")
    parser.add_argument("--no-update", dest="update", action="store_false")
    parser.add_argument("--broker", help="HOST:PORT of another broker than the simulator's")
    parser.add_argument(
        "--hass", nargs=3, metavar=("URL", "TOKEN", "LOG"), help="a Home Assistant on that broker looks on"
    )
    parser.add_argument("--seed", type=int, default=1)
    raise SystemExit(asyncio.run(play(parser.parse_args())))
