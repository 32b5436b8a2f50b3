"""Brokers that tests can start, stop and freeze."""

import asyncio
import contextlib
import getpass
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from amqtt.broker import Broker

PATIENCE = 10.0
MOSQUITTO = Path("/usr/sbin/mosquitto")


class BrokerProcess(Protocol):
    """A broker that can be started again on the same port."""

    port: int

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Amqtt:
    """The broker of the demo, inside this process, at the end of a cable that can be pulled.

    amqtt does not shut down cleanly while clients are connected, so it runs on while the cable is out.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self._broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": "127.0.0.1:0", "max_connections": 20}},
                "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
            }
        )
        self._cable: Cable | None = None

    async def plug_in(self) -> None:
        await self._broker.start()
        server = self._broker._servers["default"].instance
        assert server is not None
        self._cable = Cable(self.port, server.sockets[0].getsockname()[1])
        await self._cable.mend()

    async def start(self) -> None:
        assert self._cable
        await self._cable.mend()

    async def stop(self) -> None:
        assert self._cable
        await self._cable.cut()

    async def shut_down(self) -> None:
        await self.stop()
        await self._broker.shutdown()


class Cable:
    """Leads from one port to another until it is cut."""

    def __init__(self, near: int, far: int) -> None:
        self._near = near
        self._far = far
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self._near)

    async def cut(self) -> None:
        if self._server:
            self._server.close()
        self._server = None
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line
        self._lines.add(line)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far)
        try:
            ends = [asyncio.create_task(_carry(*pair)) for pair in ((reader, far_writer), (far_reader, writer))]
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for end in ends:
                    end.cancel()
                await asyncio.gather(*ends, return_exceptions=True)
        except asyncio.CancelledError:
            pass  # cut
        finally:
            self._lines.discard(line)
            for end in (writer, far_writer):
                end.close()
                with contextlib.suppress(OSError):
                    await end.wait_closed()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


class Mosquitto:
    """The broker that most houses have, as its own process. `settings` are further lines of its configuration."""

    def __init__(self, port: int, folder: Path, settings: str = "allow_anonymous true") -> None:
        self.port = port
        self._configuration = folder / f"mosquitto-{port}.conf"
        self._log = folder / f"mosquitto-{port}.log"
        self._configuration.write_text(
            f"listener {port} 127.0.0.1\nuser {getpass.getuser()}\npersistence false\n{settings}\n"
        )
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                MOSQUITTO, "-c", self._configuration, stdout=log, stderr=log
            )
        async with asyncio.timeout(PATIENCE):
            while not await _answers(self.port):
                assert self._process.returncode is None, self._log.read_text()
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        self._process = None

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Connected, but it answers nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
