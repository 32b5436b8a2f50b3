"""What `simulate` is run on, and what it says."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from bridge.commands.record import HEADER

START = datetime(2026, 3, 1, 18, 0, 10, tzinfo=UTC)
SECONDS = 5400
SETTINGS = """
[mains]
fuse = 20
protection = "gg"
margin = 2
[mains.slimmelezer]
host = "127.0.0.1"
[charger]
max_current = 13
[charger.easee]
username = "owner@example.org"
password = "correct-horse"
[balancing]
pace = "calm"
"""


class Told:
    """How the command ended, and what it said."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def problem(self) -> str:
        """The only line on stderr, of a command that ended with 78."""
        (line,) = self.err.splitlines()
        assert self.status == os.EX_CONFIG
        assert self.out == ""
        return line

    @property
    def words(self) -> Mapping[str, str]:
        """What each line is about, and says."""
        assert (self.status, self.err) == (0, "")
        return {line[:10].strip(): line[10:] for line in self.out.splitlines()}


Simulate = Callable[..., Told]


def recorded(seconds: int = SECONDS, *, phases: int = 3, gap: range = range(0)) -> str:
    """Record a house in which an oven of 10 A comes and goes on L1, every five minutes."""
    lines = [",".join(HEADER)]
    for second in range(seconds):
        oven = 10 if second // 300 % 2 else 0
        amperes = (3 + oven, 2, 2)[:phases]
        columns = [[factor * each for each in amperes] + [""] * (3 - phases) for factor in (1, 230)]
        volts = ["230"] * phases + [""] * (3 - phases)
        if second not in gap:
            time = START + timedelta(seconds=second)
            lines.append(
                ",".join([time.isoformat(timespec="milliseconds"), *map(str, [*columns[0], *columns[1]]), *volts])
            )
    return "\n".join([*lines, ""])
