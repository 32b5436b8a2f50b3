"""One row of the matrix: what goes wrong, what must hold, and the play that shows it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from benchmarks.faults.home import Home, Plan
from benchmarks.faults.measured import Measured

Act: TypeAlias = Callable[[Home], Awaitable[None]]
Play: TypeAlias = Callable[[Home, Measured], Awaitable[None]]

DELIVERED = 12.0
"""s from an overload to a car that has made room while all is well: meter 2, cloud 4, car 5, reserve 1."""
BLIND = 5.0
"""s without a telegram until a meter of 1 s counts as silent (DESIGN §8: telegram_max_age)."""
BLIND_SAFE = BLIND + DELIVERED


EACH_TIME = 13
"""Lines where the fault comes and goes: one each time, and no more than the log's own quota lets pass."""


async def nothing(_: Home) -> None:
    """Mend nothing: the fault is over by itself."""


@dataclass(frozen=True)
class Row:
    """Times in simulated seconds."""

    group: str
    name: str
    what: str
    """For the table."""
    strike: Act = nothing
    mend: Act = nothing
    lasts: float = 40.0
    """From strike to mend."""
    surge_after: float = 0.5
    """From the strike until the oven comes on."""
    safe_within: float = DELIVERED
    """From the oven until the car adds to no overload any more."""
    bound: str = "delivery"
    """The same in words."""
    back_within: float = 60.0
    """From the mend until the problem is gone and the limit follows the house again."""
    problem: str | None = None
    """Entity that must be on meanwhile, and off afterwards."""
    cause: str | None = None
    """What a line of the log must say, as a regular expression."""
    most_lines: int = 1
    """Lines with the cause at most: one outage, one line."""
    most_logins: int = 1
    most_calls: int = 60
    """Of everything, from strike to mend."""
    plan: Callable[[], Plan] = field(default=Plan)
    hears_again: bool = False
    """Back means that a new state was heard on MQTT after the mend."""
    play: Play | None = None
    """Instead of the usual play: raises AssertionError where something does not hold."""
    needs: tuple[str, ...] = ()
    """Programs without which the row is skipped, loudly."""

    @property
    def key(self) -> str:
        return f"{self.group}.{self.name}"
