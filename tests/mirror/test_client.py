import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from mirror.abuse import AbuseCases
from mirror.brokers import PATIENCE
from mirror.cases import MirrorCases
from mirror.outages import OutageCases
from mirror.peers import running
from mirror.scene import now_charging
from mirror.snapshots import HOME

from bridge.core.model import LinkReport
from bridge.errors import DeviceUnavailableError
from bridge.mirror import backoff, client, connection
from bridge.mirror.client import MqttMirror
from bridge.mirror.connection import Connection, Received
from bridge.mirror.listener import Listener
from bridge.mirror.options import MqttOptions
from bridge.mirror.publisher import Publisher

REFUSED = bytes([0x20, 2, 0, 5])
"""CONNACK: not authorised."""
WELCOME = bytes([0x20, 2, 0, 0])


class TestOnAmqtt(MirrorCases, OutageCases, AbuseCases):
    """The broker of the demo."""


@contextlib.asynccontextmanager
async def mute_peer() -> AsyncIterator[MqttOptions]:
    """Takes the first connection and never answers; leaving waits until the other side has hung up."""
    gone = asyncio.Event()

    async def stay_mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while await reader.read(100):
                pass
        writer.close()
        gone.set()

    async with await asyncio.start_server(stay_mute, "127.0.0.1", 0) as server:
        yield MqttOptions("127.0.0.1", server.sockets[0].getsockname()[1])
        await asyncio.wait_for(gone.wait(), PATIENCE)


async def test_a_peer_that_never_answers_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "TIMEOUT", 0.3)
    monkeypatch.setattr(backoff, "FIRST", 30.0)
    async with mute_peer() as options, running(MqttMirror(options, HOME, time.monotonic, "1")) as ear:
        await ear.until(lambda: ear.told)
    lost = ear.told[0]
    assert isinstance(lost, LinkReport)
    assert "does not answer: is it an MQTT broker" in lost.detail


@pytest.mark.parametrize(
    ("host", "cure"),
    [("no-such-host.invalid", "is not a known host"), ("a..b", "is not a known host"), ("", "is not a known host")],
)
async def test_a_host_that_is_not_known_is_told_as_such(host: str, cure: str) -> None:
    async with running(MqttMirror(MqttOptions(host, 1), HOME, time.monotonic, "1")) as ear:
        await ear.until(lambda: ear.told)
    lost = ear.told[0]
    assert isinstance(lost, LinkReport)
    assert cure in lost.detail


async def test_an_outage_is_warned_about_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="bridge")
    tries = 0

    async def turn_away(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        writer.write(REFUSED)
        await writer.drain()
        if tries == 3:
            third.set()
        writer.close()

    third = asyncio.Event()
    async with await asyncio.start_server(turn_away, "127.0.0.1", 0) as server:
        options = MqttOptions("127.0.0.1", server.sockets[0].getsockname()[1], username="me", password="hunter2")
        mirror = MqttMirror(options, HOME, time.monotonic, "1")
        mirror.show(now_charging())
        async with running(mirror) as ear:
            await asyncio.wait_for(third.wait(), 10)
    lost = [told for told in ear.told if isinstance(told, LinkReport)]
    assert len(lost) == len(ear.told) == 1
    assert "refuses user name or password" in lost[0].detail
    assert sum(record.levelno == logging.WARNING for record in caplog.records) == 1
    assert "hunter2" not in caplog.text


async def test_whoever_keeps_taking_our_id_gets_no_storm(caplog: pytest.LogCaptureFixture) -> None:
    came: list[float] = []
    enough = asyncio.Event()

    async def push_out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(time.monotonic())
        if len(came) == 6:
            enough.set()
        await reader.read(100)
        writer.write(WELCOME)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(push_out, "127.0.0.1", 0) as server:
        options = MqttOptions("127.0.0.1", server.sockets[0].getsockname()[1])
        async with running(MqttMirror(options, HOME, time.monotonic, "1")):
            await asyncio.wait_for(enough.wait(), 30)
    for number, (before, after) in enumerate(pairwise(came)):
        assert after - before >= backoff.FIRST * 2**number
    assert "does another client use the id ev-load-bridge-main?" in caplog.text
    assert sum(record.levelno >= logging.WARNING for record in caplog.records) <= 6


async def test_stopping_is_quick_while_the_broker_does_not_answer() -> None:
    async with mute_peer() as options:
        task = asyncio.create_task(MqttMirror(options, HOME, time.monotonic, "1").run(lambda _: None))
        await asyncio.sleep(0.2)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=PATIENCE / 2)
    assert done


def test_waits_double_up_to_a_minute_and_start_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST", 1.0)
    waits = backoff.Backoff()
    for least in (1, 2, 4, 8, 16, 32, 60, 60):
        assert least <= waits.wait() <= least * (1 + backoff.JITTER)
    waits.reset()
    assert waits.wait() < 2


class Doomed(Connection):
    """A connection that is lost at a given moment."""

    def __init__(self) -> None:
        self.loss = asyncio.Event()

    async def retained(self, topic: str) -> bytes | None:
        del topic

    async def publish(self, topic: str, payload: str, *, retain: bool = True) -> None:
        pass

    async def subscribe(self, *wanted: str) -> tuple[str, ...]:
        del wanted
        return ()

    async def receive(self) -> Received:
        await self.loss.wait()
        raise DeviceUnavailableError("mqtt", "gone")


async def test_a_stop_in_the_moment_of_a_loss_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    doomed = Doomed()

    @contextlib.asynccontextmanager
    async def connected(*_: object) -> AsyncIterator[Connection]:
        yield doomed

    monkeypatch.setattr(client, "connected", connected)
    up = asyncio.Event()
    task = asyncio.create_task(MqttMirror(MqttOptions("broker"), HOME, time.monotonic, "1").run(lambda _: up.set()))
    await up.wait()
    await asyncio.sleep(0.05)
    doomed.loss.set()
    await asyncio.sleep(0)  # the listener fails now, and its group is told in the next round
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=PATIENCE / 2)
    assert done
    assert task.cancelled()


async def test_a_broker_that_does_not_let_us_listen_is_named(caplog: pytest.LogCaptureFixture) -> None:
    class Closed(Doomed):
        async def subscribe(self, *wanted: str) -> tuple[str, ...]:
            return wanted[:1]

    closed = Closed()
    closed.loss.set()
    options = MqttOptions("broker")
    shown = Publisher(options, HOME, time.monotonic, "1")
    with pytest.raises(DeviceUnavailableError):
        await Listener(options, HOME, time.monotonic, shown).run(closed, lambda _: None)
    assert "does not let us read ev-load-bridge/main/set/+" in caplog.text


async def test_a_bug_ends_the_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    doomed = Doomed()

    @contextlib.asynccontextmanager
    async def connected(*_: object) -> AsyncIterator[Connection]:
        yield doomed

    async def fail() -> Received:
        raise ZeroDivisionError

    monkeypatch.setattr(client, "connected", connected)
    monkeypatch.setattr(doomed, "receive", fail)
    with pytest.raises(ZeroDivisionError):
        await MqttMirror(MqttOptions("broker"), HOME, time.monotonic, "1").run(lambda _: None)
