"""One connection to the SignalR hub: pysignalr, without what lets it hang, loop or die of one odd message."""

import asyncio
import json
import logging
import ssl
from dataclasses import dataclass, field
from typing import Protocol

from pysignalr.client import SignalRClient
from pysignalr.messages import CloseMessage, HandshakeResponseMessage, InvocationMessage, Message, PingMessage
from pysignalr.protocol.json import JSONProtocol
from pysignalr.transport.websocket import WebsocketTransport
from websockets.asyncio.client import connect

_INVOCATION, _PING, _CLOSE = 1, 6, 7
_OTHERS = frozenset({2, 3, 4, 5, 8, 9})
"""Stream items, completions, acknowledgements: nothing here asks for them."""
_VENDOR_LOGGER = logging.getLogger("pysignalr.transport")
"""Silenced by vendor_logs: it would write headers and frames."""
_CLOSE_TIMEOUT = 1.0
"""For saying goodbye to a peer that may be gone, s."""


class HubClosedError(Exception):
    """The hub said goodbye."""


@dataclass(frozen=True, slots=True)
class Negotiated:
    """Where one connection may be opened, once."""

    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    """The token is among them."""


class Listener(Protocol):
    """Whom the stream tells. None of this may raise: it would take the connection down."""

    def opened(self) -> None:
        """Connected and subscribed: a replay follows."""

    def heard(self) -> None:
        """A frame came, whatever is in it: the hub is alive."""

    def garbled(self) -> None:
        """A message that is none."""

    def observed(self, raw: object) -> None:
        """One observation, as it came."""

    def responded(self, raw: object) -> None:
        """One CommandResponse, as it came."""


class HubProtocol(JSONProtocol):
    """Reads frames. One that is nonsense is told and skipped; the library would drop the connection."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener

    def decode(self, raw_message: str | bytes) -> list[Message]:
        self._listener.heard()
        text = raw_message.decode(errors="replace") if isinstance(raw_message, bytes) else raw_message
        messages = [self._message(part) for part in text.split(self.record_separator) if part.strip()]
        return [message for message in messages if message is not None]

    def decode_handshake(self, raw_message: str | bytes) -> tuple[HandshakeResponseMessage, list[Message]]:
        """Raise ValueError where it is none."""
        try:
            answer, rest = super().decode_handshake(raw_message)
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            raise ValueError("the hub's handshake cannot be read") from error
        self._listener.heard()
        return answer, list(rest)

    def _message(self, part: str) -> Message | None:
        try:
            data = json.loads(part)
        except (ValueError, RecursionError):
            data = None
        kind = data.get("type") if isinstance(data, dict) else None
        if kind == _PING:
            return PingMessage()
        if kind == _CLOSE:
            return CloseMessage(error=str(data.get("error") or ""))
        if kind == _INVOCATION and isinstance(data.get("target"), str) and isinstance(data.get("arguments"), list):
            return InvocationMessage(data.get("invocationId"), data["target"], data["arguments"])
        if not (isinstance(kind, int) and kind in _OTHERS):
            self._listener.garbled()
        return None


class _Connect(connect):
    """The library follows a redirect to any host, and shows the token there."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


class HubTransport(WebsocketTransport):
    """Connects once, to an id that is already negotiated, and ends with the connection.

    The library's own loop goes on for ever: first with the used-up id, which must fail, then blindly. It also rests on
    `connect.__aiter__`, which both libraries replace for the whole process; this one does not use it.
    """

    tls: ssl.SSLContext | None = None

    async def run(self) -> None:
        is_encrypted = self._url.startswith("wss:")
        async with _Connect(
            self._url,
            ssl=(self.tls or True) if is_encrypted else None,
            additional_headers=self._headers,
            proxy=None,
            open_timeout=self._connection_timeout,
            close_timeout=_CLOSE_TIMEOUT,
            max_size=self._max_size,
            logger=_VENDOR_LOGGER,
        ) as connection:
            await self._handshake(connection)
            self._ws = connection
            self._connected.set()
            if self._open_callback is not None:
                await self._open_callback()
            keepalive = asyncio.create_task(self._keepalive(connection), name="easee hub keepalive")
            try:
                await self._process(connection)
            finally:
                keepalive.cancel()
                await asyncio.gather(keepalive, return_exceptions=True)


class HubClient(SignalRClient):
    """Dispatches what the hub invokes."""

    def __init__(self, negotiated: Negotiated, protocol: HubProtocol, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(negotiated.url, protocol=protocol, headers=negotiated.headers)
        transport = HubTransport(
            url=negotiated.url, protocol=protocol, callback=self._on_message, headers=negotiated.headers
        )
        transport.tls = tls
        self._transport = transport

    async def _on_message(self, message: Message) -> None:
        if isinstance(message, CloseMessage):
            raise HubClosedError(message.error or "the hub closed the connection")
        # the library would remember every name that it does not know
        if isinstance(message, InvocationMessage) and message.target in self._message_handlers:
            await self._on_invocation_message(message)
