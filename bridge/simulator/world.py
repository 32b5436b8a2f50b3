"""The closed loop in real time: house and car behind the meter, the cloud and the broker that the bridge talks to."""

from contextlib import AsyncExitStack
from typing import NamedTuple

from bridge.core.phases import PerPhase, PhaseMap
from bridge.simulator.broker import EmbeddedBroker
from bridge.simulator.car import Car
from bridge.simulator.easee_charger import Box
from bridge.simulator.easee_cloud import EaseeCloud
from bridge.simulator.easee_documents import Place
from bridge.simulator.esphome_device import EsphomeDevice
from bridge.simulator.fuse import Fuse
from bridge.simulator.house import House, currents
from bridge.simulator.latency import Latency
from bridge.simulator.meter import DSMR_5, MeterKind, Readings, SmartMeter
from bridge.simulator.script import Script, demo_script
from bridge.simulator.tally import Tally
from bridge.simulator.timeline import Timeline
from bridge.simulator.variants import CLASSIC, Variant, burst_values

STEP = 0.25
"""s of physics at a time."""
WARM_UP = 90.0
"""s for which the car has been charging alone when the play begins."""
PROMPT = Latency(slow_share=0.0)
"""A good day of the cloud: a demo should not depend on luck."""
USERNAME = "demo@example.com"
PASSWORD = "demo"  # noqa: S105 - opens nothing but the simulator


class Addresses(NamedTuple):
    """Where the peers listen, and how the cloud lets one in."""

    meter_host: str
    meter_port: int
    api_url: str
    stream_url: str
    mqtt_host: str
    mqtt_port: int
    username: str
    password: str
    serial: str


class Truth(NamedTuple):
    """What is really so at this moment. Mains phases L1 to L3; A, mains signed import + / export −."""

    seconds: float
    """Since the play began."""
    mains: PerPhase
    house: PerPhase
    """What would flow without the car."""
    draw: PerPhase
    offer: float
    """What the charger offers the car on each phase."""
    thermal_load: PerPhase
    """Of the fuse, 1.0 = it would go."""
    has_gone: bool
    """Whether the fuse would have gone by now."""
    house_has_gone: bool
    """Whether the house alone would have made it go."""
    worst_overload: float
    """A over the fuse so far."""
    energy: float
    """kWh delivered to the car so far."""
    running: tuple[str, ...]
    """Appliances that are on."""


class Physics:
    """House, car, charger, meter and fuse, stepped together. Pure but for the charger, which keeps its own timeline."""

    def __init__(self, script: Script, cloud: EaseeCloud, meter: MeterKind, seed: int) -> None:
        self.house = House(script.appliances)
        self.car = Car(script.car, seed)
        self.fuse = Fuse(script.fuse)
        self.fuse_without_car = Fuse(script.fuse)
        self.tally = Tally(script.fuse)
        self.charger = cloud.charger
        self._phase_map = PhaseMap(script.wiring)
        self._meter = SmartMeter(meter)
        self.charger.plug_in()
        for _ in range(int(WARM_UP / STEP)):
            self.charger.step(STEP, self.car.step(STEP, self.charger.offer, self.charger.output))
        self._energy_before = self.car.energy
        self.fuse.warm(currents(self.house.flows(self.draw)))
        self.fuse_without_car.warm(currents(self.house.flows()))

    def step(self) -> Readings | None:
        """Let one step pass; return the telegram that the meter tells, if it does."""
        self.house.step(STEP)
        self.charger.step(STEP, self.car.step(STEP, self.charger.offer, self.charger.output))
        self.charger.is_full = self.car.is_full
        alone = currents(self.house.flows())
        flows = self.house.flows(self.draw)
        self.charger.voltage = flows[0].voltage
        self.fuse_without_car.step(STEP, alone)
        self.fuse.step(STEP, currents(flows))
        self.tally.step(STEP, currents(flows), self.draw)
        return self._meter.step(STEP, flows)

    @property
    def draw(self) -> PerPhase:
        """On the mains phases, A."""
        return self._phase_map.mains(self.car.draw)

    @property
    def truth(self) -> Truth:
        return Truth(
            seconds=self.tally.seconds,
            mains=currents(self.house.flows(self.draw)),
            house=currents(self.house.flows()),
            draw=self.draw,
            offer=self.charger.offer,
            thermal_load=self.fuse.thermal_load,
            has_gone=self.fuse.has_gone,
            house_has_gone=self.fuse_without_car.has_gone,
            worst_overload=self.tally.worst_overload,
            energy=self.car.energy - self._energy_before,
            running=tuple(name for name in self.house.running if name != "base load"),
        )


class World:
    """All peers of one bridge. `listen` is where the broker alone may be reached from; the rest stays on loopback.

    The same script and seed make the same house; what the car does depends on what the bridge orders.
    """

    def __init__(  # noqa: PLR0913 - each of them has a default
        self,
        script: Script | None = None,
        *,
        seed: int = 1,
        listen: str = "127.0.0.1",
        mqtt_port: int = 0,
        meter: MeterKind = DSMR_5,
        variant: Variant = CLASSIC,
        encryption_key: str | None = None,
        timeline: Timeline | None = None,
        box: Box | None = None,
    ) -> None:
        script = script or demo_script(seed)
        self.variant = variant
        self.timeline = timeline or Timeline()
        self.broker = EmbeddedBroker(listen, mqtt_port)
        self.device = EsphomeDevice(
            variant.sensors,
            name=variant.node_name,
            encryption_key=encryption_key,
            one_write_per_state=variant.has_old_api,
        )
        self.cloud = EaseeCloud(
            username=USERNAME,
            password=PASSWORD,
            box=box or Box("EH000001"),
            place=Place(fuse=script.fuse),
            latency=PROMPT,
            timeline=self.timeline,
        )
        self.physics = Physics(script, self.cloud, meter, seed)
        self.cloud.reports.remember()
        self._stack = AsyncExitStack()
        self._stepped = 0
        self.timeline.every(STEP, self._step)

    @property
    def addresses(self) -> Addresses:
        """Valid once started."""
        return Addresses(
            meter_host=self.device.host,
            meter_port=self.device.port,
            api_url=self.cloud.api_url,
            stream_url=self.cloud.stream_url,
            mqtt_host=self.broker.host,
            mqtt_port=self.broker.port,
            username=USERNAME,
            password=PASSWORD,
            serial=self.cloud.serial,
        )

    @property
    def truth(self) -> Truth:
        return self.physics.truth

    async def start(self) -> None:
        """Start all peers; the play begins. Raises OSError where a port is taken, with nothing left running."""
        async with AsyncExitStack() as stack:
            for peer in (self.broker, self.device, self.cloud):
                await peer.start()
                stack.push_async_callback(peer.stop)
            self._stack = stack.pop_all()

    async def stop(self) -> None:
        """Stop all peers. Idempotent."""
        await self._stack.aclose()

    def _step(self) -> None:
        """Catch the physics up with the timeline, whatever held us up."""
        while (self._stepped + 1) * STEP <= self.timeline.now:
            self._stepped += 1
            readings = self.physics.step()
            if readings is not None:
                self._tell(readings)

    def _tell(self, readings: Readings) -> None:
        self.device.publish(
            burst_values(
                self.variant,
                [reading.current for reading in readings],
                [reading.power for reading in readings],
                [reading.voltage for reading in readings],
            )
        )
