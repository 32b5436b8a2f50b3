"""The trial as the person who supervises sees it."""

import asyncio
import math
import os
import sys
from typing import Final

from rich.console import Console
from rich.status import Status

from bridge.commands.doctor.show import Paper
from bridge.commands.lapse.plan import Plan
from bridge.commands.lapse.trial import LIFE, LONGEST, Result
from bridge.commands.lapse.view import View
from bridge.core.model import Installation, OnLapse

EVERY: Final = 15.0
"""s between two lines where it is no terminal."""


class Screen:
    """One moving line on a terminal; elsewhere a line now and then, and with each change."""

    def __init__(self, paper: Paper, console: Console | None = None) -> None:
        self._paper = paper
        console = console or Console(highlight=False, markup=False, emoji=False)
        self._status = Status("", console=console) if console.is_terminal else None
        self._shown: object = None
        self._next = 0.0

    def tick(self, view: View, since: float) -> None:
        line = progress(view, since)
        if self._status is not None:
            self._status.update(line)
            self._status.start()
        elif since >= self._next or view.dynamic != self._shown:
            self._paper.say(line)
            self._next = since + EVERY
        self._shown = view.dynamic

    def say(self, text: str) -> None:
        self.close()
        self._paper.say(text)

    def close(self) -> None:
        """Give the terminal back."""
        if self._status is not None:
            self._status.stop()


class Silent:
    """Shows nothing: for JSON."""

    def tick(self, view: View, since: float) -> None: ...

    def say(self, text: str) -> None: ...

    def close(self) -> None: ...


def progress(view: View, since: float) -> str:
    """What is so now."""
    report = view.report
    limit = "?" if view.dynamic is None else f"{max(view.dynamic):g}"
    draw = "?" if report is None or report.draw is None else f"{max(report.draw):.0f}"
    reason = "" if report is None or not report.no_current_code else f", reason {report.no_current_code}"
    mains = "?" if view.mains is None else " ".join(f"{each:.0f}" for each in view.mains).replace("-", "−")
    return f"{since:3.0f} of at most {LONGEST:.0f} s: limit {limit} A, draw {draw} A{reason}, mains {mains} A"


def introduce(paper: Paper, plan: Plan, house: Installation) -> None:
    """Say what is about to happen."""
    told = " / ".join(f"{each:g}" for each in dict.fromkeys(plan.before))
    paper.say(
        f"In force now: {told} A. Offline current: {plan.offline:g} A. Maximum: {plan.maximum:g} A. "
        f"Fuse {house.fuse:g} A; the house leaves the car {math.floor(plan.left)} A."
    )
    paper.say(
        f"{plan.order} A will be ordered for {LIFE} min and not renewed. Within {LONGEST / 60:.0f} min the charger "
        "shows what it does when an order lapses. The limit in force now is restored afterwards, also after Ctrl-C; "
        f"if a phase goes over the fuse, {min(*plan.restore, house.fallback)} A are ordered at once. Stay near, and "
        "switch nothing large on."
    )


def conclude(paper: Paper, result: Result) -> None:
    """Say what was found, and what to write where."""
    paper.say(f"Result: {result.verdict.words}.")
    paper.say(f"Left behind: {result.left_with}.")
    if result.verdict.on_lapse is OnLapse.UNKNOWN:
        paper.say("Not clear: nothing to write down. Try again.")
        return
    paper.say("Write under [charger.easee] in settings.toml, and start the service again:")
    paper.say(f'on_lapse = "{result.verdict.on_lapse}"')


class Questions:
    """Asks on the terminal, without stopping what goes on meanwhile."""

    def __init__(self, paper: Paper, house: Installation, stop: asyncio.Event, *, is_agreed: bool) -> None:
        self._paper = paper
        self._house = house
        self._stop = stop
        self._is_agreed = is_agreed

    async def confirm(self, plan: Plan) -> bool:
        introduce(self._paper, plan, self._house)
        if self._is_agreed:
            return True
        if not sys.stdin.isatty():
            self._paper.say("Nobody can answer here: start it with --yes.")
            return False
        self._paper.say("Go ahead? [y/N]")
        return (await self._line()).strip().lower() in {"y", "yes"}

    async def _line(self) -> str:
        """What is typed, up to Enter; empty where it was stopped."""
        loop, typed = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(sys.stdin.fileno(), typed.set)
        waits = [asyncio.ensure_future(event.wait()) for event in (typed, self._stop)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            loop.remove_reader(sys.stdin.fileno())
            for wait in waits:
                wait.cancel()
        return os.read(sys.stdin.fileno(), 100).decode(errors="replace") if typed.is_set() else ""
