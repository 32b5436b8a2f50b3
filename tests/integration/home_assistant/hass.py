"""A real Home Assistant over its WebSocket and REST API."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

TROUBLE = re.compile(r" (WARNING|ERROR|CRITICAL) \(")
PATIENCE = 60.0


class Hass:
    """One session; it is opened anew for each request, since Home Assistant is restarted between them."""

    def __init__(self, url: str, token: str, log: Path) -> None:
        self._url, self._token, self._log = url, token, log
        self._from, self._file = log.stat().st_size, log.stat().st_ino

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{self._url}/api/websocket", max_msg_size=0) as ws,
        ):
            await ws.receive_json(timeout=10)
            await ws.send_json({"type": "auth", "access_token": self._token})
            await ws.receive_json(timeout=10)
            yield ws

    async def ask(self, kind: str, **arguments: Any) -> Any:
        """Raises RuntimeError with Home Assistant's own words where it refuses."""
        async with self._socket() as ws:
            await ws.send_json({"id": 1, "type": kind, **arguments})
            while True:
                answer = await ws.receive_json(timeout=20)
                if answer["type"] == "result":
                    if not answer["success"]:
                        raise RuntimeError(answer["error"]["message"])
                    return answer.get("result")

    async def call(self, action: str, entity: str | None = None, **data: Any) -> None:
        domain, service = action.split(".")
        target = {"entity_id": entity} if entity else {}
        await self.ask("call_service", domain=domain, service=service, service_data=data, target=target)

    async def rest(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with (
            aiohttp.ClientSession(self._url, headers=headers) as session,
            session.request(method, path, json=body) as answer,
        ):
            text = await answer.text()
            if answer.status >= 400:
                raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]}")
            return json.loads(text) if text else None

    async def states(self) -> dict[str, dict[str, Any]]:
        return {state["entity_id"]: state for state in await self.ask("get_states")}

    async def state(self, entity: str) -> str | None:
        found = (await self.states()).get(entity)
        return found["state"] if found else None

    async def until(
        self, what: str, entity: str, holds: Callable[[str | None], bool], patience: float = PATIENCE
    ) -> None:
        """Raises AssertionError that names the last state seen."""
        seen: str | None = None
        for _ in range(int(patience / 0.5)):
            try:
                seen = await self.state(entity)
            except (aiohttp.ClientError, OSError, TypeError):
                seen = "no answer"
            if holds(seen):
                return
            await asyncio.sleep(0.5)
        raise AssertionError(f"{what}: {entity} is {seen!r}")

    async def device(self, name: str = "EV Load Bridge") -> dict[str, Any] | None:
        devices: list[dict[str, Any]] = await self.ask("config/device_registry/list")
        return next((device for device in devices if device["name"] == name), None)

    def trouble(self, meant: str = "") -> list[str]:
        """Warnings and errors since the last look. `meant` is a part of those that were provoked."""
        lines = []
        if self._log.stat().st_ino != self._file:  # a start begins a new file and keeps the one before
            lines += self._read(self._log.with_name(f"{self._log.name}.1"))
            self._from, self._file = 0, self._log.stat().st_ino
        lines += self._read(self._log)
        return [line for line in lines if not (meant and re.search(meant, line))]

    def _read(self, path: Path) -> list[str]:
        with path.open(encoding="utf-8", errors="replace") as log:
            log.seek(self._from)
            lines = [line.rstrip() for line in log if TROUBLE.search(line)]
            self._from = log.tell()
        return lines
