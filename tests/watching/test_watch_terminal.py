"""`watch` as a process on a terminal of its own: the picture, q, Ctrl-C, and no terminal at all."""

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mirror.brokers import Amqtt
from watching.test_watch import keep

ROOT = Path(__file__).parents[2]
BOUND = 30.0
ROWS, COLUMNS = 24, 80


class Terminal:
    """The end that a person sits at."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.seen = ""
        os.set_blocking(number, False)

    async def shows(self, text: str) -> None:
        async with asyncio.timeout(BOUND):
            while text not in self.seen:
                with contextlib.suppress(BlockingIOError, OSError):
                    self.seen += os.read(self._number, 65536).decode(errors="replace")
                await asyncio.sleep(0.02)

    def types(self, text: str) -> None:
        os.write(self._number, text.encode())


@asynccontextmanager
async def watching(broker: Amqtt) -> AsyncIterator[tuple[asyncio.subprocess.Process, Terminal, int]]:
    """The view in a terminal of 80 × 24; gives the process, the person's end and the other."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    command = (sys.executable, "-m", "bridge", "watch", "--host", "127.0.0.1", "--port", str(broker.port))

    def own_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONUTF8": "1"},
        start_new_session=True,
        preexec_fn=own_terminal,
    )
    try:
        yield process, Terminal(ours), theirs
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize("key", ["q", "\x03"], ids=["q", "ctrl-c"])
async def test_a_key_ends_it_well_and_leaves_the_terminal_as_it_was(broker: Amqtt, key: str) -> None:
    await keep(broker)
    async with watching(broker) as (process, terminal, number):
        before = termios.tcgetattr(number)
        await terminal.shows("BALANCING")
        await terminal.shows("q ends this view")
        assert termios.tcgetattr(number) != before, "one key is enough, without Enter"
        terminal.types(key)
        await terminal.shows("balancing · limit 8 A")
        async with asyncio.timeout(BOUND):
            assert await process.wait() == 0
        assert termios.tcgetattr(number) == before


async def test_without_a_terminal_there_are_lines(broker: Amqtt) -> None:
    await keep(broker)
    command = ("-m", "bridge", "watch", "--host", "127.0.0.1", "--port", str(broker.port))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert process.stdout is not None
    async with asyncio.timeout(BOUND):
        line = (await process.stdout.readline()).decode()
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert "balancing · limit 8 A · L1 17.9 A" in line
    assert "\x1b" not in line
    assert process.returncode == 0
