"""What the cloud hears of the charger, and when: late, on change only."""

from bridge.core.phases import PerPhase
from bridge.simulator.easee_charger import Box, EaseeCharger
from bridge.simulator.easee_commands import SET_CIRCUIT_CURRENT, Commands
from bridge.simulator.easee_observations import Observation, stamp, written
from bridge.simulator.easee_reports import Reports
from bridge.simulator.faults import Faults
from bridge.simulator.latency import Latency
from bridge.simulator.timeline import Timeline


class Rig:
    def __init__(self, latency: Latency | None = None) -> None:
        latency = latency or Latency()
        self.timeline = Timeline(wall_clock=lambda: 1.8e9)
        self.faults = Faults()
        self.heard: list[tuple[float, Observation]] = []
        self.responses: list[dict[str, object]] = []
        self.charger = EaseeCharger(Box(), self.timeline, self.faults)
        self.charger.plug_in()
        self.reports = Reports(
            self.charger, self.timeline, self.faults, latency, lambda o: self.heard.append((self.timeline.now, o))
        )
        self.commands = Commands(self.reports, self.timeline, self.faults, latency, self.responses.append)
        self.reports.start()

    def pass_time(self, seconds: int) -> None:
        for _ in range(seconds):
            self.timeline.advance(1)

    def heard_of(self, number: int) -> list[tuple[float, Observation]]:
        return [(at, seen) for at, seen in self.heard if seen.number == number]


def test_a_steady_charger_is_mute_but_for_a_heartbeat_every_quarter_of_an_hour() -> None:
    rig = Rig()
    rig.charger.step(0, PerPhase.all(10))
    rig.pass_time(10)
    rig.heard.clear()
    rig.pass_time(880)
    assert not rig.heard
    rig.pass_time(20)
    numbers = {seen.number for _, seen in rig.heard}
    assert {73, 120, 183, 190} <= numbers
    assert not {111, 109} & numbers, "states are not telemetry"


def test_a_changed_current_is_heard_one_to_three_seconds_late_with_the_time_of_the_charger() -> None:
    rig = Rig()
    rig.pass_time(5)
    rig.charger.step(0, PerPhase(0, 8, 0))
    rig.pass_time(5)
    ((at, seen),) = rig.heard_of(184)
    assert 6 <= at - 1 <= 9
    assert 1 <= at - (seen.wall - 1.8e9) <= 3
    assert not rig.heard_of(183)


def test_small_changes_are_filtered_but_never_the_end_of_a_draw() -> None:
    rig = Rig()
    rig.charger.step(0, PerPhase.all(8))
    rig.pass_time(5)
    rig.heard.clear()
    rig.charger.step(0, PerPhase.all(8.1))
    rig.pass_time(5)
    assert not rig.heard_of(183)
    rig.charger.step(0, PerPhase.all(0))
    rig.pass_time(5)
    assert rig.heard_of(183)[0][1].value == 0


def test_without_internet_the_charger_is_mute_and_the_cloud_says_so() -> None:
    rig = Rig()
    rig.reports.lose_cloud()
    rig.charger.step(0, PerPhase.all(8))
    rig.pass_time(1000)
    assert [(seen.number, seen.value) for _, seen in rig.heard] == [(250, False)]
    rig.reports.find_cloud()
    rig.pass_time(5)
    assert rig.heard_of(183)
    assert rig.reports.known[250].value is True


def test_commands_arrive_late_and_in_order_even_when_one_takes_the_slow_way() -> None:
    rig = Rig(Latency(slow_share=0.5))
    limits: list[float] = []
    for amperes in range(6, 16):
        rig.commands.send(SET_CIRCUIT_CURRENT, lambda amperes=amperes: limits.append(amperes))
        rig.pass_time(2)
    assert len(limits) < 10
    rig.pass_time(20)
    assert limits == sorted(limits)
    assert len(limits) == 10
    ticks = [response["ticks"] for response in rig.responses]
    assert ticks == sorted(set(ticks))  # type: ignore[type-var]


def test_values_are_written_as_the_stream_writes_them() -> None:
    assert written(5.246) == "5.24599981307983"
    assert [written(value) for value in (16.0, 0.0, 3, True, False, "C")] == ["16.0", "0.0", "3", "1", "0", "C"]
    assert stamp(0) == "1970-01-01T00:00:00Z"
    assert stamp(1.25, milliseconds=True) == "1970-01-01T00:00:01.250Z"
