"""The internals of pyeasee and pysignalr that the adapter rests on are those it was written for.

A failure here means: the pinned versions have moved. Read what changed, mend session.py and hub.py, run all of
tests/chargers, and only then write the new fingerprints here.
"""

import hashlib
import inspect
from importlib.metadata import version

import aiohttp
import pytest
from pyeasee import Easee
from pysignalr.client import SignalRClient
from pysignalr.protocol.json import JSONProtocol
from pysignalr.transport.websocket import WebsocketTransport
from websockets.asyncio.client import connect

from bridge.chargers.easee.hub import HubClient, HubProtocol, HubTransport
from bridge.chargers.easee.options import EaseeOptions
from bridge.chargers.easee.session import EaseeSession

OVERRIDDEN = [
    (Easee, EaseeSession, name)
    for name in (
        "check_status",
        "connect",
        "_refresh_token",
        "_verify_updated_token",
        "_handle_token_response",
        "_sr_open_cb",
        "_sr_callback",
        "_sr_command_response_cb",
    )
] + [
    (WebsocketTransport, HubTransport, "run"),
    (SignalRClient, HubClient, "_on_message"),
    (JSONProtocol, HubProtocol, "decode"),
    (JSONProtocol, HubProtocol, "decode_handshake"),
]

FINGERPRINTS = {
    "Easee.__init__": "67482ff09b54",
    "Easee.get": "14a4e4f7159d",
    "Easee.post": "335785ff3945",
    "Easee.check_status": "1d384959f207",
    "Easee.connect": "fedeee8c56e4",
    "Easee._refresh_token": "c0b8c5e61149",
    "Easee._verify_updated_token": "56c97ec9b4c8",
    "Easee._handle_token_response": "8a49fafc8e06",
    "Easee._sr_open_cb": "16461b5bda61",
    "Easee._sr_product_update_cb": "d92beb5de05e",
    "Easee._sr_callback": "3c4fc14ce4bd",
    "Easee._sr_command_response_cb": "39a474f6d9a6",
    "SignalRClient.__init__": "95c3f1725f25",
    "SignalRClient.on": "27942082c1cf",
    "SignalRClient.on_open": "cef569af181a",
    "SignalRClient.send": "f7f2eb1c0d6d",
    "SignalRClient._on_message": "386cfbccb156",
    "SignalRClient._on_invocation_message": "dec4558e0465",
    "SignalRClient.run": "1c58b7f3324a",
    "WebsocketTransport.__init__": "c63f42b66427",
    "WebsocketTransport.run": "905c379d518c",
    "WebsocketTransport.send": "a4dd25e9c375",
    "WebsocketTransport._get_connection": "b4ae6f6dd4d6",
    "WebsocketTransport._handshake": "7405d4329ce2",
    "WebsocketTransport._process": "11747033925e",
    "WebsocketTransport._keepalive": "28c74d10ef90",
    "WebsocketTransport._on_raw_message": "9d4ec9d0bad4",
    "WebsocketTransport._on_message": "9d9ab4a2eecd",
    "JSONProtocol.__init__": "602b96f44989",
    "JSONProtocol.decode": "d0cdcbfbec88",
    "JSONProtocol.decode_handshake": "68b783931a24",
    "JSONProtocol.encode": "b8288cee63fa",
}


def fingerprint(function: object) -> str:
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:12]  # type: ignore[arg-type]


def test_the_versions_are_the_pinned_ones() -> None:
    assert version("pyeasee") == "0.8.21"
    assert version("pysignalr") == "1.3.3"


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_what_is_overridden_or_relied_on_is_unchanged(name: str) -> None:
    owner, _, method = name.partition(".")
    owners = {each.__name__: each for each in (Easee, SignalRClient, WebsocketTransport, JSONProtocol)}
    assert fingerprint(getattr(owners[owner], method)) == FINGERPRINTS[name], f"{name} is another one now"


@pytest.mark.parametrize(("library", "ours", "name"), OVERRIDDEN)
def test_each_override_overrides_something(library: type, ours: type, name: str) -> None:
    assert name in vars(ours)
    assert name in vars(library)
    taken = list(inspect.signature(vars(library)[name]).parameters)
    assert list(inspect.signature(vars(ours)[name]).parameters) == taken


async def test_the_session_puts_the_process_wide_patch_back() -> None:
    before = connect.__aiter__
    async with aiohttp.ClientSession() as http:
        EaseeSession(EaseeOptions("me", "secret"), http, lambda: 0.0)
        assert connect.__aiter__ is before
        Easee("me", "secret", session=http)
        is_patched = connect.__aiter__ is not before
        connect.__aiter__ = before  # type: ignore[method-assign]
    assert is_patched, "pyeasee no longer patches websockets: the session need not undo it"


async def test_the_session_has_what_it_reaches_for() -> None:
    async with aiohttp.ClientSession() as http:
        session = EaseeSession(
            EaseeOptions("me", "secret", api_url="http://x/", stream_url="http://y"), http, lambda: 0.0
        )
        assert session.session is http
        assert session.token == {}
        assert (session.base, session.sr_base) == ("http://x", "http://y")
        assert all("Authorization" not in headers for headers in (session.headers, session.sr_headers))
        assert session.headers["User-Agent"].startswith("pyeasee/0.8.21 REST client")
        assert (session.sr_connection, session.sr_connected, session.sr_subscriptions) == (None, False, {})


async def test_the_transport_has_what_it_reaches_for() -> None:
    transport = vars(HubTransport("http://x", JSONProtocol(), callback=lambda _: None, headers={}))  # type: ignore[arg-type, return-value]
    assert {"_url", "_headers", "_connected", "_ws", "_open_callback", "_connection_timeout", "_max_size"} <= set(
        transport
    )
