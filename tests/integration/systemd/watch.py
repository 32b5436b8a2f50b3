"""What the service publishes, seen by another client of its broker; and by a Home Assistant, where one looks on."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any, Final

import aiomqtt
from hass import Hass

SHOWN: Final = "sensor.ev_load_bridge_state"


class Watch:
    """The newest state document, and when it came (monotonic s)."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self.news: list[tuple[float, Mapping[str, Any]]] = []

    async def run(self) -> None:
        async with aiomqtt.Client(self._host, self._port) as client:
            await client.subscribe("ev-load-bridge/main/state")
            async for message in client.messages:
                # empty where the bridge is forgotten
                if not message.retain and isinstance(message.payload, bytes) and message.payload:
                    self.news.append((time.monotonic(), json.loads(message.payload)))
                    del self.news[:-100]

    async def first_after(self, instant: float) -> tuple[float, Mapping[str, Any]]:
        async with asyncio.timeout(30):
            while True:
                for at, told in self.news:
                    if at > instant and told["fuse_thermal_load_l1"] is not None:
                        return at, told
                await asyncio.sleep(0.1)


class Onlooker:
    """A Home Assistant that looks on all the while."""

    def __init__(self, hass: Hass) -> None:
        self._hass = hass
        self.slowest = 0.0
        """s from a fall until it showed the service again, at most."""

    async def sees_it(self, since: float) -> None:
        """Raises AssertionError where it does not within a minute."""
        await self._hass.until("back", SHOWN, lambda state: state not in {None, "unavailable", "unknown", "no answer"})
        self.slowest = max(self.slowest, time.monotonic() - since)

    def trouble(self) -> list[str]:
        """Its warnings and errors since the start, but for those of a Home Assistant without its add-ons."""
        return self._hass.trouble(r"zlib_ng|[Ff][Ff]mpeg|--skip-pip|Skipping pip|turbojpeg")
