"""Which values are worth telling again, so that a recorder is not flooded."""

from collections.abc import Mapping

from bridge.core.model import Instant
from bridge.mirror.entity import Entity, Value

SETTLE = 60.0
"""s after which even a change within the dead-band is told, so that a value that came to rest is shown as it is."""


class Thinner:
    """Remembers what was told: rows without a dead-band at once, measurements and details when it is their time."""

    def __init__(self, rows: tuple[Entity, ...], every: float) -> None:
        self._bands = {row.key: row.band for row in rows}
        self._every = every
        self._told: dict[str, tuple[Value, Instant]] = {}
        self._due: Instant = float("-inf")
        self.held_until: Instant | None = None
        """When a change that was held back may be told; None where none is."""

    def all(self, values: Mapping[str, Value], now: Instant) -> dict[str, Value]:
        """Tell everything as it is."""
        self._told = {key: (value, now) for key, value in values.items()}
        self._due, self.held_until = now + self._every, None
        return dict(values)

    def news(self, values: Mapping[str, Value], now: Instant) -> dict[str, Value] | None:
        """All keys, those within their dead-band as they were told before; None where there is nothing to tell."""
        changed = [key for key, value in values.items() if self._is_news(key, value, now)]
        at_once = any(self._bands.get(key, 0.0) is None for key in changed)
        self.held_until = self._due if changed else None
        if not changed or not (at_once or now >= self._due):
            return None
        self._told.update({key: (values[key], now) for key in changed})
        self._due, self.held_until = now + self._every, None
        return {key: self._told[key][0] for key in values}

    def _is_news(self, key: str, value: Value, now: Instant) -> bool:
        if key not in self._told:
            return True
        told, at = self._told[key]
        if value == told:
            return False
        band = self._bands.get(key, 0.0)
        if (
            band is None
            or now - at >= SETTLE
            or not isinstance(value, float | int)
            or not isinstance(told, float | int)
        ):
            return True
        return abs(value - told) >= band
