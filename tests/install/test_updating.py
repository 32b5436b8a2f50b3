"""An update is taken back where it is worse than what was there; settings and state stay."""

import pytest
from pretend_machine import ETC, OPT, STATE, UNIT, PretendMachine

OLD = '{"version": 1, "limit": 13}'
MINE = "# mine\n"


@pytest.fixture
def running(machine: PretendMachine) -> PretendMachine:
    machine.write(ETC / "settings.toml", MINE)
    machine.write(STATE, OLD)
    assert machine.install().status == 0
    machine.release("0.2.0")
    machine.asked()
    return machine


def assert_as_before(machine: PretendMachine) -> None:
    assert machine.used() == "releases/0.1.0-1"
    assert machine.is_active
    assert machine.text(ETC / "settings.toml") == MINE
    assert machine.text(STATE) == OLD
    assert not (machine.root / OPT / "releases/0.2.0-2").exists()


def test_a_good_update_is_taken(running: PretendMachine) -> None:
    assert running.install().status == 0
    assert (running.used(), running.used("previous")) == ("releases/0.2.0-2", "releases/0.1.0-1")
    assert running.is_active
    assert running.text(STATE) == OLD


def test_two_releases_are_kept(running: PretendMachine) -> None:
    for version in ("0.2.0", "0.3.0", "0.4.0"):
        running.release(version)
        assert running.install().status == 0
    kept = {path.name for path in (running.root / OPT / "releases").iterdir()}
    assert kept == {"0.3.0-3", "0.4.0-4"}


def test_what_was_to_be_mended_before_is_no_reason_to_go_back(running: PretendMachine) -> None:
    running.doctor_finds(["broker", "offline current"], ["offline current"])
    done = running.install()
    assert (done.status, running.used()) == (0, "releases/0.2.0-2")
    assert "offline current: the offline current" in done.told


def test_what_is_worse_is_taken_back(running: PretendMachine) -> None:
    running.doctor_finds(["broker"], ["Easee login", "broker"])
    done = running.install()
    assert done.status == 1
    assert "Going back to releases/0.1.0-1: doctor: Easee login: the Easee login" in done.told
    assert_as_before(running)


def test_what_does_not_become_ready_is_taken_back(running: PretendMachine) -> None:
    running.play("refuses", "releases/0.2.0-2\n")
    done = running.install()
    assert (done.status, "did not become ready" in done.told) == (1, True)
    assert_as_before(running)


def test_what_crashes_is_taken_back(running: PretendMachine) -> None:
    running.play("crashes")
    done = running.install()
    assert (done.status, "crashed" in done.told) == (1, True)
    assert_as_before(running)


@pytest.mark.parametrize("signal", ["INT", "TERM", "HUP"])
def test_an_interrupted_update_is_taken_back(running: PretendMachine, signal: str) -> None:
    running.play("interrupts", signal)
    done = running.install()
    assert done.status == 1
    assert_as_before(running)


def test_a_state_that_the_older_program_cannot_read_is_taken_back_too(running: PretendMachine) -> None:
    running.doctor_finds([], ["meter"])
    running.play("writes", '{"version": 2, "limit": 14}')
    assert running.install().status == 1
    assert_as_before(running)


def test_a_state_that_it_can_read_is_the_better_memory(running: PretendMachine) -> None:
    running.doctor_finds([], ["meter"])
    running.play("writes", newer := '{"version": 1, "limit": 14}')
    assert running.install().status == 1
    assert running.text(STATE) == newer


def test_settings_that_the_new_program_refuses_do_not_stop_the_old_one(running: PretendMachine) -> None:
    running.doctor_finds(None, None)
    done = running.install()
    assert (done.status, "the old one runs on" in done.told) == (1, True)
    assert_as_before(running)
    assert "restart ev-load-bridge" not in running.asked()


def test_rollback_goes_back_and_forth(running: PretendMachine) -> None:
    running.install()
    assert running.install("--rollback").status == 0
    assert (running.used(), running.used("previous")) == ("releases/0.1.0-1", "releases/0.2.0-2")
    assert running.install("--rollback").status == 0
    assert running.used() == "releases/0.2.0-2"


def test_without_a_release_before_there_is_no_rollback(running: PretendMachine) -> None:
    done = running.install("--rollback")
    assert (done.status, "no release before" in done.told) == (1, True)
    assert running.is_active


def test_an_environment_as_it_was_laid_out_before_releases_is_replaced(machine: PretendMachine) -> None:
    for name in ("bin/ev-load-bridge", "pyvenv.cfg", "lib/x"):
        machine.write(OPT / name, "old")
    machine.write(UNIT, "old unit")
    machine.play("active")
    machine.play("refuses", "releases/0.1.0-1\n")
    assert machine.install().status == 1
    assert (machine.used(), machine.text(UNIT)) == (".", "old unit")
    machine.play("refuses")
    assert machine.install().status == 0
    assert machine.used("previous") == "."
    machine.release("0.2.0")
    assert machine.install().status == 0
    assert not (machine.root / OPT / "pyvenv.cfg").exists()
