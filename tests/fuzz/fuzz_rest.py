"""What the Easee cloud answers over REST, from the login to an order, whatever answers there.

Records are answers in the order of the calls: status, content type, `-` or what Retry-After says, a line break, the
body. Once they are used up, nobody answers any more.
"""

import asyncio
import json
import re
from types import SimpleNamespace
from typing import Any

import aiohttp
import promises
from aiohttp.helpers import TimerNoop
from aiohttp.http_writer import _serialize_headers
from home import Home, on_loop
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from bridge.chargers.easee.breaker import Breaker
from bridge.chargers.easee.caller import Caller, GaveWayError
from bridge.chargers.easee.circuit import Circuit
from bridge.chargers.easee.commands import Orders, body, currents, path
from bridge.chargers.easee.links import Links
from bridge.chargers.easee.options import EaseeOptions
from bridge.chargers.easee.poll import Poll
from bridge.chargers.easee.reporter import Reporter
from bridge.chargers.easee.session import EaseeSession
from bridge.chargers.easee.site import discover
from bridge.core.model import Cause, Link, SetCircuitLimit
from bridge.errors import (
    CommandRejectedError,
    DeviceError,
    DeviceUnavailableError,
    LoginRejectedError,
    RateLimitedError,
    UnsuitableError,
)

NAME = "rest"
SEPARATOR = b"\n--\n"
EXPECTED = (DeviceUnavailableError, RateLimitedError, LoginRejectedError, CommandRejectedError, UnsuitableError)
OPTIONS = EaseeOptions(
    "owner@example.org", promises.SECRET, api_url="https://api.example", stream_url="https://hub.example"
)


def _ok(document: object) -> bytes:
    return b"200 application/json -\n" + json.dumps(document).encode()


_LOGIN = _ok({"accessToken": promises.SECRET, "refreshToken": promises.SECRET, "expiresIn": 3600})
_CHARGER = {"id": "EH123456", "name": "Carport", "backPlate": {"id": "A", "masterBackPlateId": "A"}}
_SITE = {
    "id": 7,
    "name": "Home",
    "ratedCurrent": 25.0,
    "circuits": [{"id": 9, "ratedCurrent": 20.0, "chargers": [_CHARGER]}],
}
_SAID = {
    111: 16,
    112: 16,
    113: 16,
    109: 3,
    22: 32,
    23: 32,
    24: 32,
    47: 32,
    183: 15.2,
    184: 15.1,
    185: 15,
    120: 10.4,
    21: 1,
}
_READ = {"observations": [{"id": n, "value": value, "timestamp": "2026-05-01T00:00:00Z"} for n, value in _SAID.items()]}
_ORDER = {"device": "EH123456", "commandId": 22, "ticks": 638000000000000000}
_USUAL = (
    _LOGIN,
    _ok([_SITE]),
    _ok(_SITE),
    _ok([_SITE]),
    _ok(_READ),
    _ok([_ORDER]),
    _ok({"connectionId": "c1", "availableTransports": []}),
)
_BAD = (
    b"429 text/plain 120\nslow down",
    b"403 text/plain -\nyou are blocked for 2 hours",
    b'403 application/problem+json -\n{"errorCode":104,"title":"No access","detail":"x"}',
    b"500 text/html -\n<html>",
    b"503 text/plain Fri, 31 Dec 2027 23:59:59 GMT\n",
    b"401 text/plain -\n",
    b'400 application/json -\n{"errorCode":100,"errorCodeName":"InvalidUserName"}',
    b"200 text/html; charset=latin-1 -\n<p>",
    b"302 text/plain -\n",
    b'404 application/json -\n{"title":"gone"}',
    b"202 application/json -\n",
)
_SHARED = {**_SITE, "circuits": [{"id": 9, "chargers": [{"id": "EH123456"}, {"id": "EH2"}]}]}
SEEDS = (
    SEPARATOR.join(_USUAL),
    SEPARATOR.join((_LOGIN, _ok([_SITE]), _ok(_SHARED), _ok({"masterChargerId": "EH2"}), _ok(_READ), _ok(_READ))),
    *(SEPARATOR.join((*_USUAL[: place % 7], bad, *_USUAL[place % 7 :])) for place, bad in enumerate(_BAD)),
    *(SEPARATOR.join((bad, *_USUAL)) for bad in _BAD),
)
TOKENS = (
    b"429 ",
    b"403 ",
    b"401 ",
    b"200 ",
    b"; charset=base64",
    b"; charset=utf-16",
    b"; charset=idna",
    b"accessToken",
    b"refreshToken",
    b"\\r\\n",
    b'"id": ',
    b"3 hours",
    b"0 hours",
    b"Mon, 01 Jan 0001 00:00:00 +9999",
    b"blocked",
    b'"title": ',
    b'"expiresIn": ',
    b'"chargers": ',
    b'"backPlate": ',
    b"masterChargerId",
    *_BAD,
)


ASKED = re.compile(
    r"/api/accounts/(login|refresh_token|products)|/api/sites(/-?\d+\?detailed=true|/-?\d+/circuits/-?\d+/(settings|dynamicCurrent))?"
    r"|/state/[A-Za-z0-9-]+/observations\?ids=[0-9,]+|/negotiate(\?.*)?"
)
_SENT = SimpleNamespace(output_size=0)


class Cloud:
    """In the place of aiohttp's session: the library's own answers, and its own checks of what is sent."""

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers[::-1]
        self._resolve_charset = lambda *_: "utf-8"

    async def post(self, url: str, **sent: Any) -> aiohttp.ClientResponse:
        return self._answer("POST", url, sent)

    async def get(self, url: str, **sent: Any) -> aiohttp.ClientResponse:
        return self._answer("GET", url, sent)

    def _answer(self, method: str, url: str, sent: dict[str, Any]) -> aiohttp.ClientResponse:
        headers = CIMultiDict(sent.get("headers") or {})
        _serialize_headers(f"{method} {URL(url).raw_path_qs} HTTP/1.1", headers)
        json.dumps(sent.get("json")).encode()
        promises.hold(ASKED.fullmatch(URL(url).raw_path_qs), f"asks for another path: {url[:80]!a}")
        if not self._answers:
            raise aiohttp.ClientConnectionError("nobody is there")
        head, _, content = self._answers.pop().partition(b"\n")
        status, kind, wait = _head(head.decode("latin-1"))
        response = aiohttp.ClientResponse(
            method, URL("https://api.example"), writer=None, continue100=None, timer=TimerNoop(), request_info=None,  # type: ignore[arg-type]
            traces=[], loop=asyncio.get_running_loop(), session=self, stream_writer=_SENT,  # type: ignore[arg-type]
        )  # fmt: skip
        response.status, response._body = status, content
        told = CIMultiDict({"Content-Type": kind, **({} if wait == "-" else {"Retry-After": wait})})
        response._headers = CIMultiDictProxy(told)
        return response


def _head(text: str) -> tuple[int, str, str]:
    status, _, rest = text.partition(" ")
    kind, _, wait = rest.rpartition(" ") if rest.count(" ") < 2 or ";" in rest else rest.partition(" ")
    return int(status) if status.isdecimal() and len(status) == 3 else 200, kind, wait


class Account:
    """The adapter as the client puts it together."""

    def __init__(self, cloud: Cloud, home: Home) -> None:
        self.home = home
        self.session = EaseeSession(OPTIONS, cloud, home.clock)  # type: ignore[arg-type]
        self.caller = Caller(self.session, Breaker(home.clock), 10.0)
        self.links = Links(home.tell, home.clock)

    async def live(self, wanted: str | None) -> None:
        circuit = await discover(self.caller, wanted)
        promises.hold(circuit.charger in circuit.chargers and circuit.serials, "a circuit without the charger")
        reporter = Reporter(circuit, self.home.tell, _fail)
        try:
            await Poll(self.caller, reporter, self.links, circuit, OPTIONS).read()
            reporter.flush()
        finally:
            reporter.close()
        self.home.decide()
        await self._order(circuit, reporter)
        await self.caller.negotiate()

    async def _order(self, circuit: Circuit, reporter: Reporter) -> None:
        order, orders = SetCircuitLimit((10, 10, 10), 10, Cause.LOWER, 1), Orders()
        amperes = currents(order, reporter.bounds.binding)
        promises.hold(all(0 <= each <= 10 for each in amperes), f"sends {amperes}")
        orders.send(1, amperes, self.home.now)
        orders.accept(1, await self.caller.order(path(circuit), body(amperes, 10)))


def _fail(error: DeviceError) -> None:
    raise error


def run(data: bytes) -> None:
    on_loop(_play(data.split(SEPARATOR)))


async def _play(answers: list[bytes]) -> None:
    home = Home()
    home.charge()
    account = Account(Cloud(answers), home)
    try:
        await account.live("EH123456" if any(b'"EH2"' in answer for answer in answers) else None)
    except EXPECTED as error:
        _look_at(error, account)
    except GaveWayError:
        pass
    home.settle()


def _look_at(error: DeviceError, account: Account) -> None:
    promises.is_an_expected(error)
    retry_after = error.retry_after if isinstance(error, RateLimitedError) else None
    if retry_after is not None:
        promises.hold(1 <= retry_after <= 86400, f"stays away for {retry_after} s")
        promises.hold(account.caller.breaker.remaining > 0, "a ban that stops nothing")
    account.links.lost(Link.CHARGER, error.detail, retry_after)
