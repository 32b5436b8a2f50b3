"""What is proposed and doubted, with figures."""

from collections.abc import Callable

import pytest

from bridge.commands.setup import proposals, reading
from bridge.commands.setup.talk import clock_time
from bridge.core.model import ChargerBounds, PhaseReading
from bridge.core.phases import Phase

FINE = PhaseReading(4.2, metered=4.2)
WHOLE = PhaseReading(4.0, whole_amperes=True, metered=4.0)
L1, L2, L3 = Phase


def test_the_fuse_comes_from_the_site() -> None:
    assert proposals.fuse(25.0).value == "25"
    assert proposals.fuse(None).value == proposals.fuse(400.0).value == ""


def test_a_fuse_that_is_not_made_or_too_large_is_doubted() -> None:
    assert list(proposals.fuse_doubts(25, 25)) == []
    [rating, site] = proposals.fuse_doubts(52, 25)
    assert "no rating" in rating
    assert "only 25 A" in site
    assert [text[:2] for text in proposals.overloads(16, (FINE, PhaseReading(17.0), None))] == ["L2"]


@pytest.mark.parametrize(("readings", "expected"), [((FINE,), "0.1"), ((FINE, WHOLE), "1"), ((None,), "0.1")])
def test_the_margin_goes_by_what_is_known(readings: tuple[PhaseReading | None, ...], expected: str) -> None:
    assert proposals.margin(readings).value == expected


@pytest.mark.parametrize(
    ("bounds", "fuse", "expected"),
    [
        (ChargerBounds(circuit_maximum=16.0, rated_current=20.0, charger_maximum=32.0), 25, "16"),
        (ChargerBounds(circuit_maximum=40.0, charger_maximum=32.0), 25, "25"),
        (ChargerBounds(circuit_maximum=80.0, charger_maximum=40.0), 63, "32"),
        (ChargerBounds(), 25, "16"),
        (ChargerBounds(), 10, "10"),
        (ChargerBounds(circuit_maximum=0.0), 25, "16"),
    ],
)
def test_the_maximum_is_what_binds(bounds: ChargerBounds, fuse: float, expected: str) -> None:
    assert proposals.maximum(bounds, fuse).value == expected


def test_a_maximum_that_is_never_reached_is_told() -> None:
    assert list(proposals.maximum_doubts(16, ChargerBounds(circuit_maximum=16.0), 25)) == []
    assert "never reached" in next(proposals.maximum_doubts(20, ChargerBounds(circuit_maximum=16.0), 25))
    assert "counts as 25 A" in next(proposals.maximum_doubts(32, ChargerBounds(), 25))


@pytest.mark.parametrize(
    ("fuse", "left", "minimum", "highest", "expected"),
    [
        (25, 20.0, 6, 16, "6"),
        (25, 5.9, 6, 16, "0"),
        (20, 18.0, 6, 16, "0"),
        (35, 30.0, 8, 16, "0"),
        (25, 20, 6, 5, "0"),
    ],
)
def test_the_fallback_never_adds_to_an_overload_seen(
    fuse: float, left: float, minimum: int, highest: int, expected: str
) -> None:
    assert proposals.fallback(fuse, left, minimum, highest).value == expected
    assert bool(list(proposals.fallback_doubts(6, left))) is (left < 6)


@pytest.mark.parametrize(
    ("told", "maximum", "is_locked", "wanted", "expected"),
    [
        ([L1, L2, L3], (16, 16, 16), False, (), "L1 L2 L3"),
        ([L2], (), False, (), "L2"),
        ([L1, L2, L3], (16, 0, 0), False, (), ""),
        ([L1, L2, L3], (16, 16, 16), True, (), ""),
        ([L1, L2, L3], (), False, (L2, L3, L1), "L2 L3 L1"),
    ],
)
def test_the_phases(
    told: list[Phase], maximum: tuple[float, ...], *, is_locked: bool, wanted: tuple[Phase, ...], expected: str
) -> None:
    assert proposals.phases(told, maximum, is_locked_to_one=is_locked, wanted=wanted).value == expected


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (reading.address, "slimmelezer.local", ("slimmelezer.local", None)),
        (reading.address, "10.0.0.5:6054", ("10.0.0.5", 6054)),
        (reading.address, "fe80::1", ("fe80::1", None)),
        (reading.address, "[fe80::1]:6053", ("fe80::1", 6053)),
        (reading.current(6, 100), "25 A", 25.0),
        (reading.current(0, 19), "0,5", 0.5),
        (reading.phases, "l2, l3, l1", (L2, L3, L1)),
        (reading.phases, '["L2"]', (L2,)),
        (reading.phases, "231", (L2, L3, L1)),
        (reading.account, "+47 123 45 678", "+4712345678"),
        (reading.whole(6, 16, or_zero=True), "0", 0),
        (reading.serial, "eh123456", "EH123456"),
    ],
)
def test_what_is_typed(read: Callable[[str], object], text: str, expected: object) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (reading.address, "http://slimmelezer"),
        (reading.address, "slimmelezer:99999"),
        (reading.current(6, 100), "nan"),
        (reading.current(6, 100), "1e1"),
        (reading.phases, "L1 L2"),
        (reading.phases, "L1 and L2"),
        (reading.phases, ""),
        (reading.account, "owner"),
        (reading.whole(6, 16), "0"),
        (reading.secret, "  "),
        (reading.secret, "a\x1bb"),
        (reading.noise_key, "abc"),
    ],
)
def test_what_is_refused(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read(text)


def test_the_next_day_is_named() -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    evening = datetime(2026, 11, 27, 23, 0, tzinfo=UTC)
    assert clock_time(300, evening) == "23:05"
    assert clock_time(7200, evening) == "Saturday 01:00"
