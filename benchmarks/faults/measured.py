"""What a row has shown."""

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self


@dataclass
class Measured:
    """Times in simulated seconds; None where the row has no such time."""

    key: str
    safe: float | None = None
    """From the oven until the car added to no overload any more; 0 where it never did."""
    back: float | None = None
    """From the mend until no problem was shown and the limit followed the house again."""
    lost: int = 0
    """Orders that left and were never followed by the charger."""
    orders: int = 0
    calls: int = 0
    """To the cloud, all kinds, from strike to mend."""
    lines: int = 0
    """Of the log that name the cause."""
    said: str = ""
    """The first of them."""
    note: str = ""
    seconds: float = 0.0
    """Real ones."""
    skipped: str = ""
    failures: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.failures

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def expect(self, what: str, *, holds: bool) -> None:
        """Note a failure unless it holds; the play goes on, so that a row shows all that is wrong with it."""
        if not holds:
            self.failures.append(what)


WARNING = re.compile(r"^\S+ \S+ (WARNING|ERROR|CRITICAL) +(.*)$")


def warnings(lines: list[str]) -> list[str]:
    """Messages of the log from WARNING on, without time and level."""
    return [match[2] for line in lines if (match := WARNING.match(line))]
