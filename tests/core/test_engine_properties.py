"""What must hold whatever is seen."""

from dataclasses import replace
from itertools import pairwise
from math import inf, isfinite, nan

from hypothesis import given, settings
from hypothesis import strategies as st
from rig import HOME, Rig, telegram

from bridge.core.budget import PER_HOUR, PER_MINUTE, RAISES_STOP_AT
from bridge.core.engine import RAISE_FROM_BLIND_PAUSE, Engine
from bridge.core.model import (
    Cause,
    ChargerBounds,
    ChargerReport,
    ChargerState,
    Control,
    ControlChange,
    Controls,
    Decision,
    Installation,
    Link,
    LinkReport,
    Memory,
    NoCurrent,
    Observation,
    Ordered,
    Outcome,
    Pace,
    PhaseReading,
    Reason,
    Refused,
    Result,
    Telegram,
)
from bridge.core.phases import PerPhase, Phase

Story = list[tuple[Observation, float]]
Evening = list[tuple[float, float, float, int]]

amperes = st.floats(-60, 90, allow_nan=False)
readings = st.none() | st.builds(PhaseReading, amperes, whole_amperes=st.booleans())
telegrams = st.builds(Telegram, st.tuples(readings, readings, readings))
per_phase = st.builds(PerPhase, *[st.floats(0, 40, allow_nan=False)] * 3)
reports = st.builds(
    ChargerReport,
    state=st.sampled_from(ChargerState),
    dynamic_current=st.none() | st.builds(PerPhase.all, st.integers(0, 40).map(float)) | per_phase,
    draw=st.none() | per_phase,
    output=st.none() | st.tuples(st.booleans(), st.booleans(), st.booleans()),
    no_current=st.sampled_from(NoCurrent),
    cloud_connected=st.none() | st.booleans(),
    bounds=st.builds(ChargerBounds, *[st.none() | st.floats(0, 80, allow_nan=False)] * 4),
)
links = st.builds(LinkReport, st.sampled_from(Link), st.booleans(), st.just(""), st.none() | st.floats(0, 7200))
changes = st.builds(
    ControlChange,
    st.sampled_from(Control),
    st.booleans() | st.floats(0, 100) | st.integers(0, 100) | st.sampled_from(Pace),
)
outcomes = st.builds(Outcome, st.integers(0, 40), st.sampled_from(Result), st.just(""), st.none() | st.floats(0, 7200))
observations = st.one_of(telegrams, telegrams, reports, links, changes, outcomes, st.just(Refused(Link.METER)))
steps = st.lists(st.tuples(observations, st.floats(0.0, 40.0)), max_size=60)
houses = st.builds(
    replace,
    st.just(HOME),
    fallback=st.sampled_from([0, 6, 10]),
    phases=st.sampled_from([(Phase.L1, Phase.L2, Phase.L3), (Phase.L3, Phase.L1, Phase.L2), (Phase.L2,)]),
    time_to_live=st.integers(1, 30),
    maximum=st.sampled_from([6, 10, 16, 32]),
)


def run(engine: Engine, story: Story, start: float = 0.0) -> list[tuple[float, Decision]]:
    """Tell a story; orders leave at once and nobody answers but the story itself."""
    now, decisions = start, []
    for seen, seconds in story:
        now += seconds
        engine.observe(seen, now)
        decision = engine.decide(now)
        assert engine.decide(now) == decision, "asking twice changed the answer"
        if decision.command is not None:
            engine.observe(Ordered(decision.command), now)
        decisions.append((now, decision))
    return decisions


@given(houses, steps)
def test_every_order_is_zero_or_between_minimum_and_maximum(house: Installation, story: Story) -> None:
    for _, decision in run(Engine(house, 0.0), story):
        limits = [decision.limit] if decision.command is None else [decision.limit, decision.command.current]
        for limit in limits:
            assert limit == 0 or house.minimum <= limit <= house.maximum


@given(houses, steps)
def test_no_more_orders_than_the_budget(house: Installation, story: Story) -> None:
    orders = [(now, decision.command) for now, decision in run(Engine(house, 0.0), story) if decision.command]
    for start, _ in orders:
        assert len([now for now, _ in orders if start <= now < start + 60]) <= PER_MINUTE
        assert len([now for now, _ in orders if start <= now < start + 3600]) <= PER_HOUR
    raises = [now for now, command in orders if command.cause is Cause.RAISE]
    assert all(later - earlier >= 30 for earlier, later in pairwise(raises))
    for start in raises:
        assert len([now for now in raises if start <= now < start + 3600]) <= RAISES_STOP_AT


@given(houses, steps, st.floats(60, 3000))
def test_no_order_leaves_while_the_breaker_is_open(house: Installation, story: Story, seconds: float) -> None:
    engine = Engine(house, 0.0)
    run(engine, story)
    start = sum(pause for _, pause in story)
    engine.observe(LinkReport(Link.CHARGER, is_up=False, detail="", retry_after=seconds), start)
    quiet = [(seen, pause) for seen, pause in story if not isinstance(seen, LinkReport | Outcome)]
    for now, decision in run(engine, quiet, start):
        assert decision.command is None or now >= start + seconds


@given(houses, steps)
def test_equal_stories_end_in_equal_decisions(house: Installation, story: Story) -> None:
    assert run(Engine(house, 0.0), story) == run(Engine(house, 0.0), story)


@given(houses, steps, st.integers(1, 800))
def test_blindness_never_raises(house: Installation, story: Story, seconds: float) -> None:
    engine = Engine(house, 0.0)
    run(engine, story)
    now = sum(pause for _, pause in story)
    engine.observe(LinkReport(Link.CHARGER, is_up=True), now)
    limits = []
    for second in range(0, int(seconds), 5):
        decision = engine.decide(now + second)
        if decision.command is not None:
            engine.observe(Ordered(decision.command), now + second)
        if decision.reason is Reason.METER_STALE:
            limits.append((now + second, decision.limit))
    for (_, earlier), (at, later) in pairwise(limits):
        assert later <= earlier or (earlier == 0 and at >= RAISE_FROM_BLIND_PAUSE), "only from a long blind pause"
    assert all(limit <= house.fallback for _, limit in limits)


loads = st.lists(st.tuples(st.floats(-10, 24), st.floats(-10, 24), st.floats(-10, 24), st.integers(1, 90)), max_size=12)


@given(loads)
@settings(max_examples=40)
def test_rotating_wiring_and_house_together_changes_nothing(evening: Evening) -> None:
    straight = Rig(in_force=16)
    rotated = Rig(installation=replace(HOME, phases=(Phase.L2, Phase.L3, Phase.L1)), in_force=16)
    for rig in (straight, rotated):
        rig.see(rig.report)
    for l1, l2, l3, seconds in evening:
        plain = straight.house(l1, l2, l3, seconds=seconds)
        turned = rotated.house(l3, l1, l2, seconds=seconds)
        assert (plain.limit, plain.reason) == (turned.limit, turned.reason)


@given(loads, st.sampled_from([0.0, 0.1, 0.5]))
@settings(max_examples=40)
def test_no_limit_exceeds_what_the_newest_telegram_leaves(evening: Evening, margin: float) -> None:
    """With a car that takes all it is offered, at once, no telegram is followed by more than the house leaves."""
    rig = Rig(installation=replace(HOME, margin=margin), in_force=0)
    rig.see(rig.report)
    for l1, l2, l3, seconds in evening:
        for _ in range(seconds):
            decision = rig.house(l1, l2, l3)
            if (
                decision.command is not None
                and decision.command.cause is Cause.RAISE
                and decision.reason is not Reason.HOLD
            ):
                assert decision.limit <= HOME.fuse - margin - max(l1, l2, l3)
            rig.car_draws(float(min(rig.orders[-1].current if rig.orders else 0, 16)))


@given(loads, st.floats(-20, 80), st.floats(-20, 80))
@settings(max_examples=40)
def test_a_phase_that_the_car_does_not_use_never_matters(evening: Evening, other: float, another: float) -> None:
    rigs = [Rig(in_force=16), Rig(in_force=16)]
    for rig in rigs:
        rig.tell_charger(output=(True, False, False))
    for l1, _, _, seconds in evening:
        quiet = rigs[0].house(l1, 0.0, 0.0, seconds=seconds)
        loud = rigs[1].house(l1, other, another, seconds=seconds)
        assert (quiet.limit, quiet.reason) == (loud.limit, loud.reason)


anything = st.floats() | st.sampled_from([1e300, -1e300])
nonsense = st.one_of(
    st.builds(Telegram, st.tuples(*[st.none() | st.builds(PhaseReading, anything)] * 3)),
    st.builds(
        ChargerReport,
        state=st.sampled_from(ChargerState),
        dynamic_current=st.builds(PerPhase, anything, anything, anything),
        draw=st.builds(PerPhase, anything, anything, anything),
        bounds=st.builds(ChargerBounds, *[st.none() | anything] * 4),
    ),
    st.builds(LinkReport, st.sampled_from(Link), st.booleans(), st.just(""), anything),
    st.builds(ControlChange, st.sampled_from(Control), anything | st.integers()),
    st.builds(Outcome, st.integers(0, 40), st.sampled_from(Result), st.just(""), anything),
)


@given(houses, st.lists(st.tuples(nonsense | observations, st.floats(0.0, 40.0)), max_size=40))
def test_nonsense_neither_raises_nor_stays(house: Installation, story: Story) -> None:
    engine = Engine(house, 0.0, Memory(PerPhase(nan, inf, -1.0), Controls(nan, 99), -5))
    run(engine, story)
    now = sum(pause for _, pause in story) + 1.0
    engine.observe(Telegram((PhaseReading(1.0), PhaseReading(1.0), PhaseReading(1.0))), now)
    snapshot = engine.snapshot(now)
    assert all(isfinite(value) for numbers in snapshot.decision.numbers for value in numbers if value is not None)
    assert snapshot.controls.mains_limit <= house.fuse
    assert engine.memory(1.0).thermal.l2 < house.fuse**2


def test_a_telegram_without_any_phase_is_harmless() -> None:
    rig = Rig()
    rig.see(rig.report)
    rig.now += 1
    rig.see(telegram(None, None, None))
    assert rig.decide().reason is Reason.STARTING
