"""The net under all that keeps secrets: what the log, a traceback and a report say of a bug that holds one."""

import io
import json
import logging
import subprocess
import sys
from urllib.parse import quote

import pytest
from fakes import snapshot

from bridge.core.model import Decision, Instant, Link, LinkReport, Observation, Outcome, Result, Snapshot
from bridge.runtime import secrecy
from bridge.runtime.control_loop import ControlLoop
from bridge.runtime.logs import complain, set_up
from bridge.runtime.secrecy import INSTEAD, KEPT, keep_secret, redacted

ODD = "corr\"ect 'hörse\\ \t&%"
TOKEN = "eyJ-not-a-real-one"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrecy, "_kept", {})
    monkeypatch.setattr(secrecy, "_spellings", ())


@pytest.fixture
def log() -> io.StringIO:
    """Our log at its lowest level."""
    stream = io.StringIO()
    set_up("debug", {}, stream)
    return stream


@pytest.mark.parametrize(
    "spelt",
    [ODD, repr(ODD), json.dumps(ODD), json.dumps({"password": ODD}), quote(ODD, safe=""), repr(ODD.encode())],
)
def test_a_secret_is_found_however_it_is_spelt(spelt: str) -> None:
    keep_secret("password", ODD)
    assert INSTEAD in redacted(f"before {spelt} after")
    assert "hörse" not in redacted(spelt)
    assert "rse" not in redacted(spelt)


def test_innocent_text_stays_and_short_secrets_are_not_looked_for() -> None:
    keep_secret("password", "limit")
    keep_secret("other", "")
    assert redacted("limit 16 → 9 A") == "limit 16 → 9 A"


def test_one_inside_the_other_leaves_no_rest() -> None:
    keep_secret("short", "horse-")
    keep_secret("long", "horse-battery")
    assert redacted("horse-battery") == INSTEAD


def test_a_month_of_tokens_does_not_pile_up() -> None:
    for number in range(1000):
        keep_secret("accessToken", f"{TOKEN}-{number}")
    assert len(secrecy._spellings) <= 6 * KEPT
    assert redacted(f"{TOKEN}-999") == redacted(f"{TOKEN}-998") == INSTEAD


def _fail(headers: dict[str, str]) -> None:
    try:
        json.loads(ODD)
    except ValueError:
        raise RuntimeError(f"no use of {ODD} with {headers}") from KeyError(ODD)


def test_a_bug_that_holds_a_secret_is_told_without_it(log: io.StringIO) -> None:
    keep_secret("password", ODD)
    keep_secret("accessToken", TOKEN)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    try:
        _fail(headers)
    except RuntimeError as error:
        error.add_note(f"while logging in with {ODD!r}")
        logging.getLogger("bridge.tests").critical("a bug ends the service", exc_info=error)
        logging.getLogger("asyncio").exception("Task exception was never retrieved: %s, %s", headers, ODD)
    written = log.getvalue()
    assert written.count("RuntimeError: no use of ***") == 2
    assert written.count("KeyError: '***'") == 2
    assert "hörse" not in written
    assert TOKEN not in written


def test_what_is_said_before_there_is_a_log_is_without_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    keep_secret("password", TOKEN)
    complain([f"easee: no use of {TOKEN}"], {})
    assert capsys.readouterr().err == f"ev-load-bridge: easee: no use of {INSTEAD}\n"


class Ear:
    """An engine that only listens."""

    def __init__(self) -> None:
        self.seen: list[Observation] = []

    def observe(self, seen: Observation, now: Instant) -> None:
        del now
        self.seen.append(seen)

    def decide(self, now: Instant) -> Decision:
        raise NotImplementedError

    def snapshot(self, now: Instant) -> Snapshot:
        return snapshot(at=now)


def test_what_a_vendor_says_reaches_the_engine_and_mqtt_without_it() -> None:
    keep_secret("accessToken", TOKEN)
    ear = Ear()
    loop = ControlLoop(ear, lambda: 0.0, [])
    loop.tell(LinkReport(Link.CHARGER, is_up=False, detail=f"refused {TOKEN}", retry_after=3.0))
    loop.tell(Outcome(3, Result.REJECTED, f"refused {TOKEN}"))
    assert ear.seen == [
        LinkReport(Link.CHARGER, is_up=False, detail=f"refused {INSTEAD}", retry_after=3.0),
        Outcome(3, Result.REJECTED, f"refused {INSTEAD}"),
    ]


BUGS = {
    "in the main thread": "raise KeyError(SECRET)",
    "in another thread": "import threading; t = threading.Thread(target=lambda: {}[SECRET]); t.start(); t.join()",
    "in a finaliser": "class Late:\n    def __del__(self):\n        raise ValueError(SECRET)\nLate()",
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_that_nobody_catches_is_told_without_it(bug: str) -> None:
    program = (
        "from bridge.runtime.secrecy import keep_secret, seal\n"
        f"SECRET = {TOKEN!r}.upper()\nseal()\nkeep_secret('password', SECRET)\n{BUGS[bug]}\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert "Error" in done.stderr
    assert INSTEAD in done.stderr
    assert TOKEN.upper() not in done.stderr
