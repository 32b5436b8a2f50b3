"""The gate before all endpoints: counts, bans, rate limits, planned faults, tokens, latency."""

import asyncio
import random
from collections import deque

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bridge.simulator.easee_backend import Backend, Call
from bridge.simulator.easee_bodies import Refused
from bridge.simulator.faults import Answer

OPEN = frozenset({"login", "refresh_token", "hub"})
"""Endpoints without a token; the hub knows its clients by the negotiated id."""
RATES = {"chargers": 2, "settings": 20}
"""Calls per minute that the vendor documents."""
MINUTE = 60.0


def gate(backend: Backend) -> Middleware:
    """Build the middleware."""
    guard = Gate(backend)

    @web.middleware
    async def pass_through(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await guard.serve(request, handler)

    return pass_through


class Gate:
    """Decides what happens to a call before its endpoint sees it."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._recent: dict[str, deque[float]] = {name: deque(maxlen=rate) for name, rate in RATES.items()}
        self._rng = random.Random(13)  # noqa: S311 - delays, not secrets

    async def serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        endpoint = request.match_info.route.name or "unknown"
        self._backend.calls[endpoint] += 1
        place = len(self._backend.log)
        self._backend.log.append(Call(self._backend.timeline.now, endpoint, 0))
        response = await self._answer(request, handler, endpoint)
        self._backend.log[place] = self._backend.log[place]._replace(status=response.status)
        return response

    async def _answer(self, request: web.Request, handler: Handler, endpoint: str) -> web.StreamResponse:
        stopped = self._stopped(request, endpoint)
        if stopped is not None:
            await self._wait(stopped.seconds)
            return web.Response(
                status=stopped.status,
                text=stopped.body,
                content_type=stopped.content_type,
                headers=dict(stopped.headers),
            )
        if endpoint != "hub":
            await self._wait(self._backend.faults.slow + self._rng.uniform(*self._backend.latency.answer))
        try:
            return await handler(request)
        except Refused as refused:
            return refused.response()
        except web.HTTPException as error:
            return web.Response(status=error.status)

    def _stopped(self, request: web.Request, endpoint: str) -> Answer | None:
        """Find what is said instead of doing the work."""
        faults, now = self._backend.faults, self._backend.timeline.now
        if faults.banned_until is not None and now < faults.banned_until:
            faults.ban(now)
            return Answer.banned(endpoint)
        planned = faults.take_answer(endpoint)
        if planned is not None:
            return planned
        if self._is_too_often(endpoint):
            return Answer.too_many_requests()
        if endpoint in OPEN or self._backend.accounts.knows(request.headers.get("Authorization", "")):
            return None
        return Answer.unauthorised()

    def _is_too_often(self, endpoint: str) -> bool:
        recent = self._recent.get(endpoint)
        if recent is None or not self._backend.faults.enforce_limits:
            return False
        now = self._backend.timeline.now
        is_full = len(recent) == recent.maxlen and now - recent[0] < MINUTE
        if not is_full:
            recent.append(now)
        return is_full

    async def _wait(self, seconds: float) -> None:
        if seconds > 0:
            await asyncio.sleep(seconds / self._backend.timeline.speed)
