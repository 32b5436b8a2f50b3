"""What the runtime asks of its adapters."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias

from bridge.core.model import Instant, Observation, SetCircuitLimit, Snapshot

Tell: TypeAlias = Callable[[Observation], None]
"""Hands an observation to the engine, at once. Cheap; never blocks, never raises."""

Clock: TypeAlias = Callable[[], Instant]


class Rest(NamedTuple):
    """A cloud is to be left alone after a restart."""

    seconds: float
    why: str
    """One clear line."""


class Meter(Protocol):
    """Reads the mains."""

    async def follow(self, tell: Tell) -> None:
        """Tell every Telegram, and a LinkReport on each change of the link, until cancelled.

        Reconnects by itself. Raises DeviceUnavailableError where it must be started anew.
        """


class Charger(Protocol):
    """Reports on a charger and takes orders for its circuit."""

    async def follow(self, tell: Tell) -> None:
        """Tell a ChargerReport on each change, LinkReports, and an Outcome when the charger answers an order.

        Runs until cancelled. Raises DeviceUnavailableError (back off and start anew), RateLimitedError,
        LoginRejectedError or UnsuitableError.
        """

    async def apply(self, command: SetCircuitLimit) -> None:
        """Return once the cloud has accepted the order; raise a DeviceError otherwise.

        Bounded in time by the adapter's own request time-out. Cancelling gives the order up.
        """

    async def close(self) -> None:
        """Let go of sockets. Idempotent; does not raise."""


class Mirror(Protocol):
    """Shows snapshots to the world and tells what the owner turns there."""

    def show(self, snapshot: Snapshot) -> None:
        """Show this one next; replaces one not shown yet. Never blocks, never fails."""

    async def run(self, tell: Tell) -> None:
        """Stay connected until cancelled; reconnects by itself. Tells LinkReport(MQTT, …) and ControlChange."""
