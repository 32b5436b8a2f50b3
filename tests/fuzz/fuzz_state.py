"""What lies in the state directory after a crash, a full disk or a curious owner.

The first line names the file; the rest is what is in it.
"""

import functools
import json
import os
import tempfile
import zlib
from pathlib import Path

import promises
from home import HOUSE, Home

from bridge.core.model import Cause, Memory, Spent
from bridge.core.phases import PerPhase
from bridge.runtime import starts, state_file
from bridge.runtime.starts import Starts
from bridge.runtime.state_file import Clocks, StateFile

NAME = "state"
SEPARATOR = b"\n"
WALL, MONOTONIC = 1_780_000_000.0, 1000.0
CLOCKS = Clocks(lambda: MONOTONIC, lambda: WALL)
FOLDER = "FUZZ_FOLDER"
"""Environment variable: where each process makes a folder of its own, for who starts it to clean up."""
ONE_IN = 8
"""So many cases are also saved, which takes as long as the disk takes."""


@functools.cache
def here() -> Path:
    """The folder of this process."""
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir=os.environ.get(FOLDER)))


def _saved(**changes: object) -> bytes:
    saved = {
        "version": 1, "wall": WALL - 60, "monotonic": MONOTONIC - 60, "thermal": [0.4, 0.5, 1.2], "limit": 10,
        "banned_for": 0.0, "spent": [["lower", 920.0], ["refresh", 900.0]],
        "controls": {"mains_limit": 20.0, "charger_maximum": 13, "pace": "calm", "balancing": True,
                     "charging_allowed": True},
        "settings": {"mains_limit": 25.0, "charger_maximum": 16, "pace": "normal"},
    }  # fmt: skip
    return b"state.json\n" + json.dumps({**saved, **changes}).encode()


SEEDS = (
    _saved(),
    _saved(controls=None, limit=None, spent=[]),
    _saved(banned_for=3600.0, wall=WALL - 86400, monotonic=50.0),
    _saved(spent=[["raise", 1000.0 - n] for n in range(40)]),
    b"starts.json\n" + json.dumps([WALL - n * 20 for n in range(10, 0, -1)]).encode(),
    b"starts.json\n[]",
)
TOKENS = (b'"lower"', b'"raise"', b'"pace"', b'"eager"', b"state.json\n", b"starts.json\n", b"1780000000", b"999.99")


def run(data: bytes) -> None:
    name, _, contents = data.partition(b"\n")
    memory = None
    if name == b"starts.json":
        _start(contents)
    else:
        memory = _load(contents)
    home = Home(memory)
    home.decide()
    home.charge()
    snapshot = home.settle()
    promises.hold(snapshot.next_try is None or snapshot.next_try <= MONOTONIC + 86400.0, "a ban of more than a day")
    promises.is_finite(home.engine.memory(home.now), "memory")
    if zlib.crc32(data) % ONE_IN == 0:
        _save(home)


def _save(home: Home) -> None:
    StateFile(here(), HOUSE, CLOCKS).save(home.engine.memory(home.now))
    promises.hold(StateFile(here(), HOUSE, CLOCKS).load() is not None, "what we saved is not ours")


def _load(contents: bytes) -> Memory | None:
    (here() / state_file.NAME).write_bytes(contents)
    memory = StateFile(here(), HOUSE, CLOCKS).load()
    if memory is not None:
        promises.hold(isinstance(memory.thermal, PerPhase), "no thermal state")
        promises.hold(all(isinstance(each, Spent) and each.cause in Cause for each in memory.spent), "spent on nothing")
        promises.hold(memory.limit is None or 0 <= memory.limit <= HOUSE.maximum, f"remembers {memory.limit}")
    return memory


def _start(contents: bytes) -> None:
    (here() / starts.NAME).write_bytes(contents)
    wait = Starts(here(), CLOCKS.wall).note()
    promises.hold(0 <= wait <= starts.WITHIN, f"waits {wait} s")
    promises.hold(len(json.loads((here() / starts.NAME).read_text())) <= starts.MOST, "more and more starts")
