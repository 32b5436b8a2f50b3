"""The part of systemd that a service notices: its notify socket, its watchdog, its restarts."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

WATCHDOG = 30.0
RESTART_AFTER = 10.0
NOT_RESTARTED = frozenset({77, 78, 243})
"""As in the unit, which a test compares."""


class Systemd:
    """Receives what the service tells."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self.path = path
        self.lines: list[str] = []
        self._clock = clock
        self._beat_at = clock()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))

    async def run(self) -> None:
        """Receive until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            said = (await loop.sock_recv(self._socket, 4096)).decode().split("\n")
            self.lines += said
            if {"WATCHDOG=1", "READY=1"} & set(said):
                self._beat_at = self._clock()

    def forget(self) -> None:
        """A new process begins."""
        self.lines.clear()
        self._beat_at = self._clock()

    @property
    def is_ready(self) -> bool:
        return "READY=1" in self.lines

    @property
    def is_overdue(self) -> bool:
        """Whether the watchdog would bite."""
        return self.is_ready and "STOPPING=1" not in self.lines and self._clock() - self._beat_at > WATCHDOG

    def close(self) -> None:
        self._socket.close()
