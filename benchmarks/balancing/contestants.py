"""Who takes part, by the name that the tables show. A run takes a name, since names go from process to process."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, TypeAlias

from benchmarks.balancing.rivals import RIVALS
from benchmarks.balancing.sketches import plain, restless
from bridge.core.model import Pace
from bridge.simulator.closed_loop.bridge import Bridge
from bridge.simulator.closed_loop.controller import Controller, Site
from bridge.simulator.closed_loop.plant import Plant

CLAIRVOYANT = "clairvoyant"
"""Second by second, whatever it costs in set-points. It is computed, not run."""
OURS: Final[dict[Pace, str]] = {pace: f"bridge, {pace.value}" for pace in (Pace.CALM, Pace.NORMAL, Pace.EAGER)}
CALM, NORMAL, EAGER = OURS.values()
SKETCHES: Final[dict[str, Callable[[Site], Controller]]] = {"sketch, plain": plain, "sketch, restless": restless}

Factory: TypeAlias = Callable[[Site, bool], Controller]
"""Takes whether the meter is fine, that is resolves parts of an ampere."""


def _bridge(pace: Pace) -> Factory:
    def make(site: Site, is_fine: bool) -> Controller:  # noqa: FBT001
        return Bridge(site, pace=pace, is_fine=is_fine)

    return make


def _any_meter(make: Callable[[Site], Controller], site: Site, _: bool) -> Controller:  # noqa: FBT001
    return make(site)


CONTESTANTS: Final[dict[str, Factory]] = {
    **{name: _bridge(pace) for pace, name in OURS.items()},
    **{name: partial(_any_meter, make) for name, make in {**SKETCHES, **RIVALS}.items()},
}
SHORT: Final = (
    *OURS.values(),
    *SKETCHES,
    "evcc, 30 s",
    "evcc, 10 s",
    "SmartEVSE, smart",
    "openWB, 10 s",
    "cryptotomte",
    "WARP",
)
"""Ours and the nearest: for more meters, and for a quick look."""


def build(name: str, plant: Plant, fuse: float) -> Controller:
    """Make a fresh controller that knows what its owner would have filled in. `fuse` in A."""
    site = Site(fuse, plant.maximum, plant.wiring)
    return CONTESTANTS[name](site, plant.meter.resolution < 1)


def chosen(parts: Iterable[str], among: Iterable[str] = CONTESTANTS) -> list[str]:
    """Names that contain any of these parts, whatever the case; all where no part is given."""
    wanted = [part.strip().lower() for part in parts if part.strip()]
    return [name for name in among if not wanted or any(part in name.lower() for part in wanted)]
