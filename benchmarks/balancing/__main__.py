"""The benchmark's command: `python -m benchmarks.balancing`, or `scripts/bench`."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from pathlib import Path
from shlex import join

from rich.console import Console

from benchmarks.balancing import page, scenarios, sheets, verdict
from benchmarks.balancing.contestants import CONTESTANTS, SHORT, chosen
from benchmarks.balancing.page import Found
from benchmarks.balancing.results import curves, results
from benchmarks.balancing.running import Outcome, RunError, is_main, jobs, perform, perform_all
from benchmarks.balancing.scenarios import PLAIN, REAL, Scenario
from benchmarks.report import machine
from bridge.simulator.closed_loop.recording import RecordingError

DAYS, QUICK_DAYS, MOST_DAYS = 8, 2, 365


def _days(given: str) -> int:
    if given.isdecimal() and 1 <= int(given) <= MOST_DAYS:
        return int(given)
    raise ArgumentTypeError(f"{given!r} is no number from 1 to {MOST_DAYS}")


def parser() -> ArgumentParser:
    made = ArgumentParser("scripts/bench", description="Compare load balancers in a closed loop, in virtual time.")
    made.add_argument("--quick", action="store_true", help="a few days of the nearest rivals, within a minute")
    made.add_argument("--days", type=_days, help=f"days on the plain plant, 1 to {MOST_DAYS} (default {DAYS})")
    made.add_argument("--seeds", choices=scenarios.SEEDS, default="report", help="whose houses (default report)")
    made.add_argument("--only", choices=("plain", "hard"), help="one of the two plants")
    made.add_argument("--controllers", metavar="A,B", help="only those whose names contain one of these")
    made.add_argument("--csv", type=Path, metavar="FILE", help="a recording instead of made-up houses")
    made.add_argument("--fuse", type=float, default=25.0, metavar="A", help="main fuse of the recording (default 25)")
    made.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=page.DOCS,
        metavar="DIR",
        help="write page and pictures into docs, or DIR",
    )
    return made


def main(given: Sequence[str] | None = None) -> int:
    """Run what is asked for. Returns 0, 1 where a run failed, 2 where the arguments are unfit."""
    words = sys.argv[1:] if given is None else list(given)
    asked = parser().parse_args(words)
    names = _names(asked)
    if not names:
        parser().error(f"--controllers: no name contains {asked.controllers!r}; there are: {'; '.join(CONTESTANTS)}")
    if asked.write and (asked.only or asked.controllers or asked.csv):
        parser().error("--write: a page needs both plants and all controllers; leave out --only, --controllers, --csv")
    try:
        todo = planned(asked)
        outcomes = perform_all(jobs(todo, names), perform, "running")
        found = gather(outcomes, asked.seeds if not asked.csv else asked.csv.name, join(["scripts/bench", *words]))
        _print(found)
        if asked.write:
            page.write(found, todo, asked.write)
    except (RunError, RecordingError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _names(asked: Namespace) -> list[str]:
    among = SHORT if asked.quick and not asked.write and not asked.controllers else CONTESTANTS
    return chosen((asked.controllers or "").split(","), among)


def planned(asked: Namespace) -> list[Scenario]:
    """Return what is to run, house by house."""
    if asked.csv:
        made = scenarios.recorded(asked.csv, asked.fuse)
        return [each for each in made if asked.only in {None, each.group}]
    seeds = scenarios.SEEDS[asked.seeds]
    plain = scenarios.plain(seeds, asked.days or (QUICK_DAYS if asked.quick else DAYS))
    hard = scenarios.hard(seeds)
    slow, others = scenarios.slow(plain), list(scenarios.other_meters(hard))
    if asked.quick:
        hard, slow, others = scenarios.quick(hard), [], []
    made = [*(plain + slow if asked.only != "hard" else []), *(hard + others if asked.only != "plain" else [])]
    return sorted(made, key=lambda each: (each.group == REAL, each.day, each.seed))


def gather(outcomes: Sequence[Outcome], seeds: str, command: str) -> Found:
    """Make tables and verdict of them."""
    found = Found(command, seeds)
    found.plain = results(outcomes, lambda scenario: scenario.group == PLAIN)
    found.hard = results(outcomes, lambda scenario: scenario.group == REAL and is_main(scenario))
    if found.plain:
        _gather_plain(found, outcomes)
    if found.hard:
        _gather_hard(found, outcomes)
    found.claims += [*verdict.on_paces("plain", found.plain), *verdict.on_paces("hard", found.hard)]
    return found


def _gather_plain(found: Found, outcomes: Sequence[Outcome]) -> None:
    found.sheets["plain"] = sheets.means(f"Plain plant, means, {found.seeds}", found.plain)
    found.sheets["plain_worst"] = sheets.worst("Plain plant, worst day", found.plain, _number)
    found.sheets["curve"] = sheets.curve("Clairvoyant, never over the fuse", curves(outcomes))
    slow = results(outcomes, lambda scenario: scenario.group == scenarios.SLOW)
    if slow:
        found.sheets["slow"] = sheets.means("Plain plant, a telegram every 10 s, means", slow)
    found.claims += verdict.on_plain(found.plain)


def _gather_hard(found: Found, outcomes: Sequence[Outcome]) -> None:
    found.sheets["hard"] = sheets.means(f"Hard plant, DSMR 5, means, {found.seeds}", found.hard)
    found.sheets["hard_worst"] = sheets.worst("Hard plant, DSMR 5, worst day", found.hard, _house)
    real = [outcome for outcome in outcomes if outcome.scenario.group == REAL]
    families = dict.fromkeys(outcome.scenario.family for outcome in real)
    names = sheets.nearest(found.hard)
    parts = [
        (family, results(real, lambda each, family=family: is_main(each) and each.family == family))  # type: ignore[misc]
        for family in families
    ]
    found.sheets["families"] = sheets.groups("Hard plant, by family", "family", parts, names)
    core = {
        meter: results(real, lambda each, meter=meter: scenarios.is_core(each) and each.meter == meter)  # type: ignore[misc]
        for meter in scenarios.METERS
    }
    found.claims += verdict.on_hard(found.hard)
    if core["DSMR 4"]:
        found.sheets["meters"] = sheets.groups("Hard plant, by meter", "meter", core.items(), names)
        found.claims += verdict.on_meters(core["DSMR 5"], core["DSMR 4"])


def _number(outcome: Outcome) -> str:
    return outcome.scenario.house.removeprefix(f"{outcome.scenario.family} ")


def _house(outcome: Outcome) -> str:
    return outcome.scenario.house


def _print(found: Found) -> None:
    console = Console(highlight=False)
    console.print(f"{found.command} on {machine()}", soft_wrap=True)
    for sheet in found.sheets.values():
        sheets.show(console, sheet)
    if found.claims:
        console.print("\nVerdict", style="bold")
    for claim in found.claims:
        console.print(verdict.sentence(claim), style=None if claim.holds else "yellow", markup=False)


if __name__ == "__main__":
    sys.exit(main())
