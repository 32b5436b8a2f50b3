"""However a fault comes and goes, the log stays readable and the disk empty."""

import logging

from bridge.runtime.log_quota import BURST, BURST_OF_ALL, EVERY, EVERY_OF_ALL, KINDS, Quota, swallowed

HOUR = 3600


class Hours:
    """A quota and its clock; counts what passes."""

    def __init__(self) -> None:
        self.now = 0.0
        self.quota = Quota(lambda: self.now)
        self.passed: list[logging.LogRecord] = []

    def say(self, text: str, *args: object, level: int = logging.WARNING, name: str = "bridge.tests") -> bool:
        record = logging.LogRecord(name, level, "", 0, text, args, None)
        passes = self.quota(record)
        if passes:
            self.passed.append(record)
        return passes


def test_a_fault_every_five_seconds_writes_two_lines_a_minute_in_the_end() -> None:
    hours = Hours()
    for second in range(0, 24 * HOUR, 5):
        hours.now = float(second)
        hours.say("meter lost: %s", f"after {second} s")
        hours.say("meter recovered after %.0f s: %s", second, "slimmelezer", level=logging.INFO)
    assert len(hours.passed) <= 2 * (BURST + 24 * HOUR / EVERY)
    assert len(hours.passed) >= 2 * 24 * HOUR / EVERY, "and it does not fall silent"


def test_what_happens_now_and_then_is_all_told() -> None:
    hours = Hours()
    for second in range(0, 24 * HOUR, 120):
        hours.now = float(second)
        assert hours.say("limit %s → %s A", 16, 9, level=logging.INFO)
    assert not any(swallowed(record) for record in hours.passed)


def test_what_was_swallowed_is_counted_in_the_next_line() -> None:
    hours = Hours()
    for _ in range(BURST + 7):
        hours.say("meter lost")
    hours.now = 2 * EVERY
    hours.say("meter lost")
    assert [swallowed(record) for record in hours.passed[-2:]] == ["", " (7 more like it were not logged)"]


def test_another_kind_of_line_has_its_own_allowance() -> None:
    hours = Hours()
    for _ in range(BURST + 1):
        hours.say("meter lost")
    assert hours.say("mqtt lost")
    assert hours.say("meter lost", level=logging.ERROR)
    assert not hours.say("meter lost")


def test_lines_that_are_all_different_have_one_allowance_together() -> None:
    hours = Hours()
    for number in range(5 * HOUR):
        hours.now = float(number)
        hours.say(f"{'x' * (number % 400)} {number:x} at 0x{number:08x}")
    assert len(hours.passed) <= BURST_OF_ALL + 5 * HOUR / EVERY_OF_ALL + 1


def test_the_kinds_that_are_remembered_are_bounded() -> None:
    hours = Hours()
    for number in range(50 * KINDS):
        hours.now = float(number)
        hours.say("x" * number)
    assert len(hours.quota._kinds) <= KINDS


def test_debugging_and_the_end_of_the_service_are_never_held_back() -> None:
    hours = Hours()
    assert all(hours.say("order", level=logging.DEBUG) for _ in range(1000))
    assert all(hours.say("a bug ends the service", level=logging.CRITICAL) for _ in range(1000))
