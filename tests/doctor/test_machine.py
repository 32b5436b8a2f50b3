"""What systemd's tools are asked, and what becomes of an answer that does not come."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.commands.doctor import machine
from bridge.commands.doctor.machine import Machine, look_at_machine

Tool = Callable[[str, str], None]


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Puts a tool of this name and body before the system's own, on a machine that systemd runs."""
    monkeypatch.setattr(machine, "BOOTED", tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def put(name: str, body: str) -> None:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    return put


async def test_unit_and_clock_are_read(tool: Tool, tmp_path: Path) -> None:
    tool("systemctl", f'echo "$@" > {tmp_path}/asked; echo LoadState=loaded; echo ActiveState=active')
    tool("timedatectl", "echo NTPSynchronized=yes")
    seen = await look_at_machine()
    assert seen == Machine(has_systemd=True, unit={"LoadState": "loaded", "ActiveState": "active"}, is_clock_kept=True)
    assert seen.is_unit_running
    assert (tmp_path / "asked").read_text().startswith("show ev-load-bridge.service --property=LoadState")


async def test_a_tool_that_hangs_or_fails_says_nothing(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "WITHIN", 0.2)
    tool("systemctl", "exec sleep 30")
    tool("timedatectl", "exit 1")
    seen = await look_at_machine()
    assert seen == Machine(has_systemd=True)
    assert not seen.is_unit_running


async def test_without_systemd_nobody_is_asked(tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool("systemctl", f"touch {tmp_path}/asked")
    monkeypatch.setattr(machine, "BOOTED", tmp_path / "not")
    assert await look_at_machine() == Machine()
    assert not (tmp_path / "asked").exists()
