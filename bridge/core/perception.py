"""What is known of house, charger and car, put together from telegrams and reports."""

from math import inf

from bridge.core.appetite import Appetite
from bridge.core.freshness import Freshness
from bridge.core.house_load import RAMP, DrawHistory
from bridge.core.limit import Line
from bridge.core.model import ChargerReport, Installation, Instant, Link, LinkReport, PhaseNumbers, Telegram
from bridge.core.phase_track import PhaseTrack
from bridge.core.phases import NOTHING, PerPhase, Phase, PhaseMap
from bridge.core.quiet import Quiet
from bridge.core.session import Flags, Session
from bridge.core.thermal import fuse_model

PHASES = (Phase.L1, Phase.L2, Phase.L3)
WHOLE_AMPERES_MARGIN = 1.0
"""Least margin where the meter only sends whole amperes: up to that much is hidden by truncation, A."""
START_DELAY = 45.0
"""A car takes up a new offer within this, s (measured: 10 to 40)."""
FOLLOW_WITHIN = 12.0
"""A lower limit is followed, and the new draw reported, within this, s: cloud 4, car 5, report 3."""
OVERLOAD_LASTS = 30.0
"""An overload is over when none was seen for this long, s."""
OBEDIENCE = 1.5
"""A draw this far above the limit in force ignores it, A."""
OBEY_WITHIN = 20.0
"""A car must follow a lower pilot within 5 s (IEC 61851-1); four times that with cloud and reports, s."""
RAMP_SLACK = 10.0
"""A car that already charges begins to follow a raise within this, s."""


class Perception:
    """The engine's senses. Mains phase order throughout."""

    __slots__ = (
        "_allowed",
        "_house",
        "_lines",
        "_wiring",
        "appetite",
        "disobeyed_since",
        "draws",
        "freshness",
        "is_live",
        "links",
        "overloaded_at",
        "report",
        "session",
        "telegrams",
        "tolerated",
        "tracks",
    )

    def __init__(self, house: Installation, thermal: PerPhase, now: Instant) -> None:
        self._house = house
        self._wiring = PhaseMap(house.phases)
        model = fuse_model(house.fuse, house.protection)
        self.tracks = tuple(PhaseTrack(model, theta, Quiet(house.minimum, house.maximum)) for theta in thermal)
        self.freshness = Freshness(house.telegram_max_age, now)
        self.draws = DrawHistory()
        self.appetite = Appetite()
        self.session = Session(self._wiring)
        self.report: ChargerReport | None = None
        self.links: dict[Link, LinkReport] = {}
        self.is_live = True
        """Whether the charger's reports come as they happen."""
        self._allowed = house.fuse
        self._anchor()
        self.tolerated = 0.0
        """A·s of small overload since the newest order."""
        self._lines: dict[Flags, list[Line]] = {}
        self.telegrams = 0
        self.overloaded_at: Instant = -inf
        self.disobeyed_since: Instant | None = None
        """Since when a phase is over what it may carry while the car takes more than it is offered."""

    @property
    def allowed(self) -> float:
        """What a mains phase may carry: the fuse, or less where the owner says so. A."""
        return self._allowed

    @allowed.setter
    def allowed(self, current: float) -> None:
        self._allowed = current
        self._lines.clear()
        self._anchor()

    def _anchor(self) -> None:
        for track in self.tracks:
            track.quiet.anchor(self._allowed - self._reserve(track))

    def see_telegram(self, telegram: Telegram, offered: float, now: Instant) -> None:
        """Take a telegram; `offered` is the most the car may take at the moment, A."""
        self.telegrams += 1
        if any(telegram.phases):
            self.freshness.telegram(now)
        self.draws.forget_past(now)
        self.draws.offer(offered, now)
        most = self._allowed - self._house.minimum
        is_settled = now >= self.draws.moving_until
        for index, reading in enumerate(telegram.phases):
            if reading is None:
                continue
            track = self.tracks[index]
            if reading.whole_amperes != track.whole_amperes:
                self._lines.clear()
                track.whole_amperes = reading.whole_amperes
                track.quiet.anchor(self._allowed - self._reserve(track))
            if now - track.seen_at > self.freshness.max_age:
                track.forget()
            track.see(reading, self.draws.bounds(index, now), now, is_settled=is_settled)
            if track.house_low <= most:
                track.short_since = None
            elif track.short_since is None:
                track.short_since = now

        self._watch_obedience(offered, now)

    def _watch_obedience(self, offered: float, now: Instant) -> None:
        draw = self.draws.newest
        for index, track in enumerate(self.tracks):
            if track.mains > self._allowed and draw[index] > offered + OBEDIENCE:
                self.disobeyed_since = now if self.disobeyed_since is None else self.disobeyed_since
                return
        self.disobeyed_since = None

    def tolerate(self, base: int, used: Flags, seconds: float) -> None:
        """Add up the small overload that a telegram shows with this limit, A."""
        excess = 0.0
        for line in self.lines(used):
            excess = max(excess, line.track.cut_load + base - line.allowed)
        self.tolerated += excess * seconds

    def is_overloaded(self, now: Instant) -> bool:
        """Whether a phase is over the fuse, or was a moment ago: a pulsing hob is one overload, not twenty."""
        return now - self.overloaded_at < OVERLOAD_LASTS

    def is_disobeyed(self, now: Instant) -> bool:
        """Whether the car has ignored a limit in force for longer than any car needs to follow.

        A draw that is only polled may be as old as the limit before: what it is above its limit counts as house load.
        """
        since = self.disobeyed_since
        return self.is_live and since is not None and now - since > OBEY_WITHIN

    def see_report(self, report: ChargerReport, now: Instant) -> None:
        draw = self._wiring.mains(report.draw) if report.draw is not None else NOTHING
        if report.draw is not None:
            self.draws.report(draw, now)
        was_plugged = self.session.is_plugged
        self.session.see(report, draw, now)
        if not self.session.is_plugged:
            self.appetite.forget()
        elif not was_plugged:
            self.draws.expect_rise(now + START_DELAY)
        self.report = report

    def pair_anew(self, offered: float, now: Instant) -> None:
        """The first draw was reported: pair it with the newest telegram, while that is fresh; `offered` as there, A."""
        self.draws.offer(offered, now)
        for index, track in enumerate(self.tracks):
            if now - track.seen_at <= self.freshness.max_age:
                track.pair_anew(self.draws.bounds(index, now), now)

    def see_link(self, report: LinkReport) -> None:
        self.links[report.link] = report
        if report.link is Link.STREAM:
            self.is_live = report.is_up

    def expect_order(self, before: int, limit: int, now: Instant) -> None:
        """The limit is being changed: the car will follow. A."""
        self.tolerated = 0.0
        self.session.ordered(before, limit, now)
        self.draws.expect_change(now + FOLLOW_WITHIN)
        if limit > before:
            is_charging = before > 0 and self.session.is_drawing()
            delay = (limit - before) / RAMP + RAMP_SLACK if is_charging else START_DELAY
            self.draws.expect_rise(now + delay)

    def stale_phase(self, used: Flags, now: Instant) -> Phase | None:
        """The first phase in use that is not fresh."""
        oldest = now - self.freshness.max_age
        for phase, track, is_used in zip(PHASES, self.tracks, used, strict=True):
            if is_used and track.seen_at < oldest:
                return phase
        return None

    def may_still_come(self, phase: Phase, now: Instant) -> bool:
        """Whether this is the start, and the phase was never seen yet."""
        return self.tracks[phase.place].seen_at == -inf and self.freshness.is_starting(now)

    def lines(self, used: Flags) -> list[Line]:
        """The phases that bind the limit."""
        lines = self._lines.get(used)
        if lines is None:
            lines = self._lines[used] = [
                Line(phase, track, self._allowed, self._reserve(track))
                for phase, track, is_used in zip(PHASES, self.tracks, used, strict=True)
                if is_used
            ]
        return lines

    def _reserve(self, track: PhaseTrack) -> float:
        return max(self._house.margin, WHOLE_AMPERES_MARGIN) if track.whole_amperes else self._house.margin

    def numbers(self, used: Flags, now: Instant) -> tuple[PhaseNumbers, PhaseNumbers, PhaseNumbers]:
        """The numbers behind a decision."""
        oldest = now - self.freshness.max_age
        return (self._numbers(0, used, oldest), self._numbers(1, used, oldest), self._numbers(2, used, oldest))

    def _numbers(self, index: int, used: Flags, oldest: Instant) -> PhaseNumbers:
        track = self.tracks[index]
        draw = self.draws.newest[index]
        reserve = self._reserve(track)
        load = track.theta / track.model.limit
        if track.seen_at < oldest:
            return PhaseNumbers(None, draw, None, reserve, None, load, used[index], True)  # noqa: FBT003 a tuple's field
        house = track.house
        available = self._allowed - reserve - house
        return PhaseNumbers(track.mains, draw, house, reserve, available, load, used[index], False)  # noqa: FBT003 same
