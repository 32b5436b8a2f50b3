"""Secrets leave settings.toml; the service and root's commands still find them."""

import stat
from pathlib import Path

import pytest

from bridge.errors import SettingsError
from bridge.settings import load
from bridge.settings.moving import move_secrets

TEXT = """\
# mine
[mains]
fuse = 25

[mains.slimmelezer]
host = "meter"

[charger]
max_current = 16

[charger.easee]  # the app's account
username = "a@example.com"
password = "hunter2 # no comment = \\"x\\""  # opens nothing
# password_file = ""

[mqtt]
username = "bridge"
password = 'other'
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0o600)
    return path


def passwords(path: Path, environ: dict[str, str]) -> list[str | None]:
    read = load(path, environ)
    secrets = (read.charger.easee.password, read.mqtt.password)
    return [secret.get_secret_value() if secret else None for secret in secrets]


def test_no_secret_is_left_and_root_still_finds_them(settings: Path) -> None:
    before = passwords(settings, {})
    assert move_secrets(settings, "credentials") == ["charger.easee.password", "mqtt.password"]
    text = settings.read_text(encoding="utf-8")
    assert "hunter2" not in text
    assert "other" not in text
    assert text.startswith("# mine\n")
    assert passwords(settings, {}) == before
    assert not load(settings, {}).warnings


def test_the_service_finds_what_systemd_hands_over(settings: Path, tmp_path: Path) -> None:
    before = passwords(settings, {})
    move_secrets(settings, "credentials")
    handed = tmp_path / "handed"  # as LoadCredential= lays it out: one folder, no sub-folder
    handed.mkdir()
    for file in (settings, *(tmp_path / "credentials").iterdir()):
        (handed / file.name).write_bytes(file.read_bytes())
    assert passwords(handed / "settings.toml", {"CREDENTIALS_DIRECTORY": str(handed)}) == before


def test_nobody_else_can_read_them(settings: Path) -> None:
    move_secrets(settings, "credentials")
    folder = settings.parent / "credentials"
    modes = {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert (stat.S_IMODE(folder.stat().st_mode), modes) == (0o700, {0o600})
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600


def test_a_second_time_changes_nothing(settings: Path) -> None:
    move_secrets(settings, "credentials")
    text = settings.read_bytes()
    assert move_secrets(settings, "credentials") == []
    assert settings.read_bytes() == text


@pytest.mark.parametrize(
    "odd",
    [
        'charger.easee.password = "x"\n',
        '[charger]\neasee = {password = "x"}\n',
        '[charger.easee]\npassword = """\nx"""\n',
        "[charger.easee]\npassword = \n",
    ],
)
def test_what_is_laid_out_otherwise_stays(settings: Path, odd: str) -> None:
    settings.write_text(odd, encoding="utf-8")
    with pytest.raises(SettingsError):
        move_secrets(settings, "credentials")
    assert settings.read_text(encoding="utf-8") == odd


def test_a_folder_that_cannot_be_made_is_told_and_nothing_lost(settings: Path) -> None:
    (settings.parent / "credentials").write_text("in the way", encoding="utf-8")
    with pytest.raises(SettingsError, match="cannot be moved"):
        move_secrets(settings, "credentials")
    assert settings.read_text(encoding="utf-8") == TEXT
