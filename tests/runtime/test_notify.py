"""The sd_notify protocol on real datagram sockets."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import decision, snapshot

from bridge.core.model import Reason
from bridge.runtime.notify import Notifier


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listener:
        listener.bind(str(tmp_path / "notify"))
        yield listener


def received(listener: socket.socket) -> list[str]:
    lines: list[str] = []
    while True:
        try:
            lines += listener.recv(4096).decode().split("\n")
        except BlockingIOError:
            return lines


@pytest.fixture
def environment(systemd: socket.socket) -> dict[str, str]:
    return {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}


@pytest.fixture
def notifier(environment: dict[str, str]) -> Iterator[Notifier]:
    made = Notifier(environment)
    yield made
    made.close()


def test_nothing_is_said_before_the_first_decision(notifier: Notifier, systemd: socket.socket) -> None:
    assert notifier
    assert received(systemd) == []


def test_ready_once_with_the_first_decision(notifier: Notifier, systemd: socket.socket) -> None:
    notifier.show(snapshot(0.0))
    assert "READY=1" in received(systemd)

    notifier.show(snapshot(1.0))
    assert "READY=1" not in received(systemd)


def test_the_watchdog_is_fed_by_decisions_a_third_of_its_time_apart(notifier: Notifier, systemd: socket.socket) -> None:
    beats = []
    for second in range(31):
        notifier.show(snapshot(float(second)))
        beats.append("WATCHDOG=1" in received(systemd))

    assert [second for second, beat in enumerate(beats) if beat] == [0, 10, 20, 30]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"WATCHDOG_USEC": ""}, id="none is asked for"),
        pytest.param({"WATCHDOG_USEC": "soon"}, id="its time is nonsense"),
        pytest.param({"WATCHDOG_PID": "1"}, id="it is meant for another process"),
    ],
)
def test_no_watchdog_where(change: dict[str, str], environment: dict[str, str], systemd: socket.socket) -> None:
    notifier = Notifier(environment | change)
    notifier.show(snapshot())
    notifier.close()

    assert "WATCHDOG=1" not in received(systemd)


def test_the_status_is_one_line(notifier: Notifier, systemd: socket.socket) -> None:
    notifier.show(snapshot())

    assert received(systemd)[-1] == "STATUS=16 A, maximum; L1 9.1 L2 9.1 L3 – A of 25"


def test_the_status_follows_a_new_limit_at_once_and_measurements_now_and_then(
    notifier: Notifier, systemd: socket.socket
) -> None:
    lower = decision(limit=9, reason=Reason.HOUSE_LOAD)
    for second in range(8):
        notifier.show(snapshot(float(second), made=lower if second >= 2 else None))

    statuses = [line for line in received(systemd) if line.startswith("STATUS=")]
    assert [status.split(";")[0] for status in statuses] == [
        "STATUS=16 A, maximum",
        "STATUS=9 A, house load",
        "STATUS=9 A, house load",
    ]


def test_stopping_is_said(notifier: Notifier, systemd: socket.socket) -> None:
    notifier.stopping()

    assert received(systemd)[0] == "STOPPING=1"


def test_an_abstract_socket_is_found() -> None:
    name = f"ev-load-bridge-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listener:
        listener.bind(f"\0{name}")
        notifier = Notifier({"NOTIFY_SOCKET": f"@{name}"})
        notifier.show(snapshot())
        notifier.close()

        assert "READY=1" in received(listener)


def test_without_systemd_nothing_happens() -> None:
    notifier = Notifier({})
    notifier.show(snapshot())
    notifier.stopping()
    notifier.close()


def test_ready_is_said_again_until_it_got_through(tmp_path: Path) -> None:
    place = tmp_path / "notify"
    notifier = Notifier({"NOTIFY_SOCKET": str(place)})
    notifier.show(snapshot(0.0))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listener:
        listener.bind(str(place))
        notifier.show(snapshot(1.0))
        notifier.close()

        assert "READY=1" in received(listener)


def test_a_systemd_that_does_not_listen_holds_nobody_up(notifier: Notifier) -> None:
    for second in range(1000):
        notifier.show(snapshot(second * 10.0))
