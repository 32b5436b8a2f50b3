"""One connection to the broker: all that is known of aiomqtt and paho stays in here."""

import asyncio
import contextlib
import functools
import logging
import math
import ssl
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple

from aiomqtt import Client, MqttError, ProtocolVersion, Will

from bridge.errors import DeviceUnavailableError
from bridge.mirror.failures import refused
from bridge.mirror.options import MqttOptions
from bridge.mirror.payloads import OFFLINE, QOS

NAME = "mqtt"
KEEPALIVE = 30
"""s; a vanished bridge is `offline` after one and a half of them."""
TIMEOUT = 10.0
"""s for any answer of the broker."""
LEAVE = 1.0
"""s for a clean good-bye, at most."""
FETCH = 1.0
"""s for a retained message to arrive; a broker sends it right after its answer to the subscription."""
WAITING_ROOM = 100
"""Messages kept until they are looked at; a flood beyond is dropped."""
LARGEST = 131_072
"""Bytes of a message that are taken in; our own longest, the discovery, has 20 000."""
FAILURE = 0x80

_vendor_log = logging.getLogger(f"{__name__}.paho")
_vendor_log.setLevel(logging.CRITICAL)  # it warns for each message dropped; what matters is logged here


class Received(NamedTuple):
    """A message, with whether the broker had kept it from before we subscribed."""

    topic: str
    payload: bytes
    is_retained: bool


class Gate:
    """Hangs up on a message that is too large, before it is in memory: MQTT 3.1.1 cannot ask the broker for that.

    Paho asks its `_sock_recv` for as many bytes as a message has.
    """

    def __init__(self, client: Client) -> None:
        self.refusal: str | None = None
        paho = client._client  # noqa: SLF001 there is no other way to it
        receive = paho._sock_recv  # noqa: SLF001

        def checked(size: int) -> bytes:
            if size > LARGEST:
                self.refusal = f"hung up on a message of {size} bytes on a topic we read: clear it there if it is kept"
                raise ConnectionAbortedError(self.refusal)
            return receive(size)

        paho._sock_recv = checked  # type: ignore[assignment,method-assign]  # noqa: SLF001


class Connection:
    """Publishes and receives. A connection that is lost raises DeviceUnavailableError."""

    def __init__(self, client: Client, options: MqttOptions, gate: Gate) -> None:
        self._client = client
        self._options = options
        self._gate = gate

    async def publish(self, topic: str, payload: str, *, retain: bool = True) -> None:
        """Return once the broker has it."""
        async with self._answer():
            await self._client.publish(topic, payload, qos=QOS, retain=retain, timeout=math.inf)

    async def subscribe(self, *wanted: str) -> tuple[str, ...]:
        """The topics that the broker does not let us read: none, usually."""
        async with self._answer():
            codes = await self._client.subscribe([(topic, QOS) for topic in wanted], timeout=math.inf)
        granted = [getattr(code, "value", code) for code in codes]
        return tuple(topic for topic, code in zip(wanted, granted, strict=False) if code >= FAILURE)

    async def unsubscribe(self, *topics: str) -> None:
        async with self._answer():
            await self._client.unsubscribe(list(topics), timeout=math.inf)

    async def receive(self) -> Received:
        with self._losses():
            message = await anext(self._client.messages)
        payload = message.payload if isinstance(message.payload, bytes) else b""
        return Received(str(message.topic), payload, message.retain)

    async def retained(self, topic: str) -> bytes | None:
        """What the broker keeps on a topic; None where it keeps nothing. Only while nothing else is subscribed."""
        await self.subscribe(topic)
        kept = Received("", b"", is_retained=False)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FETCH):
                while kept.topic != topic:
                    kept = await self.receive()
        await self.unsubscribe(topic)
        return kept.payload if kept.topic == topic else None

    @contextlib.asynccontextmanager
    async def _answer(self) -> AsyncIterator[None]:
        """Bound the wait for an answer, which ends with the connection: aiomqtt goes on waiting then.

        Its own bound is `wait_for`, which loses a cancellation before Python 3.12.
        """
        lost = self._client._disconnected  # noqa: SLF001 nothing else tells it while one waits for an answer
        with self._losses():
            async with asyncio.timeout(TIMEOUT) as bound:
                hurry = functools.partial(_expire, bound)
                lost.add_done_callback(hurry)
                try:
                    yield
                finally:
                    lost.remove_done_callback(hurry)

    @contextlib.contextmanager
    def _losses(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            is_lost = self._client._disconnected.done()  # noqa: SLF001
            told = "closed the connection" if is_lost else "stopped answering"
            raise DeviceUnavailableError(NAME, self._gate.refusal or f"{self._options.where} {told}") from error
        except MqttError as error:
            detail = self._gate.refusal or f"{self._options.where} closed the connection"
            raise DeviceUnavailableError(NAME, detail) from error


def _expire(bound: asyncio.Timeout, _lost: object) -> None:
    with contextlib.suppress(RuntimeError):  # it has expired already
        bound.reschedule(asyncio.get_running_loop().time())


@contextlib.asynccontextmanager
async def connected(options: MqttOptions, client_id: str, will: str | None = None) -> AsyncIterator[Connection]:
    """A connection that is left cleanly, within a second. `will` is the topic that is to say `offline` for us.

    Raises DeviceUnavailableError with the cause and the cure where there is none to be had.
    """
    client = await _client(options, client_id, will)
    gate = Gate(client)
    try:
        await _enter(client)
    except (MqttError, ValueError) as error:
        raise DeviceUnavailableError(NAME, refused(error, options)) from error
    try:
        yield Connection(client, options, gate)
    finally:
        await _leave(client)


async def _client(options: MqttOptions, client_id: str, will: str | None) -> Client:
    client = Client(
        options.host,
        options.port,
        username=options.username,
        password=options.password,
        identifier=client_id,
        protocol=ProtocolVersion.V311,
        clean_session=True,
        timeout=TIMEOUT,
        keepalive=KEEPALIVE,
        max_queued_incoming_messages=WAITING_ROOM,
        tls_context=await asyncio.to_thread(_tls, options) if options.tls else None,
        will=Will(will, OFFLINE, qos=QOS, retain=True) if will else None,
        logger=_vendor_log,
    )
    write_while_open(client)
    return client


def write_while_open(client: Client) -> None:
    """Have no closed socket watched: aiomqtt asks for that a moment later, and asyncio then logs a traceback."""
    paho, loop = client._client, asyncio.get_running_loop()  # noqa: SLF001 there is no other way to it

    def write() -> None:
        try:
            paho.loop_write()
        except Exception as error:  # noqa: BLE001 whatever it is, the connection is over
            if not client._disconnected.done():  # noqa: SLF001
                client._disconnected.set_exception(error)  # noqa: SLF001

    def watch(socket: Any) -> None:
        if socket.fileno() >= 0:
            loop.add_writer(socket.fileno(), write)

    def soon(_paho: object, _data: object, socket: Any) -> None:
        loop.call_soon_threadsafe(watch, socket)

    paho.on_socket_register_write = soon


def _tls(options: MqttOptions) -> ssl.SSLContext:
    """Read anew each time, since certificates are renewed on live systems."""
    try:
        context = ssl.create_default_context(cafile=options.ca_file)
        if options.ca_file:  # from Python 3.13 on, a homemade authority without a key usage would be refused
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)
        if options.client_cert:
            context.load_cert_chain(options.client_cert, options.client_key)
    except OSError as error:  # ssl.SSLError is one
        files = ", ".join(str(file) for file in (options.ca_file, options.client_cert, options.client_key) if file)
        detail = f"a certificate or key cannot be read ({error.strerror or error}): look at {files}"
        raise DeviceUnavailableError(NAME, detail) from error
    return context


async def _enter(client: Client) -> None:
    """Connect; paho does so in a thread that cannot be stopped, so it is waited for a little when we are."""
    _expect_loss(client)
    entering = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.shield(entering)
        _expect_loss(client)  # it may be another by now
    except asyncio.CancelledError:
        await asyncio.wait({entering}, timeout=LEAVE / 2)
        await _leave(client)
        if not entering.cancel():
            entering.exception()
        raise
    except MqttError:
        await _leave(client)  # else a broker that did not answer in time keeps a half-open connection of ours
        raise


def _expect_loss(client: Client) -> None:
    """Look at how the connection ends; the library may not, and then asyncio writes a traceback into the log."""
    client._disconnected.add_done_callback(lambda lost: lost.cancelled() or lost.exception())  # noqa: SLF001


async def _leave(client: Client) -> None:
    """Part from the broker; in its own task, since aiomqtt's `wait_for` could lose a cancellation of ours."""
    client.timeout = LEAVE / 2
    leaving = asyncio.ensure_future(client.__aexit__(None, None, None))
    await asyncio.wait({leaving})
    leaving.exception()  # what goes wrong while parting concerns nobody
