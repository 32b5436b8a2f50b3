"""The state file on a real disk: what comes back, what is forgotten, and that no file can stop a start."""

import json
import logging
import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.core.model import Cause, Controls, Installation, Memory, Pace, Spent
from bridge.core.phases import PerPhase
from bridge.runtime.state_file import Clocks, StateFile, state_directory

HOUSE = Installation(fuse=25.0, maximum=16)
CONTROLS = Controls(mains_limit=20.0, charger_maximum=10, pace=Pace.CALM, balancing=False, charging_allowed=False)
SPENT = (Spent(Cause.LOWER, 700.0), Spent(Cause.REFRESH, 990.0))
MEMORY = Memory(PerPhase(0.5, 1.0, 1.25), CONTROLS, 9, spent=SPENT)

any_file = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


class Machine:
    """Two clocks that a test may turn."""

    def __init__(self) -> None:
        self.monotonic = 1000.0
        self.wall = 1_800_000_000.0

    def passes(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds

    def file(self, directory: Path, house: Installation = HOUSE) -> StateFile:
        return StateFile(directory, house, Clocks(lambda: self.monotonic, lambda: self.wall))


@pytest.fixture
def machine() -> Machine:
    return Machine()


def thermal(memory: Memory | None) -> PerPhase:
    assert memory is not None
    return memory.thermal


def test_what_was_saved_comes_back(tmp_path: Path, machine: Machine) -> None:
    machine.file(tmp_path).save(MEMORY)

    assert machine.file(tmp_path).load() == MEMORY


def test_what_was_never_known_stays_unknown(tmp_path: Path, machine: Machine) -> None:
    machine.file(tmp_path).save(Memory(PerPhase.all(1.0), None, None))

    assert machine.file(tmp_path).load() == Memory(PerPhase.all(1.0), None, None)


@pytest.mark.parametrize(
    ("monotonic", "wall", "left"),
    [
        pytest.param(100.0, 100.0, 500.0, id="a restart"),
        pytest.param(700.0, 700.0, 0.0, id="a restart after its end"),
        pytest.param(-900.0, 200.0, 400.0, id="the machine was started anew: the time of day tells"),
        pytest.param(-900.0, -50_000.0, 600.0, id="and runs behind: the whole of it is waited for"),
    ],
)
def test_a_ban_outlives_a_restart(monotonic: float, wall: float, left: float, tmp_path: Path, machine: Machine) -> None:
    machine.file(tmp_path).save(replace(MEMORY, banned_for=600.0))
    machine.monotonic += monotonic
    machine.wall += wall

    memory = machine.file(tmp_path).load()
    assert memory is not None
    assert memory.banned_for == left


def test_a_file_of_an_earlier_version_knows_no_ban(tmp_path: Path, machine: Machine) -> None:
    machine.file(tmp_path).save(MEMORY)
    path = tmp_path / "state.json"
    saved = json.loads(path.read_text())
    del saved["banned_for"]
    path.write_text(json.dumps(saved))

    assert machine.file(tmp_path).load() == MEMORY


def test_without_a_file_there_is_no_memory_and_no_complaint(
    tmp_path: Path, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    assert machine.file(tmp_path).load() is None
    assert not caplog.records


def test_the_directory_is_made_and_only_ours(tmp_path: Path, machine: Machine) -> None:
    machine.file(tmp_path / "state" / "bridge").save(MEMORY)

    assert machine.file(tmp_path / "state" / "bridge").load() == MEMORY
    assert (tmp_path / "state" / "bridge").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "state" / "bridge").iterdir()] == ["state.json"]


# --- how long the service was away -----------------------------------------------------------


def test_the_thermal_state_tends_to_the_rated_current_while_we_are_away(tmp_path: Path, machine: Machine) -> None:
    machine.file(tmp_path).save(MEMORY)
    machine.passes(60.0)

    assert thermal(machine.file(tmp_path).load()) == pytest.approx(
        (1 - 0.5 * math.exp(-1), 1.0, 1 + 0.25 * math.exp(-1))
    )


def test_orders_keep_their_instants_while_the_clock_goes_on(tmp_path: Path, machine: Machine) -> None:
    machine.file(tmp_path).save(MEMORY)
    machine.passes(60.0)
    memory = machine.file(tmp_path).load()

    assert memory is not None
    assert memory.spent == SPENT


def test_orders_keep_their_age_where_the_downtime_is_unknown(tmp_path: Path, machine: Machine) -> None:
    machine.file(tmp_path).save(MEMORY)
    machine.monotonic = 20.0
    memory = machine.file(tmp_path).load()

    assert memory is not None
    assert [machine.monotonic - order.at for order in memory.spent] == [300.0, 10.0]


def test_a_file_of_the_version_before_remembers_no_orders(tmp_path: Path, machine: Machine) -> None:
    machine.file(tmp_path).save(MEMORY)
    path = tmp_path / "state.json"
    saved = json.loads(path.read_text())
    del saved["spent"]
    path.write_text(json.dumps(saved))

    assert machine.file(tmp_path).load() == replace(MEMORY, spent=())


@pytest.mark.parametrize(
    "happening",
    [
        pytest.param(lambda machine: setattr(machine, "wall", machine.wall - 3600), id="the clock was set back"),
        pytest.param(lambda machine: setattr(machine, "wall", machine.wall + 3600), id="the clock was set forward"),
        pytest.param(lambda machine: setattr(machine, "monotonic", 20.0), id="the machine was started anew"),
    ],
)
def test_an_unknown_downtime_takes_the_fuse_for_warm(
    happening: Callable[[Machine], None], tmp_path: Path, machine: Machine
) -> None:
    machine.file(tmp_path).save(MEMORY)
    happening(machine)
    memory = machine.file(tmp_path).load()

    assert thermal(memory) == PerPhase(1.0, 1.0, 1.25)
    assert memory is not None
    assert memory.controls == CONTROLS


# --- controls against settings.toml ----------------------------------------------------------


@pytest.mark.parametrize(
    ("house", "expected"),
    [
        pytest.param(HOUSE, CONTROLS, id="nothing edited"),
        pytest.param(replace(HOUSE, maximum=14), replace(CONTROLS, charger_maximum=14), id="max_current edited"),
        pytest.param(replace(HOUSE, pace=Pace.EAGER), replace(CONTROLS, pace=Pace.EAGER), id="pace edited"),
        pytest.param(replace(HOUSE, fuse=35.0), replace(CONTROLS, mains_limit=35.0), id="fuse edited"),
        pytest.param(replace(HOUSE, margin=1.0), CONTROLS, id="a key without a control edited"),
    ],
)
def test_an_edited_key_resets_its_control_alone(
    house: Installation, expected: Controls, tmp_path: Path, machine: Machine
) -> None:
    machine.file(tmp_path).save(MEMORY)
    memory = machine.file(tmp_path, house).load()

    assert memory is not None
    assert memory.controls == expected


@given(
    mains_limit=st.floats(0, 1000),
    maximum=st.integers(0, 1000),
    limit=st.none() | st.integers(-5, 1000),
    theta=st.floats(-10, 1e6),
)
@any_file
def test_nothing_in_the_file_exceeds_the_settings(
    mains_limit: float, maximum: int, limit: int | None, theta: float, tmp_path: Path
) -> None:
    machine = Machine()
    controls = replace(CONTROLS, mains_limit=mains_limit, charger_maximum=maximum)
    machine.file(tmp_path).save(Memory(PerPhase.all(theta), controls, limit))
    memory = machine.file(tmp_path).load()

    assert memory is not None
    assert memory.controls is not None
    assert memory.controls.mains_limit <= HOUSE.fuse
    assert memory.controls.charger_maximum <= HOUSE.maximum
    assert memory.limit is None or 0 <= memory.limit <= HOUSE.maximum
    assert all(0 <= value <= 10 for value in memory.thermal)


# --- files that are not ours ------------------------------------------------------------------


def saved(directory: Path) -> dict[str, Any]:
    Machine().file(directory).save(MEMORY)
    contents: dict[str, Any] = json.loads((directory / "state.json").read_text())
    return contents


@pytest.mark.parametrize(
    "contents",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="half"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b"{}", id="without keys"),
        pytest.param(b"[" * 60_000, id="nested without end"),
        pytest.param(b" " * 70_000 + b"{}", id="far too long"),
        pytest.param(b'{"version": ' + b"9" * 5000 + b"}", id="a number without end"),
    ],
)
def test_a_damaged_file_is_put_aside_with_one_warning(
    contents: bytes, tmp_path: Path, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state.json").write_bytes(contents)

    assert machine.file(tmp_path).load() is None
    assert len(caplog.records) == 1
    assert (tmp_path / "state.bad").read_bytes() == contents
    assert not (tmp_path / "state.json").exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"version": 2}, id="another version"),
        pytest.param({"thermal": [1.0, 1.0]}, id="a phase too few"),
        pytest.param({"thermal": [1.0, 1.0, "hot"]}, id="a word for a number"),
        pytest.param({"thermal": [1.0, 1.0, float("nan")]}, id="no number"),
        pytest.param({"thermal": [1.0, 1.0, True]}, id="a truth for a number"),
        pytest.param({"controls": []}, id="controls of another kind"),
        pytest.param({"settings": None}, id="no settings beside them"),
        pytest.param({"wall": float("inf")}, id="no time"),
        pytest.param({"limit": 10**400}, id="a limit beyond all floats"),
    ],
)
def test_a_wrong_value_makes_the_file_foreign(change: dict[str, Any], tmp_path: Path, machine: Machine) -> None:
    (tmp_path / "state.json").write_text(json.dumps(saved(tmp_path) | change))

    assert machine.file(tmp_path).load() is None


@given(contents=st.binary(max_size=300))
@any_file
def test_no_bytes_in_the_file_stop_a_start(contents: bytes, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_bytes(contents)

    assert Machine().file(tmp_path).load() is None


@given(data=st.data())
@any_file
def test_no_json_in_its_place_stops_a_start(data: st.DataObject, tmp_path: Path) -> None:
    leaf = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
    junk = st.recursive(leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner))
    document = saved(tmp_path)
    for key in data.draw(st.sets(st.sampled_from(sorted(document)))):
        document[key] = data.draw(junk)
    (tmp_path / "state.json").write_text(json.dumps(document))

    memory = Machine().file(tmp_path).load()

    assert memory is None or all(math.isfinite(theta) for theta in memory.thermal)


# --- disks that do not help -------------------------------------------------------------------


def test_a_place_that_cannot_be_written_is_told_once(
    tmp_path: Path, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    state = machine.file(tmp_path / "file")

    for _ in range(3):
        state.save(MEMORY)

    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "going on without it" in caplog.text


def test_a_directory_in_the_place_of_the_file_is_told(
    tmp_path: Path, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state.json").mkdir()

    assert machine.file(tmp_path).load() is None
    assert "cannot be read" in caplog.text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_directory_is_survived(tmp_path: Path, machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    tmp_path.chmod(0o500)
    machine.file(tmp_path).save(MEMORY)

    assert "cannot be written" in caplog.text


def test_a_save_that_breaks_off_leaves_the_old_file(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.file(tmp_path).save(MEMORY)

    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    machine.file(tmp_path).save(replace(MEMORY, limit=16))

    assert machine.file(tmp_path).load() == MEMORY


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({"STATE_DIRECTORY": "/var/lib/x"}, Path("/var/lib/x"), id="given by systemd"),
        pytest.param({"STATE_DIRECTORY": "/var/lib/x:/var/lib/y"}, Path("/var/lib/x"), id="the first of several"),
        pytest.param({}, Path.home() / ".local/state/ev-load-bridge", id="the user's own"),
    ],
)
def test_where_the_file_lives(environment: dict[str, str], expected: Path) -> None:
    assert state_directory(environment) == expected
