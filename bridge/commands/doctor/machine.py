"""What this machine says: the unit, the clock, the version. Asked of systemd's own tools, bounded in time."""

import asyncio
import contextlib
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bridge import __version__
from bridge.commands.doctor.check import Check, bad, caution, good

UNIT: Final = "ev-load-bridge.service"
BOOTED: Final = Path("/run/systemd/system")
"""There where systemd runs this machine."""
PROPERTIES: Final = ("LoadState", "ActiveState", "SubState", "UnitFileState", "NRestarts", "ExecMainStatus")
WITHIN: Final = 3.0
"""s for one answer."""
RESTARTS: Final = 3
"""More since the last start are told."""
NEAR, FAR = 5.0, 60.0
"""s between the clocks that are nothing, and that break log-ins and time stamps."""
ENDS: Final[Mapping[str, str]] = {
    "77": "Easee refused the login: correct [charger.easee], then sudo systemctl restart ev-load-bridge",
    "78": "settings or installation unfit: mend what is told above, then sudo systemctl restart ev-load-bridge",
}


@dataclass(frozen=True, slots=True)
class Machine:
    """What systemd says. Empty where there is none."""

    has_systemd: bool = False
    unit: Mapping[str, str] = field(default_factory=dict)
    """PROPERTIES of the unit."""
    is_clock_kept: bool | None = None
    """Whether the clock follows a time server; None where nobody says."""

    @property
    def is_unit_running(self) -> bool:
        return self.unit.get("ActiveState") in {"active", "activating", "reloading"}


async def look_at_machine() -> Machine:
    """Ask systemctl and timedatectl. Does not raise."""
    if not BOOTED.exists():
        return Machine()
    unit, clock = await asyncio.gather(
        _asked("systemctl", "show", UNIT, *(f"--property={name}" for name in PROPERTIES)),
        _asked("timedatectl", "show", "--property=NTPSynchronized"),
    )
    kept = clock.get("NTPSynchronized")
    return Machine(has_systemd=True, unit=unit, is_clock_kept=None if kept is None else kept == "yes")


def check_version() -> Check:
    system = f"{platform.system()} {platform.machine()}"
    return good("version", f"EV Load Bridge {__version__}, Python {platform.python_version()}, {system}")


def check_unit(machine: Machine) -> Iterator[Check]:
    """How the service fares."""
    unit = machine.unit
    if not machine.has_systemd:
        yield caution("service", "no systemd runs this machine", "something else must keep ev-load-bridge run going")
        return
    if unit.get("LoadState") != "loaded":
        yield caution("service", "not installed", "docs/install.md shows how; until then nothing balances")
        return
    state = f"{unit.get('ActiveState', '?')} ({unit.get('SubState', '?')})"
    status = unit.get("ExecMainStatus", "0")
    if unit.get("ActiveState") == "failed":
        yield bad("service", f"{state}, exit status {status}", ENDS.get(status, "journalctl -u ev-load-bridge -n 30"))
    elif not machine.is_unit_running:
        yield caution("service", f"{state}: nothing balances", "sudo systemctl start ev-load-bridge")
    elif _number(unit.get("NRestarts", "")) > RESTARTS:
        cure = "journalctl -u ev-load-bridge shows why"
        yield caution("service", f"{state}, but restarted {unit['NRestarts']} times", cure)
    else:
        yield good("service", state)
    if unit.get("UnitFileState") == "disabled":
        yield caution("service", "not started when the machine starts", "sudo systemctl enable ev-load-bridge")


def check_clock(machine: Machine, ahead: float | None) -> Iterator[Check]:
    """Compare with Easee's clock; `ahead` is ours less theirs, s, None where it was not reached."""
    cure = "sudo timedatectl set-ntp true, and see timedatectl"
    if ahead is not None and abs(ahead) > NEAR:
        seen = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} Easee's"
        yield (bad if abs(ahead) > FAR else caution)("clock", seen, cure)
    elif machine.is_clock_kept is False:
        yield caution("clock", "follows no time server" + ("" if ahead is None else ", but is right now"), cure)
    elif ahead is not None:
        yield good("clock", f"within {NEAR:g} s of Easee's")
    elif machine.is_clock_kept:
        yield good("clock", "follows a time server")


async def _asked(*command: str) -> dict[str, str]:
    """The answer's `key=value` lines; empty where there is no answer."""
    process = None
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(WITHIN):
            process = await asyncio.create_subprocess_exec(
                *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
            )
            told, _ = await process.communicate()
        pairs = (line.partition("=") for line in told.decode(errors="replace").splitlines())
        return {key: value for key, _, value in pairs}
    if process is not None and process.returncode is None:
        process.kill()
        await process.wait()
    return {}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
