"""A meter, a charger and a broker in memory, each of which fails now and then."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable

from bridge.core.model import (
    ChargerReport,
    ChargerState,
    Link,
    LinkReport,
    Outcome,
    PhaseReading,
    Refused,
    Result,
    SetCircuitLimit,
    Telegram,
)
from bridge.core.phases import NOTHING, PerPhase
from bridge.errors import CommandRejectedError, DeviceUnavailableError, RateLimitedError
from bridge.mirror.connection import Received
from bridge.ports import Tell

FAILS_EVERY = 3 * 3600.0
"""s between two failures of each part, on average."""
LOADS = (2.0, 3.0, 4.0, 9.0, 12.0, 15.0, 22.0)
VOLTAGE = 230.0
CAR = 16.0


class House:
    """What all of them see. Evenings are busier than nights; a car comes and goes."""

    def __init__(self, seed: int, period: float) -> None:
        self.period = period
        """s between telegrams."""
        self.rng = random.Random(seed)  # noqa: S311 loads, not secrets
        self.loads = [2.0, 2.0, 2.0]
        self.limit = 16
        self.is_plugged = True

    @property
    def draw(self) -> PerPhase:
        return PerPhase.all(float(min(self.limit, CAR)) if self.is_plugged and self.limit >= 6 else 0.0)  # noqa: PLR2004

    def live(self) -> None:
        """Let the time between two telegrams pass."""
        rng = self.rng
        if rng.random() < self.period / 90:
            self.loads[rng.randrange(3)] = rng.choice(LOADS)
        if rng.random() < self.period / 20_000:
            self.is_plugged = not self.is_plugged

    def fails(self) -> float:
        """S until the next failure of one part."""
        return self.rng.expovariate(1 / FAILS_EVERY)


class Meter:
    def __init__(self, house: House) -> None:
        self._house = house

    async def follow(self, tell: Tell) -> None:
        house = self._house
        tell(LinkReport(Link.METER, is_up=True))
        left = house.fails()
        while left > 0:
            await asyncio.sleep(house.period)
            left -= house.period
            house.live()
            if house.rng.random() < 1 / 2000:
                tell(Refused(Link.METER))
            currents = [load + draw for load, draw in zip(house.loads, house.draw, strict=True)]
            one, two, three = (PhaseReading(c, c * VOLTAGE, VOLTAGE) for c in currents)
            tell(Telegram((one, two, three)))
        await asyncio.sleep(house.rng.choice((2.0, 30.0, 300.0)))
        raise DeviceUnavailableError("meter", f"gone for the {house.rng.randrange(10**6)}th time")


class Charger:
    def __init__(self, house: House) -> None:
        self._house = house
        self._changed = asyncio.Event()
        self._tell: Tell = lambda _: None

    async def follow(self, tell: Tell) -> None:
        house, self._tell = self._house, tell
        tell(LinkReport(Link.CHARGER, is_up=True))
        tell(LinkReport(Link.STREAM, is_up=True))
        left = house.fails()
        while left > 0:
            self._report()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(20.0):
                    await self._changed.wait()
            self._changed.clear()
            left -= 20.0
        if house.rng.random() < 0.2:  # noqa: PLR2004
            raise RateLimitedError("easee", "too many calls", 300.0)
        raise DeviceUnavailableError("easee", "the cloud answered HTTP 503")

    async def apply(self, command: SetCircuitLimit) -> None:
        house = self._house
        await asyncio.sleep(house.rng.uniform(0.1, 3.0))
        luck = house.rng.random()
        if luck < 0.01:  # noqa: PLR2004
            raise CommandRejectedError("easee", "refused")
        if luck < 0.03:  # noqa: PLR2004
            raise DeviceUnavailableError("easee", "no answer")
        house.limit = command.current
        self._tell(Outcome(command.number, Result.EXECUTED))
        self._changed.set()

    async def close(self) -> None:
        """Nothing is open."""

    def _report(self) -> None:
        house = self._house
        state = ChargerState.CHARGING if house.is_plugged else ChargerState.DISCONNECTED
        draw = house.draw if house.is_plugged else NOTHING
        self._tell(ChargerReport(state=state, dynamic_current=PerPhase.all(float(house.limit)), draw=draw))


class Broker:
    """Stands in for a connection to one; counts what is published."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.messages = self.volume = 0

    def connected(self) -> Callable[..., contextlib.AbstractAsyncContextManager["Broker"]]:
        @contextlib.asynccontextmanager
        async def connect(*_: object) -> AsyncIterator[Broker]:
            if self._house.rng.random() < 0.3:  # noqa: PLR2004
                raise DeviceUnavailableError("mqtt", "refuses connections")
            yield self

        return connect

    async def publish(self, topic: str, payload: str, *, retain: bool = True) -> None:  # noqa: ARG002
        self.messages += 1
        self.volume += len(topic) + len(payload)
        await asyncio.sleep(0)

    async def subscribe(self, *_: str) -> tuple[str, ...]:
        return ()

    async def unsubscribe(self, *_: str) -> None: ...

    async def retained(self, _: str) -> bytes | None:
        return None

    async def receive(self) -> Received:
        """A knob is turned, or nonsense said, every hour or so; in the end the connection is lost."""
        rng = self._house.rng
        await asyncio.sleep(rng.expovariate(1 / 3600))
        if rng.random() < 0.3:  # noqa: PLR2004
            raise DeviceUnavailableError("mqtt", "closed the connection")
        payload = rng.choice((b"calm", b"normal", b"eager", b"nonsense"))
        return Received("ev-load-bridge/main/set/pace", payload, is_retained=False)
