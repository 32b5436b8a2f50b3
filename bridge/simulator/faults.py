"""What can be made to go wrong, switchable while the simulator runs."""

import math
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import NamedTuple, Self

from bridge.core.model import OnLapse

ALWAYS = math.inf
EVERYTHING = "*"
"""Names all endpoints in `Faults.answer`."""

BAN_SECONDS = 24 * 3600.0
BAN_TEXT = (
    "Too many requests, please check your error handling and backoff logic. "
    "Your IP is registered in our systems and is now blocked"
)

LOGIN_BAN_TEXT = "Your IP is temporary blocked for 24 hours from the last request received."


class Answer(NamedTuple):
    """What an endpoint says instead of doing its work."""

    status: int
    body: str = ""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    """Waits so long first."""

    @classmethod
    def server_error(cls, status: int = 503) -> Self:
        return cls(status)

    @classmethod
    def too_many_requests(cls, retry_after: str | None = None) -> Self:
        return cls(429, headers=() if retry_after is None else (("Retry-After", retry_after),))

    @classmethod
    def banned(cls, endpoint: str) -> Self:
        """Plain text: 403, and 429 at the login."""
        return cls(429, LOGIN_BAN_TEXT, "text/plain") if endpoint == "login" else cls(403, BAN_TEXT, "text/plain")

    @classmethod
    def bad_request(cls, title: str = "One or more validation errors occurred.") -> Self:
        problem = f'{{"errorCode":0,"type":null,"title":"{title}","status":400,"detail":null,"instance":null}}'
        return cls(400, problem, "application/problem+json")

    @classmethod
    def access_denied(cls) -> Self:
        problem = '{"errorCode":0,"type":null,"title":"Access denied","status":403,"detail":null,"instance":null}'
        return cls(403, problem, "application/problem+json")

    @classmethod
    def unauthorised(cls) -> Self:
        return cls(401, headers=(("WWW-Authenticate", "Bearer"),))

    @classmethod
    def empty(cls, status: int = 200) -> Self:
        return cls(status)

    @classmethod
    def html(cls, status: int = 200) -> Self:
        return cls(status, "<!DOCTYPE html><html><body>Please wait</body></html>", "text/html")

    @classmethod
    def slow(cls, seconds: float) -> Self:
        """Wait, then give up as a gateway does. `Faults.slow` waits and then does the work."""
        return cls(504, seconds=seconds)


class Swallow(Enum):
    """How a command gets lost after the cloud has accepted it."""

    COMMAND = "no effect and no CommandResponse"
    RESPONSE = "takes effect, but no CommandResponse is sent"
    READ_BACK = "CommandResponse says executed, but nothing changes"


class Products(StrEnum):
    """What the account's list of products looks like."""

    FULL = "full"
    EMPTY = "empty"
    NULL_CIRCUITS = "null_circuits"
    NOTHING = "nothing"
    """The account has no site at all: the list of sites is empty too."""


class CommandBody(StrEnum):
    """What the undocumented body of an accepted circuit order looks like."""

    OBJECT = "object"
    ARRAY = "array"
    EMPTY = "empty"


class Silence(StrEnum):
    """How the stream goes quiet without closing."""

    APPLICATION = "application"
    """No messages and no SignalR pings; the WebSocket still answers pings."""
    TCP = "tcp"
    """Nothing at all: a dead network path."""


class PlannedAnswer(NamedTuple):
    """An answer planned for an endpoint, so many times."""

    answer: Answer
    times: float


@dataclass
class Faults:
    """Switches; the defaults are a healthy cloud and a healthy charger."""

    slow: float = 0.0
    """Extra seconds before each REST answer; the work is done."""
    enforce_limits: bool = True
    """The documented rates: 2 per minute for the list of chargers, 20 per minute for circuit settings."""
    banned_until: float | None = None
    """Simulated seconds; each request during a ban prolongs it to 24 h from then."""
    swallow: Swallow | None = None
    reject_commands: bool = False
    """The charger answers each command with wasAccepted = false."""
    ignore_identical: bool = False
    """An order equal to the one in force is answered, but does not renew its time-to-live."""
    accepted_status: int = 202
    command_body: CommandBody = CommandBody.OBJECT
    products: Products = Products.FULL
    hide_second_charger: bool = False
    """The account's products show only the owner's own charger."""

    upgrade_not_found: float = 0
    """So many WebSocket upgrades answer 404; ALWAYS for all."""
    affinity_cookie: bool = False
    """Negotiation and upgrade must reach the same back-end, by cookie. Needs a host name: jars refuse IP addresses."""
    handshake_error: str | None = None
    silence: Silence | None = None
    out_of_order: bool = False
    """Each observation is followed by its predecessor with the older timestamp."""
    bad_replay: bool = False
    """The replay on subscribing contains a value that is not a number."""

    on_lapse: OnLapse = OnLapse.OFFLINE_CURRENT
    """What the charger does when a time-to-live ends; UNKNOWN counts as NEVER."""
    op_mode: int | None = None
    """Reported instead of the true one."""
    one_phase_on: int | None = None
    """0, 1 or 2: the charger is wired or locked to one phase, on P1, P2 or P3."""
    hide_circuit_totals: bool = False
    """Observations 73 to 75 are not sent."""

    _answers: dict[str, PlannedAnswer] = field(default_factory=dict)

    def answer(self, endpoint: str, answer: Answer, times: float = ALWAYS) -> None:
        """Let an endpoint (or EVERYTHING) answer this instead of doing its work, so many times."""
        self._answers[endpoint] = PlannedAnswer(answer, times)

    def ban(self, now: float) -> None:
        """Block the client for 24 h from its last request."""
        self.banned_until = now + BAN_SECONDS

    def clear(self) -> None:
        """All is well again."""
        vars(self).update(vars(Faults()))

    def take_answer(self, endpoint: str) -> Answer | None:
        """Take the planned answer for this call, used up once."""
        for name in (endpoint, EVERYTHING):
            planned = self._answers.get(name)
            if planned is None:
                continue
            if planned.times <= 1:
                del self._answers[name]
            else:
                self._answers[name] = planned._replace(times=planned.times - 1)
            return planned.answer
        return None

    def take_upgrade_fault(self) -> bool:
        """Whether this WebSocket upgrade is refused."""
        if self.upgrade_not_found < 1:
            return False
        self.upgrade_not_found -= 1
        return True
