"""What clients send to the Easee cloud, and how it refuses nonsense."""

import json
import math
from http import HTTPStatus
from typing import TypeAlias

from aiohttp import web

from bridge.core.phases import PerPhase
from bridge.simulator.easee_backend import Backend

Body: TypeAlias = dict[str, object]

HIGHEST = 1000.0
"""A; more is nonsense."""


class Refused(Exception):  # noqa: N818 - an answer, not a failure of the simulator
    """The request is understood and refused with a problem document."""

    def __init__(self, title: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(title)
        self.title = title
        self.status = status

    def response(self) -> web.Response:
        problem = {
            "errorCode": 0,
            "type": None,
            "title": self.title,
            "status": int(self.status),
            "detail": None,
            "instance": None,
        }
        return web.json_response(problem, status=self.status, content_type="application/problem+json")


async def body_of(request: web.Request) -> Body:
    try:
        body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise Refused("Invalid JSON") from error
    if not isinstance(body, dict):
        raise Refused("Expected an object")
    return body


def amperes(body: Body, name: str, otherwise: float) -> float:
    """Read whole amperes, rounded down as the cloud does; a missing one stays what it is."""
    value = body.get(name)
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= HIGHEST:
        raise Refused(f"{name} is out of range")
    return float(math.floor(value))


def amperes_per_phase(body: Body, names: str, otherwise: PerPhase) -> PerPhase:
    """Read one value for each phase; `names` holds a {} where the phase's number goes."""
    return PerPhase(*(amperes(body, names.format(place), now) for place, now in enumerate(otherwise, 1)))


def whole_minutes(body: Body) -> int:
    """Read the time-to-live; missing, null and 0 all mean for ever."""
    minutes = body.get("timeToLive") or 0
    if isinstance(minutes, bool) or not isinstance(minutes, int) or minutes < 0:
        raise Refused("timeToLive is out of range")
    return minutes


def check_place(request: web.Request, backend: Backend) -> None:
    """Refuse sites, circuits and chargers that are not the account's: 403."""
    place, own = backend.documents.place, backend.charger.box.serial
    expected: dict[str, set[str | None]] = {
        "site": {str(place.site)},
        "circuit": {str(place.circuit)},
        "charger": {own, place.second_charger},
    }
    for name, known in expected.items():
        if name in request.match_info and request.match_info[name] not in known:
            raise Refused("Access denied", HTTPStatus.FORBIDDEN)
