"""How often a certainty about the wiring is wrong: starts of a car in busy houses, each with a wiring drawn by lot.

`.venv/bin/python -m benchmarks.pairing` takes about five minutes; `--write` puts the table into docs/learn-phases.md.
"""

import random
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from benchmarks.report import machine, table
from bridge.core.model import Telegram
from bridge.core.pairing import EXCLUDED, SURE, Belief, Verdict, wirings
from bridge.core.phases import NOTHING, Phase
from bridge.core.starts import Starts
from bridge.simulator.appliances import scripted
from bridge.simulator.car import CarModel
from bridge.simulator.closed_loop.starting import Start, play
from bridge.simulator.house import House, busy_house
from bridge.simulator.meter import BELGIAN, DSMR_4, DSMR_5, MeterKind

PAGE = Path(__file__).parents[1] / "docs" / "learn-phases.md"
STARTS = 1000
"""Of each kind."""
DAY = 86400
QUICK = CarModel(stagger=0.0)
ONE_PHASE = CarModel(phases=1)
HALF = 0.5
Kind: TypeAlias = Callable[[int], Start]
"""Makes a start of a seed."""


class Tally(NamedTuple):
    """What came of one kind of start."""

    starts: int
    sure: int
    """Ended with SURE or more on one wiring; of a one-phase car, on the place of its phase."""
    wrong: int
    """Of those, how many were wrong."""
    halves: int
    """Ended with a half or more on one answer, SURE included."""
    halves_wrong: int
    expected_wrong: float
    """How many of those halves should be wrong by their own certainty."""
    excluded: int
    """Held the true wiring for contradicted."""


def house(seed: int, rng: random.Random, *, solar: float = 0.0, kettles: int = 0) -> House:
    """A busy house somewhere in its day; so many kettles are switched on and off while the car starts."""
    at = float(rng.randrange(DAY))
    uses = [
        (at + 90.0 + rng.uniform(12.0, 75.0), rng.uniform(5.0, 60.0), rng.uniform(1000.0, 3600.0))
        for _ in range(kettles)
    ]
    extra = [scripted("kettle", (rng.choice(list(Phase)),), [use]) for use in uses]
    built = busy_house(seed, solar_peak=solar, extra=extra)
    built.step(at)
    return built


def three_phase(meter: MeterKind = DSMR_5, *, solar: float = 0.0, kettles: int = 0, **more: Any) -> Kind:
    """A car whose phases come up one after another."""

    def start(seed: int) -> Start:
        rng = random.Random(seed)  # noqa: S311 a lot, not a secret
        wiring = rng.choice(wirings(3))
        car = CarModel(stagger=rng.uniform(3.0, 8.0), rise=rng.uniform(0.5, 1.2))
        built = house(seed, rng, solar=solar, kettles=kettles)
        offer = float(rng.randint(7, 16))
        return Start(built, seed, wiring, car, meter, offer=offer, **more)

    return start


def one_phase(seed: int) -> Start:
    """A one-phase car on a three-phase charger."""
    return replace(three_phase()(seed), car=ONE_PHASE)


def balanced(seed: int) -> Start:
    """A car that takes all phases at once: nothing can be told, and nothing must be."""
    return replace(three_phase(kettles=1)(seed), car=QUICK)


KINDS: Mapping[str, Kind] = {
    "busy house, 1 s meter": three_phase(),
    "a kettle or an oven during each start": three_phase(kettles=1),
    "four of them": three_phase(kettles=4),
    "solar panels, 5 kW": three_phase(solar=5000.0),
    "meter with 0.01 A": three_phase(BELGIAN),
    "10 s meter, no voltage": three_phase(DSMR_4),
    "cloud 1 to 12 s late": three_phase(lag=(1.0, 12.0), kettles=1),
    "each phase reported by itself, 0 to 4 s late": three_phase(lag=(0.0, 4.0), is_apart=True, kettles=1),
    "whole amperes only, unsigned, solar": three_phase(solar=5000.0, has_power=False),
    "one-phase car": one_phase,
    "all phases at once": balanced,
}


def judge(start: Start) -> Belief:
    """Let the statistics see one start."""
    starts, belief = Starts(len(start.wiring)), Belief(len(start.wiring))
    for now, seen in play(start):
        if isinstance(seen, Telegram):
            told = starts.see(seen, now)
            if told is not None:
                belief.take(told)
        else:
            starts.report(seen.draw or NOTHING, now)
    return belief


def tally(kind: Kind, count: int, first: int = 0) -> Tally:
    """Judge so many starts of one kind."""
    sure = wrong = halves = halves_wrong = excluded = 0
    expected = 0.0
    for seed in range(first, first + count):
        start = kind(seed)
        belief = judge(start)
        certainty, is_right = answer(belief.verdict(), start)
        if certainty >= SURE:
            sure, wrong = sure + 1, wrong + (not is_right)
        if certainty > HALF:
            halves, halves_wrong = halves + 1, halves_wrong + (not is_right)
            expected += 1.0 - certainty
        excluded += belief.of(start.wiring) < EXCLUDED
    return Tally(count, sure, wrong, halves, halves_wrong, expected, excluded)


def answer(verdict: Verdict, start: Start) -> tuple[float, bool]:
    """How sure the answer is, and whether it is right: the wiring, of a one-phase car the place of its phase."""
    if start.car.phases == 1:
        phase, certainty = verdict.places[0]
        return certainty, phase is start.wiring[0]
    return verdict.certainty, verdict.wiring == start.wiring


def row(name: str, found: Tally) -> tuple[str, ...]:
    share = f"{100 * found.sure / found.starts:.0f} %"
    halves = f"{found.halves_wrong} of {found.halves} ({found.expected_wrong:.1f})"
    return name, str(found.starts), share, f"{found.wrong} of {found.sure}", halves, str(found.excluded)


def main() -> None:
    count = int(next((word for word in sys.argv[1:] if word.isdecimal()), STARTS))
    heads = (
        "kind of start",
        "starts",
        "≥ 99 % sure",
        "wrong of those",
        "wrong where > 50 % (expected)",
        "truth excluded",
    )
    rows = []
    for name, kind in KINDS.items():
        rows.append(row(name, tally(kind, count)))
        print("  ".join(rows[-1]), file=sys.stderr)
    text = f"`.venv/bin/python -m benchmarks.pairing` on {machine()}:\n\n{table(heads, rows)}"
    print(text)
    if "--write" in sys.argv[1:]:
        page = PAGE.read_text(encoding="utf-8")
        marked = re.sub(r"(?s)(<!-- pairing -->).*(<!-- end of pairing -->)", rf"\1\n\n{text}\n\n\2", page)
        PAGE.write_text(marked, encoding="utf-8")


if __name__ == "__main__":
    main()
