"""A house on loopback for the doctor: a meter that sends often, a cloud that answers at once, a broker."""

import asyncio
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

from bridge.commands.doctor.check import Check, Mark
from bridge.commands.doctor.examination import examine
from bridge.core.phases import PerPhase
from bridge.settings import Settings, load
from bridge.simulator.broker import EmbeddedBroker
from bridge.simulator.easee_charger import Box
from bridge.simulator.easee_cloud import EaseeCloud
from bridge.simulator.easee_documents import Place
from bridge.simulator.esphome_device import EsphomeDevice
from bridge.simulator.latency import Latency
from bridge.simulator.variants import CLASSIC, burst_values

SOON = Latency((0, 0), (0, 0), (0, 0), 0, (0, 0), (0, 0), sample_every=0.02, ping_every=0.3)
PASSWORD = "a secret that nobody may read"
VOLTAGE = 230.0
SETTINGS = """
[mains]
fuse = 25
{mains}
[mains.slimmelezer]
host = "127.0.0.1"
port = {meter}
{meter_more}
[charger]
max_current = 16
[charger.easee]
username = "owner@example.com"
password = "{password}"
api_url = "{api}"
stream_url = "{stream}"
{easee}
[balancing]
dry_run = {dry_run}
[mqtt]
host = "127.0.0.1"
port = {mqtt}
"""


class House:
    """All peers. Change them before `examined`."""

    def __init__(self, directory: Path, *, box: Box | None = None, second_charger: str | None = None) -> None:
        self.directory = directory
        self.device = EsphomeDevice(CLASSIC.sensors)
        place = Place(second_charger=second_charger)
        self.cloud = EaseeCloud(password=PASSWORD, latency=SOON, name="localhost", box=box, place=place)
        self.broker = EmbeddedBroker()
        self.house_load = PerPhase(2.3, 3.1, 4.2)
        self.is_charging = False
        self._stack = AsyncExitStack()

    def plug_in(self) -> None:
        """A car comes and takes what it is offered."""
        self.cloud.charger.plug_in()
        self.is_charging = True

    async def start(self) -> None:
        for peer in (self.device, self.cloud, self.broker):
            await peer.start()
            self._stack.push_async_callback(peer.stop)
        living = asyncio.create_task(self._live())
        self._stack.callback(living.cancel)

    async def stop(self) -> None:
        await self._stack.aclose()

    def set_limit(self, amperes: float) -> None:
        self.cloud.charger.set_dynamic_current(PerPhase.all(amperes), 0)
        self.cloud.reports.remember()

    def write_settings(self, **changes: object) -> Path:
        path = self.directory / "settings.toml"
        path.touch(mode=0o600)
        values = {
            "mains": "",
            "meter": self.device.port,
            "meter_more": "",
            "password": PASSWORD,
            "api": self.cloud.api_url,
            "stream": self.cloud.stream_url,
            "easee": "",
            "dry_run": "false",
            "mqtt": self.broker.port,
        }
        path.write_text(SETTINGS.format(**{**values, **changes}))
        return path

    def settings(self, **changes: object) -> Settings:
        return load(self.write_settings(**changes), {})

    async def examined(self, **changes: object) -> list[Check]:
        async with asyncio.timeout(60), aclosing(examine(self.settings(**changes))) as told:
            return [check async for check in told]

    async def _live(self) -> None:
        charger = self.cloud.charger
        while True:
            if self.is_charging:
                charger.step(0.05, PerPhase.all(min(charger.offer, 16.0)))
            mains = [load + draw for load, draw in zip(self.house_load, charger.draw, strict=True)]
            whole = [float(int(current)) for current in mains]
            powers = [current * VOLTAGE for current in mains]
            self.device.publish(burst_values(CLASSIC, whole, powers, [VOLTAGE] * 3))
            await asyncio.sleep(0.05)


def on(checks: list[Check], subject: str) -> Check:
    """The one check of a subject."""
    [check] = [check for check in checks if check.subject == subject]
    return check


def marks(checks: list[Check]) -> dict[str, Mark]:
    """The gravest mark of each subject."""
    order = list(Mark)
    found: dict[str, Mark] = {}
    for check in checks:
        found[check.subject] = max(found.get(check.subject, Mark.GOOD), check.mark, key=order.index)
    return found
