"""Values go into a settings file, and everything else stays; a file is written as a whole or not at all."""

import os
import stat
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from bridge.commands.setup.sheet import FUSE, HOST, MAXIMUM, PASSWORD, PHASES, USERNAME, Sheet, template
from bridge.errors import SettingsError
from bridge.settings import writing
from bridge.settings.filling import fill
from bridge.settings.writing import write

TRACKED = Path(__file__).parents[2] / "settings.toml"


def test_the_template_in_the_package_is_the_tracked_one() -> None:
    assert (files("bridge.settings") / "template.toml").read_bytes() == TRACKED.read_bytes()


def test_a_written_file_says_so() -> None:
    assert "Copy this file" not in template()
    assert "Written by `ev-load-bridge setup`" in template()
    assert template().partition("[mains]")[2] == TRACKED.read_text().partition("[mains]")[2]


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("[mains]\nfuse = 0  # rating\n", 25, "[mains]\nfuse = 25  # rating\n"),
        ("[mains]\n# fuse = 0\nx = 1\n", 25, "[mains]\n# fuse = 0\nfuse = 25\nx = 1\n"),
        ("[mains]\r\nx = 1\r\n", 25, "[mains]\r\nfuse = 25\r\nx = 1\r\n"),
        ("[mains] # all", 25, "[mains] # all\nfuse = 25\n"),
        ("x = 1\n", 25, "x = 1\n\n[mains]\nfuse = 25\n"),
        ("[mains]\nfuse = [\n 1,\n]\ny = 2\n", 25, "[mains]\nfuse = 25\ny = 2\n"),
        ("[mains]\nfuse = 1\ny = 2\n", None, "[mains]\ny = 2\n"),
        ("[mains.slimmelezer]\nfuse = 1\n[mains]\n", 0.5, "[mains.slimmelezer]\nfuse = 1\n[mains]\nfuse = 0.5\n"),
        ('[mains]\nfuse = "#"  # a "sharp"\n', 'a"#\\\x7f', '[mains]\nfuse = "a\\"#\\\\\\u007f"  # a "sharp"\n'),
    ],
)
def test_one_value(before: str, value: str | float | None, after: str) -> None:
    assert fill(before, {FUSE: value}) == after
    assert tomllib.loads(after).get("mains", {}).get("fuse") == value


@pytest.mark.parametrize("text", ["mains = { fuse = 1 }\n", "mains.fuse = 1\n", '[mains]\n"fuse" = 1\n'])
def test_what_cannot_be_changed_alone_is_not_changed(text: str) -> None:
    with pytest.raises(SettingsError, match="laid out unusually"):
        fill(text, {FUSE: 25})


def test_a_secret_in_its_own_file_stays_there(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden\n")
    sheet = Sheet(tmp_path / "settings.toml", '[charger.easee]\npassword_file = "secret"\n')
    assert sheet.secret(PASSWORD) == "hidden"
    sheet.set_secret(PASSWORD, "hidden")
    assert not sheet.changed
    sheet.set_secret(PASSWORD, "new")
    assert sheet.filled() == '[charger.easee]\npassword_file = "secret"\n'
    assert (sheet.secret_files, sheet.secret(PASSWORD)) == ({tmp_path / "secret": "new"}, "new")
    assert sheet.is_changed(PASSWORD)
    for key, value in ((FUSE, 25), (HOST, "reader"), (MAXIMUM, 16), (USERNAME, "owner@example.com")):
        sheet.set(key, value)
    assert sheet.settings().charger.easee.password.get_secret_value() == "new"
    sheet.set_secret(PASSWORD, None)
    assert "password" not in tomllib.loads(sheet.filled())["charger"]["easee"]


def test_a_secret_whose_own_file_may_not_be_written_comes_into_the_settings(tmp_path: Path) -> None:
    (tmp_path / "secret").symlink_to(tmp_path / "elsewhere")
    sheet = Sheet(tmp_path / "settings.toml", '[charger.easee]\npassword_file = "secret"\n')
    sheet.set_secret(PASSWORD, "new")
    assert not sheet.secret_files
    assert tomllib.loads(sheet.filled())["charger"]["easee"] == {"password": "new"}


@pytest.mark.parametrize(("text", "is_empty"), [(None, True), ("", True), ("[mains]\nfuse = 25\n", False)])
def test_a_file_with_nothing_filled_in_is_empty(tmp_path: Path, text: str | None, *, is_empty: bool) -> None:
    assert Sheet(tmp_path / "settings.toml", text).is_empty is is_empty


def test_a_template_that_an_install_laid_there_is_empty_and_loses_its_head(tmp_path: Path) -> None:
    sheet = Sheet(tmp_path / "settings.toml", TRACKED.read_text())
    assert sheet.is_empty
    assert sheet.filled() == template()


def test_phases_over_several_lines(tmp_path: Path) -> None:
    sheet = Sheet(tmp_path / "settings.toml", '[charger]\nphases = [\n  "L1", # a\n  "L2", "L3"]\n')
    sheet.set(PHASES, ["L2", "L3", "L1"])
    assert sheet.filled() == '[charger]\nphases = ["L2", "L3", "L1"]\n'


def test_it_is_private_and_what_was_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.toml"
    write(path, "one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    path.chmod(0o644)
    write(path, "empty", keeps=False)
    assert list(path.parent.iterdir()) == [path]
    write(path, "one")
    path.with_name("settings.toml.bak").unlink()
    path.chmod(0o644)
    write(path, "two")
    backup = path.with_name("settings.toml.bak")
    assert (path.read_text(), backup.read_text()) == ("two", "one")
    assert {stat.S_IMODE(each.stat().st_mode) for each in (path, backup)} == {0o600}
    write(path, "two")
    assert backup.read_text() == "one"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_half_way_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("one")

    def fail(_: int) -> None:
        raise error

    monkeypatch.setattr(writing.os, "fsync", fail)
    with pytest.raises((SettingsError, KeyboardInterrupt)):
        write(path, "two")
    assert path.read_text() == "one"
    assert os.listdir(tmp_path) == ["settings.toml"]  # noqa: PTH208
