"""A house whose time runs only while the trial waits: a simulated second for each that it sleeps."""

import asyncio
from collections.abc import Callable

from bridge.chargers.easee.client import EaseeCharger
from bridge.chargers.easee.options import EaseeOptions
from bridge.commands.lapse.plan import Plan
from bridge.commands.lapse.supervision import supervise
from bridge.commands.lapse.trial import Result, Timing
from bridge.commands.lapse.view import View
from bridge.core.model import Installation
from bridge.core.phases import PerPhase
from bridge.mains.slimmelezer.client import SlimmelezerMeter, SlimmelezerOptions
from bridge.simulator.easee_charger import Box
from bridge.simulator.easee_cloud import EaseeCloud
from bridge.simulator.esphome_device import EsphomeDevice
from bridge.simulator.latency import AT_ONCE, Latency
from bridge.simulator.timeline import Timeline
from bridge.simulator.variants import CLASSIC, burst_values

CAR = 16.0
SETTLING = 0.03
"""Real s that each simulated one takes: what was sent arrives meanwhile."""


class LapseHouse:
    """Meter, cloud and a charging car; `at` does something after so many seconds of the trial."""

    def __init__(
        self,
        *,
        box: Box | None = None,
        limit: float = 13.0,
        fallback: int = 6,
        is_charging: bool = True,
        latency: Latency = AT_ONCE,
    ) -> None:
        self.timeline = Timeline(speed=1e-6)
        self.device = EsphomeDevice(CLASSIC.sensors)
        self.cloud = EaseeCloud(latency=latency, name="localhost", timeline=self.timeline, box=box)
        self.house = Installation(fuse=25.0, maximum=16, fallback=fallback)
        self.load = PerPhase(2.0, 3.0, 4.0)
        self.is_meter_mute = False
        self.stop = asyncio.Event()
        self.said: list[str] = []
        self.asked: list[Plan] = []
        self.answer = True
        self._later: list[tuple[float, Callable[[], object]]] = []
        self._since: float | None = None
        self.is_charging = is_charging
        self.cloud.charger.set_dynamic_current(PerPhase.all(limit), 0)
        if is_charging:
            self.cloud.charger.plug_in()
            self.cloud.charger.step(1.0, self.draw)
        self.cloud.reports.remember()

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Do this so many simulated seconds after the order."""
        self._later.append((seconds, action))

    async def tried(self) -> Result:
        """Run the trial from beginning to end, on real sockets."""
        for peer in (self.device, self.cloud):
            await peer.start()
        options = EaseeOptions(
            "owner@example.com",
            "correct horse",
            api_url=self.cloud.api_url,
            stream_url=self.cloud.stream_url,
            stream_back_off=(0.02,),
            poll_every=0.2,
            poll_after_order=0.05,
        )
        timing = Timing(lambda: self.timeline.now, self._sleep)
        meter = SlimmelezerMeter(SlimmelezerOptions(self.device.host, self.device.port))
        try:
            async with asyncio.timeout(60):
                return await supervise(
                    EaseeCharger(options),
                    meter,
                    self.house,
                    timing=timing,
                    stop=self.stop,
                    show=self,
                    confirm=self._confirm,
                )
        finally:
            await self.cloud.stop()
            await self.device.stop()

    # --- what the trial shows and asks ---

    def tick(self, _view: View, since: float) -> None:
        self._since = since

    def say(self, text: str) -> None:
        self.said.append(text)

    async def _confirm(self, plan: Plan) -> bool:
        self.asked.append(plan)
        return self.answer

    # --- the passing of time ---

    @property
    def draw(self) -> PerPhase:
        return PerPhase.all(min(self.cloud.charger.offer, CAR) if self.is_charging else 0.0)

    @property
    def limits(self) -> list[tuple[int, int]]:
        """What was ordered, A and min."""
        return [(int(order.currents[0]), order.minutes) for order in self.cloud.orders]

    @property
    def in_force(self) -> float:
        return max(self.cloud.charger.dynamic_current)

    async def _sleep(self, seconds: float) -> None:
        for due in [each for each in self._later if self._since is not None and self._since >= each[0]]:
            self._later.remove(due)
            due[1]()
        self.timeline.advance(seconds)
        self.cloud.charger.step(seconds, self.draw)
        if not self.is_meter_mute:
            mains = [load + draw for load, draw in zip(self.load, self.draw, strict=True)]
            whole = [float(int(current)) for current in mains]
            self.device.publish(burst_values(CLASSIC, whole, [230 * current for current in mains], [230.0] * 3))
        await asyncio.sleep(SETTLING)
