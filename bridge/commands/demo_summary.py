"""What the demo came to, by the simulator's own account."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bridge.commands.demo_truth import Alternative
from bridge.simulator.easee_backend import Order
from bridge.simulator.world import World


class Commands(NamedTuple):
    """How many orders did what to the limit."""

    lowered: int
    raised: int
    refreshed: int
    pauses: int
    """Of those that lowered it, to 0 A."""


def commands(orders: Sequence[Order], before: float) -> Commands:
    """Count orders; `before` is the limit at the start, A."""
    lowered = raised = refreshed = pauses = 0
    for order in orders:
        limit = max(order.currents)
        lowered += limit < before
        raised += limit > before
        refreshed += limit == before
        pauses += limit == 0 < before
        before = limit
    return Commands(lowered, raised, refreshed, pauses)


def summary(world: World, alternative: Alternative, sent: Commands) -> Iterator[tuple[str, str]]:
    """Word and what there is to say, line by line. `sent` is what went out before the stop."""
    physics, truth = world.physics, world.truth
    free = alternative.free_energy
    share = f", {min(truth.energy / free, 1.0):.0%} of what the house left free" if free > 0 else ""
    yield "energy", f"{truth.energy:.2f} kWh into the car in {truth.seconds:.0f} s{share}"
    yield "overload", _overload(truth.worst_overload, physics.tally.longest_over)
    yield "fuse", _fuse(physics.fuse.peak, alternative.gone_after, house_has_gone=truth.house_has_gone)
    total = sent.lowered + sent.raised + sent.refreshed
    yield "commands", f"{total} ({sent.lowered} lowered, {sent.raised} raised, {sent.refreshed} refreshed the limit)"
    yield "pauses", str(sent.pauses)
    if world.cloud.orders:
        left = world.cloud.orders[-1]
        yield "left at", f"{max(left.currents):.0f} A, {_lasting(left.minutes)}"


def _overload(worst: float, longest: float) -> str:
    if worst <= 0:
        return "none"
    return f"at worst {worst:.1f} A over the fuse; the longest lasted {longest:.0f} s"


def _fuse(peak: float, gone_after: float | None, *, house_has_gone: bool) -> str:
    if peak >= 1.0:
        return "GONE" + (", by the house alone" if house_has_gone else "")
    without = "" if gone_after is None else f"; without the bridge it would have gone after {gone_after:.0f} s"
    return f"holds, at most {peak:.0%} of its thermal limit{without}"


def _lasting(minutes: int) -> str:
    return f"for {minutes} min" if minutes else "until it is changed"
