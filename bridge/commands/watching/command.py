"""`ev-load-bridge watch`: the live view on a running service, from any machine that reaches its broker."""

import asyncio
import signal
import time
from contextlib import aclosing
from typing import Any

from rich.console import Console
from rich.live import Live

from bridge.commands.lines import say
from bridge.commands.live.log import news_for_log
from bridge.commands.live.news import clock
from bridge.commands.live.screen import picture
from bridge.commands.live.showing import STATUS_EVERY, End, picture_console
from bridge.commands.watching.board import Watched
from bridge.commands.watching.keys import quit_key
from bridge.commands.watching.target import Target, Wishes, chosen, target
from bridge.errors import DeviceUnavailableError
from bridge.mirror.backoff import Backoff
from bridge.mirror.options import MqttOptions
from bridge.mirror.reader import follow, instances
from bridge.runtime.stopping import stop_on_signals

NEVER_SEEN = 1


def watch(wishes: Wishes, *, plain: bool, seconds: float | None) -> int:
    """Show until q, Ctrl-C or the time is up: 0, or 1 where nothing was seen by then.

    Raises SettingsError, and DeviceUnavailableError where the broker knows no such bridge.
    """
    where = target(wishes)
    return asyncio.run(_watch(where, None if plain else picture_console(), seconds))


async def _watch(where: Target, console: Console | None, seconds: float | None) -> int:
    stop = asyncio.Event()
    stop_on_signals(stop)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, stop.set)  # the window was closed
    end = End(stop, seconds)
    with quit_key(stop):
        options = await _find(where, end)
        if options is None:
            return NEVER_SEEN if not stop.is_set() else 0
        watched = Watched(options, where.fuse)
        return await _show(watched, options, console, end)


async def _find(where: Target, end: End) -> MqttOptions | None:
    """The bridge to look at; waits for the broker. None where the end came first."""
    backoff, is_told = Backoff(), ""
    while not end.is_there():
        looking = asyncio.ensure_future(instances(where.options))
        try:
            if await _until(looking, end):
                return chosen(where, looking.result())
        except DeviceUnavailableError as error:
            if error.device == "watch":
                raise
            if error.detail != is_told:
                say("broker", f"lost: {error.detail}; trying again")
                is_told = error.detail
            await _until(asyncio.ensure_future(asyncio.sleep(backoff.wait())), end)
    return None


async def _until(task: asyncio.Future[Any], end: End) -> bool:
    """Wait for a task or the end. False where the end came first; the task is gone then."""
    while not task.done() and not end.is_there():
        looking = asyncio.ensure_future(end.next_look())
        await asyncio.wait({task, looking}, return_when=asyncio.FIRST_COMPLETED)
        looking.cancel()
    if task.done():
        return True
    task.cancel()
    await asyncio.wait({task})
    return False


async def _show(watched: Watched, options: MqttOptions, console: Console | None, end: End) -> int:
    following = asyncio.ensure_future(_follow(watched, options))
    following.add_done_callback(lambda _: end.stop.set())
    try:
        with news_for_log(watched.board.news):
            await (_lines(watched, end) if console is None else _pictures(watched, console, end))
    finally:
        following.cancel()
        await asyncio.wait({following})
    if not following.cancelled():
        following.result()  # it never ends by itself: a bug
    if console is not None:
        say(clock(time.time()), watched.line(time.time()))
    return 0 if watched.has_heard else NEVER_SEEN


async def _follow(watched: Watched, options: MqttOptions) -> None:
    async with aclosing(follow(options)) as words:
        async for word in words:
            watched.take(word, time.time())


async def _pictures(watched: Watched, console: Console, end: End) -> None:
    has_colours = console.color_system is not None and not console.no_color
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while not end.is_there():
            now = time.time()
            watched.tick(now)
            pace = watched.board.reading.pace
            title = f"{pace} pace · {clock(now)}" if pace else clock(now)
            size = console.size
            shown = watched.scene(now, title)
            live.update(picture(shown, size.width, size.height, has_colours=has_colours), refresh=True)
            await end.next_look()


async def _lines(watched: Watched, end: End) -> None:
    told, next_status = 0, 0.0
    while not end.is_there():
        for item in watched.board.news.since(told):
            say(clock(item.at), item.text)
        told = watched.board.news.count
        if end.passed >= next_status and (watched.has_heard or watched.trouble(time.time())):
            next_status = end.passed + STATUS_EVERY
            now = time.time()
            say(clock(now), watched.line(now))
        await end.next_look()
