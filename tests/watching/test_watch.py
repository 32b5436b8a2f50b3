"""`watch` on a real socket: a fake publisher, the real mirror, a broker that comes and goes."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from commands.demo_documents import EVENING
from mirror.brokers import PATIENCE, Amqtt, free_port
from mirror.peers import running
from mirror.scene import mirror_of, now_charging

from bridge.commands.live.showing import End
from bridge.commands.watching.board import OFFLINE, Watched
from bridge.commands.watching.command import _find, _follow, _show
from bridge.commands.watching.target import Target, Wishes, target
from bridge.errors import DeviceUnavailableError
from bridge.mirror.options import MqttOptions
from bridge.mirror.reader import instances


def options_of(broker: Amqtt, **changes: Any) -> MqttOptions:
    return MqttOptions("127.0.0.1", broker.port, **changes)


async def keep(broker: Amqtt, instance: str = "main", word: str = "online", **state: Any) -> None:
    """What a bridge leaves on the broker."""
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.publish(f"ev-load-bridge/{instance}/state", json.dumps(EVENING | state), qos=1, retain=True)
        await client.publish(f"ev-load-bridge/{instance}/availability", word, qos=1, retain=True)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 what it waits for is in no event
            await asyncio.sleep(0.01)


async def lasting(end: End, show: Coroutine[Any, Any, int], condition: Callable[[], object]) -> int:
    """Run a show until a condition holds; gives its exit status."""
    task = asyncio.create_task(show)
    try:
        await until(condition)
    finally:
        end.stop.set()
    return await task


def news(watched: Watched) -> list[str]:
    return [item.text for item in watched.board.news.items]


async def test_a_bridge_is_shown_and_what_happened_before_is_no_news(
    broker: Amqtt, capsys: pytest.CaptureFixture[str]
) -> None:
    await keep(broker)
    watched, end = Watched(options_of(broker), None), End(asyncio.Event(), None)
    out: list[str] = []

    def is_said() -> bool:
        out.append(capsys.readouterr().out)
        return "balancing · limit 8 A · L1 17.9 A" in "".join(out)

    assert await lasting(end, _show(watched, options_of(broker), None, end), is_said) == 0
    assert news(watched) == []
    assert watched.trouble(0) is None


async def test_nothing_seen_by_the_end_is_a_failure(broker: Amqtt) -> None:
    watched, end = Watched(options_of(broker), None), End(asyncio.Event(), 0.3)
    assert await _show(watched, options_of(broker), None, end) == 1


async def test_the_real_bridge_is_followed_to_its_end(broker: Amqtt) -> None:
    watched = Watched(options_of(broker), 25.0)
    following = asyncio.create_task(_follow(watched, options_of(broker)))
    mirror = mirror_of(broker)
    try:
        async with running(mirror):
            mirror.show(now_charging())
            await until(lambda: watched.board.reading.limit == 9)
            assert watched.trouble(0) is None
            assert watched.board.reading.phases[1].mains == 21.25
        await until(lambda: watched.board.reading.state == OFFLINE)
    finally:
        following.cancel()
    assert watched.board.reading.limit is None, "an old number is not shown as one of now"
    assert "bridge offline" in news(watched)
    told = watched.trouble(0)
    assert told is not None
    assert told.startswith("bridge offline since ")


async def test_a_broker_that_comes_back_is_found_again(broker: Amqtt) -> None:
    await keep(broker)
    watched = Watched(options_of(broker), None)
    following = asyncio.create_task(_follow(watched, options_of(broker)))
    try:
        await until(lambda: watched.board.reading.limit == 8)
        await broker.stop()
        await until(lambda: watched.board.reading.state == "no broker")
        told = watched.trouble(0)
        assert told is not None
        assert told.startswith("broker lost, trying again in ")
        await broker.start()
        await until(lambda: watched.board.reading.limit == 8)
    finally:
        following.cancel()
    assert watched.trouble(0) is None
    lost, found = news(watched)
    assert lost.startswith("broker lost: ")
    assert lost.endswith("; trying again")
    assert found == "broker found again"


async def test_every_view_has_a_client_id_of_its_own(broker: Amqtt) -> None:
    """Two views and a bridge under one id would push each other out for ever."""
    await keep(broker)
    views = [Watched(options_of(broker), None) for _ in range(2)]
    tasks = [asyncio.create_task(_follow(view, options_of(broker))) for view in views]
    try:
        async with running(mirror_of(broker)):
            await until(lambda: all(view.has_heard for view in views))
            await asyncio.sleep(0.3)
            assert [view.trouble(0) for view in views if view.board.reading.state == "no broker"] == []
    finally:
        for task in tasks:
            task.cancel()


async def test_the_only_bridge_is_taken(broker: Amqtt) -> None:
    await keep(broker, "barn")
    where = Target(options_of(broker), has_instance=False, fuse=None)
    found = await _find(where, End(asyncio.Event(), None))
    assert found is not None
    assert found.instance == "barn"


async def test_several_bridges_are_listed(broker: Amqtt) -> None:
    await keep(broker, "barn", "offline")
    await keep(broker, "house")
    assert await instances(options_of(broker)) == {"barn": False, "house": True}
    where = Target(options_of(broker), has_instance=False, fuse=None)
    with pytest.raises(DeviceUnavailableError, match=r"barn \(offline\), house \(online\); name one with --instance"):
        await _find(where, End(asyncio.Event(), None))


async def test_an_instance_that_is_not_there_is_told_with_those_that_are(broker: Amqtt) -> None:
    await keep(broker, "house")
    where = Target(options_of(broker, instance="barn"), has_instance=True, fuse=None)
    with pytest.raises(DeviceUnavailableError, match=r"no instance barn, but house \(online\)"):
        await _find(where, End(asyncio.Event(), None))


async def test_where_no_bridge_is_the_cure_is_told(broker: Amqtt) -> None:
    where = Target(options_of(broker), has_instance=False, fuse=None)
    with pytest.raises(DeviceUnavailableError, match=r"knows no bridge below ev-load-bridge/: is the service running"):
        await _find(where, End(asyncio.Event(), None))


async def test_it_waits_for_a_broker_that_is_not_there_yet(capsys: pytest.CaptureFixture[str]) -> None:
    where = Target(MqttOptions("127.0.0.1", free_port()), has_instance=False, fuse=None)
    assert await _find(where, End(asyncio.Event(), 0.6)) is None
    out = capsys.readouterr().out
    assert out.count("refuses connections") == 1, "the same cause is told once"
    assert "; trying again" in out


async def test_the_password_is_in_no_argument(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("correct-horse\n", encoding="utf-8")
    where = target(Wishes(host="broker.example", username="me", password_file=file), {})
    assert (where.options.username, where.options.password) == ("me", "correct-horse")
    assert "correct-horse" not in repr(where)
