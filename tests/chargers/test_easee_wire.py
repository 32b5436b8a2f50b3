"""Peers that do not speak as a web server would, byte for byte: nothing of them is taken without bound or on trust."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from easee_peer import PASSWORD, USERNAME, Following, Peer, problem

from bridge.chargers.easee.bodies import LARGEST
from bridge.chargers.easee.client import EaseeCharger
from bridge.chargers.easee.options import EaseeOptions
from bridge.errors import DeviceError, DeviceUnavailableError, LoginRejectedError, RateLimitedError

Write = Callable[[asyncio.StreamWriter], Awaitable[None]]
TOKEN = "t0k3n-0f-nobody"
CHUNK = b" " * 65536
IN_BETWEEN = 64 * 1024 * 1024
"""Bytes that buffers of two kernels and a library may hold at most."""


@asynccontextmanager
async def answering(write: Write) -> AsyncIterator[EaseeOptions]:
    """A peer that answers each request so, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            await write(writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield EaseeOptions(USERNAME, PASSWORD, api_url=url, stream_url=f"{url}/hubs/chargers", request_timeout=20.0)


async def failure(options: EaseeOptions) -> DeviceError:
    charger = EaseeCharger(options)
    try:
        with pytest.raises(DeviceError) as caught:
            await asyncio.wait_for(charger.follow(lambda _: None), 20)
    finally:
        await charger.close()
    return caught.value


class Endless:
    """A body that ends when nobody takes it any more."""

    def __init__(self, head: bytes) -> None:
        self.sent = 0
        self._head = head

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        writer.write(self._head)
        while self.sent < LARGEST + IN_BETWEEN:
            writer.write(CHUNK)
            self.sent += len(CHUNK)
            await writer.drain()


async def test_a_document_without_end_is_hung_up_on() -> None:
    endless = Endless(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    async with answering(endless) as options:
        error = await failure(options)
    assert isinstance(error, DeviceUnavailableError)
    assert "sends more in one answer than an Easee cloud would" in error.detail
    assert endless.sent < LARGEST + IN_BETWEEN


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimitedError), (503, DeviceUnavailableError)])
async def test_a_refusal_without_end_is_the_refusal_that_it_is(status: int, kind: type[DeviceError]) -> None:
    endless = Endless(f"HTTP/1.1 {status} No\r\nContent-Type: text/plain\r\n\r\n".encode())
    async with answering(endless) as options:
        error = await failure(options)
    assert isinstance(error, kind)
    assert endless.sent < LARGEST + IN_BETWEEN


async def test_what_is_packed_small_is_unpacked_to_the_same_bound() -> None:
    packed = gzip.compress(b" " * 25 * LARGEST, 9)

    async def write(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
        writer.write(head.encode() + packed)
        await writer.drain()

    async with answering(write) as options:
        error = await failure(options)
    assert "sends more in one answer" in error.detail


@pytest.mark.parametrize(
    "wire",
    [
        f'HTTP/1.1 "{TOKEN} \r\n\r\n',
        f"HTTP/1.1 200 OK\r\n{{{TOKEN}}}\r\n\r\n",
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{TOKEN}\r\n",
        f"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{TOKEN}",
    ],
    ids=["status line", "header", "chunk", "cut off"],
)
async def test_an_answer_that_is_no_http_is_not_quoted(wire: str) -> None:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(wire.encode())
        await writer.drain()

    async with answering(write) as options:
        error = await failure(options)
    assert "does not answer in proper HTTP" in error.detail
    assert TOKEN not in f"{error!r} {error.__cause__!r}"


@pytest.mark.parametrize("padding", [0, 110])
async def test_a_refusal_that_repeats_the_password_is_told_without_it(
    peer: Peer, follow: Callable[..., Following], padding: int
) -> None:
    peer.says("login", problem(401, title=f"{'.' * padding}{PASSWORD}"))
    with pytest.raises(LoginRejectedError) as caught:
        await asyncio.wait_for(follow().task, 5)
    assert PASSWORD[:5] not in caught.value.detail
