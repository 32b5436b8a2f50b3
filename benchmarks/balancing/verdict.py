"""What the bridge claims, held against the figures."""

from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.balancing.contestants import CALM, EAGER, NORMAL, SKETCHES
from benchmarks.balancing.results import LIMIT, Result, Results
from benchmarks.balancing.rivals import RIVALS
from benchmarks.balancing.sheets import GOOD_ENERGY

MORE_ENERGY = 0.5
"""Points that ours must be ahead of the sketches."""
LESS_OVERLOAD = 0.9
"""Of what the sketches have."""
TWICE = 2.0
A_THIRD_WORSE = 4 / 3
ROUNDING = 1e-9


class Claim(NamedTuple):
    """One of them."""

    what: str
    numbers: str
    holds: bool


def on_plain(found: Results) -> Iterator[Claim]:
    """Judge ours beside the sketches, and the fuse."""
    ours = found.get(NORMAL)
    if ours is None:
        return
    for name in SKETCHES:
        if name in found:
            yield from _beside(ours, found[name])
    told = f"{ours.trips()} of {len(ours.days)} days above"
    yield Claim(
        f"thermal load never above {LIMIT:.0f} % of the limit where the house alone stays below it",
        f"{told}; highest {ours.worst('thermal'):.0f} %",
        ours.trips() == 0,
    )


def _beside(ours: Result, sketch: Result) -> Iterator[Claim]:
    name = sketch.contestant
    energy, its_energy = ours.mean("energy"), sketch.mean("energy")
    yield Claim(
        f"half a point more energy than “{name}”",
        f"{energy:.2f} % against {its_energy:.2f} %",
        energy >= its_energy + MORE_ENERGY,
    )
    overload, its_overload = ours.mean("overload"), sketch.mean("overload")
    yield Claim(
        f"a tenth less A·s/h than “{name}”",
        f"{overload:.1f} against {its_overload:.1f}",
        overload <= its_overload * LESS_OVERLOAD,
    )
    for figure, title in (("set_points", "set-points"), ("pauses", "pauses")):
        value, its = ours.mean(figure), sketch.mean(figure)
        yield Claim(f"no more {title} than “{name}”", f"{value:.3f}/h against {its:.3f}/h", value <= its + ROUNDING)


def on_hard(found: Results) -> Iterator[Claim]:
    """Judge ours beside every rival."""
    ours, rivals = found.get(NORMAL), [found[name] for name in RIVALS if name in found]
    if ours is None or not rivals:
        return
    good = [rival for rival in rivals if rival.mean("energy") >= GOOD_ENERGY]
    nearest = min(good, key=lambda rival: rival.mean("overload"), default=None)
    overload = ours.mean("overload")
    told = f"none of {len(rivals)} has so much energy"
    if nearest is not None:
        told = f"{overload:.1f} against {nearest.mean('overload'):.1f} of “{nearest.contestant}”, the nearest"
    yield Claim(
        f"no rival with at least {GOOD_ENERGY:.0f} % energy has less than twice the A·s/h of ours",
        f"{told}; {len(good)} of {len(rivals)} rivals have that much energy, ours {ours.mean('energy'):.1f} %",
        nearest is None or nearest.mean("overload") >= TWICE * overload,
    )
    better = [rival.contestant for rival in rivals if _is_better(rival, ours)]
    yield Claim(
        "no rival is better on all four of energy, A·s/h, set-points/h and pauses/h",
        ", ".join(better) or f"none of {len(rivals)}",
        not better,
    )


def _is_better(rival: Result, ours: Result) -> bool:
    is_less = all(rival.mean(figure) < ours.mean(figure) for figure in ("overload", "set_points", "pauses"))
    return is_less and rival.mean("energy") > ours.mean("energy")


def on_meters(often: Results, seldom: Results) -> Iterator[Claim]:
    """Judge what a telegram every 10 s costs, on the same houses."""
    if NORMAL in often and NORMAL in seldom:
        fast, slow = often[NORMAL].mean("overload"), seldom[NORMAL].mean("overload")
        yield Claim(
            "with DSMR 4 at most a third more A·s/h than with DSMR 5",
            f"{slow:.1f} against {fast:.1f} on the same {len(often[NORMAL].days)} days",
            slow <= fast * A_THIRD_WORSE,
        )


def on_paces(plant: str, found: Results) -> Iterator[Claim]:
    """Judge whether the paces differ in the sense of their names."""
    if all(name in found for name in (CALM, NORMAL, EAGER)):
        calm, normal, eager = (
            (found[name].mean("energy"), found[name].mean("overload")) for name in (CALM, NORMAL, EAGER)
        )
        yield Claim(
            f"calm, normal, eager: each takes more energy, at more A·s/h, than the one before ({plant} plant)",
            " – ".join(f"{energy:.1f} % / {overload:.0f}" for energy, overload in (calm, normal, eager)),
            all(one < two < three for one, two, three in zip(calm, normal, eager, strict=True)),
        )


def sentence(claim: Claim) -> str:
    return f"{'yes' if claim.holds else 'NO'}: {claim.what}: {claim.numbers}"
