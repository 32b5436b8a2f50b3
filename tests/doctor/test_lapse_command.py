"""The trial from the command line: what it refuses before anything is ordered, what it asks, and what it says."""

import asyncio
import io
import json
import os
import pty
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest
from doctor.doctor_rig import PASSWORD, House
from syrupy.assertion import SnapshotAssertion

from bridge.commands.doctor.machine import Machine
from bridge.commands.doctor.show import Paper
from bridge.commands.lapse import command
from bridge.commands.lapse.command import try_lapse
from bridge.commands.lapse.plan import Plan, Verdict
from bridge.commands.lapse.show import Questions, Screen, conclude
from bridge.commands.lapse.trial import Result
from bridge.commands.lapse.view import View
from bridge.core.model import ChargerReport, Installation, OnLapse
from bridge.core.phases import PerPhase

HOME = Installation(fuse=25.0, maximum=16)
PLAN = Plan(8, PerPhase.all(13.0), 6.0, 16.0, 20.7)
FOUND = Result(
    Verdict(OnLapse.OFFLINE_CURRENT, 61.0, "8 A became 6 A after 61 s: its offline current"),
    is_restored=True,
    left_with="13 A",
)
UNCLEAR = Result(
    Verdict(OnLapse.UNKNOWN, None, "you stopped it"), is_restored=True, left_with="13 A in force, read back"
)


@pytest.fixture(autouse=True)
def _in_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log stays pytest's, and a thread takes no signals."""
    monkeypatch.setattr(command.logs, "set_up", lambda _: None)
    monkeypatch.setattr(command, "_stop_on_signals", lambda _: None)


async def ran(path: Path, *, as_json: bool = False) -> tuple[int, str]:
    out = io.StringIO()
    status = await asyncio.to_thread(try_lapse, path, is_agreed=True, as_json=as_json, out=out)
    return status, out.getvalue()


async def test_in_dry_run_nothing_is_tried(house: House) -> None:
    status, text = await ran(house.write_settings(dry_run="true"))
    assert (status, "nothing may be ordered" in text) == (1, True)
    assert sum(house.cloud.calls.values()) == 0


async def test_not_while_a_bridge_is_online(house: House) -> None:
    async with aiomqtt.Client("127.0.0.1", house.broker.port) as client:
        await client.publish("ev-load-bridge/main/availability", "online", qos=1, retain=True)
    status, text = await ran(house.write_settings())
    assert (status, "stop it first" in text) == (1, True)
    assert sum(house.cloud.calls.values()) == 0


async def test_not_while_the_unit_runs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def running() -> Machine:
        return Machine(has_systemd=True, unit={"ActiveState": "active"})

    monkeypatch.setattr(command, "look_at_machine", running)
    _, text = await ran(house.write_settings())
    assert "systemctl stop ev-load-bridge" in " ".join(text.split())


async def test_without_a_car_it_says_so_in_json_too(house: House) -> None:
    status, text = await ran(house.write_settings(), as_json=True)
    told = json.loads(text)
    assert (status, told["exit_status"], told["lapse"]) == (1, 1, None)
    assert "no car is charging" in told["checks"][0]["seen"]
    assert house.cloud.orders == []
    assert PASSWORD not in text


@pytest.mark.parametrize("result", [FOUND, UNCLEAR], ids=["found", "unclear"])
def test_what_it_says(result: Result, snapshot: SnapshotAssertion) -> None:
    out = io.StringIO()
    paper = Paper(out)
    view = View(lambda: 0.0)
    screen = Screen(paper)
    for since, limit in ((0.0, 13.0), (2.0, 8.0), (3.0, 8.0), (18.0, 8.0), (62.0, 6.0)):
        view.report = ChargerReport(dynamic_current=PerPhase.all(limit), draw=PerPhase.all(limit), no_current_code=27)
        screen.tick(view, since)
    conclude(paper, result)
    assert out.getvalue() == snapshot


@asynccontextmanager
async def typing(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """A terminal in place of standard input; yields the end that is typed on."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield ours
    os.close(ours)


@pytest.mark.parametrize(("typed", "agreed"), [("y\n", True), ("yes\n", True), ("\n", False), ("no\n", False)])
async def test_the_answer_is_taken(typed: str, agreed: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 a parameter
    async with typing(monkeypatch) as keyboard, asyncio.timeout(10):
        os.write(keyboard, typed.encode())
        questions = Questions(Paper(io.StringIO()), HOME, asyncio.Event(), is_agreed=False)
        assert await questions.confirm(PLAN) is agreed


async def test_a_stop_ends_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = asyncio.Event()
    async with typing(monkeypatch), asyncio.timeout(10):
        stop.set()
        assert await Questions(Paper(io.StringIO()), HOME, stop, is_agreed=False).confirm(PLAN) is False


async def test_nobody_there_to_answer_is_no(monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    out = io.StringIO()
    assert await Questions(Paper(out), HOME, asyncio.Event(), is_agreed=False).confirm(PLAN) is False
    assert out.getvalue() == snapshot


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_restores_the_limit(house: House, number: signal.Signals) -> None:
    house.plug_in()
    arguments = ("-m", "bridge", "doctor", "--test-lapse", "--yes", "--config", str(house.write_settings()))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(60):
        while house.cloud.charger.dynamic_current != PerPhase.all(8):  # noqa: ASYNC110 another process does not tell
            await asyncio.sleep(0.05)
        process.send_signal(number)
        told, _ = await process.communicate()
    assert [(order.currents[0], order.minutes) for order in house.cloud.orders] == [(8, 1), (13, 0)]
    assert house.cloud.charger.dynamic_current == PerPhase.all(13)
    assert process.returncode == 1
    assert "you stopped it" in told.decode()


async def test_a_reader_that_goes_away_does_not_keep_it_from_restoring(house: House) -> None:
    house.plug_in()
    arguments = ("-m", "bridge", "doctor", "--test-lapse", "--yes", "--config", str(house.write_settings()))
    ours, theirs = os.pipe()
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=theirs)
    os.close(theirs)
    async with asyncio.timeout(60):
        while house.cloud.charger.dynamic_current != PerPhase.all(8):  # noqa: ASYNC110 another process does not tell
            await asyncio.sleep(0.05)
        os.close(ours)
        process.terminate()
        await process.wait()
    assert house.cloud.charger.dynamic_current == PerPhase.all(13)
