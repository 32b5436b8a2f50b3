"""Accounts of the Easee cloud: login, tokens that expire and rotate."""

import base64
import json
import secrets

from bridge.simulator.timeline import Timeline

REFRESH_SECONDS = 24 * 3600.0
HOURS = 3600.0

INVALID_PASSWORD: dict[str, object] = {
    "errorCode": 100,
    "errorCodeName": "InvalidUserPassword",
    "type": None,
    "title": "Username or password is invalid",
    "status": 400,
    "detail": "[Empty in production]",
    "instance": None,
}


class Accounts:
    """One account. `token_seconds` is how long an access token lives, in simulated seconds."""

    def __init__(self, username: str, password: str, timeline: Timeline) -> None:
        self.username = username
        self.password = password
        self.token_seconds = HOURS
        self._timeline = timeline
        self.issued: list[str] = []
        """Every token ever handed out."""
        self._access: dict[str, float] = {}
        self._refresh: dict[str, float] = {}

    def login(self, username: object, password: object) -> dict[str, object] | None:
        """Hand out a pair of tokens; None where name or password are wrong."""
        return self._pair() if (username, password) == (self.username, self.password) else None

    def refresh(self, access: object, refresh: object) -> dict[str, object] | None:
        """Exchange a pair for a new one; the old one is worth nothing afterwards. None where it was already."""
        if not isinstance(refresh, str) or self._refresh.pop(refresh, -1.0) < self._timeline.now:
            return None
        if isinstance(access, str):
            self._access.pop(access, None)
        return self._pair()

    def knows(self, authorisation: str) -> bool:
        """Whether this Authorization header opens the door now."""
        return self._access.get(authorisation.removeprefix("Bearer "), -1.0) > self._timeline.now

    def expire(self) -> None:
        """Let all access tokens run out now."""
        self._access.clear()

    def forget(self) -> None:
        """Let all tokens run out now, refresh tokens too."""
        self._access.clear()
        self._refresh.clear()

    def _pair(self) -> dict[str, object]:
        access, refresh = self._token(self.token_seconds), secrets.token_urlsafe(48)
        self._access[access] = self._timeline.now + self.token_seconds
        self._refresh[refresh] = self._timeline.now + REFRESH_SECONDS
        self.issued += [access, refresh]
        return {
            "accessToken": access,
            "expiresIn": int(self.token_seconds),
            "accessClaims": ["User"],
            "tokenType": "Bearer",
            "refreshToken": refresh,
        }

    def _token(self, seconds: float) -> str:
        """Build what looks like a JSON web token."""
        issued = int(self._timeline.wall)
        claims = {"iss": "auth.easee.com", "iat": issued, "exp": issued + int(seconds)}
        return f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}.{secrets.token_urlsafe(64)}"


def _part(claims: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
