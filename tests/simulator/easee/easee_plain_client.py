"""A client for the simulated cloud that is made of nothing but aiohttp."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp

from bridge.simulator.easee_cloud import EaseeCloud

SERIAL = "EH123456"
CIRCUIT = "/api/sites/54321/circuits/12345"
SEPARATOR = "\x1e"
PASSWORD = "correct horse"
BOUND = 5.0


async def eventually(condition: Callable[[], Any]) -> Any:
    """Wait for a condition, bounded."""
    async with asyncio.timeout(BOUND):
        while not (result := condition()):  # noqa: ASYNC110 - what a peer does has no event here
            await asyncio.sleep(0.005)
    return result


class Client:
    """Speaks REST and the hub protocol with nothing but aiohttp."""

    def __init__(self, cloud: EaseeCloud, session: aiohttp.ClientSession) -> None:
        self.cloud = cloud
        self.session = session
        self.tokens: dict[str, Any] = {}

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens.get('accessToken', '')}"}

    async def login(self, password: str = PASSWORD) -> aiohttp.ClientResponse:
        body = {"userName": "owner@example.com", "password": password}
        response = await self.session.post(f"{self.cloud.api_url}/api/accounts/login", json=body)
        if response.status == 200:
            self.tokens = await response.json()
        return response

    async def refresh(self, tokens: dict[str, Any]) -> aiohttp.ClientResponse:
        body = {name: tokens[name] for name in ("accessToken", "refreshToken")}
        return await self.session.post(f"{self.cloud.api_url}/api/accounts/refresh_token", json=body)

    async def get(self, path: str) -> aiohttp.ClientResponse:
        return await self.session.get(f"{self.cloud.api_url}{path}", headers=self.headers)

    async def post(self, path: str, body: Any) -> aiohttp.ClientResponse:
        return await self.session.post(f"{self.cloud.api_url}{path}", headers=self.headers, json=body)

    async def order(self, amperes: float, minutes: int = 0) -> aiohttp.ClientResponse:
        body = {"phase1": amperes, "phase2": amperes, "phase3": amperes, "timeToLive": minutes}
        return await self.post(f"{CIRCUIT}/dynamicCurrent", body)

    async def negotiate(self) -> aiohttp.ClientResponse:
        return await self.session.post(f"{self.cloud.stream_url}/negotiate", headers=self.headers)

    async def upgrade(self, number: str) -> aiohttp.ClientWebSocketResponse:
        url = f"{self.cloud.stream_url}?id={number}"
        return await self.session.ws_connect(url, headers=self.headers, autoping=False)

    async def stream(self) -> "Stream":
        number = (await (await self.negotiate()).json())["connectionId"]
        stream = Stream(await self.upgrade(number))
        await stream.send({"protocol": "json", "version": 1})
        assert await stream.receive() == {}
        return stream

    async def subscribe(self) -> "Stream":
        """A stream whose replay is over."""
        stream = await self.stream()
        await stream.send({"type": 1, "target": "SubscribeWithCurrentState", "arguments": [SERIAL, True]})
        while (await stream.receive())["arguments"][0]["id"] != 250:
            pass
        return stream


class Stream:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._messages: list[dict[str, Any]] = []

    async def send(self, message: dict[str, Any]) -> None:
        await self.socket.send_str(json.dumps(message) + SEPARATOR)

    async def receive(self) -> dict[str, Any]:
        while not self._messages:
            frame = await self.socket.receive(timeout=BOUND)
            assert frame.type is aiohttp.WSMsgType.TEXT, frame
            assert frame.data.endswith(SEPARATOR)
            self._messages = [json.loads(part) for part in frame.data.split(SEPARATOR) if part]
        return self._messages.pop(0)

    async def observation(self, number: int) -> dict[str, Any]:
        """The next observation with this id."""
        while True:
            message = await self.receive()
            if (
                message["type"] == 1
                and message["arguments"][0]["id"] == number
                and message["target"] == "ProductUpdate"
            ):
                return dict(message["arguments"][0])

    async def invocation(self, target: str) -> dict[str, Any]:
        while (message := await self.receive()).get("target") != target:
            pass
        return dict(message["arguments"][0])
