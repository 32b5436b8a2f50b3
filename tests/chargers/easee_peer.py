"""A scripted peer for the Easee adapter: real sockets on loopback, and only as much cloud as the traps need."""

import asyncio
import json
import ssl
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bridge.chargers.easee.client import EaseeCharger
from bridge.chargers.easee.options import EaseeOptions
from bridge.core.model import Cause, ChargerReport, Link, LinkReport, Observation, Outcome, SetCircuitLimit

SERIAL = "EH000001"
OTHER = "EH000002"
SITE, CIRCUIT = 11, 22
PASSWORD = "open sesame 4711"
USERNAME = "owner@example.org"
OLD = "2025-01-01T00:00:00Z"
LATER = "2026-05-05T10:00:00Z"
LATEST = "2026-05-05T10:00:09Z"
SEPARATOR = "\x1e"


@dataclass
class Says:
    """What an endpoint answers instead of doing its work."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    content_type: str = "application/json"


def problem(status: int, code: int = 0, name: str = "", title: str = "No") -> Says:
    document = {"errorCode": code, "errorCodeName": name, "type": None, "title": title, "status": status}
    return Says(status, json.dumps(document), content_type="application/problem+json")


class Watch:
    """Lets a test wait for a condition, looked at whenever something has happened and now and then."""

    def __init__(self) -> None:
        self._happened = asyncio.Event()

    def happened(self) -> None:
        self._happened.set()

    async def until(self, condition: Callable[[], object], within: float = 30.0) -> None:
        async with asyncio.timeout(within):
            while not condition():
                self._happened.clear()
                with suppress(TimeoutError):  # what is only logged makes nothing happen here
                    async with asyncio.timeout(0.02):
                        await self._happened.wait()


class Peer:
    """One account, one site, one circuit."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.script: dict[str, deque[Says]] = {}
        self.calls: list[str] = []
        self.headers: list[tuple[str, dict[str, str]]] = []
        self.orders: list[dict[str, Any]] = []
        self.order_answer = Says(202, json.dumps({"device": SERIAL, "commandId": 22, "ticks": 638}))
        self.token_life: float = 3600
        self.tokens = 0
        self.revoked: set[str] = set()
        self.serials = [SERIAL]
        self.products: object = None
        self.sites: object = None
        self.detail: object = None
        self.master: str | None = SERIAL
        self.observations: dict[str, dict[int, object]] = {SERIAL: dict(STATE)}
        self.replay: list[dict[str, object]] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.frames: list[dict[str, Any]] = []
        self.handshake = "{}" + SEPARATOR
        self.cookies: deque[str] = deque()
        self.upgrades: deque[Says] = deque()
        self._ids: set[str] = set()
        self._runner: web.AppRunner | None = None
        self.url = ""

    def says(self, endpoint: str, *answers: Says) -> None:
        self.script.setdefault(endpoint, deque()).extend(answers)

    def count(self, endpoint: str) -> int:
        return Counter(self.calls)[endpoint]

    def options(self, **changes: Any) -> EaseeOptions:
        quick = {"request_timeout": 2.0, "stream_back_off": (0.01, 0.05), "first_report_within": 0.1}
        urls = {"api_url": self.url, "stream_url": f"{self.url}/hubs/chargers"}
        return EaseeOptions(USERNAME, PASSWORD, **{**quick, **urls, **changes})

    @property
    def subscribed(self) -> set[str]:
        """Chargers whose stream was asked for, from their present state on."""
        return {
            frame["arguments"][0]
            for frame in self.frames
            if frame.get("target") == "SubscribeWithCurrentState" and frame["arguments"][1] is True
        }

    # --- life

    async def start(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        app = web.Application(middlewares=[self._scripted])
        app.add_routes(
            [
                web.post("/api/accounts/login", self._login),
                web.post("/api/accounts/refresh_token", self._login),
                web.get("/api/accounts/products", self._products),
                web.get("/api/sites", self._sites),
                web.get("/api/sites/{site}", self._detail),
                web.get("/api/sites/{site}/circuits/{circuit}/settings", self._settings),
                web.post("/api/sites/{site}/circuits/{circuit}/dynamicCurrent", self._order),
                web.get("/state/{serial}/observations", self._observations),
                web.post("/hubs/chargers/negotiate", self._negotiate),
                web.get("/hubs/chargers", self._hub),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=tls).start()
        self.url = f"{'https' if tls else 'http'}://localhost:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        for socket in self.sockets:
            if not socket.closed:
                self.cut(socket)
        if self._runner is not None:
            await self._runner.cleanup()

    # --- the stream

    def cut(self, socket: web.WebSocketResponse | None = None) -> None:
        """The connection is gone without a word."""
        transport = (socket or self.sockets[-1])._req.transport
        if transport is not None:
            transport.abort()

    async def push(self, *messages: object) -> None:
        await self.sockets[-1].send_str("".join(json.dumps(message) + SEPARATOR for message in messages))

    async def raw(self, text: str) -> None:
        await self.sockets[-1].send_str(text)

    async def observe(self, number: object, value: object, stamp: object = LATER, **changes: object) -> None:
        await self.push(observation(number, value, stamp, **changes))

    async def respond(self, **members: object) -> None:
        response = {"serialNumber": SERIAL, "id": 22, "timestamp": LATER, "resultCode": 0, "comment": None, **members}
        await self.push({"type": 1, "target": "CommandResponse", "arguments": [response]})

    # --- endpoints

    @web.middleware
    async def _scripted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        name = self._name(request)
        self.calls.append(name)
        self.headers.append((name, dict(request.headers)))
        self.watch.happened()
        planned = self.script.get(name) or self.script.get("*")
        if planned:
            says = planned[0] if len(planned) == 1 and says_always(planned[0]) else planned.popleft()
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(says.seconds)
            return web.Response(
                status=says.status, text=says.body, headers=says.headers, content_type=says.content_type
            )
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if name not in {"login", "refresh_token"} and (not token.startswith("token-") or token in self.revoked):
            return web.Response(status=401)
        return await handler(request)  # type: ignore[no-any-return]

    @staticmethod
    def _name(request: web.Request) -> str:
        path = request.path.rstrip("/")
        if path.endswith("/hubs/chargers"):
            return "hub"
        if path.startswith("/api/sites/") and path.count("/") == 3:
            return "site"
        return path.rsplit("/", 1)[1]

    async def _login(self, _: web.Request) -> web.Response:
        self.tokens += 1
        answer = {
            "accessToken": f"token-{self.tokens}",
            "expiresIn": self.token_life,
            "accessClaims": [None],
            "tokenType": "Bearer",
            "refreshToken": f"refresh-{self.tokens}",
        }
        return web.json_response(answer)

    def _circuit(self) -> dict[str, object]:
        chargers = [
            {
                "id": serial,
                "name": "Garage",
                "productCode": 1,
                "levelOfAccess": 1,
                "backPlate": {"id": f"plate {serial}", "masterBackPlateId": f"plate {self.master}"},
            }
            for serial in self.serials
        ]
        return {"id": CIRCUIT, "siteId": SITE, "ratedCurrent": 20.0, "chargers": chargers}

    async def _products(self, _: web.Request) -> web.Response:
        default = [{"id": SITE, "circuits": [self._circuit()], "equalizers": []}]
        return web.json_response(default if self.products is None else self.products)

    async def _sites(self, _: web.Request) -> web.Response:
        return web.json_response([{"id": SITE}] if self.sites is None else self.sites)

    async def _detail(self, _: web.Request) -> web.Response:
        default = {"id": SITE, "ratedCurrent": 25.0, "circuits": [self._circuit()], "equalizers": []}
        return web.json_response(default if self.detail is None else self.detail)

    async def _settings(self, _: web.Request) -> web.Response:
        return web.json_response({"masterChargerId": self.master})

    async def _order(self, request: web.Request) -> web.Response:
        self.orders.append(await request.json())
        says = self.order_answer
        return web.Response(status=says.status, text=says.body, content_type=says.content_type)

    async def _observations(self, request: web.Request) -> web.Response:
        wanted = {int(number) for number in request.query["ids"].split(",")}
        known = self.observations.get(request.match_info["serial"], {})
        found = [
            {"id": number, "timestamp": OLD, "dataType": 3, "value": value}
            for number, value in known.items()
            if number in wanted
        ]
        return web.json_response({"observations": found})

    async def _negotiate(self, _: web.Request) -> web.Response:
        number = f"id{len(self.calls)}"
        self._ids.add(number)
        answer = web.json_response({"negotiateVersion": 0, "connectionId": number, "availableTransports": []})
        if self.cookies:
            answer.headers["Set-Cookie"] = self.cookies.popleft()
        return answer

    async def _hub(self, request: web.Request) -> web.StreamResponse:
        if self.upgrades:
            says = self.upgrades.popleft()
            return web.Response(status=says.status, text=says.body, headers=says.headers)
        number = request.query.get("id", "")
        if number not in self._ids:
            return web.Response(status=404, text="No Connection with that ID")
        self._ids.remove(number)
        socket = web.WebSocketResponse(timeout=0.1)
        await socket.prepare(request)
        await socket.receive_str()
        await socket.send_str(self.handshake)
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._received(socket, message.data)
            self.watch.happened()
        return socket

    async def _received(self, socket: web.WebSocketResponse, text: str) -> None:
        for part in filter(None, text.split(SEPARATOR)):
            frame = json.loads(part)
            self.frames.append(frame)
            if frame.get("target") == "SubscribeWithCurrentState":
                for replayed in self.replay:
                    await socket.send_str(json.dumps(replayed) + SEPARATOR)


def says_always(says: Says) -> bool:
    return says.headers.get("X-Always") == "yes"


def always(says: Says) -> Says:
    says.headers["X-Always"] = "yes"
    return says


def observation(number: object, value: object, stamp: object = LATER, **changes: object) -> dict[str, object]:
    """One ProductUpdate as the hub pushes it."""
    update = {"mid": SERIAL, "dataType": 3, "id": number, "timestamp": stamp, "value": value, **changes}
    return {"type": 1, "target": "ProductUpdate", "arguments": [update]}


STATE: dict[int, object] = {
    21: 1,
    22: 32.0,
    23: 32.0,
    24: 32.0,
    47: 32.0,
    48: 32.0,
    50: 6,
    51: 6,
    52: 6,
    96: 0,
    109: 3,
    110: 30,
    111: 16.0,
    112: 16.0,
    113: 16.0,
    120: 11.0,
    183: 15.8,
    184: 15.9,
    185: 15.7,
    250: True,
}


class Told:
    """Keeps what the adapter tells."""

    def __init__(self, watch: Watch) -> None:
        self.all: list[Observation] = []
        self._watch = watch

    def __call__(self, observation: Observation) -> None:
        self.all.append(observation)
        self._watch.happened()

    @property
    def reports(self) -> list[ChargerReport]:
        return [told for told in self.all if isinstance(told, ChargerReport)]

    @property
    def outcomes(self) -> list[Outcome]:
        return [told for told in self.all if isinstance(told, Outcome)]

    def links(self, link: Link) -> list[LinkReport]:
        return [told for told in self.all if isinstance(told, LinkReport) and told.link is link]

    def is_up(self, link: Link) -> bool:
        reports = self.links(link)
        return bool(reports) and reports[-1].is_up

    def is_down(self, link: Link) -> bool:
        reports = self.links(link)
        return bool(reports) and not reports[-1].is_up


class Following:
    """An adapter that follows the peer in a task."""

    def __init__(self, peer: Peer, charger: EaseeCharger) -> None:
        self.charger = charger
        self.told = Told(peer.watch)
        self.peer = peer
        self.task = asyncio.create_task(charger.follow(self.told))
        self.task.add_done_callback(lambda _: peer.watch.happened())

    async def until(self, condition: Callable[[], object], within: float = 30.0) -> None:
        await self.peer.watch.until(lambda: condition() or self.task.done(), within)
        if self.task.done() and not condition():
            self.task.result()

    async def until_live(self) -> None:
        await self.until(lambda: self.told.is_up(Link.STREAM) and self.told.reports)

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def order(currents: tuple[int, int, int] = (10, 10, 10), number: int = 1, minutes: int = 10) -> SetCircuitLimit:
    return SetCircuitLimit(currents, minutes, Cause.LOWER, number)
