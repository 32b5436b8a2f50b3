"""A peer that speaks ESPHome's native API as the Slimmelezer's firmware does.

It serves the names, keys, bursts and refusals of the real device, and can be frozen or cut off.
"""

import asyncio
from collections.abc import Mapping, Sequence

from bridge.simulator.esphome_frames import Frames, Packet, PlaintextFrames
from bridge.simulator.esphome_messages import Identity, SensorSpec, state
from bridge.simulator.esphome_noise import NoiseFrames, key_of
from bridge.simulator.esphome_session import Session

__all__ = ["EsphomeDevice", "SensorSpec"]

OLD_API_MINOR = 10
"""Firmware up to 2025.2."""


class EsphomeDevice:
    """An ESPHome node with a P1 port. `port` is 0 until `start` has bound a free one.

    `encryption_key` is base64 of 32 bytes, else ValueError; None serves plaintext. With `one_write_per_state` it
    behaves as firmware up to 2025.2: each state in its own write, object ids on the wire.
    """

    def __init__(
        self,
        sensors: Sequence[SensorSpec],
        *,
        name: str = "slimmelezer",
        encryption_key: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        one_write_per_state: bool = False,
    ) -> None:
        self.sensors = tuple(sensors)
        self.identity = Identity(name, api_minor=OLD_API_MINOR) if one_write_per_state else Identity(name)
        self.host = host
        self.port = port
        self.one_write_per_state = one_write_per_state
        self._key = None if encryption_key is None else key_of(encryption_key)
        self.max_clients = 8
        self.ignores_subscriptions = False
        """A session that answers everything but never sends a state, as zombies do."""
        self.is_frozen = False
        self.subscriptions = 0
        """SubscribeStates received since the start."""
        self._values: dict[str, float | None] = {}
        self._sessions: set[Session] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Session(self), self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up on everybody and listen no longer, as a device that lost its power. `start` takes the same port."""
        if self._server is not None:
            self._server.close()
            self.drop_clients()
            await self._server.wait_closed()
            self._server = None

    def publish(self, values: Mapping[str, float | None], *, with_texts: bool = True) -> None:
        """Publish one telegram: a burst of the given sensors in the firmware's order, then the text sensors.

        Values are by object id, in the sensor's unit; None publishes NaN, and what is not named keeps its old value
        unsaid, as fields that a telegram lacks. Raises KeyError for an unknown sensor.
        """
        unknown = values.keys() - {spec.object_id for spec in self.sensors}
        if unknown:
            raise KeyError(*sorted(unknown))
        if self.is_frozen:
            return
        self._values.update(values)
        chosen = [s for s in self.sensors if (with_texts if s.text else s.object_id in values)]
        burst = self._states(sorted(chosen, key=lambda spec: bool(spec.text)))
        for session in self._sessions:
            session.send_states(burst)

    def freeze(self) -> None:
        """Stop as a hung process does: connections are taken by the kernel, nothing is answered or sent."""
        self.is_frozen = True
        for session in self._sessions:
            session.pause()

    def thaw(self) -> None:
        """Go on, with what clients asked meanwhile."""
        self.is_frozen = False
        for session in self._sessions:
            session.resume()

    def drop_clients(self) -> None:
        """Cut every connection without a word (TCP reset)."""
        for session in tuple(self._sessions):
            session.cut()

    def dismiss_clients(self) -> None:
        """Ask every client to disconnect, as the firmware does before a restart."""
        for session in self._sessions:
            session.dismiss()

    @property
    def clients(self) -> int:
        return len(self._sessions)

    # --- what a session asks of its device ---

    @property
    def is_encrypted(self) -> bool:
        return self._key is not None

    def frames(self) -> Frames:
        return PlaintextFrames() if self._key is None else NoiseFrames(self._key, self.identity)

    def enter(self, session: Session) -> bool:
        """Count a client in; False where there are too many."""
        if len(self._sessions) >= self.max_clients:
            return False
        self._sessions.add(session)
        return True

    def leave(self, session: Session) -> None:
        self._sessions.discard(session)

    def dump(self) -> list[Packet]:
        """Return the last known state of everything, whatever its age."""
        return self._states(self.sensors)

    def _states(self, specs: Sequence[SensorSpec]) -> list[Packet]:
        return [state(spec, self._values.get(spec.object_id)) for spec in specs]
