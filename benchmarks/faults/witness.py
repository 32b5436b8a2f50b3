"""Somebody on the broker who writes down all that is said, and turns the owner's knobs."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiomqtt

BASE = "ev-load-bridge/main"
PROBLEMS = ("meter_stale", "charger_lost", "fallback", "other_controller", "overload")
AGAIN = 1.0
"""s until the next try to connect."""


class Witness:
    """Keeps the newest state, and since when each problem was seen on and off."""

    def __init__(self, clock: Callable[[], float], record: Path) -> None:
        self.host, self.port = "", 0
        self.heard_at = float("-inf")
        """When the newest state came."""
        self.state: dict[str, Any] = {}
        self.online: str | None = None
        self.messages = 0
        self.changes: list[tuple[float, str, bool]] = []
        """Instant, problem, whether it came or went."""
        self._clock = clock
        self._record = record.open("ab")
        self._client: aiomqtt.Client | None = None
        self.credentials: tuple[str, str] | None = None

    async def run(self) -> None:
        """Listen until cancelled, on whatever broker there is."""
        while True:
            with suppress(aiomqtt.MqttError):
                await self._listen()
            await asyncio.sleep(AGAIN)

    async def turn(self, knob: str, value: str) -> None:
        """Send a set-topic; waits for a broker to be there."""
        while self._client is None:  # noqa: ASYNC110 a harness may look
            await asyncio.sleep(AGAIN)
        await self._client.publish(f"{BASE}/set/{knob}", value, qos=1)

    def came(self, problem: str, since: float) -> bool:
        """Whether this problem was shown after an instant."""
        return any(name == problem and on and at >= since for at, name, on in self.changes)

    def shows(self, problem: str) -> bool:
        return self.state.get(problem) == "ON"

    def close(self) -> None:
        self._record.close()

    async def _listen(self) -> None:
        user = self.credentials or (None, None)
        async with aiomqtt.Client(self.host, self.port, username=user[0], password=user[1]) as client:
            await client.subscribe("#", qos=1)
            self._client = client
            try:
                async for message in client.messages:
                    self._hear(str(message.topic), bytes(message.payload or b""))
            finally:
                self._client = None

    def _hear(self, topic: str, payload: bytes) -> None:
        self.messages += 1
        if not topic.startswith(f"{BASE}/set/"):  # what we said ourselves says nothing of the service
            self._record.write(topic.encode() + b" " + payload + b"\n")
        if topic == f"{BASE}/availability":
            self.online = payload.decode(errors="replace")
        if topic == f"{BASE}/state":
            self._take(payload)

    def _take(self, payload: bytes) -> None:
        try:
            state = json.loads(payload)
        except ValueError:
            return  # somebody else's garbage
        if not isinstance(state, dict) or "meter_stale" not in state:
            return
        for problem in PROBLEMS:
            if state[problem] != self.state.get(problem, "OFF"):
                self.changes.append((self._clock(), problem, state[problem] == "ON"))
        self.state, self.heard_at = state, self._clock()
