"""Peers on loopback in a process thread of their own, and setup as a person meets it: through a terminal."""

import asyncio
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from doctor.doctor_rig import PASSWORD, House

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
USER = "owner@example.com"
WITHIN = 40.0
AGAIN = 5.0


class Town:
    """A house whose peers run in another thread, while the test waits for a process."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self.run(self.house.start())

    def stop(self) -> None:
        self.run(self.house.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def run(self, work: object) -> object:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.house.device.port}"

    @property
    def cloud(self) -> list[str]:
        return ["--api-url", self.house.cloud.api_url, "--stream-url", self.house.cloud.stream_url]

    @property
    def broker(self) -> str:
        return f"127.0.0.1:{self.house.broker.port}"

    def all(self, folder: Path) -> list[str]:
        """Flags that answer all that must be said."""
        secret = folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(PASSWORD)
        given = ["--meter-host", self.address, "--easee-username", USER, "--easee-password-file", str(secret)]
        return [*given, *self.cloud, "--fuse", "25", "--mqtt-host", self.broker, "--yes", "--no-doctor"]


@contextmanager
def town(
    folder: Path, change: Callable[[House], None] = lambda _: None, second_charger: str | None = None
) -> Iterator[Town]:
    house = House(folder, second_charger=second_charger)
    change(house)
    house.set_limit(13)
    peers = Town(house)
    peers.start()
    try:
        yield peers
    finally:
        peers.stop()


def environment(home: Path, **more: str) -> dict[str, str]:
    ours = {"HOME": str(home), "CONFIGURATION_DIRECTORY": str(home / "nowhere"), "PYTHONPATH": str(ROOT)}
    return {**ours, "TERM": "xterm", "LANG": "C.UTF-8", **more}


def scripted(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run without a terminal."""
    return subprocess.run(  # noqa: S603 our own command
        [sys.executable, "-m", "bridge", "setup", *arguments],
        env=environment(home, **more),
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


class Person:
    """Somebody at a terminal of 80 columns."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 80, 0, 0))
        self.process = subprocess.Popen(  # noqa: S603 our own command
            [sys.executable, "-c", STARTED, *arguments],
            env=environment(home),
            cwd=home,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""
        self._from = 0

    def until(self, words: str) -> str:
        """Read on until these words are there; what was read since the last call."""
        ends = time.monotonic() + WITHIN
        while words not in self.seen[self._from :]:
            assert time.monotonic() < ends, f"no {words!r} in {self.seen[self._from :]!r}"
            self._read(0.2)
            assert self.process.poll() is None or words in self.seen[self._from :], self.seen
        end = self.seen.index(words, self._from) + len(words)
        told, self._from = self.seen[self._from : end], end
        return told

    def answer(self, words: str, text: str) -> str:
        """Wait for a question with these words, and answer it."""
        told = self.until(words) + self.until(": ")
        self.type(f"{text}\n")
        return told

    def answers(self, pairs: Sequence[tuple[str, str]]) -> None:
        for words, text in pairs:
            self.answer(words, text)

    def type(self, text: str) -> None:
        self.type_bytes(text.encode())

    def type_bytes(self, text: bytes) -> None:
        os.write(self._master, text)

    def insist(self, words: str, act: Callable[[], object]) -> None:
        """Do it until these words are there: a signal between prompt and read waits for the next one."""
        now = again = time.monotonic()
        ends = now + WITHIN
        while words not in self.seen:
            assert now < ends, f"no {words!r} in {self.seen!r}"
            if now >= again:
                act()
                again = now + AGAIN
            self._read(0.2)
            now = time.monotonic()

    def end(self) -> int:
        """Its exit status."""
        ends = time.monotonic() + WITHIN
        while self.process.poll() is None:
            assert time.monotonic() < ends, f"does not end: {self.seen}"
            self._read(0.2)
        self._read(0.1)
        return self.process.wait()

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)
        os.close(self._master)

    def _read(self, within: float) -> None:
        while select.select([self._master], [], [], within)[0]:
            try:
                chunk = os.read(self._master, 65536)
            except OSError:
                return
            if not chunk:
                return
            text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", chunk.decode(errors="replace"))
            self.seen += text.replace("\r", "")
            within = 0


STARTED = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from bridge.mirror import connection, survey
connection.FETCH, survey.ROUND_TRIP = 0.2, 1.0
from bridge.cli import app
app(["setup", *sys.argv[1:]], prog_name="ev-load-bridge")
"""


@contextmanager
def person(home: Path, *arguments: str) -> Iterator[Person]:
    somebody = Person(home, *arguments)
    try:
        yield somebody
    finally:
        somebody.kill()
