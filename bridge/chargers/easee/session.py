"""pyeasee with its habits overridden at the border: tokens, status codes, and what the stream calls back.

Written for exactly the pinned version; tests/chargers/test_pyeasee_contract.py fails where its internals have changed.
Not safe for concurrent calls: the caller serialises them.
"""

import ssl
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import aiohttp
from pyeasee import Easee
from pysignalr.utils import get_connection_url, get_negotiate_url
from websockets.asyncio.client import connect as websocket_connect

from bridge.chargers.easee import vendor_logs
from bridge.chargers.easee.answers import HttpStatusError, UnreadableAnswerError, login_failure, parse
from bridge.chargers.easee.breaker import LoginPace
from bridge.chargers.easee.hub import HubClient, HubProtocol, Listener, Negotiated
from bridge.chargers.easee.observations import number_or_none
from bridge.chargers.easee.options import DEVICE, EaseeOptions
from bridge.errors import DeviceUnavailableError, LoginRejectedError
from bridge.ports import Clock
from bridge.runtime.secrecy import keep_secret

_SUCCESS = range(200, 300)
_REFRESH_REFUSED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED})
_TOKEN_LIFE = 3600.0
"""Where a login does not say, s."""
_LONGEST_TOKEN_MARGIN = 60.0
"""A token is renewed this long before its end, s, but never before nine tenths of its life."""


class EaseeSession(Easee):
    """One account: its tokens, its requests and its stream."""

    def __init__(
        self,
        options: EaseeOptions,
        http: aiohttp.ClientSession,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`tls` is for the stream; `http` has its own."""
        vendor_logs.silence()
        iterate = websocket_connect.__aiter__
        super().__init__(options.username, options.password, session=http, user_agent="ev-load-bridge")
        # pyeasee has just replaced this for the whole process; hub.py does without it.
        websocket_connect.__aiter__ = iterate  # type: ignore[method-assign]
        self.base = options.api_url.rstrip("/")
        self.sr_base = options.stream_url
        self.rejected: LoginRejectedError | None = None
        """Set once the credentials were refused: no further attempt until somebody clears it."""
        self._listener: Listener | None = None
        self._clock = clock
        self._tls = tls
        self._pace = LoginPace(clock)
        self._fresh_until = float("-inf")

    # --- requests: the library's own, with redirects refused since they would carry the token elsewhere ---

    async def fetch(self, path: str) -> object:
        """GET → values. Raises HttpStatusError, UnreadableAnswerError and what aiohttp raises, as the two below do."""
        return await _values(await self.get(path, allow_redirects=False))  # type: ignore[no-untyped-call]  # untyped there

    async def send(self, path: str, body: object) -> object:
        """POST → values, None for an empty body."""
        return await _values(await self.post(path, json=body, allow_redirects=False))  # type: ignore[no-untyped-call]

    async def negotiate(self) -> Negotiated:
        """Ask the hub for one connection. Done here for its time-out, its status and a header set of its own.

        The library writes the affinity cookie into the shared headers, where the old ones pile up.
        """
        await self._verify_updated_token()
        headers = dict(self.sr_headers)
        response = await self.session.post(get_negotiate_url(self.sr_base), headers=headers, allow_redirects=False)
        await self.check_status(response)
        answer = await _values(response)
        connection_id = answer.get("connectionId") if isinstance(answer, dict) else None
        if not isinstance(connection_id, str) or not connection_id:
            raise UnreadableAnswerError
        if response.cookies:
            headers["Cookie"] = "; ".join(f"{cookie.key}={cookie.coded_value}" for cookie in response.cookies.values())
        return Negotiated(get_connection_url(self.sr_base, connection_id), headers)

    async def check_status(self, response: aiohttp.ClientResponse) -> None:
        """Override: no login on a 400, nothing logged, and everything but 2xx is an error. Raises HttpStatusError."""
        if response.status not in _SUCCESS:
            raise HttpStatusError(response.status, response.headers.get("retry-after"), await _text(response))

    # --- tokens --------------------------------------------------------------------------------

    async def ensure_token(self) -> None:
        """Log in or refresh where it is due. Raises as `connect` does."""
        await self._verify_updated_token()

    async def renew(self) -> None:
        """Get another token at once, after a 401. Raises as `connect` does."""
        if "refreshToken" in self.token:
            await self._refresh_token()
        else:
            await self.connect()
        self._set_authorization()

    def distrust_token(self) -> None:
        """Renew the token before the next call."""
        self._fresh_until = float("-inf")

    def accepted(self) -> None:
        """A call was answered: the token is good."""
        self._pace.succeeded()

    async def _verify_updated_token(self) -> None:
        """Override: counts a token's life on the monotonic clock."""
        if "accessToken" not in self.token:
            await self.connect()
        elif self._clock() >= self._fresh_until:
            await self.renew()
        self._set_authorization()

    async def connect(self) -> None:
        """Override: log in, once. Raises LoginRejectedError, DeviceUnavailableError, HttpStatusError for a ban."""
        if self.rejected is not None:
            raise LoginRejectedError(DEVICE, self.rejected.detail)
        self._pace.attempt()
        try:
            await self._ask_for_token("/api/accounts/login", {"userName": self.username, "password": self.password})
        except HttpStatusError as error:
            if error.is_ban:
                raise
            failed = login_failure(error)
            if isinstance(failed, LoginRejectedError):
                self.rejected = failed
            raise failed from None

    async def _refresh_token(self) -> None:
        """Override: log in only where the cloud no longer takes the refresh token."""
        self._pace.attempt()
        pair = {key: self.token[key] for key in ("accessToken", "refreshToken")}
        try:
            await self._ask_for_token("/api/accounts/refresh_token", pair)
        except HttpStatusError as error:
            if error.is_ban:
                raise
            if error.status not in _REFRESH_REFUSED:
                raise DeviceUnavailableError(DEVICE, f"renewing the login failed with {error}") from None
        else:
            return
        self.token = {}
        self._pace.succeeded()
        await self.connect()

    async def _ask_for_token(self, path: str, body: dict[str, Any]) -> None:
        headers = {name: text for name, text in self.headers.items() if name != "Authorization"}
        response = await self.session.post(f"{self.base}{path}", headers=headers, json=body, allow_redirects=False)
        await self.check_status(response)
        await self._handle_token_response(response)

    async def _handle_token_response(self, res: aiohttp.ClientResponse) -> None:
        """Override: not logged, and checked."""
        answer = await _values(res)
        token = answer if isinstance(answer, dict) else {}
        if not _is_token(token.get("accessToken")):
            raise DeviceUnavailableError(DEVICE, "the login was answered without a token: check charger.easee.api_url")
        told = number_or_none(token.get("expiresIn"))
        life = told if told is not None and told > 0 else _TOKEN_LIFE
        self._fresh_until = self._clock() + life - min(_LONGEST_TOKEN_MARGIN, life / 10)
        self.token = {key: token[key] for key in ("accessToken", "refreshToken") if _is_token(token.get(key))}
        for name, text in self.token.items():
            keep_secret(name, text)

    def _set_authorization(self) -> None:
        for headers in (self.headers, self.get_headers, self.get_bin_headers, self.sr_headers):
            headers["Authorization"] = f"Bearer {self.token['accessToken']}"

    # --- the stream ------------------------------------------------------------------------------

    async def listen(self, negotiated: Negotiated, serials: Iterable[str], listener: Listener) -> None:
        """Follow these chargers over one connection until it ends. Raises what pysignalr and websockets raise."""
        self.sr_subscriptions = dict.fromkeys(serials)
        self._listener = listener
        hub = HubClient(negotiated, HubProtocol(listener), self._tls)
        hub.on_open(self._sr_open_cb)
        hub.on("ProductUpdate", self._sr_product_update_cb)
        hub.on("CommandResponse", self._sr_command_response_cb)
        self.sr_connection = hub  # type: ignore[assignment]  # untyped there
        try:
            await hub.run()
        finally:
            self.sr_connection = None
            self.sr_connected = False

    async def _sr_open_cb(self) -> None:
        """Override: tells that the library has subscribed."""
        await super()._sr_open_cb()
        if self._listener is not None:
            self._listener.opened()

    async def _sr_callback(self, stuff: object) -> None:
        """Override: the library converts before its callback, where it can raise, and drops the timestamp."""
        if self._listener is not None:
            self._listener.observed(stuff)

    async def _sr_command_response_cb(self, stuff: Iterable[object]) -> None:
        """Override: the library only logs these."""
        for response in stuff:
            if self._listener is not None:
                self._listener.responded(response)


async def _values(response: aiohttp.ClientResponse) -> object:
    return parse(await _text(response))


async def _text(response: aiohttp.ClientResponse) -> str:
    """The body, always as UTF-8: a header may name an encoding that is none of texts, or cannot replace."""
    return (await response.read()).decode(errors="replace")


def _is_token(raw: object) -> bool:
    """Whether it can stand in a header."""
    return isinstance(raw, str) and bool(raw) and raw.isascii() and raw.isprintable()
