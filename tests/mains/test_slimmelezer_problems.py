"""Each failure becomes one line with its cure, told once."""

import logging

import pytest
from aioesphomeapi import core
from slimmelezer_rig import Ear

from bridge.mains.slimmelezer.link import MeterLink
from bridge.mains.slimmelezer.problems import Cause, Place, Trouble, explain, silent

KEY = "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5azE="
PLACE = Place("slimmelezer.local", 6053, "slimmelezer", KEY)


def refused() -> Exception:
    error = core.SocketAPIError("Error connecting")
    error.__cause__ = ConnectionRefusedError(111, "Connect call failed")
    return error


@pytest.mark.parametrize(
    ("error", "cause", "cure"),
    [
        (core.RequiresEncryptionAPIError("x"), Cause.KEY_MISSING, "set encryption_key"),
        (core.InvalidEncryptionKeyAPIError("x", "slimmelezer", "mac"), Cause.WRONG_KEY, "copy encryption_key again"),
        (core.EncryptionPlaintextAPIError("x"), Cause.KEY_UNWANTED, "remove encryption_key"),
        (core.EncryptionHelloAPIError("x"), Cause.KEY_UNWANTED, "remove encryption_key"),
        (core.EncryptionErrorAPIError("x"), Cause.DROPPED, "set up anew"),
        (core.BadNameAPIError("x", "kitchen"), Cause.WRONG_NAME, "kitchen"),
        (core.InvalidAuthAPIError("x"), Cause.PASSWORD, "password"),
        (core.ResolveAPIError("x"), Cause.NOT_FOUND, "IP address"),
        (core.ResolveTimeoutAPIError("x"), Cause.NOT_FOUND, "IP address"),
        (core.PingFailedAPIError("x"), Cause.DROPPED, "unplug"),
        (core.TimeoutAPIError("x"), Cause.UNANSWERED, "unplug"),
        (TimeoutError(), Cause.UNANSWERED, "unplug"),
        (core.ReadFailedAPIError("x"), Cause.DROPPED, "too many clients"),
        (core.SocketClosedAPIError("x"), Cause.DROPPED, "too many clients"),
        (ConnectionResetError(104, "reset"), Cause.DROPPED, "Wi-Fi"),
        (refused(), Cause.REFUSED, "refuses"),
        (core.SocketAPIError("x"), Cause.UNREACHABLE, "Wi-Fi"),
        (core.ProtocolAPIError("x"), Cause.NOT_ESPHOME, "6053"),
        (core.APIConnectionError("odd\nthing"), Cause.OTHER, "odd thing"),
        (core.APIConnectionError(), Cause.OTHER, "APIConnectionError"),
    ],
)
def test_each_error_has_a_cure(error: Exception, cause: Cause, cure: str) -> None:
    trouble = explain(error, PLACE)
    assert trouble.cause is cause
    assert cure in trouble.detail
    assert "\n" not in trouble.detail
    assert KEY not in trouble.detail


def test_every_error_of_the_library_has_a_line() -> None:
    kinds = {
        kind for kind in vars(core).values() if isinstance(kind, type) and issubclass(kind, core.APIConnectionError)
    }
    for kind in (kind for kind in kinds if not kind.__name__.startswith("Bluetooth")):
        arguments = ["x", "name", "mac"][: 3 if kind is core.BadMACAddressAPIError else 2]
        assert explain(kind(*arguments), PLACE).detail


@pytest.mark.parametrize("kind", [core.BadNameAPIError, core.InvalidEncryptionKeyAPIError])
def test_a_device_that_calls_itself_anything_breaks_no_line(kind: type[core.APIConnectionError]) -> None:
    trouble = explain(kind("x", "kitchen\n\x1b[2J" * 1000), PLACE)
    assert trouble.detail.isprintable()
    assert len(trouble.detail) < 200
    assert "kitchen" in trouble.detail


def test_a_malformed_key_is_told_from_a_wrong_one() -> None:
    error = core.InvalidEncryptionKeyAPIError("Malformed PSK")
    for key in ("c2hvcnQ=", "%", "abc"):
        assert explain(error, PLACE._replace(encryption_key=key)).cause is Cause.MALFORMED_KEY


class Now:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def link(ear: Ear, now: Now, caplog: pytest.LogCaptureFixture) -> MeterLink:
    caplog.set_level(logging.INFO)
    return MeterLink(ear, now)


AWAY = Trouble(Cause.DROPPED, "gone")
REFUSED = Trouble(Cause.REFUSED, "refuses")
WRONG_KEY = Trouble(Cause.WRONG_KEY, "wrong key")


def test_an_outage_is_one_line_and_each_cause_one_report(
    link: MeterLink, ear: Ear, now: Now, caplog: pytest.LogCaptureFixture
) -> None:
    link.up("slimmelezer")
    for trouble in (AWAY, REFUSED, AWAY, REFUSED, REFUSED):
        link.lost(trouble)
    now.now += 42
    link.up("slimmelezer")
    link.up("slimmelezer")
    assert [report.is_up for report in ear.reports] == [True, False, False, True]
    assert [(r.levelname, r.message) for r in caplog.records] == [
        ("INFO", "meter connected: slimmelezer"),
        ("WARNING", "meter lost: gone"),
        ("INFO", "meter recovered after 42 s: slimmelezer"),
    ]


def test_another_cure_is_another_line(link: MeterLink, caplog: pytest.LogCaptureFixture) -> None:
    link.lost(AWAY)
    link.lost(WRONG_KEY)
    link.lost(silent(30.0))
    assert len(caplog.records) == 3


def test_the_next_outage_is_told_again(link: MeterLink, ear: Ear) -> None:
    for _ in range(2):
        link.lost(AWAY)
        link.up("slimmelezer")
    assert [report.is_up for report in ear.reports] == [False, True, False, True]
