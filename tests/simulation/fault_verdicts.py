"""What must hold over a whole course, whatever failed: budget, settings, no blind raise, fuse, liveness."""

from itertools import pairwise

from fault_cloud import REPORT_STEP
from fault_kinds import BOUNDS, HELD, LOOP, UNKNOWN_PERIOD, Kind
from fault_setting import SECONDS, Course, Setting

from bridge.core.model import Cause, Installation, SetCircuitLimit

PER_MINUTE, PER_HOUR, RAISES_PER_HOUR = 10, 60, 30
KEPT_FROM_RAISES = 12
LOWER_EVERY, RAISE_EVERY = 5, 30
CORRECTIONS_PER_HOUR = 12
SMALL = 2.0
"""A over the fuse that may go on for a little while."""
RAISE_FROM_BLIND_PAUSE = 900
# All from DESIGN §7 and §8, and not from the code that is to keep them.

START = 60
"""s in which a bridge with no memory gets to know house, charger and fuse."""
STALE_AFTER = 6
"""On a meter that sends each second: 5 s, and the second in which it is found out."""
ENOUGH = 0.9
AT_THE_END = 60
"""s over which the car's share is taken."""
RAISED_WITHIN = 300
"""A raise that is due comes within this, s."""

Orders = list[tuple[int, SetCircuitLimit]]


def check_budget(course: Course, setting: Setting) -> None:
    """No more orders than the cloud bears, over restarts too, and none while it has banned us."""
    times = [at for at, _ in course.orders]
    assert most(times, 60) <= PER_MINUTE
    assert most(times, 3600) <= PER_HOUR
    for banned, until in course.bans:
        assert not [at for at in times if banned <= at < until], "an order while we are banned"
    stops = {fault.start for fault in setting.faults if fault.kind is Kind.STOPPED}
    check_pace([(at, order) for at, order in course.orders if at not in stops])


def check_pace(orders: Orders) -> None:
    """The same but for the last order before a stop, which waits for nothing."""
    raises = [at for at, order in orders if order.cause is Cause.RAISE]
    lowers = [at for at, order in orders if order.cause is Cause.LOWER]
    changes = sorted(raises + lowers)
    assert all(later - earlier >= RAISE_EVERY for earlier, later in pairwise(raises))
    assert all(later - earlier >= LOWER_EVERY for earlier, later in pairwise(lowers))
    assert all(sum(at - 3600 < each < at for each in changes) < RAISES_PER_HOUR for at in raises)


def most(times: list[int], seconds: int) -> int:
    """Highest number within any so many seconds."""
    return max((sum(start <= at < start + seconds for at in times) for start in times), default=0)


def check_settings(course: Course, setting: Setting, home: Installation) -> None:
    """Nothing is ordered above settings and knobs, or between nothing and the minimum."""
    highest = min(home.maximum, setting.charger_maximum)
    limits = [order.current for at, order in course.orders if at > 1]
    limits += [decision.limit for decision in course.decisions[1:] if decision is not None]
    assert all(limit == 0 or home.minimum <= limit <= highest for limit in limits)


def check_blind(course: Course, setting: Setting, home: Installation) -> None:
    """On stale data at most the fallback current is ordered, and nothing raised but from a long pause."""
    before = home.maximum
    for at, order in course.orders:
        age = at - min(course.seen[at - 1])
        is_young = at - max(start for start in course.starts if start <= at) < UNKNOWN_PERIOD
        slow = any(fault.kind is Kind.SLOW_METER and fault.is_on(at, UNKNOWN_PERIOD) for fault in setting.faults)
        if age > (UNKNOWN_PERIOD if is_young or slow else STALE_AFTER):
            assert order.current <= home.fallback
            standing = max(before, *course.dynamic[max(at - 60, 0) : at])
            assert order.current <= standing or age >= RAISE_FROM_BLIND_PAUSE
        before = order.current


def check_fuse(course: Course, setting: Setting, home: Installation) -> None:
    """The car's share never adds to an overload for longer than the bound that the present faults have."""
    held = cured = 0
    for index, (house, draw) in enumerate(zip(course.house, course.draw, strict=True)):
        now, left = index + 1, home.fuse - max(house)
        is_over = draw > 0 and draw - left > SMALL and not _is_beyond_us(course, setting, home, now)
        held = held + 1 if is_over else 0
        cured = cured + 1 if is_over and left >= home.minimum + 1 else 0
        bounds = [(fault, BOUNDS[fault.kind]) for fault in setting.faults]
        adds = sum(bound.adds for fault, bound in bounds if fault.is_on(now, bound.adds + LOOP))
        assert cured <= LOOP + adds, f"overload of {draw - left:.1f} A for {cured} s at {now}"
        assert held <= HELD + LOOP + adds, f"overload of {draw - left:.1f} A for {held} s at {now}"


def _is_beyond_us(course: Course, setting: Setting, home: Installation, now: int) -> bool:
    """What DESIGN §8 does not promise: see BOUNDS, and somebody who raises the limit more than 12 times an hour."""
    if now <= START:
        return True
    for fault in setting.faults:
        bound = BOUNDS[fault.kind]
        if bound.excuses_for is not None and fault.is_on(now, bound.excuses_for):
            return True
        if bound.is_blind and fault.is_on(now, bound.adds + LOOP) and course.offer[now - 1] <= home.fallback:
            return True
    return sum(now - 3600 < at <= now for at in course.raised_by_others) >= CORRECTIONS_PER_HOUR


def check_liveness(course: Course, setting: Setting, home: Installation) -> None:
    """At the end, long after the last fault, the car gets what the house leaves."""
    if are_raises_spent(course, SECONDS - RAISED_WITHIN):
        return
    left = home.fuse - home.margin - REPORT_STEP - max(course.house[-1])
    possible = min(int(left), home.maximum, setting.charger_maximum)
    if possible > home.minimum:  # a start at the bare minimum waits for ten minutes of quiet
        taken = sum(course.draw[-AT_THE_END:]) / AT_THE_END
        assert taken >= ENOUGH * possible, f"{taken:.1f} A of {possible}"


def are_raises_spent(course: Course, now: int) -> bool:
    """Whether the hour's orders before this moment leave no raise."""
    hour = [order for at, order in course.orders if now - 3600 < at <= now]
    changes = [order for order in hour if order.cause is not Cause.REFRESH]
    return len(changes) >= RAISES_PER_HOUR or len(hour) >= PER_HOUR - KEPT_FROM_RAISES
