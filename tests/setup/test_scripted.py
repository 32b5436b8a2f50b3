"""Setup by flags, without a terminal, on real sockets."""

import stat
import tomllib
from pathlib import Path

import pytest
from doctor.doctor_rig import PASSWORD
from setup.peers import USER, Town, scripted, town

from bridge.settings import load

KEY = "QRTIErOb/fcE9Ukd/5qA3RGYMn0Y+p06U58SCtOXvPc="
OTHER_KEY = "SGVsbG8gSGVsbG8gSGVsbG8gSGVsbG8gSGVsbG8gSGU="  # opens nothing


def written(home: Path) -> Path:
    return home / ".config/ev-load-bridge/settings.toml"


def target(home: Path) -> list[str]:
    return ["--config", str(written(home))]


def test_a_whole_run_writes_what_the_peers_told(peers: Town, home: Path) -> None:
    done = scripted(home, *peers.all(home), *target(home))
    assert done.returncode == 0, done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert max(map(len, done.stdout.replace(str(home), "~").splitlines())) <= 80
    path = written(home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    settings = load(path, {})
    assert (settings.mains.fuse, settings.charger.max_current, settings.fallback_current) == (25, 16, 6)
    assert settings.charger.easee.charger == peers.house.cloud.serial
    assert settings.charger.easee.password.get_secret_value() == PASSWORD
    assert settings.mqtt.port == peers.house.broker.port
    assert path.read_text().count("\n#") > 80  # the template's comments
    assert list(path.parent.iterdir()) == [path]
    assert peers.house.cloud.calls["login"] == 1
    assert not peers.house.cloud.orders


def test_doctor_is_the_end(peers: Town, home: Path) -> None:
    arguments = [flag for flag in peers.all(home) if flag != "--no-doctor"]
    done = scripted(home, *arguments, *target(home))
    assert "Easee login" in done.stdout
    assert "All is well" in done.stdout
    assert done.returncode == 0


def test_again_it_starts_from_what_is_there(peers: Town, home: Path) -> None:
    assert scripted(home, *peers.all(home), *target(home)).returncode == 0
    path = written(home)
    before = path.read_text().replace("# current_l1", 'current_l1 = "P1 current"  # mine\n# current_l1', 1)
    before = before.replace('"P1 current"', '"current_phase_1"')
    path.write_text(before)
    done = scripted(home, "--yes", "--no-doctor", "--margin", "0,7", *target(home))
    assert done.returncode == 0, done.stdout + done.stderr
    after = path.read_text()
    assert "(kept)" in done.stdout
    assert [line for line in after.splitlines() if line not in before.splitlines()] == ["margin = 0.7"]
    assert 'current_l1 = "current_phase_1"  # mine' in after
    backup = path.with_name("settings.toml.bak")
    assert backup.read_text() == before
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_what_is_missing_is_a_line_each(home: Path) -> None:
    done = scripted(home, *target(home))
    assert done.returncode == 2
    nobody, *missing = done.stderr.splitlines()
    assert "no terminal" in nobody
    flags = [line.removeprefix("ev-load-bridge: ").partition(":")[0] for line in missing]
    assert flags == ["--meter-host", "--easee-username", "--easee-password-file", "--fuse", "--mqtt-host", "--yes"]
    assert not written(home).exists()


@pytest.mark.parametrize(
    ("flag", "value", "told"),
    [
        ("--fuse", "250", "out of range: 6 to 100"),
        ("--fuse", "C25", "number of amperes"),
        ("--protection", "fuse", "one of mcb, gg"),
        ("--margin", "20", "out of range"),
        ("--max-current", "16.5", "whole amperes"),
        ("--phases", "L1 L1 L2", "L1 is named twice"),
        ("--phases", "L1 L4 L2", "there is no L4"),
        ("--fallback-current", "3", "0, or 6 to"),
        ("--charger", "EH999999", "not in this account"),
        ("--mqtt-port", "0", "1 to 65535"),
    ],
)
def test_a_wrong_flag_is_told_and_nothing_written(peers: Town, home: Path, flag: str, value: str, told: str) -> None:
    given = peers.all(home)
    if flag in given:
        place = given.index(flag)
        del given[place : place + 2]
    done = scripted(home, *given, flag, value, *target(home))
    assert done.returncode in {1, 2, 78}
    assert told in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert not written(home).exists()


def test_a_wrong_password_is_tried_once(peers: Town, home: Path) -> None:
    peers.house.cloud.accounts.password = "other"
    done = scripted(home, *peers.all(home), *target(home))
    assert done.returncode == 77
    assert peers.house.cloud.calls["login"] == 1
    assert not written(home).exists()


def test_a_ban_ends_it_with_the_time(peers: Town, home: Path) -> None:
    peers.house.cloud.faults.ban(peers.house.cloud.timeline.now)
    done = scripted(home, *peers.all(home), *target(home))
    assert done.returncode == 1
    assert "start setup again at" in done.stderr
    assert sum(peers.house.cloud.calls.values()) == 1


def test_an_encrypted_device(tmp_path: Path, home: Path) -> None:
    from bridge.simulator.esphome_device import EsphomeDevice  # noqa: PLC0415
    from bridge.simulator.variants import CLASSIC  # noqa: PLC0415

    with town(
        tmp_path, lambda house: setattr(house, "device", EsphomeDevice(CLASSIC.sensors, encryption_key=KEY))
    ) as peers:
        key = home / "key"
        key.touch(mode=0o600)
        told = scripted(home, *peers.all(home), *target(home))
        assert (told.returncode, "--meter-key-file" in told.stderr) == (1, True)
        key.write_text(OTHER_KEY)
        told = scripted(home, *peers.all(home), *target(home), "--meter-key-file", str(key))
        assert (told.returncode, "has another key" in told.stderr) == (1, True)
        assert not written(home).exists()
        key.write_text(KEY)
        done = scripted(home, *peers.all(home), *target(home), "--meter-key-file", str(key))
        assert done.returncode == 0, done.stderr
        assert KEY not in done.stdout
    assert tomllib.loads(written(home).read_text())["mains"]["slimmelezer"]["encryption_key"] == KEY


def test_the_password_may_come_from_the_environment(peers: Town, home: Path) -> None:
    given = peers.all(home)
    place = given.index("--easee-password-file")
    del given[place : place + 2]
    done = scripted(home, *given, *target(home), EV_LOAD_BRIDGE__CHARGER__EASEE__PASSWORD=PASSWORD)
    assert done.returncode == 0, done.stderr
    assert load(written(home), {}).charger.easee.username == USER


def test_a_secret_that_everybody_can_read_is_refused(peers: Town, home: Path) -> None:
    given = peers.all(home)
    (home / "password").chmod(0o644)
    done = scripted(home, *given, *target(home))
    assert (done.returncode, "chmod 600" in done.stderr) == (2, True)


def test_a_broker_that_is_not_there(peers: Town, home: Path) -> None:
    given = peers.all(home)
    given[given.index("--mqtt-host") + 1] = "127.0.0.1:1"
    done = scripted(home, *given, *target(home))
    assert done.returncode == 1
    assert "--no-mqtt" in done.stderr
    assert not written(home).exists()
    assert scripted(home, *given, "--no-mqtt", *target(home)).returncode == 0
    assert load(written(home), {}).mqtt.enabled is False


def test_a_meter_that_is_unplugged(peers: Town, home: Path) -> None:
    given = peers.all(home)
    given[given.index("--meter-host") + 1] = "127.0.0.1:1"
    done = scripted(home, *given, *target(home))
    assert done.returncode == 1
    assert "refuses" in done.stderr
    assert sum(peers.house.cloud.calls.values()) == 0


@pytest.mark.parametrize("text", ["fuse = = 1", '[mains]\nmarign = 1\n[mains.slimmelezer]\nhost = "a"\n'])
def test_a_file_that_setup_cannot_mend_is_left_alone(home: Path, text: str) -> None:
    path = home / "own.toml"
    path.write_text(text)
    done = scripted(home, "--config", str(path), "--yes")
    assert done.returncode == 78
    assert "Traceback" not in done.stderr
    assert path.read_text() == text


def test_neither_a_link_nor_the_template_of_a_checkout(home: Path) -> None:
    (home / "real.toml").write_text("")
    (home / "link.toml").symlink_to("real.toml")
    done = scripted(home, "--config", "link.toml", "--yes")
    assert (done.returncode, "is a link" in done.stderr) == (78, True)
    (home / "pyproject.toml").write_text('[project]\nname = "ev-load-bridge"\n')
    done = scripted(home, "--config", "settings.toml", "--yes")
    assert (done.returncode, "template of a checkout" in done.stderr) == (78, True)


def test_line_ends_of_another_system_stay(peers: Town, home: Path) -> None:
    assert scripted(home, *peers.all(home), *target(home)).returncode == 0
    path = written(home)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert scripted(home, "--yes", "--no-doctor", "--margin", "0.7", *target(home)).returncode == 0
    after = path.read_bytes()
    assert after.count(b"\r\n") == after.count(b"\n")
    assert load(path, {}).mains.margin == 0.7
