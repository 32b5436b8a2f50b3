"""One line of settings.toml is changed, and nothing else."""

import os
import stat
from pathlib import Path

import pytest

from bridge.core.phases import Phase
from bridge.errors import SettingsError
from bridge.settings.editing import write_phases

ROTATED = (Phase.L2, Phase.L3, Phase.L1)
LINE = 'phases = ["L2", "L3", "L1"]'


def written(path: Path, text: str, phases: tuple[Phase, ...] = ROTATED) -> str:
    path.write_bytes(text.encode())
    path.chmod(0o600)
    write_phases(path, phases)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == [path.name]  # noqa: PTH208 the names are what counts
    return path.read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '[charger]  # mine\nmax_current = 16\nphases = ["L1", "L2", "L3"]  # as wired\n[mqtt]\nhost = "a"\n',
            f'[charger]  # mine\nmax_current = 16\n{LINE}  # as wired\n[mqtt]\nhost = "a"\n',
        ),
        (
            '[charger]\n# phases = ["L1", "L2", "L3"]\n\n[charger.easee]\nusername = "x"\n',
            f'[charger]\n# phases = ["L1", "L2", "L3"]\n{LINE}\n\n[charger.easee]\nusername = "x"\n',
        ),
        ("[charger]\nmax_current = 16", f"[charger]\n{LINE}\nmax_current = 16"),
        ("[charger]", f"[charger]\n{LINE}\n"),
        ('[charger]\r\nphases=["L1"]\r\n', '[charger]\r\nphases=["L2", "L3", "L1"]\r\n'),
    ],
)
def test_only_the_line_changes(tmp_path: Path, before: str, after: str) -> None:
    assert written(tmp_path / "settings.toml", before) == after


def test_the_template_itself_takes_the_line_below_its_explanation(tmp_path: Path) -> None:
    template = (Path(__file__).parents[2] / "settings.toml").read_text()
    lines = written(tmp_path / "settings.toml", template).splitlines()
    assert lines[lines.index(LINE) - 1] == '# phases = ["L1", "L2", "L3"]'
    assert [line for line in lines if line != LINE] == template.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        'charger.phases = ["L1", "L2", "L3"]\n',
        'charger = { phases = ["L1"] }\n',
        '[charger]\nphases = [\n  "L1",\n  "L2", "L3",\n]\n',
        '[charger]\nnote = """\n[charger]\nphases = ["L1"]\n"""\nphases = ["L1"]\n',
        "[charger\n",
        "",
    ],
)
def test_what_is_laid_out_otherwise_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match="write it by hand") as refused:
        write_phases(path, ROTATED)
    assert LINE in str(refused.value)
    assert path.read_text() == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_not_there_or_no_text_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    with pytest.raises(SettingsError, match="No such file"):
        write_phases(path, ROTATED)
    path.write_bytes(b"[charger]\n# \xff\n")
    with pytest.raises(SettingsError, match="no UTF-8 text"):
        write_phases(path, ROTATED)


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "settings.toml", tmp_path / "settings.toml"
    real.write_text("[charger]\n")
    link.symlink_to(real)
    write_phases(link, ROTATED)
    assert link.is_symlink()
    assert LINE in real.read_text()
