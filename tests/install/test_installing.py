"""scripts/install and scripts/uninstall: what is laid where, what stays, what goes."""

import re

import pytest
from pretend_machine import ETC, LINK, OPT, REPOSITORY, STATE, UNIT, PretendMachine

SETTINGS = ETC / "settings.toml"
MINE = '[charger.easee]\nusername = "a@example.com"\npassword = "hunter2"\n'


def test_a_first_install_lays_everything_and_says_what_comes_next(machine: PretendMachine) -> None:
    machine.doctor_finds(None, None)
    done = machine.install()
    assert done.status == 0
    assert "sudo nano /etc/ev-load-bridge/settings.toml" in done.told
    assert not machine.is_active
    tree = machine.tree()
    assert tree[str(SETTINGS)] == (0o600, (REPOSITORY / "settings.toml").read_text(encoding="utf-8"))
    assert tree[str(UNIT)] == (0o644, (REPOSITORY / "systemd/ev-load-bridge.service").read_text(encoding="utf-8"))
    assert tree[str(LINK)][1] == "/opt/ev-load-bridge/current/bin/ev-load-bridge"
    assert tree[str(ETC)][0] == 0o755
    assert machine.used() == "releases/0.1.0-1"
    assert not [path for path in tree if path.endswith(("build", "wheel", ".new"))]


def test_the_unit_starts_what_is_installed() -> None:
    unit = (REPOSITORY / "systemd/ev-load-bridge.service").read_text(encoding="utf-8")
    assert re.findall(r"^ExecStart=(\S+)", unit, flags=re.MULTILINE) == [f"/{OPT}/current/bin/ev-load-bridge"]


def test_once_more_changes_nothing(machine: PretendMachine) -> None:
    machine.install()
    before = machine.tree()
    machine.asked()
    done = machine.install()
    assert (done.status, "nothing to do" in done.told) == (0, True)
    assert machine.tree() == before
    assert not {"restart ev-load-bridge", "stop ev-load-bridge"} & set(machine.asked())


def test_filled_settings_are_kept_and_the_service_started(machine: PretendMachine) -> None:
    machine.write(SETTINGS, MINE)
    (machine.root / SETTINGS).chmod(0o600)
    done = machine.install()
    assert (done.status, machine.is_active) == (0, True)
    assert machine.tree()[str(SETTINGS)] == (0o600, MINE)
    assert "enable -q ev-load-bridge" in machine.asked()


def test_a_service_somebody_disabled_is_not_started(machine: PretendMachine) -> None:
    machine.install()
    machine.play("enabled", "disabled")
    machine.release("0.2.0")
    machine.asked()
    assert "the service is disabled" in machine.install().told
    assert machine.used() == "releases/0.2.0-2"
    assert "restart ev-load-bridge" not in machine.asked()


def test_secrets_become_credentials(machine: PretendMachine) -> None:
    machine.write(SETTINGS, MINE)
    (machine.root / SETTINGS).chmod(0o600)
    done = machine.install("--credentials")
    assert done.status == 0
    assert "hunter2" not in machine.text(SETTINGS) + done.told
    name = "charger.easee.password"
    assert machine.tree()[str(ETC / "credentials" / name)] == (0o600, "hunter2\n")
    dropped = machine.text(UNIT.with_name(f"{UNIT.name}.d") / "credentials.conf")
    assert dropped == f"[Service]\nLoadCredential={name}:/etc/ev-load-bridge/credentials/{name}\n"


@pytest.mark.parametrize("what", ["no-index", "does-not-start"])
def test_a_program_that_cannot_be_made_leaves_the_old_one_alone(machine: PretendMachine, what: str) -> None:
    machine.install()
    before = machine.tree()
    machine.release("0.2.0")
    machine.play(what)
    machine.asked()
    done = machine.install()
    assert (done.status, "nothing was changed" in done.told) == (1, True)
    assert machine.tree() == before
    assert machine.asked() == []


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"PLAYED_USER": "1000"}, "must run as root"),
        ({"PLAYED_MACHINE": "armv6l"}, "too old"),
        ({"DESTDIR": "/nowhere/at/all"}, "systemd does not run"),
    ],
)
def test_an_unfit_machine_is_refused(machine: PretendMachine, environment: dict[str, str], told: str) -> None:
    before = machine.tree()
    done = machine.install(**environment)
    assert (done.status, told in done.told) == (1, True)
    assert machine.tree() == before


def test_help_and_a_typing_error(machine: PretendMachine) -> None:
    assert machine.install("--help").status == 0
    wrong = machine.install("--credential")
    assert (wrong.status, "sudo scripts/install --credentials" in wrong.told) == (2, True)


def test_uninstall_leaves_nothing(machine: PretendMachine) -> None:
    for folder in (LINK.parent, UNIT.parent, OPT.parent, STATE.parent.parent):
        (machine.root / folder).mkdir(parents=True, exist_ok=True)
    before = machine.tree()
    machine.write(SETTINGS, MINE)
    machine.install("--credentials")
    machine.write(STATE, "{}")
    (machine.root / "var/lib/ev-load-bridge").symlink_to("private/ev-load-bridge")
    machine.asked()
    assert machine.run("uninstall", "--yes").status == 0
    assert machine.tree() == before
    assert machine.asked()[0] == "disable -q --now ev-load-bridge"


def test_uninstall_asks_and_can_keep_the_settings(machine: PretendMachine) -> None:
    machine.install()
    before = machine.tree()
    assert machine.run("uninstall", answer="\n").status == 1
    assert machine.tree() == before
    assert machine.run("uninstall", "--keep-settings", answer="y\n").status == 0
    left = {path for path in machine.tree() if (machine.root / path).is_file()}
    assert left == {str(SETTINGS)}


def test_uninstall_removes_nothing_while_the_service_cannot_be_stopped(machine: PretendMachine) -> None:
    machine.install()
    before = machine.tree()
    machine.play("hangs")
    assert machine.run("uninstall", "--yes").status == 1
    assert machine.tree() == before


def test_the_documented_options_exist() -> None:
    told = (REPOSITORY / "docs/install.md").read_text(encoding="utf-8")
    named = set(re.findall(r"sudo scripts/(\w+)((?: --[a-z-]+)*)", told))
    assert {script for script, _ in named} == {"install", "uninstall"}
    for script, options in named:
        text = (REPOSITORY / "scripts" / script).read_text(encoding="utf-8")
        assert all(f"{option})" in text for option in options.split())
