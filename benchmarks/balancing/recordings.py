"""Recordings of real meters, for the benchmark."""

from pathlib import Path

import numpy as np

from benchmarks.balancing.trace import Trace
from bridge.simulator.closed_loop.recording import HELD, RecordingError, read_recording


def recording(path: Path, fuse: float) -> Trace:
    """Read a CSV that `ev-load-bridge record` wrote while no car charged, behind a fuse of so many A.

    Where the meter tells of L1 only, the trace has one phase. Raises RecordingError where the file is unfit, and where
    no telegram came for more than 60 s: a figure must not rest on what nobody measured.
    """
    read = read_recording(path)
    if read.gaps:
        told = f"{read.gaps} gaps of more than {HELD} s, {read.filled} s in all"
        raise RecordingError([f"{path.name}: has {told}; give a part of it without any"])
    phases = 1 if read.told == (0,) else 3
    return Trace(path.stem, np.array(read.house.active), np.array(read.house.reactive), fuse, phases)
