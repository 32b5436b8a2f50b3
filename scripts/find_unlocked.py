"""Is everything that gets installed locked? Each line of the lists is one exact version with hashes of its files.

Usage: scripts/find_unlocked.py [FOLDER]. Exit status 1 where something is not, or where a list is installed without
asking for the hashes.
"""
# ruff: noqa: INP001, T201 a script, which prints

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ENTRY = re.compile(
    r"[A-Za-z0-9][\w.-]*(\[[\w,-]+\])?==\d[\w.!+]*( ; [^\\]+?)?( \\\n    --hash=sha256:[0-9a-f]{64})+(?=\n|$)"
)
LISTS = ("build", "dev", "demo", "plot", "run", "esphome")
INSTALLS = re.compile(r"pip(?:\[@\])?[\"'}]* install\b[^\n]*(?:\\\n[^\n]*)*")


def unlocked(text: str) -> Iterator[str]:
    """The first line of each entry that is not one exact version with hashes."""
    for entry in re.split(r"\n(?=\S)", text.strip()):
        if entry.strip() and not entry.startswith("#") and not ENTRY.fullmatch(entry.strip()):
            yield entry.splitlines()[0].rstrip("\\ ")


def unhashed(text: str) -> Iterator[str]:
    """Commands that install a list of ours without asking for its hashes."""
    for command in INSTALLS.finditer(text):
        if re.search(r"-r |--requirement", command[0]) and "--require-hashes" not in command[0]:
            yield command[0].splitlines()[0]


def problems(folder: Path) -> Iterator[str]:
    locks = folder / "scripts/locks"
    for name in LISTS:
        path = locks / f"{name}.txt"
        if not path.is_file() or not path.read_text(encoding="utf-8").strip():
            yield f"scripts/locks/{name}.txt: is missing or empty; run scripts/lock"
    for path in sorted(locks.glob("*.txt")):
        for line in unlocked(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(folder)}: {line}: not one exact version with hashes; run scripts/lock"
    scripts = [path for path in (folder / "scripts").iterdir() if path.is_file()]
    for path in sorted([*scripts, *folder.glob("docs/*.md"), folder / "README.md", folder / ".ci/run"]):
        for command in unhashed(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(folder)}: {command}: add --require-hashes"


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    found = list(problems(folder))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
