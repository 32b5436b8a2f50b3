"""What the meter says, where it is not what it sees."""

from bridge.simulator.meter import Readings
from bridge.simulator.variants import CLASSIC, Variant, burst_values
from bridge.simulator.world import World


class Telegrams:
    """Stands between the simulated meter and the device that tells."""

    def __init__(self, world: World) -> None:
        self.is_muted = False
        self.has_nan = False
        self.missing: int | None = None
        """0 to 2: a phase that is not told."""
        self.every_third_lost = False
        self.variant: Variant = CLASSIC
        self._world = world
        self._count = 0
        world._tell = self._tell  # type: ignore[method-assign]

    def _tell(self, readings: Readings) -> None:
        self._count += 1
        if self.is_muted or (self.every_third_lost and self._count % 3 == 0):
            return
        values = burst_values(
            self.variant,
            [self._of(place, reading.current) for place, reading in enumerate(readings)],
            [reading.power for reading in readings],
            [self._of(place, reading.voltage) for place, reading in enumerate(readings)],
        )
        if self.missing is not None:
            phase = f"phase_{self.missing + 1}"
            values = {name: value for name, value in values.items() if not name.endswith(phase)}
        if self.has_nan:
            values = dict.fromkeys(values)
        self._world.device.publish(values)

    def _of(self, place: int, value: float | None) -> float | None:
        return None if place == self.missing else value
