"""The whole bridge with an engine that orders at every telegram, which no budget would allow.

Run as `python -m benchmarks.eager_bridge`, with the settings where `ev-load-bridge run` finds them.
"""

import sys

from bridge import service
from bridge.commands.run import run
from bridge.core.engine import Engine
from bridge.core.model import Cause, Decision, Instant, Observation, Ordered, SetCircuitLimit, Telegram

LIMITS = range(6, 16)
"""Ordered in turn, A."""
TIME_TO_LIVE = 10


class EagerEngine(Engine):
    """Thinks as the engine does, and orders whatever it thinks."""

    _is_due = False

    def observe(self, seen: Observation, now: Instant) -> None:
        super().observe(seen, now)
        if isinstance(seen, Telegram | Ordered):
            self._is_due = isinstance(seen, Telegram)

    def decide(self, now: Instant) -> Decision:
        decision = super().decide(now)
        number = self._dispatch.number + 1
        limit = LIMITS[number % len(LIMITS)]
        command = SetCircuitLimit((limit, limit, limit), TIME_TO_LIVE, Cause.LOWER, number)
        return decision._replace(command=command if self._is_due else None)


if __name__ == "__main__":
    service.Engine = EagerEngine  # type: ignore[attr-defined]  # the one part that is not as it is delivered
    sys.exit(run(None))
