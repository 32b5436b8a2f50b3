"""Prints what a benchmark found as Markdown; with `--write` also into docs/performance.md, between its two marks."""

import os
import platform
import re
import sys
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def machine() -> str:
    """Name what the figures were measured on."""
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    named = re.search(r"^(?:Model|model name)\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    model = Path("/proc/device-tree/model")
    name = model.read_text(encoding="utf-8").rstrip("\0") if model.exists() else named[1] if named else "unknown"
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    return f"{name} ({os.cpu_count()} cores, {platform.machine()}), {system}, Python {platform.python_version()}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Set a Markdown table; the first column is text, the others are figures."""
    lines = [heads, ["---", *("---:" for _ in heads[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def publish(*parts: str) -> None:
    """Print the parts with command and machine above them, and write them where `--write` is given."""
    script = Path(sys.argv[0]).stem
    text = "\n\n".join([f"`.venv/bin/python -m benchmarks.{script}` on {machine()}:", *parts])
    print(text)
    if "--write" in sys.argv[1:]:
        begin, end = f"<!-- {script} -->", f"<!-- end of {script} -->"
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
        _, _, after = rest.partition(end)
        PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
