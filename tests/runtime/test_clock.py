import time

from bridge.runtime import clock


def test_it_never_runs_backwards() -> None:
    instants = [clock.now() for _ in range(1000)]

    assert instants == sorted(instants)


def test_it_counts_at_least_what_the_machine_was_awake() -> None:
    assert clock.now() >= time.monotonic() - 0.001
