"""The one clock that all instants come from, and the time of day."""

import time

from bridge.core.model import Instant

_SOURCE = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> Instant:
    """Monotonic seconds, time asleep included where the system can tell (Linux).

    `time.monotonic` stands still while a machine is suspended, and a telegram from before would count as
    fresh afterwards. asyncio's timers do stand still then, which only delays the next decision by what was
    left of its second.
    """
    return time.clock_gettime(_SOURCE)


def wall() -> float:
    """Seconds since 1970, as the machine believes; for people and for telling a downtime, never for control."""
    return time.time()
