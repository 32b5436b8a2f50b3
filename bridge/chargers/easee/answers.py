"""What the cloud's answers mean. Pure."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from bridge.chargers.easee.options import DEVICE
from bridge.errors import CommandRejectedError, DeviceError, DeviceUnavailableError, LoginRejectedError

_PROBLEM_MEMBERS = frozenset({"errorCode", "errorCodeName", "title", "type", "detail"})
_BAN = re.compile(r"too many requests|block|rate.?limit", re.IGNORECASE)
_BAN_HOURS = re.compile(r"(\d{1,2})\s*hours?", re.IGNORECASE)
_TOO_EARLY = 425
_REFUSED = frozenset(range(400, 500)) - {HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_TIMEOUT, _TOO_EARLY}
_NO_ACCESS = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_LOGIN_REFUSED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_LONGEST_TEXT = 120
_HOUR = 3600.0


class HttpStatusError(Exception):
    """The cloud answered with something else than 2xx. Does not leave this adapter."""

    def __init__(self, status: int, retry_after: str | None = None, body: str = "") -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.retry_after = retry_after
        self.body = body

    @property
    def problem(self) -> Mapping[str, object] | None:
        """The problem document in the body, if that is what it is."""
        try:
            parsed = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return parsed if isinstance(parsed, dict) and _PROBLEM_MEMBERS & parsed.keys() else None

    @property
    def is_ban(self) -> bool:
        """Told to stay away: 429, and 403 unless its body is a problem document about access."""
        if self.status == HTTPStatus.FORBIDDEN:
            return self.problem is None or bool(_BAN.search(self.body))
        return self.status == HTTPStatus.TOO_MANY_REQUESTS

    def wait(self, wall: datetime) -> float | None:
        """Seconds to stay away as the cloud tells them, in its header or in words; None where it does not."""
        told = _header_seconds(self.retry_after, wall)
        words = _BAN_HOURS.search(self.body)
        return float(words[1]) * _HOUR if told is None and words and int(words[1]) else told


class NoAccessError(DeviceUnavailableError):
    """The account may not, or no longer, see what was asked for: no word about the values that were sent."""


class UnreadableAnswerError(Exception):
    """The cloud answered 2xx, but not in JSON. Does not leave this adapter."""


def parse(body: str) -> object:
    """JSON → values; an empty body is None. Raises UnreadableAnswerError (HTML of a proxy, say)."""
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableAnswerError from None


def failure(error: HttpStatusError) -> DeviceError:
    """The error that names the cure. Bans are the breaker's and are not for here."""
    if error.status not in _REFUSED:
        return DeviceUnavailableError(DEVICE, f"the cloud answered HTTP {error.status}{_words(error)}")
    if error.status in _NO_ACCESS:
        cure = "does this account still have the charger?"
        return NoAccessError(DEVICE, f"the cloud refused with HTTP {error.status}{_words(error)}: {cure}")
    return CommandRejectedError(DEVICE, f"the cloud refused with HTTP {error.status}{_words(error)}")


def login_failure(error: HttpStatusError) -> DeviceError:
    """The same for the login itself, where refused means wrong credentials."""
    is_page = error.body.lstrip().startswith("<")
    if error.status in _LOGIN_REFUSED and not is_page:
        return LoginRejectedError(
            DEVICE, f"login refused{_words(error)}: check charger.easee.username and charger.easee.password"
        )
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return failure(error)
    return DeviceUnavailableError(
        DEVICE, f"no Easee cloud answers the login (HTTP {error.status}): check charger.easee.api_url"
    )


def _words(error: HttpStatusError) -> str:
    """The reason in the cloud's own words, cut to one short line."""
    problem = error.problem or {}
    said = next((text for key in ("errorCodeName", "title") if isinstance(text := problem.get(key), str) and text), "")
    line = " ".join(said.split())
    return f" ({line[:_LONGEST_TEXT]})" if line else ""


def _header_seconds(header: str | None, wall: datetime) -> float | None:
    """Retry-After as seconds or as a date. None where absent, unreadable or not in the future."""
    if header is None:
        return None
    text = header.strip()
    try:
        seconds = float(int(text)) if text.isdecimal() else (parsedate_to_datetime(text) - wall).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return seconds if seconds >= 1 else None
