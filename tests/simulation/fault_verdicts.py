"""What must hold over a whole course, whatever failed: budget, settings, no blind raise, fuse, liveness."""

from itertools import pairwise

from fault_kinds import BOUNDS, HELD, LOOP, Kind
from fault_trial import REPORT_STEP, Course, Setting

from bridge.core.budget import LOWER_EVERY, PER_HOUR, PER_MINUTE, RAISE_EVERY, RAISES_STOP_AT
from bridge.core.limit import SMALL
from bridge.core.model import Cause, Installation, SetCircuitLimit

START = 60
"""s in which a bridge with no memory gets to know house, charger and fuse."""
BLIND_AFTER = 35
RAISE_FROM_BLIND_PAUSE = 900
ENOUGH = 0.9
SETTLED = 60
"""s over which the car's share is taken at the end."""


def check_budget(course: Course, setting: Setting) -> None:
    """No more orders than the cloud bears, over restarts too."""
    times = [at for at, _ in course.orders]
    assert most(times, 60) <= PER_MINUTE
    assert most(times, 3600) <= PER_HOUR
    for banned, until in course.bans:
        assert not [at for at in times if banned <= at < until], "an order while we are banned"
    stops = {fault.start for fault in setting.faults if fault.kind is Kind.STOPPED}
    for start, end in pairwise([*course.starts, len(course.draw) + 1]):
        check_pace([(at, order) for at, order in course.orders if start < at <= end and at not in stops])


def check_pace(orders: list[tuple[int, SetCircuitLimit]]) -> None:
    """Within one life of the process, but for the last order before a stop, which waits for nothing."""
    raises = [at for at, order in orders if order.cause is Cause.RAISE]
    lowers = [at for at, order in orders if order.cause is Cause.LOWER]
    changes = sorted(raises + lowers)
    assert all(later - earlier >= RAISE_EVERY for earlier, later in pairwise(raises))
    assert all(later - earlier >= LOWER_EVERY for earlier, later in pairwise(lowers))
    assert all(sum(at - 3600 < each < at for each in changes) < RAISES_STOP_AT for at in raises)


def most(times: list[int], seconds: int) -> int:
    """Highest number within any so many seconds."""
    return max((sum(start <= at < start + seconds for at in times) for start in times), default=0)


def check_settings(course: Course, setting: Setting, home: Installation) -> None:
    """Nothing is ordered above settings and knobs, or between nothing and the minimum."""
    highest = min(home.maximum, setting.charger_maximum)
    limits = [order.current for _, order in course.orders]
    limits += [decision.limit for decision in course.decisions if decision is not None]
    assert all(limit == 0 or home.minimum <= limit <= home.maximum for limit in limits)
    assert all(order.current <= highest for at, order in course.orders if at > 1)


def check_blind(course: Course, home: Installation) -> None:
    """On stale data at most the fallback current is ordered, and nothing raised but from a long pause."""
    before = home.maximum
    for at, order in course.orders:
        oldest = at - min(course.seen[at - 1])
        if oldest > BLIND_AFTER:
            standing = max(before, course.dynamic[max(at - 5, 0)], course.dynamic[at - 2])
            assert order.current <= home.fallback
            assert order.current <= standing or oldest >= RAISE_FROM_BLIND_PAUSE
        before = order.current


def check_fuse(course: Course, setting: Setting, home: Installation) -> None:
    """The car's share never adds to an overload for longer than the bound that the present faults have."""
    held = cured = 0
    for index, (house, draw) in enumerate(zip(course.house, course.draw, strict=True)):
        now = index + 1
        bounds = [(fault, BOUNDS[fault.kind]) for fault in setting.faults]
        excuses = [
            fault for fault, bound in bounds if bound.excuses_for is not None and fault.is_on(now, bound.excuses_for)
        ]
        adds = sum(bound.adds for fault, bound in bounds if fault.is_on(now, bound.adds))
        is_blind = any(bound.blind and fault.is_on(now, bound.adds + LOOP) for fault, bound in bounds)
        is_tolerable = is_blind and course.offer[index] <= home.fallback
        left = home.fuse - max(house)
        is_over = draw > 0 and draw - left > SMALL and not excuses and not is_tolerable and now > START
        held = held + 1 if is_over else 0
        cured = cured + 1 if is_over and left >= home.minimum + 1 else 0
        assert cured <= LOOP + adds, f"overload of {draw - left:.1f} A for {cured} s at {now}"
        assert held <= HELD + LOOP + adds, f"overload of {draw - left:.1f} A for {held} s at {now}"


def check_liveness(course: Course, setting: Setting, home: Installation) -> None:
    """At the end, long after the last fault, the car gets what the house leaves."""
    if len([at for at, order in course.orders if at > setting.seconds - 3600]) >= RAISES_STOP_AT:
        return
    left = home.fuse - home.margin - REPORT_STEP - max(setting.house[-1])
    possible = min(int(left), home.maximum, setting.charger_maximum)
    if possible < home.minimum + 1:
        return
    taken = sum(course.draw[-SETTLED:]) / SETTLED
    assert taken >= ENOUGH * possible * 0.965, f"{taken:.1f} A of {possible}"
