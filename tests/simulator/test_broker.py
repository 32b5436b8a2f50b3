"""The embedded broker, with the product's own MQTT library."""

import asyncio
import logging
from collections.abc import AsyncIterator

import aiomqtt
import pytest

from bridge.simulator.broker import EmbeddedBroker

BOUND = 10.0


@pytest.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    embedded = EmbeddedBroker()
    await embedded.start()
    yield embedded
    await embedded.stop()


def client(broker: EmbeddedBroker, **options: object) -> aiomqtt.Client:
    return aiomqtt.Client(broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V311, **options)  # type: ignore[arg-type]


async def next_message(subscriber: aiomqtt.Client) -> tuple[str, bytes, bool]:
    async with asyncio.timeout(BOUND):
        async for message in subscriber.messages:
            assert isinstance(message.payload, bytes)
            return message.topic.value, message.payload, bool(message.retain)
    raise AssertionError("no message")


async def test_retained_messages_reach_late_subscribers(broker: EmbeddedBroker) -> None:
    async with client(broker) as publisher:
        await publisher.publish("house/state", b"on", qos=1, retain=True)
    async with client(broker) as subscriber:
        await subscriber.subscribe("house/#")
        assert await next_message(subscriber) == ("house/state", b"on", True)


async def test_a_last_will_is_sent_when_a_client_vanishes(broker: EmbeddedBroker) -> None:
    async with client(broker) as watcher:
        await watcher.subscribe("availability")
        reader, writer = await asyncio.open_connection(broker.host, broker.port)
        writer.write(
            b"\x10\x2c\x00\x04MQTT\x04\x06\x00\x3c"  # CONNECT: 3.1.1, clean session, will, keep-alive 60 s
            b"\x00\x09vanishing\x00\x0cavailability\x00\x07offline"
        )
        assert await reader.readexactly(4) == b"\x20\x02\x00\x00"
        writer.transport.abort()
        assert await next_message(watcher) == ("availability", b"offline", False)


async def test_any_password_is_welcome(broker: EmbeddedBroker) -> None:
    async with client(broker, username="somebody", password="anything") as visitor:
        await visitor.publish("x", b"1", qos=1)


async def test_it_says_nothing_about_itself(broker: EmbeddedBroker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _, writer = await asyncio.open_connection(broker.host, broker.port)
    writer.close()
    async with client(broker) as visitor:
        await visitor.subscribe("$SYS/#")
        await visitor.publish("x", b"1", qos=1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await anext(visitor.messages)
    assert not [record for record in caplog.records if record.name.startswith("amqtt")]


async def stop_under_a_client(broker: EmbeddedBroker) -> None:
    async with client(broker) as visitor:
        await broker.stop()
        async with asyncio.timeout(BOUND):
            await anext(visitor.messages)


async def test_it_stops_under_connected_clients_and_comes_back_on_its_port() -> None:
    broker = EmbeddedBroker()
    await broker.start()
    port = broker.port
    with pytest.raises(aiomqtt.MqttError):
        await stop_under_a_client(broker)
    await broker.stop()
    await broker.start()
    assert broker.port == port
    async with client(broker) as visitor:
        await visitor.publish("x", b"1", qos=1)
    await broker.stop()


async def test_a_port_that_is_taken_is_told(broker: EmbeddedBroker) -> None:
    with pytest.raises(OSError, match="address already in use"):
        await EmbeddedBroker(port=broker.port).start()
