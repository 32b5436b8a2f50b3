"""Random faults over random evenings: the budget, the fuse and the car's share hold, and nothing raises."""

import fault_verdicts as verdict
import pytest
from fault_kinds import Fault, Kind
from fault_setting import QUIET_FROM, Load, Setting
from fault_trial import run
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.model import OnLapse

load = st.builds(
    Load,
    begins=st.integers(0, QUIET_FROM - 60),
    lasts=st.integers(5, 900),
    amperes=st.floats(1.0, 14.0),
    place=st.integers(0, 2),
    period=st.sampled_from([0, 0, 18, 90]),
)
fault = st.builds(
    Fault,
    st.sampled_from(Kind),
    st.integers(120, QUIET_FROM - 60),
    st.one_of(st.integers(3, 90), st.integers(90, 1500)),
)


def bounded(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(each._replace(lasts=min(each.lasts, QUIET_FROM - each.start)) for each in faults)


evenings = st.builds(
    Setting,
    faults=st.lists(fault, max_size=5).map(bounded),
    loads=st.lists(load, max_size=8).map(tuple),
    base=st.floats(1.0, 18.0),
    seed=st.integers(0, 99),
    on_lapse=st.sampled_from([OnLapse.OFFLINE_CURRENT, OnLapse.MAXIMUM, OnLapse.NEVER]),
    is_lapse_known=st.booleans(),
    offline_current=st.sampled_from([0, 6, 10]),
    time_to_live=st.sampled_from([5, 10]),
    charger_maximum=st.sampled_from([16, 16, 16, 11]),
)


def check(setting: Setting) -> None:
    trial, course = run(setting)
    verdict.check_budget(course, setting)
    verdict.check_settings(course, setting, trial.home)
    verdict.check_blind(course, setting, trial.home)
    verdict.check_fuse(course, setting, trial.home)
    verdict.check_liveness(course, setting, trial.home)
    assert trial.engine is not None
    assert trial.engine.snapshot(float(trial.now)).controls.charger_maximum == setting.charger_maximum


@given(evenings)
@settings(max_examples=25)
def test_whatever_fails_budget_fuse_and_share_hold(setting: Setting) -> None:
    check(setting)


BUSY = (Load(700, 600, 12.0, 0), Load(1000, 380, 11.0, 2, 90), Load(1400, 500, 31.0, 1), Load(2000, 1200, 13.0, 0))
"""A reduction, a pulsed hob, a pause that still holds when the second fault comes, and a load that comes within it."""


@pytest.mark.parametrize("on_lapse", [OnLapse.OFFLINE_CURRENT, OnLapse.MAXIMUM])
@pytest.mark.parametrize("kind", Kind)
def test_no_single_fault_breaks_them(kind: Kind, on_lapse: OnLapse) -> None:
    check(Setting((Fault(kind, 600, 240), Fault(kind, 1500, 1100)), BUSY, on_lapse=on_lapse))


@pytest.mark.parametrize("kind", [Kind.REFUSES, Kind.HANGS, Kind.SWALLOWS, Kind.CLOUD_LOST])
def test_an_outage_of_nearly_an_hour_neither_spends_too_much_nor_leaves_the_fuse_alone_afterwards(kind: Kind) -> None:
    check(Setting((Fault(kind, 300, 3300),), (Load(400, 3100, 12.0, 0),)))


def test_two_who_fight_over_the_limit_of_a_pulsing_house_meet_the_ceiling() -> None:
    """61 orders in an hour and 11 in a minute without it."""
    faults = (Fault(Kind.OTHER_RAISES, 538, 1588), Fault(Kind.REJECTS, 1424, 2176))
    loads = (Load(0, QUIET_FROM, 13.0, 2, 36), Load(900, QUIET_FROM, 4.0, 2, 18))
    check(Setting(faults, loads, 3.0, seed=62))


@pytest.mark.parametrize("lives_for", [3, 9, 30])
def test_a_crash_loop_spends_no_more_than_the_budget(lives_for: int) -> None:
    """By systemd's RestartSec the next start comes after 10 s."""
    crashes = tuple(Fault(Kind.KILLED, start, 11) for start in range(200, 4300, 11 + lives_for))
    setting = Setting(crashes, (Load(0, QUIET_FROM, 8.0, 0, 90),), 6.0)
    _, course = run(setting)
    verdict.check_budget(course, setting)
