from pathlib import Path

import pytest

from benchmarks.balancing.recordings import recording
from bridge.commands.record import HEADER
from bridge.simulator.closed_loop.recording import RecordingError

COLUMNS = ",".join(HEADER)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "evening.csv"
    path.write_text("\n".join((COLUMNS, *lines, "")), encoding="utf-8")
    return path


def test_a_recording_becomes_signed_active_and_reactive_current(tmp_path: Path) -> None:
    lines = (
        "2026-03-01T18:00:00.000+00:00,5,4,0,920,-920,0,230,230,230",
        "2026-03-01T18:00:01.000+00:00,5,4,0,1173,-920,0,230,230,230",
    )
    trace = recording(written(tmp_path, *lines), 25.0)
    assert (trace.name, trace.fuse, trace.phases, len(trace)) == ("evening", 25.0, 3, 2)
    assert trace.active[0] == pytest.approx([4.0, -4.0, 0.0])
    assert trace.reactive[0] == pytest.approx([3.0, 0.0, 0.0])
    assert trace.house_load[1] == pytest.approx([5.1, -4.0, 0.0]), "the power shows what the truncation hides"


def test_a_telegram_stands_until_the_next_one(tmp_path: Path) -> None:
    lines = ("2026-03-01T18:00:00Z,2,2,2,460,460,460,230,230,230", "2026-03-01T18:00:10Z,3,3,3,690,690,690,230,230,230")
    assert recording(written(tmp_path, *lines), 25.0).active[:, 2].tolist() == pytest.approx([2.0] * 10 + [3.0])


def test_a_meter_on_one_phase_makes_a_one_phase_trace(tmp_path: Path) -> None:
    trace = recording(written(tmp_path, "2026-03-01T18:00:00Z,10,,,2300,,,230,,"), 40.0)
    assert trace.phases == 1
    assert trace.active.tolist() == [[10.0, 0.0, 0.0]]


def test_a_gap_is_no_measurement(tmp_path: Path) -> None:
    lines = ("2026-03-01T18:00:00Z,2,2,2,460,460,460,230,230,230", "2026-03-01T18:02:00Z,3,3,3,690,690,690,230,230,230")
    with pytest.raises(RecordingError, match=r"evening\.csv: has 1 gaps of more than 60 s"):
        recording(written(tmp_path, *lines), 25.0)


def test_a_malformed_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"evening\.csv: line 2, power_l2"):
        recording(written(tmp_path, "2026-03-01T18:00:00Z,2,2,2,460,much,460,230,230,230"), 25.0)
