"""A charger with a JSON interface of its own in the house: `GET /status`, `POST /limit`, a token."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bridge import errors
from bridge.core.model import ChargerReport, ChargerState, Link, LinkReport, Outcome, Result, SetCircuitLimit
from bridge.core.phases import PerPhase
from bridge.ports import Clock, Tell

DEVICE = "charger"
TIMEOUT = aiohttp.ClientTimeout(total=5)


@dataclass(frozen=True, slots=True)
class JsonChargerOptions:
    url: str
    token: str = field(repr=False)
    look_every: float = 2.0
    """s between two looks; what is in force and what the car draws must be known within seconds."""


class JsonCharger:
    """Implements `ports.Charger`. An outage is raised: the supervisor starts it anew, backs off, logs it once."""

    def __init__(self, options: JsonChargerOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._rest_until = float("-inf")
        self._tell: Tell | None = None
        """None until the charger has been found."""

    async def follow(self, tell: Tell) -> None:
        before = None
        while True:
            report = read(await self._call(tell, "GET", "/status"))
            if before is None:
                self._tell = tell
                for link in (Link.CHARGER, Link.STREAM):  # a look every other second is as good as a stream
                    tell(LinkReport(link, is_up=True))
            if report != before:
                tell(report)
            before = report
            await asyncio.sleep(max(self._options.look_every, self._rest_until - self._clock()))

    async def apply(self, command: SetCircuitLimit) -> None:
        if self._tell is None:
            raise errors.DeviceUnavailableError(DEVICE, "has not been found yet")
        body = {"amperes": list(command.currents), "seconds": command.time_to_live * 60}
        await self._call(self._tell, "POST", "/limit", json=body)
        self._tell(Outcome(command.number, Result.EXECUTED))

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _call(self, tell: Tell, method: str, path: str, **more: Any) -> Any:
        """Make one call; what comes back is a document, or the error that names its cure."""
        self._session = self._session or aiohttp.ClientSession(timeout=TIMEOUT)
        headers = {"Authorization": f"Bearer {self._options.token}"}
        try:
            if (rest := self._rest_until - self._clock()) > 0:
                raise errors.RateLimitedError(DEVICE, "wants no calls", rest)  # noqa: TRY301 told below, as the other
            async with self._session.request(method, self._options.url + path, headers=headers, **more) as answer:
                if not answer.ok:
                    raise self._error(answer.status, answer.headers.get("Retry-After", ""))
                return await answer.json()
        except errors.RateLimitedError as error:
            tell(LinkReport(Link.CHARGER, is_up=False, detail=error.detail, retry_after=error.retry_after))
            raise
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise errors.DeviceUnavailableError(DEVICE, f"{self._options.url} does not answer: is it on?") from error

    def _error(self, status: int, retry_after: str) -> errors.DeviceError:
        if status == 401:
            return errors.LoginRejectedError(DEVICE, "refuses the token: correct charger.json.token")
        if status == 429:
            rest = float(retry_after) if retry_after.isdecimal() else 60.0
            self._rest_until = self._clock() + rest
            return errors.RateLimitedError(DEVICE, f"wants no calls for {rest:.0f} s", rest)
        kind = errors.CommandRejectedError if status < 500 else errors.DeviceUnavailableError
        return kind(DEVICE, f"answers with HTTP {status}")


def read(document: Any) -> ChargerReport:
    """Translate, purely. What is not there or not of its kind is an error, never a 0."""
    try:
        if document["grid"] == "IT":
            raise errors.UnsuitableError(DEVICE, "is on an IT grid, where phases share conductors")
        limit, draw = (PerPhase(*map(float, document[key])) for key in ("limit", "draw"))
        return ChargerReport(ChargerState(document["state"]), limit, draw, name=str(document["serial"]))
    except (KeyError, TypeError, ValueError) as error:
        raise errors.DeviceUnavailableError(DEVICE, "sends a status that cannot be read") from error
