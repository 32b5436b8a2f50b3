"""TLS in front of the simulated cloud, which speaks plain HTTP: the real one costs a bridge memory for certificates."""

import asyncio
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

CHUNK = 65536
NEW_KEY = ("-newkey", "rsa:2048", "-nodes")
FOR_LOOPBACK = ("-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")


class Front(NamedTuple):
    """Where TLS is spoken, and the authorities to trust: those of the system, and the one that signed for it."""

    port: int
    authorities: Path


@asynccontextmanager
async def tls_front(port: int) -> AsyncIterator[Front]:
    """Speak TLS for a port of loopback. Needs the command openssl."""
    with tempfile.TemporaryDirectory(prefix="ev-load-bridge-tls-") as name:
        context, authorities = _certified(Path(name))

        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            inner, outer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(_copy(reader, outer), _copy(inner, writer))

        server = await asyncio.start_server(relay, "127.0.0.1", 0, ssl=context)
        async with server:
            yield Front(server.sockets[0].getsockname()[1], authorities)


def _certified(directory: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for loopback; return the server's side of it, and a bundle to trust."""
    certificate, key, authorities = (directory / name for name in ("certificate", "key", "authorities"))
    command = ["openssl", "req", "-x509", *NEW_KEY, *FOR_LOOPBACK, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)  # noqa: S603 our own command
    usual = ssl.get_default_verify_paths().cafile
    authorities.write_bytes((Path(usual).read_bytes() if usual else b"") + certificate.read_bytes())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context, authorities


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()
