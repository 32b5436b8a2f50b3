"""A machine booted by systemd, reached by a command that runs a command in it, and shares this machine's loopback."""

import asyncio
import json
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

UNIT: Final = "ev-load-bridge"
CHECKOUT: Final = f"/srv/{UNIT}"
"""In the machine that is tried."""
STATE: Final = f"/var/lib/private/{UNIT}/state.json"
PLACES: Final = ("/etc", "/opt", "/usr", "/root", "/home", "/var/lib", "/var/cache", "/var/spool", "/var/tmp")  # noqa: S108
PROPERTIES: Final = ("ActiveState", "SubState", "MainPID", "NRestarts", "Result", "ActiveEnterTimestampMonotonic")


class Unit(NamedTuple):
    """The service as systemd sees it."""

    state: str
    pid: int
    ready_at: float
    """Monotonic s, the same in a container as outside."""


class Done(NamedTuple):
    """What a command did."""

    status: int
    told: str
    seconds: float


class Machine:
    """Runs commands there, bounded in time."""

    def __init__(self, enter: Sequence[str]) -> None:
        self._enter = tuple(enter)

    async def do(self, *command: str, given: bytes = b"", within: float = 600.0) -> Done:
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *self._enter, *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        async with asyncio.timeout(within):
            told, _ = await process.communicate(given)
        return Done(process.returncode or 0, told.decode(errors="replace"), time.monotonic() - began)

    async def must(self, *command: str, given: bytes = b"") -> str:
        done = await self.do(*command, given=given)
        if done.status:
            raise AssertionError(f"{command}: exit status {done.status}\n{done.told}")
        return done.told

    async def in_checkout(self, line: str) -> Done:
        """Run a line as it would be typed there."""
        return await self.do("bash", "-c", f"cd {CHECKOUT} && {line}")

    async def put_checkout(self) -> None:
        """Copy what git has of this tree."""
        files = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True).stdout  # noqa: ASYNC221, S607
        packed = subprocess.run(["tar", "--null", "-T", "-", "-c"], input=files, check=True, capture_output=True)  # noqa: ASYNC221, S607
        await self.must("rm", "-rf", CHECKOUT)
        await self.must("mkdir", "-p", CHECKOUT)
        await self.must("tar", "-x", "-C", CHECKOUT, given=packed.stdout)

    async def files(self) -> set[str]:
        """Everything that lies where an installation might leave something, but for the checkout."""
        told = await self.must("find", *PLACES, "-xdev", "-not", "-path", f"{CHECKOUT}*")
        # systemd's own services come and go with their private folders, and apt has a timer
        others = re.compile(r"/systemd-private-|^/var/(lib|cache)/apt/")
        return {path for path in told.splitlines() if not others.search(path) or UNIT in path}

    async def unit(self) -> Unit:
        told = await self.must("systemctl", "show", UNIT, *(f"--property={name}" for name in PROPERTIES))
        shown = dict(line.partition("=")[::2] for line in told.splitlines())
        return Unit(
            f"{shown['ActiveState']} ({shown['SubState']})",
            int(shown["MainPID"]),
            int(shown["ActiveEnterTimestampMonotonic"]) / 1e6,
        )

    async def signal(self, name: str) -> None:
        await self.must("systemctl", "kill", f"--signal={name}", "--kill-whom=main", UNIT)

    async def saved(self) -> Mapping[str, Any]:
        saved: Mapping[str, Any] = json.loads(await self.must("cat", STATE))
        return saved

    async def back(self, old: int, within: float) -> Unit:
        """Wait until another process is ready."""
        async with asyncio.timeout(within):
            while True:
                unit = await self.unit()
                if unit.state == "active (running)" and unit.pid not in {0, old}:
                    return unit
                await asyncio.sleep(0.25)
