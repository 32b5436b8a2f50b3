from bridge.mirror.entity import Entity, Value
from bridge.mirror.thinning import SETTLE, Thinner

ROWS = (
    Entity("limit", "Limit", lambda s: s.decision.limit),
    Entity("mains", "Mains", lambda s: s.draw.l1, band=0.2),
)


def values(limit: Value = 16, mains: Value = 10.0) -> dict[str, Value]:
    return {"limit": limit, "mains": mains}


def thinner() -> Thinner:
    thinner = Thinner(ROWS, every=5.0)
    assert thinner.news(values(), now=0.0) == values()
    return thinner


def test_a_decision_is_told_at_once() -> None:
    assert thinner().news(values(limit=9), now=0.1) == values(limit=9)


def test_a_measurement_waits_for_its_time() -> None:
    seen = thinner()
    assert seen.news(values(mains=14.0), now=4.9) is None
    assert seen.held_until == 5.0
    assert seen.news(values(mains=14.0), now=5.0) == values(mains=14.0)
    assert seen.held_until is None


def test_a_measurement_within_its_dead_band_is_not_told() -> None:
    seen = thinner()
    assert seen.news(values(mains=10.1), now=20.0) is None


def test_a_measurement_within_its_dead_band_keeps_its_told_value_when_others_change() -> None:
    assert thinner().news(values(limit=9, mains=10.1), now=20.0) == values(limit=9, mains=10.0)


def test_a_measurement_that_creeps_is_told_when_it_has_crept_far_enough() -> None:
    seen = thinner()
    assert seen.news(values(mains=10.1), now=10.0) is None
    assert seen.news(values(mains=10.25), now=20.0) == values(mains=10.25)


def test_a_measurement_that_came_to_rest_is_told_exactly_after_a_minute() -> None:
    seen = thinner()
    assert seen.news(values(mains=10.05), now=SETTLE) == values(mains=10.05)


def test_a_measurement_that_becomes_unknown_is_told() -> None:
    assert thinner().news(values(mains=None), now=5.0) == values(mains=None)


def test_everything_can_be_told_again() -> None:
    seen = thinner()
    assert seen.all(values(mains=10.05), now=1.0) == values(mains=10.05)
    assert seen.news(values(mains=10.05), now=100.0) is None


def test_details_are_told_when_it_is_the_time_of_the_measurements() -> None:
    seen = thinner()
    assert seen.news({**values(), "limit.why": "oven"}, now=1.0) is None
    assert seen.news({**values(), "limit.why": "oven"}, now=5.0) == {**values(), "limit.why": "oven"}
