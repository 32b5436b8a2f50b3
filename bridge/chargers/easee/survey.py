"""Looks at an account once: its chargers, what binds them, who else steers them, and whether the stream lives.

For setup and doctor. Costs eight calls where there is one site, the log-in and the stream among them.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from bridge.chargers.easee import translate
from bridge.chargers.easee.answers import NoAccessError
from bridge.chargers.easee.caller import Caller
from bridge.chargers.easee.circuit import Circuit
from bridge.chargers.easee.observations import (
    CIRCUIT_MAXIMUM,
    OFFLINE_CURRENT,
    Observations,
    Seen,
    number_or_none,
)
from bridge.chargers.easee.session import EaseeSession
from bridge.chargers.easee.site import choose, find_circuits, settings_of, with_master
from bridge.chargers.easee.stream_look import StreamLook, look_at_stream
from bridge.chargers.easee.tally import Tally
from bridge.core.model import ChargerBounds, ChargerReport
from bridge.errors import CommandRejectedError, DeviceError


class Extra(IntEnum):
    """Observations that only a survey looks at, by Easee's numbers."""

    PHASE_MODE = 38
    FIRMWARE = 80
    EQUALIZER_P1 = 230
    EQUALIZER_P2 = 231
    EQUALIZER_P3 = 232


PHASE_MODES: Final[Mapping[int, str]] = {1: "locked to one phase", 2: "automatic", 3: "locked to three phases"}

_IDS: Final = ",".join(str(number.value) for number in (*Seen, *Extra))


@dataclass(frozen=True, slots=True)
class ChargerFacts:
    """What the charger itself says. A; None where it does not say."""

    report: ChargerReport | None
    """None until it has told its state and its limits."""
    bounds: ChargerBounds
    circuit_maximum: tuple[float, ...]
    """On P1 to P3, as far as told; 0 marks a phase that is not wired."""
    offline_current: tuple[float, ...]
    grid_type: int | None
    phase_mode: int | None
    """PHASE_MODES names them."""
    firmware: int | None
    offered: float | None
    """On the pilot wire."""
    equalizer: tuple[float, ...]
    """What an Equalizer leaves on P1 to P3; empty where there is none."""

    @property
    def unsuitable(self) -> str | None:
        """Why this grid cannot be governed; None where it can."""
        return translate.unsuitable_grid(self.grid_type)

    @property
    def warning(self) -> str | None:
        """What a person should know of a grid that is governed all the same."""
        return translate.grid_warning(self.grid_type)


@dataclass(frozen=True, slots=True)
class ChargerSurvey:
    """What one look has found: as much as there was until `trouble` came in between."""

    trouble: DeviceError | None = None
    """LoginRejectedError, RateLimitedError, UnsuitableError (none, or several and none was named) or another."""
    circuits: tuple[Circuit, ...] = ()
    """All with a charger that this account is shown."""
    circuit: Circuit | None = None
    """That of the charger that is meant."""
    facts: ChargerFacts | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    """The circuit's, as the cloud names them; empty where this account is not shown them."""
    stream: StreamLook | None = None
    """None where it was not looked at."""
    calls: int = 0
    """Requests made, log-in and stream included."""
    clock_ahead: float | None = None
    """s by which our clock is ahead (+) of the cloud's; None where it does not tell."""

    @property
    def has_equalizer(self) -> bool:
        """Whether Easee's own load balancing device takes part."""
        has_values = self.facts is not None and bool(self.facts.equalizer)
        has_device = self.circuit is not None and self.circuit.has_equalizer
        return has_device or has_values or bool(self.settings.get("equalizerId"))


async def survey(
    session: EaseeSession, caller: Caller, wanted: str | None, tally: Tally, *, stream_within: float
) -> ChargerSurvey:
    """Look; the stream for so many seconds, 0 = not at all. Expected failures are told, never raised."""
    look = _Look(session, caller, tally)
    before = tally.calls
    trouble = None
    try:
        await look.take(wanted, stream_within)
    except DeviceError as error:
        trouble = error
    return ChargerSurvey(
        trouble=trouble,
        circuits=look.circuits,
        circuit=look.circuit,
        facts=look.facts,
        settings=look.settings,
        stream=look.stream,
        calls=tally.calls - before,
        clock_ahead=tally.clock_ahead,
    )


class _Look:
    """What has been found so far."""

    def __init__(self, session: EaseeSession, caller: Caller, tally: Tally) -> None:
        self._session = session
        self._caller = caller
        self._tally = tally
        self.circuits: tuple[Circuit, ...] = ()
        self.circuit: Circuit | None = None
        self.facts: ChargerFacts | None = None
        self.settings: Mapping[str, object] = {}
        self.stream: StreamLook | None = None

    async def take(self, wanted: str | None, stream_within: float) -> None:
        self.circuits = tuple(await find_circuits(self._caller, wanted))
        self.circuit = circuit = await with_master(self._caller, choose(self.circuits, wanted))
        settings = await settings_of(self._caller, circuit)
        self.settings = settings if isinstance(settings, dict) else {}
        own, items = await self._observations(circuit.charger)
        master, _ = (
            (own, items) if circuit.spokesman == circuit.charger else await self._observations(circuit.spokesman)
        )
        self.facts = facts_of(own, master, circuit, items)
        if stream_within > 0:
            self.stream = await look_at_stream(
                self._session, self._caller, self._tally, circuit.serials, within=stream_within
            )

    async def _observations(self, serial: str) -> tuple[Observations, list[object]]:
        """Raise as the caller does; nothing where this account is not shown them."""
        said = Observations()
        try:
            document = await self._caller.read(f"/state/{serial}/observations?ids={_IDS}")
        except (CommandRejectedError, NoAccessError):
            return said, []
        items = document.get("observations") if isinstance(document, dict) else document
        items = items if isinstance(items, list) else []
        for item in items:
            said.take(item, time.time())
        return said, items


def facts_of(own: Observations, master: Observations, circuit: Circuit, items: list[object]) -> ChargerFacts:
    """Put together what the charger said; `items` are its observations as they came."""
    extra = {
        int(number): value
        for item in items
        if isinstance(item, dict)
        and (number := number_or_none(item.get("id"))) is not None
        and (value := number_or_none(item.get("value"))) is not None
    }
    phase_mode, firmware = extra.get(Extra.PHASE_MODE), extra.get(Extra.FIRMWARE)
    equalizer = (Extra.EQUALIZER_P1, Extra.EQUALIZER_P2, Extra.EQUALIZER_P3)
    return ChargerFacts(
        report=translate.report(own, circuit, master),
        bounds=translate.bounds(own, circuit),
        circuit_maximum=tuple(own.values(CIRCUIT_MAXIMUM)),
        offline_current=tuple(own.values(OFFLINE_CURRENT)),
        grid_type=own.code(Seen.GRID_TYPE),
        phase_mode=None if phase_mode is None else int(phase_mode),
        firmware=None if firmware is None else int(firmware),
        offered=own.value(Seen.OUTPUT_CURRENT),
        equalizer=tuple(extra[key] for key in equalizer if key in extra),
    )
