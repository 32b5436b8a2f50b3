"""Looks at a device once: what it is, what it tells of each phase, how finely and how often. For setup and doctor."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from aioesphomeapi.client import APIClient
from aioesphomeapi.core import APIConnectionError, ResolveAPIError, SocketClosedAPIError
from aioesphomeapi.model import ConnectionClosedEvent

from bridge.core.model import Instant, Observation, Telegram
from bridge.core.phases import Phase
from bridge.errors import one_line
from bridge.mains.slimmelezer import evidence
from bridge.mains.slimmelezer.assembler import Quantity
from bridge.mains.slimmelezer.client import SlimmelezerOptions
from bridge.mains.slimmelezer.connection import CLOSING, client_of, quieten
from bridge.mains.slimmelezer.listing import entities_of
from bridge.mains.slimmelezer.problems import LONGEST_NAME, Place, Trouble, explain, no_sensors, silent, unanswered
from bridge.mains.slimmelezer.reader import Reader
from bridge.mains.slimmelezer.sensors import Found, find_sensors, looked_for
from bridge.ports import Clock

KEEPALIVE: Final = 5.0
"""s between pings."""

Show = Callable[[Telegram], None]
"""Sees each telegram as it comes."""


class Bounds(NamedTuple):
    """How long a survey may take, s. Meters send each 1 or 10 s, and the first telegram only tells what there is."""

    answer: float = 15.0
    listing: float = 15.0
    telegrams: float = 50.0


class Identity(NamedTuple):
    """What a device says of itself; a text is empty where it does not say."""

    name: str
    mac: str
    esphome: str
    """Version of the firmware's framework."""
    project: str
    """Name and version, `zuidwijk.slimmelezer 2.0`."""
    model: str
    is_encrypted: bool


@dataclass(frozen=True, slots=True)
class MeterSurvey:
    """What one look has found: as much as there was until `trouble` came in between."""

    place: str
    """host:port"""
    trouble: Trouble | None = None
    """Why there is not more, in one line with the cure; None where all is well."""
    identity: Identity | None = None
    sensors: Mapping[Phase, frozenset[Quantity]] = field(default_factory=dict)
    """What the device has a sensor for."""
    complaints: tuple[str, ...] = ()
    """What is odd about its sensors, one line each."""
    telegrams: tuple[Telegram, ...] = ()
    period: float | None = None
    """Observed s between two telegrams; None with fewer than two."""

    @property
    def resolution(self) -> float | None:
        """Of the currents, A: 1, 0.1 or 0.01; None where it sends no current, or nothing flows."""
        return evidence.resolution(self.telegrams)

    @property
    def has_voltage(self) -> bool:
        """Whether the newest telegram tells a voltage of each phase that it tells of."""
        told = [reading for reading in self.newest if reading is not None]
        return bool(told) and all(reading.voltage is not None for reading in told)

    @property
    def newest(self) -> tuple[evidence.Reading, ...]:
        """L1 to L3 of the newest telegram; all None without one."""
        return self.telegrams[-1].phases if self.telegrams else (None, None, None)

    @property
    def implausible(self) -> tuple[str, ...]:
        """What cannot be right about units, one line each."""
        return evidence.implausible(self.telegrams)

    @property
    def unsigned(self) -> tuple[Phase, ...]:
        """Phases of which an export cannot be told from import."""
        return evidence.unsigned(self.sensors)


async def survey(
    options: SlimmelezerOptions,
    *,
    telegrams: int = 4,
    bounds: Bounds | None = None,
    show: Show | None = None,
    clock: Clock = time.monotonic,
) -> MeterSurvey:
    """Connect once, take so many telegrams, disconnect. What is expected to fail is told, never raised."""
    look = _Look(options, bounds or Bounds(), show, clock)
    return await look.take(telegrams)


class _Look:
    """One connection, and what it has brought so far."""

    def __init__(self, options: SlimmelezerOptions, bounds: Bounds, show: Show | None, clock: Clock) -> None:
        self._options = options
        self._place = Place(options.host, options.port, options.expected_name, options.encryption_key or None)
        self._bounds = bounds
        self._show = show
        self._clock = clock
        self._identity: Identity | None = None
        self._found = Found({}, ())
        self._telegrams: list[Telegram] = []
        self._at: list[Instant] = []
        self._arrived = asyncio.Event()
        self._lost: Trouble | None = None

    async def take(self, wanted: int) -> MeterSurvey:
        trouble = None
        try:
            async with self._connected() as client:
                trouble = await self._look(client, wanted)
        except _UnansweredError as error:
            trouble = error.trouble
        except (APIConnectionError, TimeoutError, OSError) as error:
            trouble = explain(error, self._place)
        return MeterSurvey(
            place=str(self._place),
            trouble=trouble,
            identity=self._identity,
            sensors=_by_phase(self._found),
            complaints=self._complaints(),
            telegrams=tuple(self._telegrams),
            period=evidence.period(self._at),
        )

    async def _look(self, client: APIClient, wanted: int) -> Trouble | None:
        async with asyncio.timeout(self._bounds.listing):
            info = await client.device_info()
            entities = await entities_of(client)
        project = f"{info.project_name} {info.project_version}".strip()
        is_encrypted = self._place.encryption_key is not None
        told = (info.name, info.mac_address, info.esphome_version, project, info.model)
        name, mac, esphome, project, model = (one_line(text, LONGEST_NAME) for text in told)
        self._identity = Identity(name, mac, esphome, project, model, is_encrypted=is_encrypted)
        self._found = find_sensors(entities, self._options.sensor_names)
        if not any(self._found.knows(phase) for phase in Phase):
            names = "; ".join(looked_for(Phase(phase)) for phase in self._options.phases)
            return no_sensors(self._place, ", ".join(self._options.phases), names)
        return await self._listen(client, wanted)

    async def _listen(self, client: APIClient, wanted: int) -> Trouble | None:
        reader = Reader(self._found.sensors, self._take, self._clock, set())
        client.add_connection_closed_callback(self._on_closed)
        client.subscribe_states(reader.receive)
        try:
            async with asyncio.timeout(self._bounds.telegrams):
                while len(self._telegrams) < wanted and self._lost is None:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            return None if self._telegrams else silent(self._bounds.telegrams)
        finally:
            reader.close()
        return self._lost

    def _take(self, seen: Observation) -> None:
        if isinstance(seen, Telegram):
            self._telegrams.append(seen)
            self._at.append(self._clock())
            self._arrived.set()
            if self._show is not None:
                self._show(seen)

    def _on_closed(self, event: ConnectionClosedEvent) -> None:
        self._lost = explain(event.error or SocketClosedAPIError(), self._place)
        self._arrived.set()

    def _complaints(self) -> tuple[str, ...]:
        """Also the phases that should be there and are not, where others are."""
        missing = [phase for phase in map(Phase, self._options.phases) if not self._found.knows(phase)]
        if not self._found.sensors or not missing or len(missing) == len(self._options.phases):
            return self._found.complaints
        lacking = no_sensors(self._place, ", ".join(missing), "; ".join(looked_for(phase) for phase in missing))
        return (*self._found.complaints, lacking.detail)

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[APIClient]:
        quieten()
        place = self._place
        client = client_of(place, KEEPALIVE)
        try:
            await self._within(client.start_resolve_host(log_errors=False), explain(ResolveAPIError(), place))
            await self._within(_greet(client), unanswered(place, self._bounds.answer))
            yield client
        finally:
            with contextlib.suppress(APIConnectionError, TimeoutError):
                async with asyncio.timeout(CLOSING):
                    await client.disconnect()
            client.force_disconnect()

    async def _within(self, step: Awaitable[None], otherwise: Trouble) -> None:
        """Take one step towards the device. Raises _UnansweredError with this trouble where it never ends."""
        try:
            async with asyncio.timeout(self._bounds.answer):
                await step
        except TimeoutError as error:
            if isinstance(error, APIConnectionError):
                raise
            raise _UnansweredError(otherwise) from None


async def _greet(client: APIClient) -> None:
    await client.start_connection()
    await client.finish_connection()


class _UnansweredError(Exception):
    """The device took the connection, if that, and said nothing."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.detail)
        self.trouble = trouble


def _by_phase(found: Found) -> dict[Phase, frozenset[Quantity]]:
    channels = [sensor.channel for sensor in found.sensors.values()]
    phases = [phase for phase in Phase if any(channel.phase is phase for channel in channels)]
    return {phase: frozenset(each.quantity for each in channels if each.phase is phase) for phase in phases}
