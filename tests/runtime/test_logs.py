"""The log on stderr: what journald and a terminal get, and what nobody gets."""

import io
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge.runtime.log_quota import BURST
from bridge.runtime.logs import is_journal, set_up

ours = logging.getLogger("bridge.tests")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Callable[[str], Callable[[], str]]]:
    """Set the log up on a file that journald is said to read; gives what was written."""
    with (tmp_path / "journal").open("w+", encoding="utf-8") as stream:

        def _set_up(level: str) -> Callable[[], str]:
            status = os.fstat(stream.fileno())
            set_up(level, {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}, stream)
            return Path(stream.name).read_text

        yield _set_up


def test_journald_gets_priorities_and_no_time(journal: Callable[[str], Callable[[], str]]) -> None:
    written = journal("debug")
    ours.debug("limit %d A", 9)
    ours.info("meter connected")
    ours.warning("meter lost")
    ours.error("mend it")
    ours.critical("a bug")
    assert written() == "<7>limit 9 A\n<6>meter connected\n<4>meter lost\n<3>mend it\n<2>a bug\n"


def test_each_line_of_a_traceback_has_its_priority(journal: Callable[[str], Callable[[], str]]) -> None:
    written = journal("info")
    try:
        int("first\nsecond")
    except ValueError:
        ours.exception("a bug\nof ours")
    lines = written().splitlines()
    assert len(lines) >= 4
    assert [line for line in lines if not line.startswith("<3>")] == []


def test_a_fault_that_comes_and_goes_does_not_fill_the_log(journal: Callable[[str], Callable[[], str]]) -> None:
    written = journal("info")
    for number in range(1000):
        ours.warning("meter lost: no answer for %d s", number)
    assert len(written().splitlines()) == BURST


def test_a_terminal_gets_the_time() -> None:
    stream = io.StringIO()
    set_up("info", {"JOURNAL_STREAM": "1:2"}, stream)
    ours.warning("meter lost")
    day, time, rest = stream.getvalue().split(" ", 2)
    assert (day.count("-"), time.count(":")) == (2, 2)
    assert rest == "WARNING meter lost\n"


def test_text_of_a_device_cannot_forge_a_line() -> None:
    stream = io.StringIO()
    set_up("info", {}, stream)
    ours.warning("meter says %s", "x\n2026-01-01 ERROR all is lost\x1b[2J")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize(
    "name", ["pyeasee", "pysignalr.transport", "aiohttp.client", "mqtt", "amqtt.broker", "asyncio"]
)
def test_libraries_cannot_log_below_warning(name: str) -> None:
    stream = io.StringIO()
    set_up("debug", {}, stream)
    library = logging.getLogger(f"{name}.opened_by_itself")
    library.setLevel(logging.DEBUG)
    try:
        library.debug("TOKEN: secret")
        library.info("TOKEN: secret")
    finally:
        library.setLevel(logging.NOTSET)
    assert stream.getvalue() == ""


def test_the_level_is_ours(journal: Callable[[str], Callable[[], str]]) -> None:
    written = journal("error")
    ours.warning("meter lost")
    assert written() == ""


def test_setting_up_twice_writes_once() -> None:
    stream = io.StringIO()
    set_up("info", {}, stream)
    set_up("info", {}, stream)
    ours.info("meter connected")
    assert stream.getvalue().count("meter connected") == 1


def test_only_the_stream_that_journald_reads_counts(tmp_path: Path) -> None:
    with (tmp_path / "other").open("w") as stream:
        assert not is_journal(stream, {"JOURNAL_STREAM": "1:2"})
        assert not is_journal(stream, {})
