"""Makes docs/benchmark.md and its pictures out of what was found."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Final

from benchmarks.balancing import charts
from benchmarks.balancing.contestants import CONTESTANTS, OURS
from benchmarks.balancing.hours import draw
from benchmarks.balancing.houses import FAMILIES
from benchmarks.balancing.results import Results, limit
from benchmarks.balancing.running import Job, perform_all
from benchmarks.balancing.scenarios import DESIGN, REAL, Scenario, fuse_of
from benchmarks.balancing.sheets import Sheet, markdown
from benchmarks.balancing.slim import slim
from benchmarks.balancing.verdict import Claim
from benchmarks.report import machine
from bridge.simulator.closed_loop.plot import save

TEMPLATE: Final = Path(__file__).parent / "page.md"
DOCS: Final = Path(__file__).parents[2] / "docs"
NAME = "benchmark"
PLACES: Final = ("plain", "plain_worst", "curve", "slow", "hard", "hard_worst", "families", "meters")
SHAPELESS: Final = re.compile(r"[^a-z0-9]+")


@dataclass
class Found:
    """All that the page and the terminal show."""

    command: str
    seeds: str
    plain: Results = field(default_factory=dict)
    hard: Results = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    """By their place in the template."""
    claims: list[Claim] = field(default_factory=list)


def write(found: Found, scenarios: Sequence[Scenario], docs: Path) -> None:
    """Write page and pictures. Takes a run of each controller once more for its hour. Raises RunError."""
    pictures = docs / NAME
    pictures.mkdir(parents=True, exist_ok=True)
    told = next(each for each in scenarios if each.group == REAL)
    hours = perform_all([Job(told, name) for name in CONTESTANTS], draw, "drawing")
    for name, hour in zip(CONTESTANTS, hours, strict=True):
        save([hour], pictures / picture(name))
        slim(pictures / picture(name))
    curves = next(iter(found.plain.values())).curves
    charts.frontier(found.plain, limit(curves), pictures / "frontier.svg")
    charts.tradeoff(found.hard, pictures / "tradeoff.svg")
    (docs / f"{NAME}.md").write_text(text(found, scenarios, told), encoding="utf-8")


def picture(name: str) -> str:
    """File name for a controller."""
    return f"{SHAPELESS.sub('-', name.lower()).strip('-')}.svg"


def text(found: Found, scenarios: Sequence[Scenario], told: Scenario) -> str:
    """Fill the template; what was not run leaves a word."""
    tables = {name: markdown(sheet) for name, sheet in found.sheets.items()}
    missing = dict.fromkeys(PLACES, "Not run.")
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        missing,
        **tables,
        command=found.command,
        machine=machine(),
        seeds=found.seeds,
        plain_days=_days(found.plain),
        hard_days=_days(found.hard),
        design="\n".join(_design(scenarios)),
        verdict="\n".join(_verdict(found.claims)),
        told=f"{told.house}, {told.car}, {told.meter}",
        ours="\n\n".join(_image(name) for name in OURS.values()),
        others="\n\n".join(_image(name) for name in CONTESTANTS if name not in OURS.values()),
    )


def _days(found: Results) -> str:
    return str(max((len(result.days) for result in found.values()), default=0))


def _design(scenarios: Sequence[Scenario]) -> Iterator[str]:
    """One row a family: what it is, and its cars."""
    yield "| family | fuse | houses | cars |"
    yield "|---|---|---|---|"
    run = {(each.family, each.car) for each in scenarios if each.group == REAL}
    for family, choices in DESIGN.items():
        cars = dict.fromkeys(choice.name for choice in choices if (family, choice.name) in run)
        if cars:
            yield f"| {family} | {fuse_of(family)} | {FAMILIES[family].purpose} | {'; '.join(cars)} |"


def _verdict(claims: Sequence[Claim]) -> Iterator[str]:
    yield "| claim | figures | holds |"
    yield "|---|---|---|"
    for claim in claims:
        yield f"| {claim.what} | {claim.numbers} | {'yes' if claim.holds else '**no**'} |"


def _image(name: str) -> str:
    return f"![The hour under {name}]({NAME}/{picture(name)})"
