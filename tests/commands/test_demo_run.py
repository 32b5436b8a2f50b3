"""The demo as its users start it: a process of its own, on a pipe and on a terminal."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEMO = [sys.executable, "-W", "error::RuntimeWarning", "-m", "bridge", "demo"]
LONGEST = 60.0
"""s; a machine under load is slow."""
LISTENING = "0A"
LOOPBACK = "0100007F"
ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
"""The terminal's other screen."""


def listening_addresses(pid: int) -> set[str]:
    """Find the IPv4 and IPv6 addresses a process listens on, as /proc writes them."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found = re.fullmatch(r"socket:\[(\d+)\]", str(descriptor.readlink()))
        except FileNotFoundError:
            continue
        if found:
            inodes.add(found[1])
    rows = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()
    ]
    return {row[1].partition(":")[0] for row in rows if row[3] == LISTENING and row[9] in inodes}


def test_it_ends_by_itself_with_a_summary_and_listens_on_loopback_only() -> None:
    with subprocess.Popen(  # noqa: S603 our own command
        [*DEMO, "--seconds", "12", "--plain"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if "Easee cloud connected" in line:
                assert listening_addresses(process.pid) == {LOOPBACK}
        errors = process.stderr.read() if process.stderr else ""
        assert process.wait(LONGEST) == 0
    assert errors == ""
    said = "".join(told)
    assert "\x1b" not in said
    assert re.search(r"^look +mosquitto_sub -h 127\.0\.0\.1 -p \d+ -t 'ev-load-bridge/#' -v$", said, re.MULTILINE)
    assert re.search(r"limit \d+ → \d+ A \(\w+", said), "a decision was told"
    assert re.search(r"balancing · limit \d+ A · L1 \d+\.\d A · ", said), "a status line was told"
    words = [line.split()[0] for line in told]
    assert words[-6:] == ["energy", "overload", "fuse", "commands", "pauses", "left"]
    assert "until it is changed" in told[-1], "the charger is left at an order that outlives the service"


@contextmanager
def terminal(columns: int, rows: int, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start the live demo on a terminal of that size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environ = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "COLUMNS", "LINES", "CI"}}
    environ |= {"TERM": "xterm-256color", **environment}
    process = subprocess.Popen(DEMO, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True)  # noqa: S603 same
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait(LONGEST)
        os.close(ours)


def read_until(descriptor: int, text: str | None) -> str:
    """Read until the text has come, or the end for None."""
    seen, deadline = b"", time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        if text is not None and text.encode() in seen:
            return seen.decode(errors="replace")
        if not select.select([descriptor], [], [], 1.0)[0]:
            continue
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # the other side is gone
            part = b""
        if not part:
            return seen.decode(errors="replace")
        seen += part
    raise AssertionError(f"{text!r} did not come; there was {seen[-2000:].decode(errors='replace')}")


def test_the_live_picture_ends_with_a_summary_on_ctrl_c() -> None:
    with terminal(80, 24) as (process, screen):
        before = read_until(screen, "limit 40 →")
        os.kill(process.pid, signal.SIGINT)
        after = read_until(screen, None)
        assert process.wait(LONGEST) == 0
    assert before.index("look ") < before.index(ENTER), "the addresses stay on the screen of before"
    assert "\x1b[38;" in before, "it has colours"
    assert after.index(LEAVE) < after.index("energy "), "the summary stays too"
    assert "\x1b[?25h" in after, "the cursor is back"
    assert "Traceback" not in before + after


def test_no_color_is_respected() -> None:
    with terminal(80, 24, NO_COLOR="1") as (process, screen):
        shown = read_until(screen, "mains now")
        os.kill(process.pid, signal.SIGTERM)
        shown += read_until(screen, None)
        assert process.wait(LONGEST) == 0
    assert not re.search(r"\x1b\[[0-9;]*[34]8;", shown)


def test_it_ends_quietly_when_nobody_reads_any_more() -> None:
    with subprocess.Popen([*DEMO, "--plain"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 same
        assert process.stdout is not None
        while "Easee cloud connected" not in process.stdout.readline():
            assert process.poll() is None
        process.stdout.close()
        assert process.wait(LONGEST) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
