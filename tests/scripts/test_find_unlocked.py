"""What gets installed is locked: each entry is spoilt in turn, and found."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts/find_unlocked.py"
HASHED = "--require-hashes "


def told(folder: Path) -> list[str]:
    done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == (1 if done.stdout else 0), done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What the script looks at."""
    for name in ("scripts", "docs", ".ci"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.svg", "__pycache__"))
    shutil.copy(ROOT / "README.md", tmp_path)
    return tmp_path


def test_this_tree_is_locked(copy: Path) -> None:
    assert told(copy) == []


@pytest.mark.parametrize(
    ("spoil", "entry"),
    [
        ("paho-mqtt>=2.1.0 \\\n    --hash=sha256:" + "0" * 64, "paho-mqtt>=2.1.0"),
        ("paho-mqtt==2.1.0", "paho-mqtt==2.1.0"),
        ("paho-mqtt \\\n    --hash=sha256:" + "0" * 64, "paho-mqtt"),
        ("paho-mqtt==2.1.0 \\\n    --hash=md5:" + "0" * 32, "paho-mqtt==2.1.0"),
        ("paho-mqtt @ https://example.org/paho.tar.gz", "paho-mqtt @ https://example.org/paho.tar.gz"),
        ("-e .", "-e ."),
        ("--extra-index-url https://example.org/simple", "--extra-index-url https://example.org/simple"),
    ],
)
def test_an_entry_that_is_not_locked_is_named(copy: Path, spoil: str, entry: str) -> None:
    path = copy / "scripts/locks/run.txt"
    path.write_text(f"{path.read_text().rstrip()}\n{spoil}\n")
    assert told(copy) == [f"scripts/locks/run.txt: {entry}: not one exact version with hashes; run scripts/lock"]


@pytest.mark.parametrize("name", ["run", "demo", "dev", "plot", "esphome", "build"])
def test_a_list_that_is_gone_or_empty_is_named(copy: Path, name: str) -> None:
    (copy / f"scripts/locks/{name}.txt").write_text("\n")
    assert told(copy) == [f"scripts/locks/{name}.txt: is missing or empty; run scripts/lock"]


@pytest.mark.parametrize("name", ["scripts/env", "scripts/esphome-device", "scripts/install"])
def test_an_installation_without_hashes_is_named(copy: Path, name: str) -> None:
    text = (copy / name).read_text(encoding="utf-8")
    assert HASHED in text
    (copy / name).write_text(text.replace(HASHED, "", 1), encoding="utf-8")
    (line,) = told(copy)
    assert line.startswith(f"{name}: ")
    assert line.endswith("add --require-hashes")


def test_the_program_itself_is_built_with_what_is_locked() -> None:
    """Else pip would fetch the build system by itself, without a hash, and run it as root."""
    lines = (ROOT / "scripts/install").read_text(encoding="utf-8").splitlines()
    (built,) = [line for line in lines if '"${pip[@]}" wheel' in line]
    assert "--no-build-isolation" in built
    assert "--no-deps" in built
    (brought,) = [line for line in lines if "locks/build.txt" in line]
    assert HASHED in brought


def test_the_check_runs_it() -> None:
    assert "step python scripts/find_unlocked.py" in (ROOT / "scripts/check").read_text(encoding="utf-8")
