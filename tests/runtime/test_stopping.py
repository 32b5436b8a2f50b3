"""Signals, in a process of their own."""

import signal
import subprocess
import sys

PROGRAM = """
import asyncio
from bridge.runtime.stopping import stop_on_signals

async def main():
    stop = asyncio.Event()
    stop_on_signals(stop)
    print("ready", flush=True)
    await stop.wait()
    print("stopping", flush=True)
    if {hangs}:
        await asyncio.sleep(60)

asyncio.run(main())
"""


def started(*, hangs: bool) -> subprocess.Popen[str]:
    process = subprocess.Popen(  # noqa: S603 our own interpreter and program
        [sys.executable, "-c", PROGRAM.format(hangs=hangs)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def stopped_by(number: signal.Signals) -> int:
    with started(hangs=False) as process:
        process.send_signal(number)
        return process.wait(timeout=20)


def test_sigterm_asks_for_the_stop() -> None:
    assert stopped_by(signal.SIGTERM) == 0


def test_sigint_asks_for_the_stop() -> None:
    assert stopped_by(signal.SIGINT) == 0


def test_a_second_signal_ends_a_stop_that_hangs_at_once() -> None:
    with started(hangs=True) as process:
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert process.stdout.readline() == "stopping\n"
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=20) == -signal.SIGINT


HANGING_THREAD = """
import asyncio, time
from bridge.commands.run import _end_soon

async def main():
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)
    _end_soon(7)

asyncio.run(main())
"""


def test_a_name_that_is_still_looked_up_does_not_hold_up_the_end() -> None:
    ended = subprocess.run([sys.executable, "-c", HANGING_THREAD], timeout=20, check=False)  # noqa: S603 our own program

    assert ended.returncode == 7
