"""Settings that are being read: where from, who set which key, what is wrong, what is unwise."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bridge.settings.keys import Key, dotted
from bridge.settings.wording import printable

FILE_NAME: Final = "settings.toml"


@dataclass
class Draft:
    """Grows while the sources are read."""

    path: Path
    """The settings file."""
    credentials: Path | None = None
    """The folder of what systemd hands over and guards for us."""
    names: dict[Key, str] = field(default_factory=dict)
    """What the owner wrote to set a key, when it was not the file."""
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    told: set[Key] = field(default_factory=set)
    """Keys whose problem is among the problems already."""

    @property
    def called(self) -> str:
        """How the file is called in messages. Of a credential nobody knows the path, so it goes by its name."""
        return FILE_NAME if self.is_guarded(self.path) else printable(str(self.path))

    def is_guarded(self, path: Path) -> bool:
        return path.parent == self.credentials

    def name(self, key: Key) -> str:
        """Name a key the way its owner wrote it."""
        return self.names.get(key) or f"{self.called}: {dotted(key)}"

    def refuse(self, key: Key, problem: str) -> None:
        self.problems.append(f"{self.name(key)}: {problem}")
        self.told.add(key)
