"""A machine to install on that is only a folder: systemd, Python's venv and the package index are played by scripts."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from stat import S_IMODE
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[2]
OPT = Path("opt/ev-load-bridge")
ETC = Path("etc/ev-load-bridge")
UNIT = Path("etc/systemd/system/ev-load-bridge.service")
STATE = Path("var/lib/private/ev-load-bridge/state.json")
LINK = Path("usr/local/bin/ev-load-bridge")

SYSTEMCTL = """\
printf '%s\\n' "$*" >>"$PLAYED/asked"
case "$1" in
  restart)
    used=$(readlink "$DESTDIR/opt/ev-load-bridge/current")
    rm -f "$PLAYED/active"
    ! grep -qx "$used" "$PLAYED/refuses" || exit 1
    touch "$PLAYED/active" "$PLAYED/restarted"
    state=$DESTDIR/var/lib/private/ev-load-bridge/state.json
    [ ! -e "$PLAYED/writes" ] || [ "$used" = releases/0.1.0-1 ] || cp "$PLAYED/writes" "$state" ;;
  stop) rm -f "$PLAYED/active" ;;
  disable) [ ! -e "$PLAYED/hangs" ] || exit 1; rm -f "$PLAYED/active"; echo disabled >"$PLAYED/enabled" ;;
  enable) echo enabled >"$PLAYED/enabled" ;;
  is-active) [ -e "$PLAYED/active" ] ;;
  is-enabled) cat "$PLAYED/enabled" ;;
  show) echo 4711; [ ! -e "$PLAYED/crashes" ] || { echo "$$"; } ;;
esac
"""
PYTHON = """\
if [ "$1 $2" = "-m venv" ]; then
  mkdir -p "$3/bin"
  touch "$3/pyvenv.cfg"
  cp "$PLAYED/environment" "$3/bin/python"
  cp "$PLAYED/program" "$3/bin/ev-load-bridge"
else
  exec {python} "$@"
fi
"""
ENVIRONMENT = """\
case "$*" in
  *--require-hashes*build.txt*--target*) mkdir -p "${!#}" ;;
  *--require-hashes*run.txt*) [ ! -e "$PLAYED/no-index" ] ;;
  *" wheel "*-w*) while [ "$1" != -w ]; do shift; done; mkdir -p "$2"; touch "$2/it.whl" ;;
  *" install "*) ;;
  *) [ "$1" = -I ] && shift; cd {repository} && exec {python} "$@" ;;
esac
"""
PROGRAM = """\
case "$1" in
  --version) [ ! -e "$PLAYED/does-not-start" ] ;;
  doctor)
    told=$PLAYED/before
    [ ! -e "$PLAYED/restarted" ] || told=$PLAYED/after
    [ ! -e "$PLAYED/restarted" ] || [ ! -e "$PLAYED/interrupts" ] || kill -s "$(cat "$PLAYED/interrupts")" 0
    cat "$told"
    exit "$(cat "$told.status")" ;;
esac
"""


class Run(NamedTuple):
    """What a script did."""

    status: int
    told: str


class PretendMachine:
    """A root folder, a checkout to install from, and what is played around them."""

    def __init__(self, folder: Path) -> None:
        self.root, self.checkout, self._played, tools = (
            folder / name for name in ("root", "checkout", "played", "tools")
        )
        for made in (self.root / "run/systemd/system", self.checkout / "bridge", self._played, tools):
            made.mkdir(parents=True)
        for copied in ("scripts", "systemd"):
            shutil.copytree(REPOSITORY / copied, self.checkout / copied)
        for name in ("settings.toml", "pyproject.toml", "bridge/__init__.py"):
            shutil.copy(REPOSITORY / name, self.checkout / name)
        self._environment = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "DESTDIR": str(self.root),
            "PLAYED": str(self._played),
            "SECOND_LOOK_AFTER": "0",
            "LC_ALL": "C.UTF-8",
        }
        self.play("refuses")
        _script(tools / "systemctl", SYSTEMCTL)
        _script(tools / "id", "echo ${PLAYED_USER:-0}\n")
        _script(tools / "uname", "echo ${PLAYED_MACHINE:-aarch64}\n")
        _script(tools / "dpkg", "exit 1\n")
        _script(tools / "python3", _filled(PYTHON))
        _script(self._played / "environment", _filled(ENVIRONMENT))
        _script(self._played / "program", PROGRAM)
        self.doctor_finds([], [])

    def run(self, script: str, *arguments: str, answer: str = "", **environment: str) -> Run:
        (self._played / "restarted").unlink(missing_ok=True)
        done = subprocess.run(  # noqa: S603 our own scripts
            ["bash", self.checkout / "scripts" / script, *arguments],  # noqa: S607
            env={**self._environment, **environment},
            input=answer,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            start_new_session=True,  # who interrupts a script does not mean us
        )
        return Run(done.returncode, done.stdout + done.stderr)

    def install(self, *arguments: str, **environment: str) -> Run:
        return self.run("install", *arguments, **environment)

    def play(self, what: str, text: str = "") -> None:
        """Let something be so from now on: see the scripts above."""
        (self._played / what).write_text(text, encoding="utf-8")

    def doctor_finds(self, before: Iterable[str] | None, after: Iterable[str] | None) -> None:
        """Subjects to be mended, before and after a restart; None where the settings are unfit."""
        for moment, subjects in (("before", before), ("after", after)):
            found = ["settings"] if subjects is None else subjects
            checks = [{"mark": "bad", "subject": name, "seen": f"the {name}", "cure": ""} for name in found]
            self.play(moment, json.dumps({"checks": [{"mark": "ok", "subject": "version", "seen": ""}, *checks]}))
            self.play(f"{moment}.status", "78" if subjects is None else str(int(bool(checks))))

    def release(self, version: str) -> None:
        """Let the checkout hold another version."""
        (self.checkout / "bridge/__init__.py").write_text(f'__version__ = "{version}"\n', encoding="utf-8")

    def asked(self) -> list[str]:
        """What systemctl was asked since this was read last."""
        file = self._played / "asked"
        asked = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return asked

    @property
    def is_active(self) -> bool:
        return (self._played / "active").exists()

    def used(self, link: str = "current") -> str:
        return str((self.root / OPT / link).readlink())

    def text(self, path: Path) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def write(self, path: Path, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def tree(self) -> dict[str, tuple[int, str]]:
        """Everything there is: mode, and content or target."""
        shown = {}
        for path in sorted(self.root.rglob("*")):
            content = str(path.readlink()) if path.is_symlink() else ""
            if path.is_file() and not path.is_symlink():
                content = path.read_text(encoding="utf-8")
            shown[str(path.relative_to(self.root))] = (S_IMODE(path.lstat().st_mode), content)
        return shown


def _filled(text: str) -> str:
    return text.replace("{python}", sys.executable).replace("{repository}", str(REPOSITORY))


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/usr/bin/env bash\n{text}", encoding="utf-8")
    path.chmod(0o755)
