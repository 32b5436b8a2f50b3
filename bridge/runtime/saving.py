"""When the memory of the engine is written to the state file."""

import asyncio
from collections.abc import Callable

from bridge.core.model import Controls, Instant, Memory, Snapshot

SAVE_EVERY = 60.0
"""s; also how long ago the thermal state may have been taken when the power goes."""
SAVE_APART = 5.0
"""Nothing is written oftener than this, s: memory cards wear out."""


class Saving:
    """Saves every minute, and at once after a knob, an order or a ban. The disk is waited for in a thread."""

    def __init__(self, recall: Callable[[], Memory], save: Callable[[Memory], None]) -> None:
        self._recall = recall
        self._save = save
        self._shown: tuple[Controls, int | None, Instant | None] | None = None
        self._orders = 0
        self._is_turned = asyncio.Event()

    def show(self, snapshot: Snapshot) -> None:
        """Notice a knob that was turned, an order, or a ban: a crash must not bring back what was before."""
        number = snapshot.last_change.number if snapshot.last_change else None
        shown = (snapshot.controls, number, snapshot.next_try)
        has_ordered = snapshot.commands_last_hour > self._orders
        if self._shown is not None and (has_ordered or shown != self._shown):
            self._is_turned.set()
        self._shown, self._orders = shown, snapshot.commands_last_hour

    async def run(self) -> None:
        """Save until cancelled."""
        wait = SAVE_EVERY
        while True:
            try:
                async with asyncio.timeout(wait):
                    await self._is_turned.wait()
            except TimeoutError:
                pass
            self._is_turned.clear()
            await self.save()
            await asyncio.sleep(SAVE_APART)
            wait = SAVE_EVERY - SAVE_APART

    async def save(self) -> None:
        """Save now."""
        await asyncio.to_thread(self._save, self._recall())
