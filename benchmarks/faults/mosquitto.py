"""Mosquitto as a broker that can be mistreated."""

import asyncio
import base64
import hashlib
import secrets
from pathlib import Path

from benchmarks.faults.wire import closed_port

PROGRAM = "mosquitto"
ROUNDS = 101


class Mosquitto:
    """One broker on loopback. `settings` are further lines of its configuration."""

    def __init__(self, directory: Path, settings: str = "allow_anonymous true") -> None:
        self.host, self.port = "127.0.0.1", closed_port()
        self._directory = directory
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, settings: str | None = None) -> None:
        """Start, or start anew with other settings, on the same port."""
        self._settings = settings or self._settings
        await self.stop()
        configuration = self._directory / "mosquitto.conf"
        configuration.write_text(f"listener {self.port} {self.host}\nuser root\n{self._settings}\n", encoding="utf-8")
        with (self._directory / "mosquitto.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                PROGRAM, "-c", str(configuration), stdout=log, stderr=log
            )

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


def hashed(user: str, password: str) -> str:
    """A line of a password file, as Mosquitto 2 reads it: PBKDF2 with SHA-512."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS)
    return f"{user}:$7${ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
