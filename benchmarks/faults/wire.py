"""A wire between the service and a peer that can be cut, pulled out half, or end at a process that hangs."""

import asyncio
import contextlib
import os
import signal
import socket
import sys

CHUNK = 65536


class Wire:
    """Carries connections from a port of its own to a peer's. `port` is 0 until started."""

    def __init__(self, host: str, far: int) -> None:
        self.host = host
        self.port = 0
        self.far = far
        self._server: asyncio.Server | None = None
        self._lines: dict[asyncio.Task[None], tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = {}
        self._dead: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Reset every connection; new ones are taken."""
        for ends in self._lines.values():
            for end in ends:
                end.transport.abort()

    def lose(self) -> None:
        """Let every connection go half open: neither side hears of the other again, and nobody says so."""
        self._dead.update(self._lines)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self.cut()
            for line in tuple(self._lines):
                line.cancel()
            await asyncio.gather(*self._lines, return_exceptions=True)
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        try:
            far_reader, far_writer = await asyncio.open_connection(self.host, self.far)
        except OSError:
            writer.transport.abort()
            return
        self._lines[line] = (writer, far_writer)
        try:
            await asyncio.gather(self._carry(line, reader, far_writer), self._carry(line, far_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._dead.discard(line)
            del self._lines[line]
            for end in (writer, far_writer):
                end.transport.abort()

    async def _carry(
        self, line: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(CHUNK):
            if line not in self._dead:
                writer.write(data)
                await writer.drain()
        if line in self._dead:
            await asyncio.Event().wait()
        writer.close()


class FrozenWire:
    """A wire in a process of its own, so that it can be stopped as a hung device is: the kernel still answers."""

    def __init__(self, host: str, far: int) -> None:
        self.host = host
        self.port = 0
        self.far = far
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        command = (sys.executable, "-m", "benchmarks.faults.wire", self.host, str(self.far))
        self._process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert self._process.stdout is not None
        self.port = int(await self._process.stdout.readline())

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)


def closed_port() -> int:
    """Find a port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def _main(host: str, far: int) -> None:
    wire = Wire(host, far)
    await wire.start()
    print(wire.port, flush=True)
    parent = os.getppid()
    with contextlib.suppress(asyncio.CancelledError):
        while os.getppid() == parent:  # noqa: ASYNC110 nobody tells a process that its parent has gone
            await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
