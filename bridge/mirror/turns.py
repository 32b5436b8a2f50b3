"""At what pace turned knobs are handed on: at once, unless somebody plays with them."""

import asyncio

from bridge.core.model import Control, ControlChange, Instant
from bridge.mirror.complaints import Complaints
from bridge.ports import Clock, Tell

BURST = 10
"""So many turns of one knob are handed on at once; nobody turns it more often on purpose."""
EVERY = 15.0
"""s after which one more is: each may cost an order, a line in the log and a write to the memory card."""


class Turns:
    """An allowance for each knob, so that one that flutters delays no other. What waits gives way to the newest."""

    def __init__(self, clock: Clock, complaints: Complaints) -> None:
        self._clock = clock
        self._complaints = complaints
        self._whole_at: dict[Control, Instant] = {}
        """When the allowance of a knob is whole again."""
        self._waiting: dict[Control, ControlChange] = {}

    def turn(self, change: ControlChange, tell: Tell) -> None:
        """Hand it on now, or as soon as its turn has come."""
        control = change.control
        wait = self._whole_at.get(control, float("-inf")) - self._clock() - (BURST - 1) * EVERY
        if control in self._waiting:
            self._waiting[control] = change
        elif wait <= 0:
            self._hand_on(change, tell)
        else:
            self._complaints.say(f"{control} is turned too often: its newest value is taken every {EVERY:g} s")
            self._waiting[control] = change
            asyncio.get_running_loop().call_later(wait, lambda: self._hand_on(self._waiting.pop(control), tell))

    def _hand_on(self, change: ControlChange, tell: Tell) -> None:
        now = self._clock()
        self._whole_at[change.control] = max(self._whole_at.get(change.control, now), now) + EVERY
        tell(change)
