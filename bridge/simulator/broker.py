"""An MQTT broker in this process, for those who have none running. MQTT 3.1.1 only, no passwords."""

import asyncio
import logging

from amqtt.adapters import StreamReaderAdapter, StreamWriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType

LISTENER = "default"
ANONYMOUS = "amqtt.plugins.authentication.AnonymousAuthPlugin"
STOP_SECONDS = 3.0


class EmbeddedBroker:
    """Listens on one address; `port` is 0 until `start` has bound a free one. A stopped broker forgets everything."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self._broker: Broker | None = None
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        # It logs each connection and each half-open probe; nobody who watches a demo wants to read that.
        logging.getLogger("amqtt").setLevel(logging.CRITICAL)
        logging.getLogger("transitions").setLevel(logging.WARNING)
        # We own the listening socket, not amqtt: only so can port 0 be read back and can clients be hung up on.
        listener = ListenerConfig(type=ListenerType.EXTERNAL)
        broker = Broker(BrokerConfig(listeners={LISTENER: listener}, plugins={ANONYMOUS: {"allow_anonymous": True}}))
        await broker.start()
        self._broker = broker
        try:
            self._server = await asyncio.start_server(self._serve, self.host, self.port)
        except OSError:
            await self.stop()
            raise
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up on everybody and listen no longer. Idempotent; `start` takes the same port again."""
        server, broker = self._server, self._broker
        self._server = self._broker = None
        if server is not None:
            server.close()
        if broker is not None:
            await broker.shutdown()
        if self._clients:
            _, late = await asyncio.wait(self._clients, timeout=STOP_SECONDS)
            for client in late:
                client.cancel()
        if server is not None:
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if self._broker is None or task is None:
            writer.close()
            return
        self._clients.add(task)
        try:
            await self._broker.external_connected(StreamReaderAdapter(reader), StreamWriterAdapter(writer), LISTENER)
        finally:
            self._clients.discard(task)
            writer.close()
