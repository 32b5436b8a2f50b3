"""Runs scenarios with controllers on all cores. A run that fails says which one it was."""

import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import NamedTuple, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks.balancing.contestants import CLAIRVOYANT, SHORT, build
from benchmarks.balancing.frontier import Point, clairvoyant, frontier
from benchmarks.balancing.judge import Figures, judge
from benchmarks.balancing.scenarios import PLAIN, REAL, Scenario
from bridge.simulator.closed_loop.plant import run

Made = TypeVar("Made")


class Job(NamedTuple):
    """One day of one controller."""

    scenario: Scenario
    contestant: str

    def __str__(self) -> str:
        return f"{self.contestant} on {self.scenario.title}"


class Outcome(NamedTuple):
    """What came of it."""

    scenario: Scenario
    contestant: str
    figures: Figures
    curve: tuple[Point, ...] = ()
    """The clairvoyant's, on the plain plant."""


class RunError(Exception):
    """A run failed; names it."""


def jobs(scenarios: Iterable[Scenario], names: Sequence[str]) -> list[Job]:
    """Return every scenario with every controller; the nearest only where a meter is beside the main tables."""
    return [
        Job(scenario, name)
        for scenario in scenarios
        for name in (CLAIRVOYANT, *names)
        if is_main(scenario) or name in SHORT
    ]


def is_main(scenario: Scenario) -> bool:
    """Whether it belongs to one of the two tables that have everyone."""
    return scenario.group == PLAIN or (scenario.group == REAL and scenario.meter == "DSMR 5")


def perform(job: Job) -> Outcome:
    """Run one. Anything random comes from the scenario's seed."""
    scenario, plant = job.scenario, job.scenario.plant
    trace, rows = scenario.load()
    if job.contestant == CLAIRVOYANT:
        curve = tuple(frontier(trace, plant)) if scenario.group == PLAIN else ()
        return Outcome(scenario, CLAIRVOYANT, clairvoyant(trace, plant), curve)
    course = run(rows, plant, build(job.contestant, plant, trace.fuse), scenario.luck)
    return Outcome(scenario, job.contestant, judge(trace, plant, course))


def perform_all(todo: Sequence[Job], do: Callable[[Job], Made], told: str) -> list[Made]:
    """Do all of them, one at a time a core, with a bar on standard error; in their order. Raises RunError."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with (
        Progress(*columns, console=Console(stderr=True), transient=True) as progress,
        ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_leave_interrupts) as pool,
    ):
        bar = progress.add_task(told, total=len(todo))
        futures = {pool.submit(do, job): job for job in todo}
        try:
            for future in as_completed(futures):
                _check(future, futures[future])
                progress.advance(bar)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in futures]


def _check(future: "Future[Made]", job: Job) -> None:
    if error := future.exception():
        raise RunError(f"{job}: {type(error).__name__}: {error}") from error


def _leave_interrupts() -> None:
    """Ctrl-C is for the process that has the bar."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
