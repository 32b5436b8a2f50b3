"""How often the service was started lately: a crash loop must not be a storm of log-ins."""

import json
import logging
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path

logger = logging.getLogger(__name__)

NAME = "starts.json"
MOST = 10
WITHIN = 300.0
"""So many starts in so many seconds are borne; the next waits before it calls the charger's cloud."""
LARGEST = 4096
"""Nothing longer is read, bytes."""


class Starts:
    """The times of the last starts, in the state directory. Never fails."""

    def __init__(self, directory: Path, wall: Callable[[], float]) -> None:
        self._path = directory / NAME
        self._wall = wall

    def note(self) -> float:
        """Note this start; the seconds for which no cloud should be called, usually 0."""
        now = self._wall()
        # a clock that was set back must not hold anything up
        past = [at for at in self._read() if now - WITHIN < at <= now]
        self._write([*past, now][-MOST:])
        return held(past, now)

    def _read(self) -> list[float]:
        try:
            with self._path.open("rb") as file:
                saved = json.loads(file.read(LARGEST))
            times = saved if isinstance(saved, list) else []
            return [float(at) for at in times if type(at) in {int, float} and isfinite(at)]
        except (OSError, ValueError, OverflowError, RecursionError):
            return []

    def _write(self, times: Sequence[float]) -> None:
        new = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.write_text(json.dumps(times), encoding="utf-8")
            new.replace(self._path)
        except OSError as error:
            logger.debug("%s cannot be written (%s)", self._path, error.strerror)


def held(past: Sequence[float], now: float) -> float:
    """Seconds until fewer than MOST of the past starts (s, oldest first) lie within WITHIN."""
    return 0.0 if len(past) < MOST else max(past[-MOST] + WITHIN - now, 0.0)
