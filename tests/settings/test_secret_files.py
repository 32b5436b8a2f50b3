"""Secrets in files of their own and in systemd credentials."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.settings import Settings, load

SECRET = "correct-horse-battery-staple"
GOOD = f"""
[mains]
fuse = 25
[mains.slimmelezer]
host = "slimmelezer.local"
[charger]
max_current = 16
[charger.easee]
username = "owner@example.org"
password = "{SECRET}"
"""
Load = Callable[..., Settings]
Problems = Callable[..., tuple[str, ...]]


@pytest.fixture
def secret_file(tmp_path: Path) -> Callable[..., str]:
    def _write(content: bytes = SECRET.encode() + b"\n", mode: int = 0o600, name: str = "secret") -> str:
        path = tmp_path / name
        path.write_bytes(content)
        path.chmod(mode)
        return str(path)

    return _write


def test_a_secret_may_lie_in_a_file(settings: Load, secret_file: Callable[..., str]) -> None:
    loaded = settings(charger__easee__password=None, charger__easee__password_file=secret_file())
    assert loaded.charger.easee.password.get_secret_value() == SECRET


def test_a_relative_name_counts_from_the_settings_file(settings: Load, secret_file: Callable[..., str]) -> None:
    secret_file(name="mqtt-password")
    loaded = settings(mqtt__username="bridge", mqtt__password_file="mqtt-password")
    assert loaded.mqtt.password is not None
    assert loaded.mqtt.password.get_secret_value() == SECRET


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        pytest.param(b"x", 0o644, "everybody can read", id="world-readable"),
        pytest.param(b"x", 0o602, "or write it; chmod 600", id="world-writable"),
        pytest.param(b"\r\n", 0o600, "must hold the secret alone", id="an empty line"),
        pytest.param(b"", 0o600, "must hold the secret alone", id="empty"),
        pytest.param(b"a\nb\n", 0o600, "must hold the secret alone", id="two lines"),
        pytest.param(b"\xff\xfe", 0o600, "is not UTF-8", id="not UTF-8"),
        pytest.param(b"x" * 5000, 0o600, "longer than 4096 bytes", id="too long"),
    ],
)
def test_an_unfit_secret_file_is_one_line(
    problems: Problems, secret_file: Callable[..., str], content: bytes, mode: int, told: str
) -> None:
    name = secret_file(content, mode)
    (line,) = problems(charger__easee__password=None, charger__easee__password_file=name)
    assert "charger.easee.password_file: " in line
    assert told in line


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n"])
def test_line_ends_are_not_part_of_the_secret(settings: Load, secret_file: Callable[..., str], end: bytes) -> None:
    name = secret_file(b" " + SECRET.encode() + b" " + end)
    loaded = settings(charger__easee__password=None, charger__easee__password_file=name)
    assert loaded.charger.easee.password.get_secret_value() == f" {SECRET} ", "a space may be"


def test_a_link_is_followed_and_what_it_leads_to_is_checked(
    settings: Load, problems: Problems, secret_file: Callable[..., str], tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(secret_file())
    changes = {"charger__easee__password": None, "charger__easee__password_file": str(link)}
    assert settings(**changes).charger.easee.password.get_secret_value() == SECRET
    secret_file(mode=0o644)
    (line,) = problems(**changes)
    assert "everybody can read" in line


def test_a_link_to_itself_is_told(problems: Problems, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "link")
    (line,) = problems(charger__easee__password=None, charger__easee__password_file="link")
    assert "cannot be read (Too many levels of symbolic links)" in line


def test_a_huge_file_is_not_read_whole(problems: Problems, tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(10_000_000_000)
    (tmp_path / "huge").chmod(0o600)
    (line,) = problems(charger__easee__password=None, charger__easee__password_file="huge")
    assert "is longer than 4096 bytes" in line


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/tty", "/dev/full"])
def test_a_device_is_no_secret_file(problems: Problems, device: str) -> None:
    (line,) = problems(charger__easee__password=None, charger__easee__password_file=device)
    assert "is no regular file" in line


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_secret_file_of_another_user_is_warned_of(settings: Load, secret_file: Callable[..., str]) -> None:
    name = secret_file()
    os.chown(name, 12345, -1)
    (told,) = settings(charger__easee__password=None, charger__easee__password_file=name).warnings
    assert "charger.easee.password_file: " in told
    assert "belongs to another user (12345), who can change it; chown" in told


def test_a_missing_secret_file_is_told(problems: Problems) -> None:
    (line,) = problems(charger__easee__password=None, charger__easee__password_file=SECRET)
    assert "charger.easee.password_file: cannot be read (No such file or directory); correct the name" in line
    assert SECRET not in line, "somebody wrote the password where the name of its file belongs"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_secret_file_is_told(problems: Problems, secret_file: Callable[..., str]) -> None:
    (line,) = problems(charger__easee__password=None, charger__easee__password_file=secret_file(mode=0))
    assert "cannot be read (Permission denied)" in line


def test_a_folder_is_no_secret_file(problems: Problems, tmp_path: Path) -> None:
    (line,) = problems(charger__easee__password=None, charger__easee__password_file=str(tmp_path))
    assert "is no regular file" in line


def test_a_pipe_does_not_block_the_start(problems: Problems, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (line,) = problems(charger__easee__password=None, charger__easee__password_file="pipe")
    assert "is no regular file" in line


def test_a_secret_given_twice_is_told(problems: Problems, secret_file: Callable[..., str]) -> None:
    (line,) = problems(charger__easee__password_file=secret_file())
    assert "charger.easee.password_file: is given and so is charger.easee.password; keep one" in line


def test_a_bad_key_in_a_file_is_told(problems: Problems, secret_file: Callable[..., str]) -> None:
    (line,) = problems(mains__slimmelezer__encryption_key_file=secret_file())
    assert "mains.slimmelezer.encryption_key: is no ESPHome encryption key" in line
    assert SECRET not in line


def test_the_environment_wins_over_the_other_form(settings: Load, secret_file: Callable[..., str]) -> None:
    loaded = settings({"EV_LOAD_BRIDGE__CHARGER__EASEE__PASSWORD_FILE": secret_file()})
    assert loaded.charger.easee.password.get_secret_value() == SECRET
    loaded = settings(
        {"EV_LOAD_BRIDGE__CHARGER__EASEE__PASSWORD": "other"},
        charger__easee__password=None,
        charger__easee__password_file="nowhere",
    )
    assert loaded.charger.easee.password.get_secret_value() == "other"


def test_a_world_readable_tls_key_is_refused(problems: Problems, secret_file: Callable[..., str]) -> None:
    certificate, key = secret_file(name="cert"), secret_file(mode=0o644, name="key")
    (line,) = problems(mqtt__tls=True, mqtt__client_cert=certificate, mqtt__client_key=key)
    assert "mqtt.client_key: everybody can read" in line


def test_certificates_may_be_read_by_all_and_need_tls(
    settings: Load, problems: Problems, secret_file: Callable[..., str]
) -> None:
    authority = secret_file(mode=0o644, name="ca")
    assert settings(mqtt__tls=True, mqtt__ca_file=authority).mqtt.ca_file == Path(authority)
    (line,) = problems(mqtt__ca_file=authority)
    assert "mqtt.ca_file: does nothing without TLS; set tls = true" in line
    (line,) = problems(mqtt__tls=True, mqtt__client_key=secret_file(name="key"))
    assert "mqtt.client_cert: is missing" in line


def test_credentials_of_systemd_are_used_and_trusted(settings: Load, tmp_path: Path) -> None:
    directory = tmp_path / "credentials"
    directory.mkdir()
    (directory / "charger.easee.password").write_text(SECRET)
    (directory / "something.else").write_text("x")
    (directory / "mqtt.port").write_bytes(b"\xff\x00")
    loaded = settings({"CREDENTIALS_DIRECTORY": str(directory)}, charger__easee__password="other")
    assert loaded.charger.easee.password.get_secret_value() == SECRET


def test_a_key_may_be_a_credential_beside_the_settings(write: Callable[[str], Path], tmp_path: Path) -> None:
    names = ("mqtt.crt", "mqtt.key")
    for name in names:
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o444)
    text = 'tls = true\nclient_cert = "mqtt.crt"\nclient_key = "mqtt.key"\n'
    write(f"{GOOD}[mqtt]\n{text}")
    loaded = load(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert [loaded.mqtt.client_cert, loaded.mqtt.client_key] == [tmp_path / name for name in names]
    assert loaded.warnings == ()


def test_an_unfit_credential_goes_by_its_name(problems: Problems, tmp_path: Path) -> None:
    (tmp_path / "mqtt.password").write_bytes(b"")
    (line,) = problems({"CREDENTIALS_DIRECTORY": str(tmp_path)}, mqtt__username="bridge")
    assert line.startswith("credential mqtt.password: must hold the secret alone")


def test_no_credentials_at_all_do_no_harm(settings: Load, tmp_path: Path) -> None:
    assert settings({"CREDENTIALS_DIRECTORY": str(tmp_path / "nowhere")}).warnings == ()


def test_the_environment_wins_over_a_credential(settings: Load, tmp_path: Path) -> None:
    (tmp_path / "charger.easee.password").write_text("other")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "EV_LOAD_BRIDGE__CHARGER__EASEE__PASSWORD": SECRET}
    assert settings(environ).charger.easee.password.get_secret_value() == SECRET


def test_settings_that_are_a_credential_go_by_their_name(settings: Load, tmp_path: Path) -> None:
    settings()
    path = tmp_path / "settings.toml"
    path.chmod(0o444)
    loaded = load(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert loaded.path == path
    assert loaded.warnings == ()
