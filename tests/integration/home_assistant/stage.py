"""What the scenarios play on: one Home Assistant, one house, and the broker between them."""

import argparse
import asyncio
import json
from typing import Any

import aiomqtt
from hass import Hass
from house import House


class Stage:
    """Everything a scenario may touch."""

    def __init__(self, hass: Hass, home: House, given: argparse.Namespace) -> None:
        self.hass, self.home, self._given = hass, home, given

    async def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        async with aiomqtt.Client(self._given.host, self._given.port) as client:
            await client.publish(topic, payload, qos=1, retain=retain)

    async def retained(self, topic: str) -> dict[str, Any] | None:
        async with aiomqtt.Client(self._given.host, self._given.port) as client:
            await client.subscribe(topic)
            try:
                async with asyncio.timeout(2):
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        document: dict[str, Any] = json.loads(message.payload)
                        return document
            except TimeoutError:
                pass
            return None

    async def restart(self, what: str) -> None:
        await command(getattr(self._given, f"restart_{what}"))


async def command(line: str) -> None:
    process = await asyncio.create_subprocess_shell(line, stdout=asyncio.subprocess.DEVNULL)
    if await asyncio.wait_for(process.wait(), 180):
        raise AssertionError(f"{line}: status {process.returncode}")
