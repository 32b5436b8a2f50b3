"""A place for one value, where the newest wins."""

import asyncio
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Latest(Generic[Value]):
    """Holds the newest value until it is taken. Putting never waits; taking empties the place."""

    __slots__ = ("_filled", "_values")

    def __init__(self) -> None:
        self._values: list[Value] = []
        self._filled = asyncio.Event()

    def put(self, value: Value) -> Value | None:
        """Put a value; returns the one it overtook, if that was still waiting."""
        overtaken = self.drop()
        self._values.append(value)
        self._filled.set()
        return overtaken

    def drop(self) -> Value | None:
        """Empty the place without waiting; returns what was there."""
        self._filled.clear()
        return self._values.pop() if self._values else None

    async def take(self) -> Value:
        """Wait for a value and take it."""
        await self._filled.wait()
        self._filled.clear()
        return self._values.pop()
