"""The bridge as a process of its own, between the simulator's peers in this one."""

import asyncio
import compileall
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import bridge as package
from benchmarks.tls import tls_front
from bridge.core.model import Memory
from bridge.core.phases import PerPhase
from bridge.runtime import clock
from bridge.runtime.state_file import Clocks, StateFile
from bridge.settings import load
from bridge.simulator.world import Addresses, World

READY_WITHIN = 60.0
"""s; a machine may be busy with something else."""
RUN = ("-m", "bridge", "run")
KEY = "QRTIErOb/fcE9Ukd/5qA3RGYMn0Y+p06U58SCtOXvPc="
SETTINGS = """\
[mains]
fuse = 25
[mains.slimmelezer]
host = "{peers.meter_host}"
port = {peers.meter_port}
encryption_key = "{key}"
[charger]
max_current = 16
[charger.easee]
username = "{peers.username}"
password = "{peers.password}"
api_url = "{peers.api_url}"
stream_url = "{peers.stream_url}"
[mqtt]
host = "{peers.mqtt_host}"
port = {peers.mqtt_port}
[log]
level = "error"
"""


class Home(NamedTuple):
    """What a bridge is told of its peers."""

    peers: Addresses
    key: str = ""
    """Of the meter's API; empty where it is not encrypted."""
    authorities: Path | None = None
    """Whom to trust, where it is not only whom the system trusts."""


class Bridge(NamedTuple):
    """A bridge that has said READY."""

    process: asyncio.subprocess.Process
    ready_after: float
    """From before the process was made to its READY, s."""


def nobody() -> Home:
    """Give a home where all peers are absent."""
    cloud = f"http://127.0.0.1:{_closed_port()}"
    meter, broker = (("127.0.0.1", _closed_port()) for _ in range(2))
    return Home(Addresses(*meter, cloud, f"{cloud}/hubs/chargers", *broker, "nobody", "nothing", ""))


@asynccontextmanager
async def lively(key: str = "") -> AsyncIterator[tuple[World, Home]]:
    """Start the demo's world, with TLS before its cloud."""
    world = World(encryption_key=key or None)
    await world.start()
    try:
        async with tls_front(world.cloud.port) as front:
            api = f"https://127.0.0.1:{front.port}"
            stream = world.cloud.stream_url.replace(world.cloud.api_url, api)
            yield world, Home(world.addresses._replace(api_url=api, stream_url=stream), key, front.authorities)
    finally:
        await world.stop()


@asynccontextmanager
async def bridge(
    home: Home, *, remembered_limit: int | None = None, command: tuple[str, ...] = RUN
) -> AsyncIterator[Bridge]:
    """Start a bridge in this home and wait for its READY; afterwards it is killed.

    `remembered_limit` (A) is what a bridge before it would have left in its state file. Raises TimeoutError.
    """
    compileall.compile_dir(Path(package.__file__ or "").parent, quiet=1)  # as in an installed package
    with (
        tempfile.TemporaryDirectory(prefix="ev-load-bridge-benchmark-") as name,
        _receiver(f"{name}/notify") as systemd,
    ):
        _prepare(Path(name), home, remembered_limit)
        started = time.monotonic()
        process = await asyncio.create_subprocess_exec(*(sys.executable, *command), env=_environment(name, home))
        try:
            async with asyncio.timeout(READY_WITHIN):
                while b"READY=1" not in await asyncio.get_running_loop().sock_recv(systemd, 4096):
                    pass
            yield Bridge(process, time.monotonic() - started)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


def _prepare(directory: Path, home: Home, remembered_limit: int | None) -> None:
    """Write the settings and what is remembered."""
    settings = directory / "settings.toml"
    settings.touch(mode=0o600)
    settings.write_text(SETTINGS.format(peers=home.peers, key=home.key), encoding="utf-8")
    if remembered_limit is not None:
        state_file = StateFile(directory, load(settings, {}).installation(), Clocks(clock.now, time.time))
        state_file.save(Memory(PerPhase.all(0.3), None, remembered_limit))


def _environment(directory: str, home: Home) -> dict[str, str]:
    """Give what systemd would."""
    environment = {
        **os.environ,
        "CREDENTIALS_DIRECTORY": directory,
        "NOTIFY_SOCKET": f"{directory}/notify",
        "STATE_DIRECTORY": directory,
    }
    if home.authorities is not None:
        environment["SSL_CERT_FILE"] = str(home.authorities)
    return environment


def _receiver(path: str) -> socket.socket:
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    receiver.bind(path)
    return receiver


def _closed_port() -> int:
    """Find a port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
