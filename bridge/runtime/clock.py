"""The one clock that all instants come from."""

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
