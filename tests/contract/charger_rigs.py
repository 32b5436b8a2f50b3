"""Two chargers behind the same handles: one made of nothing but the port, one across the simulated Easee cloud."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import Protocol

from bridge.chargers.easee.client import EaseeCharger
from bridge.chargers.easee.options import EaseeOptions
from bridge.core.model import (
    ChargerReport,
    ChargerState,
    Link,
    LinkReport,
    Observation,
    Outcome,
    Result,
    SetCircuitLimit,
)
from bridge.core.phases import PerPhase
from bridge.errors import (
    CommandRejectedError,
    DeviceUnavailableError,
    LoginRejectedError,
    RateLimitedError,
    UnsuitableError,
)
from bridge.ports import Charger, Tell
from bridge.simulator.easee_charger import Box
from bridge.simulator.easee_cloud import EaseeCloud
from bridge.simulator.faults import Answer
from bridge.simulator.latency import AT_ONCE

SERIAL = "EH000001"
BAN = 30.0
_LOOK_EVERY = 0.02


class Trouble(Enum):
    """What can be wrong on the other side."""

    UNREACHABLE = auto()
    RATE_LIMITED = auto()
    REFUSES = auto()
    """Understands orders, and refuses them."""
    LOGIN = auto()
    UNSUITABLE = auto()


class Rig(Protocol):
    """A charger, and the hand that plays the world behind it."""

    charger: Charger

    async def start(self, trouble: Trouble | None = None) -> None:
        """Set up the world, with something wrong in it from the start if need be."""

    async def trouble(self, trouble: Trouble) -> None:
        """Let something go wrong with orders from now on."""

    async def somebody_orders(self, amperes: float) -> None:
        """Somebody else sets the circuit's limit."""

    async def plug_in(self) -> None:
        """A car comes."""

    def orders(self) -> list[tuple[int, ...]]:
        """The limits that have arrived, A on P1 to P3."""

    async def stop(self) -> None:
        """Clean up, the charger's sockets included."""


class FakeCharger:
    """The port and nothing else. Tells what it is told to be; changes at once."""

    def __init__(self) -> None:
        self.report = ChargerReport(
            state=ChargerState.DISCONNECTED, dynamic_current=PerPhase(40.0, 40.0, 40.0), name=SERIAL
        )
        self.wrong: Trouble | None = None
        self.taken: list[tuple[int, ...]] = []
        self._tell: Tell = lambda _: None
        self._is_found = False

    async def follow(self, tell: Tell) -> None:
        self._tell = tell
        try:
            self._raise_if({Trouble.UNREACHABLE, Trouble.RATE_LIMITED, Trouble.LOGIN, Trouble.UNSUITABLE})
        except DeviceUnavailableError as error:
            tell(LinkReport(Link.CHARGER, is_up=False, detail=error.detail, retry_after=_told(error)))
            raise
        self._is_found = True
        tell(LinkReport(Link.CHARGER, is_up=True))
        tell(LinkReport(Link.STREAM, is_up=True))
        tell(self.report)
        await asyncio.Event().wait()

    async def apply(self, command: SetCircuitLimit) -> None:
        if not self._is_found:
            raise DeviceUnavailableError("fake", "not found yet")
        try:
            self._raise_if(set(Trouble))
        except RateLimitedError as error:
            self._tell(LinkReport(Link.CHARGER, is_up=False, detail=error.detail, retry_after=error.retry_after))
            raise
        self.taken.append(command.currents)
        self.change(dynamic_current=PerPhase(*map(float, command.currents)))
        self._tell(Outcome(command.number, Result.EXECUTED))

    async def close(self) -> None:
        self._tell = lambda _: None

    def change(self, **members: object) -> None:
        """Be something else from now on."""
        self.report = ChargerReport(
            **{**{name: getattr(self.report, name) for name in self.report.__slots__}, **members}
        )  # type: ignore[arg-type]
        self._tell(self.report)

    def _raise_if(self, troubles: set[Trouble]) -> None:
        if self.wrong not in troubles:
            return
        match self.wrong:
            case Trouble.UNREACHABLE:
                raise DeviceUnavailableError("fake", "no answer")
            case Trouble.RATE_LIMITED:
                raise RateLimitedError("fake", "stay away", BAN)
            case Trouble.REFUSES:
                raise CommandRejectedError("fake", "no")
            case Trouble.LOGIN:
                raise LoginRejectedError("fake", "wrong password")
            case Trouble.UNSUITABLE:
                raise UnsuitableError("fake", "an IT grid")


def _told(error: DeviceUnavailableError) -> float | None:
    return error.retry_after if isinstance(error, RateLimitedError) else None


class FakeRig:
    """Plays the world for the fake, by setting it."""

    def __init__(self) -> None:
        self.charger = FakeCharger()

    async def start(self, trouble: Trouble | None = None) -> None:
        self.charger.wrong = trouble

    async def trouble(self, trouble: Trouble) -> None:
        self.charger.wrong = trouble

    async def somebody_orders(self, amperes: float) -> None:
        self.charger.change(dynamic_current=PerPhase.all(amperes))

    async def plug_in(self) -> None:
        self.charger.change(state=ChargerState.READY)

    def orders(self) -> list[tuple[int, ...]]:
        return self.charger.taken

    async def stop(self) -> None:
        await self.charger.close()


class EaseeRig:
    """The real adapter against the simulated cloud, over real sockets."""

    charger: EaseeCharger

    def __init__(self) -> None:
        self.cloud = EaseeCloud(latency=AT_ONCE, name="localhost")

    async def start(self, trouble: Trouble | None = None, **changes: object) -> None:
        if trouble is Trouble.UNSUITABLE:
            self.cloud = EaseeCloud(latency=AT_ONCE, name="localhost", box=Box(SERIAL, grid_type=4))
        await self.cloud.start()
        if trouble in {Trouble.UNREACHABLE, Trouble.RATE_LIMITED}:
            self.cloud.faults.answer("*", _ANSWERS[trouble])
        password = "wrong" if trouble is Trouble.LOGIN else "correct horse"
        urls = {"api_url": self.cloud.api_url, "stream_url": self.cloud.stream_url}
        quick = {"request_timeout": 3.0, "stream_back_off": (0.02,)}
        self.charger = EaseeCharger(EaseeOptions("owner@example.com", password, **{**urls, **quick, **changes}))  # type: ignore[arg-type]

    async def trouble(self, trouble: Trouble) -> None:
        self.cloud.faults.answer("dynamic_current", _ANSWERS[trouble])

    async def somebody_orders(self, amperes: float) -> None:
        self.cloud.write_dynamic_current(PerPhase.all(amperes))

    async def plug_in(self) -> None:
        self.cloud.charger.plug_in()

    def orders(self) -> list[tuple[int, ...]]:
        return [tuple(map(int, order.currents)) for order in self.cloud.orders]

    async def stop(self) -> None:
        await self.charger.close()
        await self.cloud.stop()


_ANSWERS = {
    Trouble.UNREACHABLE: Answer.server_error(),
    Trouble.RATE_LIMITED: Answer.too_many_requests(str(int(BAN))),
    Trouble.REFUSES: Answer.bad_request(),
}


class Listening:
    """Follows a charger and keeps what it tells."""

    def __init__(self, charger: Charger) -> None:
        self.told: list[Observation] = []
        self._happened = asyncio.Event()
        self.task = asyncio.create_task(charger.follow(self._hear))
        self.task.add_done_callback(lambda _: self._happened.set())

    def _hear(self, observation: Observation) -> None:
        self.told.append(observation)
        self._happened.set()

    @property
    def report(self) -> ChargerReport | None:
        return next((each for each in reversed(self.told) if isinstance(each, ChargerReport)), None)

    def link(self, link: Link) -> LinkReport | None:
        return next((each for each in reversed(self.told) if isinstance(each, LinkReport) and each.link is link), None)

    def is_up(self, link: Link) -> bool:
        report = self.link(link)
        return report is not None and report.is_up

    async def until(self, condition: Callable[[], object], within: float = 30.0) -> None:
        async with asyncio.timeout(within):
            while not condition():
                if self.task.done():
                    self.task.result()
                self._happened.clear()
                with suppress(TimeoutError):  # what the other side counts is not told here
                    async with asyncio.timeout(_LOOK_EVERY):
                        await self._happened.wait()

    async def until_ready(self) -> None:
        await self.until(lambda: self.is_up(Link.CHARGER) and self.is_up(Link.STREAM) and self.report)

    async def failure(self) -> BaseException:
        async with asyncio.timeout(5):
            await asyncio.wait({self.task})
        return self.task.exception() or AssertionError("it went well")

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
