"""Puts telegrams together again: the ESPHome API sends each sensor by itself and no telegram boundary.

What is known of the stream: the first state of a sensor after subscribing is its last known value, of any age.
From the second on, each telegram brings each of its fields exactly once, changed or not, the powers after the
currents, in one burst; older firmware may drop single states of it.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import NamedTuple

from bridge.core.mains_estimate import estimate
from bridge.core.model import Instant, PhaseReading, Telegram
from bridge.core.phases import Phase

GAP = 0.4
"""Seconds of silence that end a burst in which something is missing. A burst lasts 0.1 s, telegrams are 1 s apart."""

TRUST = 5
"""Telegrams without a sensor until it is no longer waited for, and with it until it is again."""


class Quantity(StrEnum):
    """What a meter tells of one phase."""

    CURRENT = "current"
    CONSUMED = "power_consumed"
    PRODUCED = "power_produced"
    VOLTAGE = "voltage"


class Channel(NamedTuple):
    """One quantity of one phase."""

    phase: Phase
    quantity: Quantity


class TelegramAssembler:
    """States in, telegrams out, for one connection. It has no clock: `now` is handed in.

    A telegram is complete as soon as every sensor that this meter is known to send has arrived, else GAP seconds after
    the last one. A phase of which a known sensor but the voltage is missing is None in it, so that no sign or
    fraction is guessed because a state was lost on the way.
    """

    def __init__(self, gap: float = GAP) -> None:
        self._gap = gap
        self._dumped: set[Channel] = set()
        self._expected: set[Channel] = set()
        self._trust: dict[Channel, int] = {}
        self._pending: dict[Channel, float | None] = {}
        self._last_state: Instant = 0.0
        self._closed: Instant | None = None
        self._is_fine = False

    @property
    def deadline(self) -> Instant | None:
        """When to call `expire`; None while no burst is open."""
        return self._last_state + self._gap if self._pending else None

    def receive(self, channel: Channel, value: float | None, now: Instant) -> Telegram | None:
        """Take one state: A, W or V, all ≥ 0 but a signed consumed power; None for NaN, missing or refused ones.

        Return the telegram that it completes, if any.
        """
        if value is not None and channel.quantity is Quantity.CURRENT and not value.is_integer():
            self._is_fine = True
        if channel not in self._dumped:
            self._take_dump(channel, value)
            return None
        if self._is_late(channel, now):
            self._take_late(channel, value)
            return None
        finished = self._close(self._last_state) if channel in self._pending else None
        self._pending[channel] = value
        self._last_state = now
        if finished is None and self._expected and self._expected <= self._pending.keys():
            return self._close(now)
        return finished

    def expire(self, now: Instant) -> Telegram | None:
        """Return what has arrived once the gap is over, unless it says nothing of any phase."""
        deadline = self.deadline
        return None if deadline is None or now < deadline else self._close(now)

    def _take_dump(self, channel: Channel, value: float | None) -> None:
        """Too old to be told, but it shows what the meter sends."""
        self._dumped.add(channel)
        if value is not None:
            self._seen(channel)

    def _is_late(self, channel: Channel, now: Instant) -> bool:
        """Tell whether a state belongs to the telegram that was taken to be complete without it."""
        if self._pending or channel in self._expected or self._closed is None:
            return False
        return now - self._closed < self._gap

    def _take_late(self, channel: Channel, value: float | None) -> None:
        if value is not None:
            if channel in self._trust:
                self._trust[channel] += 1  # it was counted as missing a moment ago
            self._seen(channel)

    def _close(self, now: Instant) -> Telegram | None:
        pending, self._pending, self._closed = self._pending, {}, now
        values = {channel: value for channel, value in pending.items() if value is not None}
        self._learn(values.keys())
        l1, l2, l3 = (self._reading(phase, values) for phase in Phase)
        return None if l1 is None and l2 is None and l3 is None else Telegram((l1, l2, l3))

    def _learn(self, arrived: AbstractSet[Channel]) -> None:
        for channel in arrived:
            self._seen(channel)
        for channel in self._trust.keys() - arrived:
            self._trust[channel] = max(0, self._trust[channel] - 1)
            if not self._trust[channel]:
                self._expected.discard(channel)

    def _seen(self, channel: Channel) -> None:
        """Wait for a new sensor from now on, for one that had stopped once it has proved itself."""
        is_trusted = channel not in self._trust or channel in self._expected
        self._trust[channel] = TRUST if is_trusted else self._trust[channel] + 1
        if self._trust[channel] >= TRUST:
            self._expected.add(channel)

    def _reading(self, phase: Phase, values: Mapping[Channel, float]) -> PhaseReading | None:
        def of(quantity: Quantity) -> float | None:
            return values.get(Channel(phase, quantity))

        known = {Channel(phase, quantity) for quantity in Quantity if quantity is not Quantity.VOLTAGE} & self._expected
        if not known <= values.keys():
            return None
        power = _net(of(Quantity.CONSUMED), of(Quantity.PRODUCED))
        return estimate(of(Quantity.CURRENT), power, of(Quantity.VOLTAGE), meter_is_fine=self._is_fine)


def _net(consumed: float | None, produced: float | None) -> float | None:
    """Return import + / export − in W. A meter that only tells what is produced tells nothing of import."""
    if consumed is None:
        return -produced if produced else None
    return consumed - (produced or 0.0)
