"""What aiomqtt would leave to chance when a connection ends."""

import asyncio
import socket
from typing import Any

import pytest

from bridge.errors import DeviceUnavailableError
from bridge.mirror import connection
from bridge.mirror.connection import connected
from bridge.mirror.options import MqttOptions

CONNACK = b"\x20\x02\x00\x00"


async def test_a_socket_that_is_closed_meanwhile_is_not_watched() -> None:
    complaints: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    client = await connection._client(MqttOptions("127.0.0.1"), "ours", None)
    ours, theirs = socket.socketpair()
    assert client._client.on_socket_register_write is not None
    client._client.on_socket_register_write(client._client, None, ours)
    ours.close()
    theirs.close()
    for _ in range(3):
        await asyncio.sleep(0)
    assert complaints == []


async def test_a_wait_for_an_answer_ends_with_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself aiomqtt would wait on, and the loss be told for a broker that stopped answering."""
    monkeypatch.setattr(connection, "TIMEOUT", 5.0)

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(CONNACK)
        await reader.read(1000)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with connected(MqttOptions("127.0.0.1", port), "ours") as ours:
            with pytest.raises(DeviceUnavailableError) as lost:
                await ours.subscribe("topic")
    assert lost.value.detail == f"127.0.0.1:{port} closed the connection"
