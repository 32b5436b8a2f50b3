"""The example of docs/adding-a-charger.md behind the handles of the contract, against a charger of HTTP and JSON."""

import time
from typing import Any

from aiohttp import web
from charger_rigs import BAN, SERIAL, Trouble

from docs.examples.json_charger import JsonCharger, JsonChargerOptions

TOKEN = "a-token-of-the-tests"
ANSWERS = {Trouble.UNREACHABLE: 503, Trouble.RATE_LIMITED: 429, Trouble.REFUSES: 409}


class JsonWallbox:
    """The other side: a charger on loopback."""

    def __init__(self) -> None:
        self.status: dict[str, Any] = {
            "serial": SERIAL,
            "state": "disconnected",
            "grid": "TN",
            "limit": [40, 40, 40],
            "draw": [0, 0, 0],
        }
        self.taken: list[tuple[int, ...]] = []
        self.bodies: list[dict[str, Any]] = []
        self.wrong: dict[str, Trouble] = {}
        """By path."""
        self.calls = 0
        application = web.Application()
        application.add_routes([web.get("/status", self._tell), web.post("/limit", self._take)])
        self._runner = web.AppRunner(application)
        self.url = ""

    async def start(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _tell(self, request: web.Request) -> web.Response:
        return self._refusal(request) or web.json_response(self.status)

    async def _take(self, request: web.Request) -> web.Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        body = await request.json()
        self.bodies.append(body)
        self.taken.append(tuple(body["amperes"]))
        self.status["limit"] = body["amperes"]
        return web.json_response({})

    def _refusal(self, request: web.Request) -> web.Response | None:
        self.calls += 1
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        trouble = self.wrong.get(request.path)
        if trouble is None:
            return None
        headers = {"Retry-After": str(int(BAN))} if trouble is Trouble.RATE_LIMITED else {}
        return web.Response(status=ANSWERS[trouble], headers=headers)


class JsonRig:
    """Plays the world for the example."""

    charger: JsonCharger

    def __init__(self) -> None:
        self.box = JsonWallbox()

    async def start(self, trouble: Trouble | None = None) -> None:
        await self.box.start()
        if trouble is Trouble.UNSUITABLE:
            self.box.status["grid"] = "IT"
        elif trouble in ANSWERS:
            self.box.wrong = dict.fromkeys(("/status", "/limit"), trouble)
        token = "another" if trouble is Trouble.LOGIN else TOKEN
        self.charger = JsonCharger(JsonChargerOptions(self.box.url, token, look_every=0.02), time.monotonic)

    async def trouble(self, trouble: Trouble) -> None:
        self.box.wrong["/limit"] = trouble

    async def somebody_orders(self, amperes: float) -> None:
        self.box.status["limit"] = [amperes] * 3

    async def plug_in(self) -> None:
        self.box.status["state"] = "ready"

    def orders(self) -> list[tuple[int, ...]]:
        return self.box.taken

    async def stop(self) -> None:
        await self.charger.close()
        await self.box.stop()
