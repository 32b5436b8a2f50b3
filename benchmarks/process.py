"""What the kernel knows of another process (proc(5))."""

import os
import re
from pathlib import Path

KB_PER_MB = 1024


def cpu_seconds(pid: int) -> float:
    """CPU time of all its threads so far, s; in steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    user, system = fields[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> dict[str, float]:
    """VmRSS, VmHWM and Pss in MB of 1024 kB."""
    text = "".join(Path(f"/proc/{pid}/{name}").read_text(encoding="ascii") for name in ("status", "smaps_rollup"))
    return {name: int(kb) / KB_PER_MB for name, kb in re.findall(r"^(VmRSS|VmHWM|Pss):\s+(\d+) kB", text, re.MULTILINE)}
