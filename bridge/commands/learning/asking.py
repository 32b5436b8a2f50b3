"""Asks the running service over MQTT, by the same button as Home Assistant."""

import asyncio
import json
import secrets
import tomllib
from collections.abc import Callable
from typing import Any

from bridge.commands.learning.result import LEARNT, Learnt
from bridge.core.model import Control, Happening, LearningStage
from bridge.core.pairing import SURE
from bridge.core.phases import Phase
from bridge.errors import DeviceUnavailableError
from bridge.mirror.connection import Connection, Received, connected
from bridge.mirror.controls import PRESS
from bridge.mirror.options import MqttOptions
from bridge.mirror.payloads import ONLINE
from bridge.mirror.topics import topics

KEPT_WITHIN = 2.0
"""For what the broker keeps to arrive, s."""
BEGINS_WITHIN = 20.0
"""For the service to answer the button, s."""
LONGEST = 2400.0
"""Two tries with all their time-outs, s."""
ENDED = (Happening.PHASES_LEARNT, Happening.PHASES_NOT_LEARNT)

Tell = Callable[[str], None]
"""Shows how far it is."""


async def is_running(options: MqttOptions) -> bool:
    """Whether a service says over MQTT that it is there. Raises DeviceUnavailableError where the broker is not."""
    async with connected(options, _client_id(options)) as connection:
        return await connection.retained(topics(options).availability) == ONLINE.encode()


async def ask(options: MqttOptions, tell: Tell) -> Learnt:
    """Press the button and wait for what comes of it. Raises DeviceUnavailableError.

    To be cancelled at any time: the service ends the lesson by itself.
    """
    where = topics(options)
    async with connected(options, _client_id(options)) as connection:
        await connection.subscribe(where.event, where.state)
        follower = _Follower(where.event, where.state, tell)
        await connection.publish(f"{where.set}/{Control.LEARN_PHASES}", PRESS.decode(), retain=False)
        try:
            async with asyncio.timeout(LONGEST):
                await _until_begun(connection, follower)
                while follower.ended is None:
                    follower.take(await connection.receive())
        except TimeoutError:
            raise DeviceUnavailableError("service", "did not finish in time; look at its log") from None
        return follower.ended


async def _until_begun(connection: Connection, follower: "_Follower") -> None:
    try:
        async with asyncio.timeout(BEGINS_WITHIN):
            while not follower.has_begun:
                follower.take(await connection.receive())
    except TimeoutError:
        detail = "does not answer the button: is it older than this command, or may this user not write to set/#?"
        raise DeviceUnavailableError("service", detail) from None


class _Follower:
    """Reads states and events."""

    def __init__(self, event: str, state: str, tell: Tell) -> None:
        self._event = event
        self._state = state
        self._tell = tell
        self._text = ""
        self._document: dict[str, Any] = {}
        self.has_begun = False
        self.ended: Learnt | None = None

    def take(self, message: Received) -> None:
        try:
            document = json.loads(message.payload)
        except ValueError:
            return
        if not isinstance(document, dict):
            return
        if message.topic == self._state:
            self._document = document
            self._show()
        elif message.topic == self._event and document.get("event_type") in ENDED:
            self.has_begun = True
            self.ended = self._learnt(str(document.get("text", "")))

    def _show(self) -> None:
        stage = self._document.get("phase_learning")
        if stage not in {LearningStage.PAUSING, LearningStage.WATCHING}:
            return
        self.has_begun = True
        text = str(_details(self._document).get("text"))
        if text != self._text:
            self._text = text
            self._tell(text)

    def _learnt(self, text: str) -> Learnt:
        """States are published before events, so the newest state holds the result."""
        details = _details(self._document)
        try:
            stage = LearningStage(self._document.get("phase_learning", ""))
            listed = tomllib.loads(str(details.get("likely") or "")).get("phases", [])
            phases = tuple(Phase(phase) for phase in listed)
            certainty = float(str(details.get("certainty") or "0").removesuffix(" %")) / 100
        except (ValueError, tomllib.TOMLDecodeError):
            return Learnt(LearningStage.FAILED, text)
        is_sure = stage in LEARNT and certainty >= SURE
        return Learnt(stage, text, phases if is_sure else None, certainty if is_sure else None)


def _details(document: dict[str, Any]) -> dict[str, Any]:
    details = document.get("details", {}).get("phase_learning")
    return details if isinstance(details, dict) else {}


def _client_id(options: MqttOptions) -> str:
    return f"{options.device_identifier}-{secrets.token_hex(4)}"
