"""What the service publishes, seen by another client of the simulator's broker."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import aiomqtt

from bridge.simulator.world import World


class Watch:
    """The newest state document, and when it came (monotonic s)."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.news: list[tuple[float, Mapping[str, Any]]] = []

    async def run(self) -> None:
        peers = self._world.addresses
        async with aiomqtt.Client(peers.mqtt_host, peers.mqtt_port) as client:
            await client.subscribe("ev-load-bridge/main/state")
            async for message in client.messages:
                if not message.retain and isinstance(message.payload, bytes):
                    self.news.append((time.monotonic(), json.loads(message.payload)))
                    del self.news[:-100]

    async def first_after(self, instant: float) -> tuple[float, Mapping[str, Any]]:
        async with asyncio.timeout(30):
            while True:
                for at, told in self.news:
                    if at > instant and told["fuse_thermal_load_l1"] is not None:
                        return at, told
                await asyncio.sleep(0.1)
