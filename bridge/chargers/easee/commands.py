"""Orders for a circuit: what is sent, and which answer of the charger belongs to which. Pure."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bridge.chargers.easee.circuit import Circuit
from bridge.chargers.easee.observations import number_or_none
from bridge.chargers.easee.options import DEVICE
from bridge.core.model import Instant, Outcome, Result, SetCircuitLimit
from bridge.core.phases import PerPhase
from bridge.errors import MalformedReadingError, one_line

_SET_DYNAMIC_CIRCUIT_CURRENT = 22
"""Easee's number of the command."""
_ANSWERED_WITHIN = 30.0
"""A later answer is not counted: usually the charger's comes within 2 s."""
_MOST_KEPT = 20
_LONGEST_CODE = 40
"""Letters of a result that is no number."""


def path(circuit: Circuit) -> str:
    return f"/api/sites/{circuit.site}/circuits/{circuit.number}/dynamicCurrent"


def currents(command: SetCircuitLimit, binding: float | None) -> tuple[int, ...]:
    """Whole A for P1 to P3, never above what binds."""
    ceiling = math.inf if binding is None else max(binding, 0.0)
    return tuple(math.floor(min(max(current, 0), ceiling)) for current in command.currents)


def body(amperes: tuple[int, ...], time_to_live: int) -> dict[str, int]:
    """What is posted. All three phases are named, and the minutes: left out they would mean for ever."""
    return {**dict(zip(("phase1", "phase2", "phase3"), amperes, strict=True)), "timeToLive": max(time_to_live, 0)}


@dataclass(slots=True)
class _Order:
    number: int
    currents: tuple[int, ...]
    at: Instant
    ticks: set[int] = field(default_factory=set)
    is_settled: bool = False


class Orders:
    """The newest few orders, to tell whose answer a CommandResponse is."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []

    def send(self, number: int, currents: tuple[int, ...], now: Instant) -> None:
        """An order leaves; A on the charger's P1 to P3."""
        self._orders = [*self._orders, _Order(number, currents, now)][-_MOST_KEPT:]

    def accept(self, number: int, answer: object) -> None:
        """The cloud took it; its answer may hold ticks, by which the charger's answer is known."""
        for order in self._orders:
            if order.number == number:
                order.ticks = set(_ticks(answer))

    def respond(self, raw: object, now: Instant) -> Outcome | None:
        """What a CommandResponse says of one of our orders; None where it is none of ours.

        Raises MalformedReadingError where it is no CommandResponse.
        """
        number = number_or_none(raw.get("id")) if isinstance(raw, Mapping) else None
        if not isinstance(raw, Mapping) or number is None or not isinstance(raw.get("wasAccepted"), bool):
            raise MalformedReadingError(DEVICE, "no CommandResponse")
        if number != _SET_DYNAMIC_CIRCUIT_CURRENT:
            return None
        ticks = raw.get("ticks")
        order = self._meant(ticks if isinstance(ticks, int) else None, now)
        if order is None:
            return None
        order.is_settled = True
        if raw["wasAccepted"]:
            return Outcome(order.number, Result.EXECUTED)
        return Outcome(order.number, Result.REJECTED, _refusal(raw.get("resultCode")))

    def is_confirmed(self, dynamic_current: PerPhase | None) -> bool:
        """Whether the newest order is what the charger reads back, A on its P1 to P3."""
        return not self._orders or self._orders[-1].currents == dynamic_current

    def _meant(self, ticks: int | None, now: Instant) -> _Order | None:
        waiting = [order for order in self._orders if not order.is_settled and now - order.at <= _ANSWERED_WITHIN]
        by_ticks = [order for order in waiting if ticks in order.ticks]
        # One whose ticks are known is not meant by other ticks: somebody else's order is answered too.
        unmarked = [order for order in waiting if not order.ticks or ticks is None]
        candidates = by_ticks or unmarked
        return candidates[-1] if candidates else None


def _refusal(code: object) -> str:
    return (
        f"the charger refused it (result {one_line(str(code), _LONGEST_CODE) if isinstance(code, int | str) else '?'})"
    )


def _ticks(answer: object) -> Iterator[int]:
    for command in answer if isinstance(answer, list) else [answer]:
        ticks = command.get("ticks") if isinstance(command, dict) else None
        if isinstance(ticks, int):
            yield ticks
