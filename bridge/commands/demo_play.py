"""One performance of the demo: the peers, the service, the show, the summary."""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence

from bridge.commands.demo_show import Show
from bridge.commands.demo_stage import MAXIMUM, Stage, staged
from bridge.commands.demo_summary import commands, summary
from bridge.commands.demo_truth import Alternative, Witness
from bridge.commands.lines import say
from bridge.commands.live.board import Board
from bridge.commands.live.log import news_for_log
from bridge.commands.live.news import Item, clock
from bridge.commands.live.showing import End
from bridge.mirror.reader import states
from bridge.runtime.stopping import stop_on_signals
from bridge.service import serve
from bridge.simulator.easee_backend import Order

FUSE_GONE = 1


async def play(seconds: float | None, seed: int, listen: str, show_on: Callable[[Stage], Show]) -> int:
    """Play until the time is up (s), Ctrl-C, or until the service ends. Returns the exit status."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, stop.set)  # the window was closed
    async with staged(seed, listen) as stage:
        for word, text in stage.addresses():
            say(word, text)
        return await _play(stage, End(stop, seconds), show_on(stage))


async def _play(stage: Stage, end: End, show: Show) -> int:
    world = stage.world
    limit_before = max(world.physics.charger.dynamic_current)
    alternative = Alternative(world, stage.script, MAXIMUM)
    board = Board(stage.script.fuse)
    with news_for_log(board.news) as log:
        sent, status = await _perform(stage, board, end, show)
    sys.stderr.writelines(log.tracebacks)
    for word, text in summary(world, alternative, commands(sent, limit_before)):
        say(word, text)
    return status or (FUSE_GONE if world.truth.has_gone else 0)


async def _perform(stage: Stage, board: Board, end: End, show: Show) -> tuple[Sequence[Order], int]:
    """Let the service and the show run to the end. Returns what was ordered before the stop, and the exit code."""
    witness = Witness(stage.world, stage.script, board.news)
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(_follow(stage, board), name="follow the bridge")
        service = tasks.create_task(serve(stage.settings, end.stop, stage.directory), name="service")
        service.add_done_callback(lambda _: end.stop.set())
        await show.run(board, witness, end)
        end.stop.set()
        sent, told = tuple(stage.world.cloud.orders), board.news.count
        status = await service
        following.cancel()
    _tell(board.news.since(told))
    return sent, status


async def _follow(stage: Stage, board: Board) -> None:
    """Look at the bridge as anybody would, over MQTT."""
    async for document in states(stage.mqtt):
        board.take(document)


def _tell(items: Sequence[Item]) -> None:
    for item in items:
        say(clock(item.at), item.text)
