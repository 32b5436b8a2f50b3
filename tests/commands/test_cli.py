"""The real command as its users meet it: exit statuses, and one line on stderr per problem."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from bridge import __version__, cli
from bridge.errors import (
    BridgeError,
    DeviceUnavailableError,
    LoginRejectedError,
    SettingsError,
    UnsuitableError,
    exit_code,
)

SECRET = "correct-horse-battery-staple"
TEMPLATE = Path(__file__).parents[2] / "settings.toml"
GOOD = f"""
[mains]
fuse = 25
margin = 0.5
[mains.slimmelezer]
host = "127.0.0.1"
[charger]
max_current = 16
[charger.easee]
username = "owner@example.org"
password = "{SECRET}"
"""
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Run `python -m bridge …` in an empty folder with an empty environment."""

    def _run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 our own command
            [sys.executable, "-m", "bridge", *arguments],
            env={
                "HOME": str(tmp_path),
                "CONFIGURATION_DIRECTORY": str(tmp_path / "nowhere"),
                "PYTHONPATH": str(TEMPLATE.parent),
                "COLUMNS": "200",
                **environ,
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return _run


def settings_file(folder: Path, text: str, mode: int = 0o600) -> str:
    path = folder / "given.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return str(path)


def lines_of(done: subprocess.CompletedProcess[str]) -> Sequence[str]:
    assert done.returncode == os.EX_CONFIG
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


REPLACED = [
    # replaced in the good file, by; what the line tells: key, problem, cure
    pytest.param("fuse = 25", "fuse = 0", ["mains.fuse", "is not filled in", "for instance 25"], id="fuse 0"),
    pytest.param(
        "margin = 0.5", "margin = 25", ["mains.margin", "not below the fuse", "0.1 to 1"], id="margin is the fuse"
    ),
    pytest.param("fuse = 25", 'fuse = "x"', ["mains.fuse", "must be a number", "without quotes"], id="wrong type"),
    pytest.param(
        "margin = 0.5", "marign = 1", ["mains.marign", "unknown key", "did you mean margin?"], id="unknown key"
    ),
    pytest.param(
        "_current = 16", "_current = 16\nminimum_current = 17", ["charger.minimum_current", "lower"], id="min"
    ),
    pytest.param(
        "_current = 16", '_current = 16\nphases = ["L1", "L1", "L2"]', ["charger.phases", "twice"], id="L1 L1"
    ),
    pytest.param("_current = 16", '_current = 16\nphases = ["L1", "L3"]', ["charger.phases", "three"], id="L2 missing"),
    pytest.param("_current = 16", "_current = 16\ntime_to_live = 31", ["charger.time_to_live", "1 to 30"], id="ttl"),
    pytest.param('"127.0.0.1"', f'"a"\nencryption_key = "{SECRET}"', ["encryption_key", "base64"], id="bad key"),
    pytest.param("[mains.slimmelezer]", "[mains.mqtt]", ["mains.slimmelezer", "is missing"], id="no meter"),
    pytest.param("[charger]", "[mains.mqtt]\n[charger]", ["mains.mqtt", "exactly one"], id="two meters"),
    pytest.param("fuse = 25", "fuse = = 25", ["at line 3", "correct that line"], id="broken TOML"),
]


@pytest.mark.parametrize(("good", "bad", "told"), REPLACED)
def test_unfit_settings_end_the_service_with_a_line(
    command: Command, tmp_path: Path, good: str, bad: str, told: list[str]
) -> None:
    assert good in GOOD
    done = command("run", "--config", settings_file(tmp_path, GOOD.replace(good, bad)))
    lines = lines_of(done)
    assert any(all(word in line for word in told) for line in lines), lines


def test_a_fresh_clone_says_what_to_fill_in(command: Command, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(TEMPLATE.read_bytes())
    keys = [line.split(": ")[2] for line in lines_of(command("run"))]
    assert keys == [
        "mains.fuse",
        "mains.slimmelezer.host",
        "charger.max_current",
        "charger.easee.username",
        "charger.easee.password",
    ]


def test_several_problems_are_all_listed(command: Command, tmp_path: Path) -> None:
    secret_file = tmp_path / "secret"
    secret_file.write_text(SECRET)
    secret_file.chmod(0o644)
    text = GOOD.replace("fuse = 25", "fuse = 5").replace(f'password = "{SECRET}"', 'password_file = "secret"')
    done = command(
        "run",
        "--config",
        settings_file(tmp_path, text),
        EV_LOAD_BRIDGE__MQTT__PORT="[",
        EV_LOAD_BRIDGE__MQTT__PASWORD=SECRET,
    )
    lines = lines_of(done)
    assert len(lines) == 4
    assert "EV_LOAD_BRIDGE__MQTT__PASWORD: sets nothing; did you mean EV_LOAD_BRIDGE__MQTT__PASSWORD?" in lines[0]
    assert "charger.easee.password_file: everybody can read" in lines[1]
    assert "chmod 600" in lines[1]
    assert "mains.fuse: must be at least 6" in lines[2]
    assert "EV_LOAD_BRIDGE__MQTT__PORT (mqtt.port): must be a whole number" in lines[3]


def test_a_missing_file_is_a_line(command: Command) -> None:
    (line,) = lines_of(command("run", "--config", "nowhere.toml"))
    assert (
        line
        == "ev-load-bridge: nowhere.toml: no such settings file; give another --config; ev-load-bridge setup writes one"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_a_line(command: Command, tmp_path: Path) -> None:
    (line,) = lines_of(command("run", "--config", settings_file(tmp_path, GOOD, mode=0)))
    assert "cannot be read (Permission denied); run as its owner" in line


def test_recording_needs_settings_too(command: Command, tmp_path: Path) -> None:
    done = command("record", "--config", settings_file(tmp_path, ""), "--out", "telegrams.csv")
    assert any("mains.slimmelezer: is missing" in line for line in lines_of(done))
    assert not (tmp_path / "telegrams.csv").exists()


def test_a_recording_that_cannot_be_written_is_a_line(command: Command, tmp_path: Path) -> None:
    done = command("record", "--config", settings_file(tmp_path, GOOD), "--out", "nowhere/telegrams.csv")
    assert done.returncode == 1
    assert done.stderr == (
        "ev-load-bridge: nowhere/telegrams.csv: cannot be written (No such file or directory); name another file\n"
    )


def test_the_version_is_shown(command: Command) -> None:
    done = command("--version")
    assert (done.returncode, done.stdout) == (0, f"ev-load-bridge {__version__}\n")


@pytest.mark.parametrize("name", ["run", "demo", "record"])
def test_help_tells_of_each_command(command: Command, name: str) -> None:
    done = command(name, "--help")
    assert done.returncode == 0
    assert f"ev-load-bridge {name}" in done.stdout


def test_help_loads_no_vendor(command: Command) -> None:
    done = command("--help", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "typer" in loaded
    assert loaded & {"aiohttp", "aioesphomeapi", "pyeasee", "aiomqtt", "amqtt", "pydantic"} == set()


def test_the_service_as_systemd_starts_it_loads_no_command_line(command: Command, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(TEMPLATE.read_bytes())
    done = command("run", PYTHONPROFILEIMPORTTIME="1")
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "bridge" in loaded
    assert loaded & {"typer", "rich", "difflib"} == set()


def test_options_make_no_difference_to_what_is_told(command: Command, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(TEMPLATE.read_bytes())
    assert lines_of(command("run")) == lines_of(command("run", "--config", "settings.toml", "--dry-run"))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(SettingsError(["a", "b"]), 78, id="settings"),
        pytest.param(UnsuitableError("easee", "an IT grid"), 78, id="installation"),
        pytest.param(LoginRejectedError("easee", "wrong password"), 77, id="login"),
        pytest.param(DeviceUnavailableError("broker", "gone"), 1, id="device"),
        pytest.param(
            ExceptionGroup("", [DeviceUnavailableError("a", "b"), LoginRejectedError("a", "b")]), 77, id="both"
        ),
    ],
)
def test_an_expected_error_is_a_line_and_a_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, status: int
) -> None:
    assert run_with(monkeypatch, error) == status
    told = capsys.readouterr().err.splitlines()
    assert len(told) == (2 if isinstance(error, SettingsError) else 1)
    assert all(line.startswith("ev-load-bridge: ") for line in told)


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError):
        run_with(monkeypatch, ZeroDivisionError())
    with pytest.raises(ExceptionGroup):
        run_with(monkeypatch, ExceptionGroup("", [ZeroDivisionError(), SettingsError(["a"])]))


def test_a_bug_is_status_1() -> None:
    assert exit_code(ZeroDivisionError()) == 1
    assert exit_code(BridgeError()) == 1


def test_a_missing_extra_is_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "bridge.commands.demo", Missing("amqtt"))
    assert run_arguments("demo") == 1
    assert capsys.readouterr().err == (
        "ev-load-bridge: the demo needs amqtt: pip install 'ev-load-bridge[demo]', or start scripts/demo\n"
    )


def test_another_missing_module_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bridge.commands.demo", Missing("bridge.simulator.gone"))
    with pytest.raises(ModuleNotFoundError):
        run_arguments("demo")


class Missing(ModuleType):
    """A module that cannot be loaded for want of another."""

    def __init__(self, name: str) -> None:
        super().__init__("bridge.commands.demo")
        self._missing = name

    def __getattr__(self, _name: str) -> object:
        raise ModuleNotFoundError(name=self._missing)


def run_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> int:
    def fail(*_: object, **__: object) -> int:
        raise error

    module = ModuleType("bridge.commands.run")
    module.run = fail  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bridge.commands.run", module)
    return run_arguments("run")


def run_arguments(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.app(list(arguments), prog_name="ev-load-bridge")
    status = ended.value.code
    assert isinstance(status, int)
    return status
