"""Is there a secret in the tree? Looks at what is committed or could be; names file and line, never the text.

Usage: scripts/find_secrets.py [FOLDER]. Exit status 1 where something was found. What a test needs and what opens
nothing stands in DUMMIES, or has "opens nothing" in its line.
"""
# ruff: noqa: INP001, T201 a script, which prints

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

DUMMIES = frozenset(
    {
        "correct-horse-battery-staple",
        "correct horse",
        "correct-horse",
        "hunter2",
        "hunter2hunter2",
        "secret",
        "wrong",
        "other",
        "anything",
        "demo",
        "12345",
        "not this one",
        "a secret that nobody may read",
        "another one that nobody may read",
        "open sesame 4711",
        # keys of the simulator, the tests and the benchmark
        "QRTIErOb/fcE9Ukd/5qA3RGYMn0Y+p06U58SCtOXvPc=",
        "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5azE=",
        # no keys, and said to be none
        "QUJD",
        "c2hvcnQ=",
    }
)
MARK = "opens nothing"
LARGEST = 5_000_000
NAMES = "password|passwd|passphrase|secret|psk|encryption_key|api_?key|access_?token|auth_?token"
PATTERNS = (
    ("a private key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY()"),
    ("a signed token (JWT)", r"(eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})"),
    ("a key of 32 bytes in base64", r"(?<![\w+/=])([A-Za-z0-9+/]{43}=)(?![\w+/=])"),
    ("a vendor's token", r"\b((?:ghp_|github_pat_|glpat-|xox[abp]-|AKIA|sk-)[\w-]{16,})"),
    ("a bearer's token", r"(?i)\bbearer ([\w.~+/-]{20,})"),
    ("a password in an address", r"""://[^\s/:@"'{}]+:([^\s/:@"'{}]+)@"""),
    ("a password", rf"""(?i)(?:{NAMES})["']?\s*[:=]\s*(?:SecretStr\()?[rb]?["']([^"'{{}}…\n]{{4,}})["']"""),
    ("a password in YAML", r"(?i)^\s*(?:password|psk|key): ([^\s!\"'{][^\s{]{7,})\s*$"),
    ("an account with its password", r"(?is)[\w.+-]+@(?!example\.)[\w-]+\.[a-z]{2,}\b.{0,80}?\bpass\w*\W{1,4}(\S+)"),
)
RULES = tuple((what, re.compile(pattern, re.MULTILINE)) for what, pattern in PATTERNS)


def files(folder: Path) -> Iterator[Path]:
    """All that git knows or would add; without git, all but hidden folders."""
    listed = ["git", "-C", str(folder), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, capture_output=True, check=False)  # noqa: S603 our own words
    if done.returncode == 0:
        names = {Path(name) for name in done.stdout.decode().split("\0") if name}
    else:
        names = {path.relative_to(folder) for path in folder.rglob("*")}
    for name in sorted(names):
        is_hidden = done.returncode and any(part.startswith(".") for part in name.parts)
        path = folder / name
        if not is_hidden and path.is_file() and not path.is_symlink() and path.stat().st_size < LARGEST:
            yield path


def findings(text: str) -> Iterator[tuple[int, str]]:
    """Line and kind of what looks like a secret."""
    lines = text.splitlines()
    for what, rule in RULES:
        for found in rule.finditer(text):
            number = text.count("\n", 0, found.start(1))
            line = lines[number] if number < len(lines) else ""
            if found[1].strip() not in DUMMIES and MARK not in line:
                yield number + 1, what


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    count = 0
    for path in files(folder):
        text = path.read_bytes().decode("utf-8", errors="replace")
        for number, what in sorted(set(findings(text))):
            count += 1
            place = f"{path.relative_to(folder)}:{number}"
            print(f"{place}: looks like {what}: take it out, and change it where it is in use")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
