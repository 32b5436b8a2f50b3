"""What the charger says: frames of the SignalR stream as they come, documents read over REST.

Records: `frame` and a frame (`^` parts its messages), or `read` and a document; `hand` and a handshake.
`shared` is a circuit with two chargers.
"""

import json
from types import SimpleNamespace

import promises
from home import Home, on_loop

from bridge.chargers.easee.caller import one_line
from bridge.chargers.easee.circuit import Circuit
from bridge.chargers.easee.commands import Orders
from bridge.chargers.easee.following import Following
from bridge.chargers.easee.hub import HubClient, HubProtocol, Negotiated
from bridge.chargers.easee.links import Links
from bridge.chargers.easee.options import EaseeOptions
from bridge.chargers.easee.session import EaseeSession
from bridge.chargers.easee.stream import ENDINGS, ending
from bridge.errors import UnsuitableError

NAME = "observations"
SEPARATOR = b"\n"
OPTIONS = EaseeOptions("owner@example.org", promises.SECRET)
_SAID = {
    111: 16,
    112: 16,
    113: 16,
    109: 3,
    22: 32,
    23: 32,
    24: 32,
    47: 32,
    48: 32,
    50: 6,
    51: 6,
    52: 6,
    183: 15.2,
    184: 15.1,
    185: 15,
    120: 10.4,
    21: 1,
    38: 3,
    96: 0,
    110: 30,
    114: 16,
    250: "true",
    73: 15,
    74: 15,
    75: 15,
}


def _said(number: int, value: object, mid: str = "EH1", at: int = 0) -> dict[str, object]:
    stamp = f"2026-05-01T00:00:{at:02}Z"
    return {"mid": mid, "dataType": 3, "id": number, "timestamp": stamp, "value": str(value)}


def _update(*said: dict[str, object]) -> bytes:
    parts = [json.dumps({"type": 1, "target": "ProductUpdate", "arguments": [each]}) for each in said]
    return b"frame " + "^".join(parts).encode()


def _response(**members: object) -> bytes:
    answer = {"serialNumber": "EH1", "id": 22, "wasAccepted": True, "resultCode": 0, "ticks": 7, **members}
    return b"frame " + json.dumps({"type": 1, "target": "CommandResponse", "arguments": [answer]}).encode()


_ALL = _update(*(_said(number, value) for number, value in _SAID.items()))
_READ = b"read " + json.dumps({"observations": [_said(number, value) for number, value in _SAID.items()]}).encode()
_MASTER = b"\n".join(_update(_said(number, 9, "EH2", 1)) for number in (73, 74, 75))
SEEDS = (
    _ALL,
    _READ + b"\n" + _update(_said(111, 10, at=1), _said(112, 10, at=1), _said(113, 10, at=1)) + b"\n" + _response(),
    _ALL + b'\nframe {"type":6}\nframe {"type":7,"error":"bye"}\n' + _response(wasAccepted=False, resultCode=3),
    b"shared\n" + _ALL + b"\n" + _MASTER,
    _update(_said(109, 1)) + b"\n" + _response(ticks=None) + b"\n" + _READ,
    b"hand {}^\n" + _ALL,
)  # fmt: skip
TOKENS = (
    b'"type": 1',
    b'"type": 7',
    b'"error": "',
    b'"mid": "EH2"',
    b'"target": "X"',
    b'"invocationId": "1"',
    b"frame ",
    b"read ",
    b"shared\n",
    b'"timestamp": null',
    b"^",
    b'"ticks": ',
    b'"wasAccepted": ',
    b'"value": "nan"',
    *(f'"id": {number}'.encode() for number in _SAID),
)


def run(data: bytes) -> None:
    on_loop(_play(data.split(SEPARATOR)))


async def _play(records: list[bytes]) -> None:
    home = Home()
    home.charge()
    circuit = Circuit(7, 9, ("EH1", "EH2") if b"shared" in records else ("EH1",), 20.0, "EH2", "EH1")
    orders, links = Orders(), Links(home.tell, home.clock)
    orders.send(1, (10, 10, 10), home.now)
    orders.accept(1, [{"ticks": 7}])
    parts = {"orders": orders, "links": links, "tell": home.tell, "clock": home.clock}
    following = Following(_SESSION, SimpleNamespace(), circuit, OPTIONS, **parts)
    hub = _hub(following)
    try:
        for record in records:
            await _hear(record, following, hub)
        following.reporter.flush()
        await _ended(following)
    finally:
        following.reporter.close()
        following._failure.cancel()
    home.settle()


async def _hear(record: bytes, following: Following, hub: HubClient) -> None:
    kind, _, rest = record.partition(b" ")
    frame = rest.replace(b"^", b"\x1e")
    try:
        if kind == b"read":
            _read(rest, following)
        elif kind == b"hand":
            hub._transport._protocol.decode_handshake(frame)
        elif kind == b"frame":
            for message in hub._transport._protocol.decode(frame):
                await hub._on_message(message)
            promises.hold(len(hub._message_handlers) == 2, "remembers each name that was called")
    except ENDINGS as error:
        detail = ending(error, OPTIONS.stream_url)
        promises.is_a_line(detail)
        promises.is_a_line(one_line(error))


def _read(document: bytes, following: Following) -> None:
    try:
        told = json.loads(document)
    except (ValueError, RecursionError):
        return
    following.reporter.read("EH1", told)


async def _ended(following: Following) -> None:
    if following._failure.done():
        error = following._failure.exception()
        promises.hold(isinstance(error, UnsuitableError), f"ends with {error!r}")
        promises.is_an_expected(error)


def _hub(following: Following) -> HubClient:
    """As the session makes it to listen."""
    _SESSION._listener = following._stream
    hub = HubClient(Negotiated("https://hub.example", {}), HubProtocol(following._stream))
    hub.on("ProductUpdate", _SESSION._sr_product_update_cb)
    hub.on("CommandResponse", _SESSION._sr_command_response_cb)
    return hub


_SESSION = EaseeSession(OPTIONS, SimpleNamespace(), lambda: 0.0)
