"""One client on the SignalR hub."""

import asyncio
import json
from collections.abc import Callable
from typing import Final, TypeAlias

from aiohttp import WSMsgType, web

from bridge.simulator.faults import Faults, Silence

SEPARATOR = "\x1e"
FRAME_MESSAGES = 20
"""At most so many messages share a frame."""
HANG_UP: Final = "hang up"

OnSubscribe: TypeAlias = Callable[["Connection", str], None]


class Connection:
    """Speaks the JSON hub protocol over one WebSocket. `subscriptions` holds serials."""

    def __init__(self, faults: Faults, on_subscribe: OnSubscribe) -> None:
        self.subscriptions: set[str] = set()
        self._faults = faults
        self._on_subscribe = on_subscribe
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        # Pings and close frames are answered here, so that a dead network path can be played.
        self._socket = web.WebSocketResponse(autoping=False, autoclose=False)
        self._request: web.Request | None = None

    def send(self, message: dict[str, object]) -> None:
        """Queue one message; lost while the stream is silent."""
        if self._faults.silence is None:
            self._outbox.put_nowait(json.dumps(message, separators=(",", ":")) + SEPARATOR)

    def hang_up(self) -> None:
        """Close the WebSocket once everything queued is sent."""
        self._outbox.put_nowait(HANG_UP)

    def abort(self) -> None:
        """Cut the TCP connection."""
        if self._request is not None and self._request.transport is not None:
            self._request.transport.abort()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Shake hands, then read and write until one side ends it."""
        self._request = request
        await self._socket.prepare(request)
        hello = await self._socket.receive()
        if hello.type is not WSMsgType.TEXT or '"protocol"' not in hello.data:
            await self._socket.close()
            return self._socket
        if self._faults.handshake_error is not None:
            await self._socket.send_str(json.dumps({"error": self._faults.handshake_error}) + SEPARATOR)
            await self._socket.close()
            return self._socket
        await self._socket.send_str("{}" + SEPARATOR)
        writer = asyncio.create_task(self._write(), name="hub writer")
        try:
            await self._read()
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return self._socket

    async def _read(self) -> None:
        async for message in self._socket:
            is_dead = self._faults.silence is Silence.TCP
            match message.type:
                case WSMsgType.TEXT if not is_dead:
                    for part in filter(None, message.data.split(SEPARATOR)):
                        self._take(json.loads(part))
                case WSMsgType.PING if not is_dead:
                    await self._socket.pong(message.data)
                case WSMsgType.CLOSE | WSMsgType.CLOSING | WSMsgType.CLOSED | WSMsgType.ERROR:
                    break
        if self._faults.silence is Silence.TCP:
            self.abort()
        else:
            await self._socket.close()

    def _take(self, message: dict[str, object]) -> None:
        match message:
            case {"type": 1, "target": "SubscribeWithCurrentState", "arguments": [str(mid), *rest]}:
                self.subscriptions.add(mid)
                if rest and rest[0]:
                    self._on_subscribe(self, mid)
            case {"type": 1, "target": "Unsubscribe", "arguments": [str(mid), *_]}:
                self.subscriptions.discard(mid)
        if message.get("type") == 1 and message.get("invocationId") is not None:
            self.send({"type": 3, "invocationId": message["invocationId"], "result": None})

    async def _write(self) -> None:
        while True:
            messages = [await self._outbox.get()]
            while not self._outbox.empty() and len(messages) < FRAME_MESSAGES:
                messages.append(self._outbox.get_nowait())
            is_last = HANG_UP in messages
            text = "".join(message for message in messages if message != HANG_UP)
            if text:
                await self._socket.send_str(text)
            if is_last:
                await self._socket.close()
                return
