"""Follows a Slimmelezer, or any ESPHome device that reads a P1 port, over ESPHome's native API."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.core.phases import Phase
from bridge.mains.slimmelezer.problems import Place
from bridge.mains.slimmelezer.sensors import SENSOR_KEYS
from bridge.mains.slimmelezer.watch import Patience, Watch
from bridge.ports import Clock, Tell


@dataclass(frozen=True, slots=True)
class SlimmelezerOptions:
    """Where the device is and what it should know."""

    host: str
    port: int = 6053
    encryption_key: str | None = field(default=None, repr=False)
    """Base64 of 32 bytes, only where the device's own YAML sets one."""
    phases: tuple[str, ...] = ("L1", "L2", "L3")
    """Phases of the mains that must be there: what is missing of them is complained about."""
    sensor_names: Mapping[str, str] = field(default_factory=dict)
    """SENSOR_KEYS (`current_l1`, `power_consumed_l1`, …) → object id or name, where the owner renamed sensors."""
    expected_name: str | None = None
    """Node name; another device at this address is refused."""


class SlimmelezerMeter:
    """A Meter. Reconnects by itself and for ever; `follow` may be called again after it ended."""

    def __init__(
        self, options: SlimmelezerOptions, clock: Clock = time.monotonic, patience: Patience | None = None
    ) -> None:
        """Open nothing yet. Raises ValueError for a sensor key or a phase that does not exist."""
        unknown = sorted(options.sensor_names.keys() - set(SENSOR_KEYS))
        if unknown:
            raise ValueError(f"unknown sensor keys: {', '.join(unknown)}")
        self._place = Place(options.host, options.port, options.expected_name, options.encryption_key or None)
        self._phases = tuple(Phase(phase) for phase in options.phases)
        self._sensor_names = dict(options.sensor_names)
        self._clock = clock
        self._patience = patience or Patience()

    async def follow(self, tell: Tell) -> None:
        """Tell every Telegram, and a LinkReport on each change of the link, until cancelled; then disconnect.

        What is expected to fail is told in LinkReports and never raised.
        """
        watch = Watch(self._place, self._phases, self._sensor_names, tell, self._clock, self._patience)
        await watch.run()
