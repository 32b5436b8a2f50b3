"""The tasks of the service: none may end by itself, and ending them is bounded in time."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from bridge.runtime.verdict import gravest


class Tasks:
    """A task group that does not wait for ever: at the stop, seconds count."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        return task

    async def until(self, stop: asyncio.Event) -> None:
        """Wait for the stop. Raises the gravest error of a task that ends before."""
        waiting = asyncio.create_task(stop.wait(), name="stop")
        try:
            done, _ = await asyncio.wait({waiting, *self._running}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        done.discard(waiting)
        if done:
            raise _verdict(done)

    async def close(self, within: float) -> bool:
        """Cancel all and wait; whether all ended in time (s)."""
        for task in self._running:
            task.cancel()
        if not self._running:
            return True
        done, late = await asyncio.wait(self._running, timeout=within)
        for task in done:
            # an error at the very end helps nobody, but asyncio complains where none has looked at it
            _ = task.cancelled() or task.exception()
        self._running = late
        return not late


def _verdict(ended: set[asyncio.Task[Any]]) -> BaseException:
    errors = [error for task in ended if not task.cancelled() and (error := task.exception()) is not None]
    if errors:
        return gravest(BaseExceptionGroup("tasks", errors))
    names = ", ".join(sorted(task.get_name() for task in ended))
    return RuntimeError(f"{names} stopped without being asked")
