"""What the plant asks of a controller, and what it tells it. All amperes, seconds of virtual time."""

from typing import NamedTuple, Protocol, TypeAlias

Limits: TypeAlias = tuple[int, int, int]
"""Whole A on the charger's P1, P2, P3."""
Triple: TypeAlias = tuple[float, float, float]


class Shown(NamedTuple):
    """What a telegram says of one mains phase."""

    current: float
    """Magnitude as the meter sends it, A, unsigned: truncated to the meter's resolution."""
    power: float
    """Active W, import + / export −."""
    voltage: float | None
    """V; None where the meter does not send it."""


Telegram: TypeAlias = tuple[Shown, Shown, Shown]
"""Mains phases L1, L2, L3."""


class Report(NamedTuple):
    """What the charger says of itself, as late as its cloud brings it."""

    in_force: Limits
    """The limits that the charger follows, A on P1 to P3."""
    draw: Triple
    """What the car takes, A on P1 to P3."""


class Site(NamedTuple):
    """What a controller's owner would have filled in."""

    fuse: float
    maximum: int
    """Highest limit of the charger, A."""
    to_mains: tuple[int, ...]
    """Place (0 to 2) of the mains phase on the charger's P1, P2, P3."""


class Order(NamedTuple):
    """One call to the charger's cloud. It may change nothing: a refresh."""

    limits: Limits


class Controller(Protocol):
    """One load balancer, fresh for each run. Called once a second, in the order of these methods."""

    def told(self, telegram: Telegram, now: float) -> None:
        """A telegram arrived."""

    def reported(self, report: Report, now: float) -> None:
        """The charger's report changed."""

    def answered(self, now: float, *, is_taken: bool) -> None:
        """The cloud answered the newest order: taken, or not at all."""

    def decide(self, now: float) -> Order | None:
        """The order to send now, if any."""
