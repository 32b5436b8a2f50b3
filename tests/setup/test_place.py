"""Which file is written, and what is said of others."""

from pathlib import Path

import pytest

from bridge.commands.setup import authority
from bridge.commands.setup.authority import Encryption
from bridge.commands.setup.place import SERVICE, remarks, target
from bridge.errors import SettingsError

PEM = "-----BEGIN CERTIFICATE-----\nQUJD\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_root_writes_for_the_service_and_others_for_themselves(folder: Path) -> None:
    (folder / "settings.toml").touch()
    (folder / "pyproject.toml").write_text('name = "ev-load-bridge"')
    assert target(None, {"HOME": str(folder)}, is_root=True) == SERVICE
    assert target(None, {"HOME": str(folder)}, is_root=False) == folder / ".config/ev-load-bridge/settings.toml"


def test_in_a_checkout_it_is_said_that_the_template_stays(folder: Path) -> None:
    service = folder / "etc.toml"
    assert list(remarks(service, service)) == []
    (folder / "settings.toml").touch()
    [line] = remarks(service, service)
    assert line.startswith(f"{folder / 'settings.toml'} is another file")
    assert list(remarks(folder / "settings.toml", service)) == []


def test_who_does_not_write_what_the_service_reads_is_told_so(folder: Path) -> None:
    service = folder / "etc.toml"
    assert list(remarks(folder / "mine.toml", service)) == []
    service.touch()
    [line] = remarks(folder / "mine.toml", service)
    assert "sudo ev-load-bridge setup" in line
    assert list(remarks(service, service)) == []


def test_an_authority_may_lie_beside_the_settings_or_here(folder: Path) -> None:
    settings = folder / "etc"
    settings.mkdir()
    (settings / "beside.crt").write_text(PEM)
    (folder / "here.crt").write_text(PEM)
    assert authority.read("no", settings) == Encryption(is_encrypted=False)
    assert authority.read(" Yes", settings) == Encryption(is_encrypted=True)
    assert authority.read("beside.crt", settings).file == str(settings / "beside.crt")
    assert authority.read("beside.crt", settings, "beside.crt").file == "beside.crt"
    assert authority.read("here.crt", settings).file == str(folder / "here.crt")


@pytest.mark.parametrize(("text", "told"), [("nope.crt", "there is no file"), ("empty", "holds no certificate")])
def test_what_is_no_authority_is_refused(folder: Path, text: str, told: str) -> None:
    (folder / "empty").touch()
    with pytest.raises(ValueError, match=told):
        authority.read(text, folder)


def test_an_authority_that_the_service_may_not_read_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority, "SYSTEM", folder)
    monkeypatch.setattr(authority, "UNSEEN", (folder / "home",))
    (folder / "home").mkdir()
    for name, mode in (("home/ca.crt", 0o644), ("ca.crt", 0o600)):
        (folder / name).write_text(PEM)
        (folder / name).chmod(mode)
        with pytest.raises(ValueError, match="sudo install -m 644"):
            authority.read(str(folder / name), folder)
    (folder / "ca.crt").chmod(0o644)
    assert authority.read("ca.crt", folder).file == str(folder / "ca.crt")


def test_a_place_that_cannot_be_looked_at_is_told_and_no_traceback(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")
    for path in (folder / "loop/settings.toml", folder / ("a" * 300)):
        with pytest.raises(SettingsError, match="give another --config"):
            target(path, {"HOME": str(folder)})


def test_a_neighbour_that_is_no_text_says_nothing_of_a_checkout(folder: Path) -> None:
    (folder / "pyproject.toml").write_bytes(b'name = "\xff"')
    assert target(folder / "settings.toml", {}) == folder / "settings.toml"


def test_without_a_home_a_place_must_be_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathlib.Path.expanduser", _homeless)
    with pytest.raises(SettingsError, match="--config"):
        target(None, {}, is_root=False)
    assert target(folder / "settings.toml", {}, is_root=False) == folder / "settings.toml"


def _homeless(_: Path) -> Path:
    raise RuntimeError("Could not determine home directory.")


def test_a_folder_that_is_gone_has_no_other_settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert list(remarks(SERVICE)) == []
    with pytest.raises(SettingsError, match="give another --config"):
        target(Path("settings.toml"), {})
