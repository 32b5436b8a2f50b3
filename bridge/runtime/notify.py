"""Tells systemd how the service fares: the sd_notify protocol over its datagram socket."""

import os
import socket
from collections.abc import Mapping

from bridge.core.model import Instant, PhaseNumbers, Snapshot

BEATS_PER_WATCHDOG = 3.0
"""Watchdog messages per WatchdogSec, so that two may be lost."""
STATUS_EVERY = 5.0
"""Measurements alone renew the status line no oftener, s."""


class Notifier:
    """READY with the first snapshot, the watchdog fed by snapshots only: no decision, no beat.

    Without NOTIFY_SOCKET in the environment it does nothing. It never fails: systemd draws its own conclusions
    from silence.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._beat_every = _beat_every(environment)
        self._beat_at: Instant | None = None
        self._status_at: Instant | None = None
        self._headline = ""
        self._is_ready = False

    def show(self, snapshot: Snapshot) -> None:
        """Pass on what is due."""
        if not self._address:
            return
        due = [*self._ready(), *self._beat(snapshot.at), *self._status(snapshot)]
        if due and self._send("\n".join(due)):
            self._is_ready = True

    def stopping(self) -> None:
        """The service has begun to stop."""
        self._send("STOPPING=1\nSTATUS=stopping: leaving the charger safe")

    def close(self) -> None:
        self._socket.close()

    def _ready(self) -> list[str]:
        return [] if self._is_ready else ["READY=1"]

    def _beat(self, now: Instant) -> list[str]:
        if self._beat_every is None or (self._beat_at is not None and now - self._beat_at < self._beat_every):
            return []
        self._beat_at = now
        return ["WATCHDOG=1"]

    def _status(self, snapshot: Snapshot) -> list[str]:
        headline = _headline(snapshot)
        is_due = self._status_at is None or snapshot.at - self._status_at >= STATUS_EVERY
        if headline == self._headline and not is_due:
            return []
        self._headline, self._status_at = headline, snapshot.at
        return [f"STATUS={headline}; {_mains(snapshot)}"]

    def _send(self, message: str) -> bool:
        if not self._address:
            return False
        try:
            self._socket.sendto(message.encode(), self._address)
        except OSError:
            # nobody listens, or not fast enough: the next message tries again
            return False
        return True


def _address(name: str) -> str:
    """The socket's address; empty where systemd did not ask to be told. `@` marks an abstract one."""
    return f"\0{name[1:]}" if name.startswith("@") else name


def _beat_every(environment: Mapping[str, str]) -> float | None:
    """Seconds between watchdog messages; None where no watchdog is meant for this process."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    if not microseconds.isdecimal() or environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(microseconds) / 1e6 / BEATS_PER_WATCHDOG


def _headline(snapshot: Snapshot) -> str:
    return f"{snapshot.decision.limit} A, {snapshot.decision.reason.replace('_', ' ')}"


def _mains(snapshot: Snapshot) -> str:
    phases = " ".join(f"L{place} {_current(phase)}" for place, phase in enumerate(snapshot.decision.numbers, start=1))
    return f"{phases} A of {snapshot.controls.mains_limit:g}"


def _current(numbers: PhaseNumbers) -> str:
    return "–" if numbers.mains is None else f"{numbers.mains:.1f}"
