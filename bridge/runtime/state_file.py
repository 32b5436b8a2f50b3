"""What outlives a restart, as JSON in the service's state directory."""

import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from bridge.core.model import Cause, Controls, Installation, Instant, Memory, Pace, Spent
from bridge.core.phases import PerPhase
from bridge.core.thermal import FuseModel, fuse_model
from bridge.ports import Clock

logger = logging.getLogger(__name__)

VERSION = 1
NAME = "state.json"
LARGEST = 64 * 1024
"""A file of ours has at most 3 kB; nothing longer is read, bytes."""
CLOCKS_AGREE_WITHIN = 5.0
"""Wall clock and monotonic clock may differ by this over a downtime, s; else neither is believed."""
LONGEST_BAN = 86400.0
"""No ban is told for longer than a day, s."""
HOTTEST = 10.0
"""No fuse lives to see this θ, (I/In)²."""


def state_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the state file lives: systemd's StateDirectory, else the user's own."""
    given = environment.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(given) if given else Path.home() / ".local/state/ev-load-bridge"


@dataclass(frozen=True, slots=True)
class Clocks:
    """Both clocks. Together they tell how long the service was away; one alone may have been set or begun anew."""

    monotonic: Clock
    wall: Callable[[], float]
    """Seconds since 1970."""


class StateFile:
    """Reads and writes the memory of the engine. Never fails: a bridge without memory still protects the fuse."""

    def __init__(self, directory: Path, installation: Installation, clocks: Clocks) -> None:
        self._path = directory / NAME
        self._house = installation
        self._clocks = clocks
        self._is_writable = True
        self._saving = threading.Lock()

    def load(self) -> Memory | None:
        """What was saved, brought forward to now; None where nothing usable was."""
        try:
            with self._path.open("rb") as file:
                return self._memory(_document(file.read(LARGEST + 1)))
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.warning("state file %s cannot be read (%s): starting without it", self._path, error.strerror)
        except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
            self._put_aside()
        return None

    def save(self, memory: Memory) -> None:
        """Replace the file in one step. May take as long as the disk takes: not for the event loop."""
        try:
            with self._saving:
                self._write(json.dumps(self._contents(memory)).encode())
        except OSError as error:
            if self._is_writable:
                logger.warning("state file %s cannot be written (%s): going on without it", self._path, error.strerror)
            self._is_writable = False
        else:
            self._is_writable = True

    # --- from the file -----------------------------------------------------------------------

    def _memory(self, saved: Mapping[str, Any]) -> Memory:
        if saved["version"] != VERSION:
            raise ValueError("of another version")
        downtime = self._downtime(_number(saved["wall"]), _number(saved["monotonic"]))
        fuse = fuse_model(self._house.fuse, self._house.protection)
        theta = [_aged(fuse, _within(_number(value), 0.0, HOTTEST), downtime) for value in saved["thermal"]]
        controls = None if saved["controls"] is None else self._controls(saved["controls"], saved["settings"])
        limit = None if saved["limit"] is None else int(_within(_number(saved["limit"]), 0.0, self._house.maximum))
        l1, l2, l3 = theta
        banned_for, spent = self._still_banned(saved, downtime), self._spent(saved, downtime)
        return Memory(PerPhase(l1, l2, l3), controls, limit, banned_for, spent)

    def _spent(self, saved: Mapping[str, Any], downtime: float | None) -> tuple[Spent, ...]:
        """The orders before the restart on the clock of now; of an unknown downtime none has passed."""
        earlier = self._clocks.monotonic() - _number(saved["monotonic"]) - (downtime or 0.0)
        return tuple(Spent(Cause(cause), _number(at) + earlier) for cause, at in saved.get("spent", ()))

    def _still_banned(self, saved: Mapping[str, Any], downtime: float | None) -> float:
        """Seconds of a ban that are left. Where the downtime is unknown the time of day tells it, never backwards."""
        told = _within(_number(saved.get("banned_for", 0.0)), 0.0, LONGEST_BAN)
        gone = self._clocks.wall() - _number(saved["wall"]) if downtime is None else downtime
        return max(told - max(gone, 0.0), 0.0)

    def _downtime(self, wall: float, monotonic: Instant) -> float | None:
        """Seconds since the save; None where the machine was started anew or its clock was set."""
        by_wall = self._clocks.wall() - wall
        by_monotonic = self._clocks.monotonic() - monotonic
        is_known = by_monotonic >= 0.0 and abs(by_wall - by_monotonic) <= CLOCKS_AGREE_WITHIN
        return by_monotonic if is_known else None

    def _controls(self, saved: Mapping[str, Any], settings: Mapping[str, Any]) -> Controls:
        """The owner's knobs; one whose key in settings.toml was edited since stands as the settings say."""
        now = _settings(self._house)
        kept = {key: saved[key] if settings[key] == value else value for key, value in now.items()}
        return Controls(
            mains_limit=_within(_number(kept["mains_limit"]), 0.0, self._house.fuse),
            charger_maximum=int(_within(_number(kept["charger_maximum"]), 0, self._house.maximum)),
            pace=Pace(kept["pace"]),
            balancing=_flag(saved["balancing"]),
            charging_allowed=_flag(saved["charging_allowed"]),
        )

    def _put_aside(self) -> None:
        aside = self._path.with_suffix(".bad")
        try:
            self._path.replace(aside)
        except OSError:
            aside = self._path
        logger.warning("state file is not ours or damaged: starting without it, kept as %s", aside)

    # --- to the file -------------------------------------------------------------------------

    def _contents(self, memory: Memory) -> dict[str, Any]:
        knobs = memory.controls
        controls = None if knobs is None else {name: getattr(knobs, name) for name in Controls.__slots__}
        return {
            "version": VERSION,
            "wall": self._clocks.wall(),
            "monotonic": self._clocks.monotonic(),
            "thermal": list(memory.thermal),
            "limit": memory.limit,
            "banned_for": memory.banned_for,
            "spent": memory.spent,
            "controls": controls,
            "settings": _settings(self._house),
        }

    def _write(self, contents: bytes) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        with new.open("wb") as file:
            file.write(contents)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)


def _settings(house: Installation) -> dict[str, Any]:
    """What settings.toml says of each knob that has a key there."""
    return {"mains_limit": house.fuse, "charger_maximum": house.maximum, "pace": house.pace}


def _document(contents: bytes) -> Mapping[str, Any]:
    if len(contents) > LARGEST:
        raise ValueError("too long")
    document = json.loads(contents)
    if not isinstance(document, dict):
        raise TypeError("not an object")
    return document


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError("not a number")
    return float(value)


def _within(value: float, lowest: float, highest: float) -> float:
    return min(max(value, lowest), highest)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _aged(fuse: FuseModel, theta: float, downtime: float | None) -> float:
    """θ after a downtime in which the house went on unseen, taken as steady at the rated current."""
    if downtime is None:
        return max(theta, 1.0)
    return fuse.heated(theta, fuse.rated, downtime)
