"""Recordings of real meters become houses, whatever state they are in."""

import io
from datetime import UTC, datetime, timedelta
from math import hypot
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.commands.record import HEADER
from bridge.core.mains_estimate import estimate
from bridge.simulator.closed_loop.recording import COLUMNS, TIME, Recording, RecordingError, flow, read_recording
from bridge.simulator.meter import BELGIAN, DSMR_4, DSMR_5

START = datetime(2026, 3, 1, 18, 0, 0, tzinfo=UTC)
QUIET = "1,1,1,230,230,230,230,230,230"


def line(second: float, values: str = QUIET) -> str:
    return f"{(START + timedelta(seconds=second)).isoformat(timespec='milliseconds')},{values}\n"


def written(folder: Path, *lines: str, header: str = ",".join(HEADER)) -> Path:
    path = folder / "evening.csv"
    path.write_text("".join([f"{header}\n", *lines]), encoding="utf-8", newline="")
    return path


def read(folder: Path, *lines: str) -> Recording:
    return read_recording(written(folder, *lines))


def l1(recording: Recording) -> list[float]:
    return [round(row[0], 3) for row in recording.house.active]


def test_the_columns_are_those_of_record() -> None:
    assert {TIME, *COLUMNS} == set(HEADER)


def test_each_telegram_becomes_a_second(tmp_path: Path) -> None:
    recording = read(tmp_path, line(0), line(1.04, "5,6,7,1150,1380,1610,230,230,230"), line(1.96))
    assert recording.house.active == [(1, 1, 1), (5, 6, 7), (1, 1, 1)]
    assert recording.start == START
    assert recording.told == (0, 1, 2)
    assert recording.meter == DSMR_5
    assert (recording.telegrams, recording.gaps, recording.skipped, recording.seconds) == (3, 0, 0, 3)


def test_the_fraction_comes_from_power_and_voltage(tmp_path: Path) -> None:
    recording = read(tmp_path, line(0, "5,5,0,1260,1150,23,225,,230"))
    assert recording.house.active[0] == pytest.approx((5.6, 5.0, 0.1))
    assert recording.house.reactive[0] == pytest.approx((0, 0, 0))


def test_what_the_power_leaves_out_is_reactive(tmp_path: Path) -> None:
    recording = read(tmp_path, line(0, "5,0,0,690,0,0,230,230,230"))
    assert recording.house.active[0][0] == pytest.approx(3)
    assert recording.house.reactive[0][0] == pytest.approx(4)


def test_export_is_negative_and_as_large_as_metered(tmp_path: Path) -> None:
    recording = read(tmp_path, line(0, "5.00,3.25,0,-690,-747.5,0,230,230,230"))
    assert recording.house.active[0] == pytest.approx((-3, -3.25, 0))
    assert recording.house.reactive[0] == pytest.approx((4, 0, 0))


def test_decimals_are_a_finer_meter(tmp_path: Path) -> None:
    recording = read(tmp_path, line(0, "5.62,1,1,1292.6,230,230,230,230,230"), line(1))
    assert recording.meter == BELGIAN
    assert l1(recording) == [5.62, 1]


def test_ten_seconds_are_held(tmp_path: Path) -> None:
    recording = read(tmp_path, *(line(10 * n, f"{n},0,0,{230 * n},0,0,,,") for n in range(1, 4)))
    assert recording.meter == DSMR_4
    assert l1(recording) == [1.0] * 10 + [2.0] * 10 + [3.0]
    assert recording.gaps == 0


def test_gaps_are_filled_and_the_long_ones_counted(tmp_path: Path) -> None:
    recording = read(tmp_path, line(0), line(1), line(2), line(50), line(51), line(151))
    assert recording.seconds == 152
    assert set(l1(recording)) == {1}
    assert (recording.gaps, recording.filled) == (1, 100)
    assert recording.meter.period == 1


def test_a_clock_that_goes_back_costs_those_lines(tmp_path: Path) -> None:
    other = "9,9,9,2070,2070,2070,230,230,230"
    recording = read(tmp_path, line(0), line(5), line(5, other), line(3, other), line(6))
    assert set(l1(recording)) == {1}
    assert (recording.skipped, recording.telegrams, recording.seconds) == (2, 3, 7)


def test_two_telegrams_within_a_second_leave_the_newer(tmp_path: Path) -> None:
    recording = read(tmp_path, line(0), line(0.4, "2,0,0,460,0,0,230,230,230"), line(1))
    assert l1(recording) == [2, 1]


def test_one_phase_is_told(tmp_path: Path) -> None:
    recording = read(tmp_path, line(0, "5,,,1150,,,230,,"), line(1, ",,,,,,,,"), line(2, "6,,,1380,,,230,,"))
    assert recording.told == (0,)
    assert recording.house.active == [(5, 0, 0), (5, 0, 0), (6, 0, 0)]
    assert recording.telegrams == 2


def test_power_alone_or_current_alone_will_do(tmp_path: Path) -> None:
    recording = read(tmp_path, line(0, ",5,,-460,,,,,"))
    assert recording.house.active[0] == pytest.approx((-2, 5, 0))


def test_columns_may_come_in_any_order_with_others_between(tmp_path: Path) -> None:
    path = written(tmp_path, "1380,x,2026-03-01T18:00:00Z,6\n", header="Power_L1, note,time,current_l1")
    assert read_recording(path).house.active == [(6, 0, 0)]


def test_a_last_line_cut_short_is_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, line(0), line(1), "2026-03-01T18:00:0").seconds == 2


def test_a_byte_order_mark_blank_lines_and_a_plain_time_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "evening.csv"
    path.write_text(f"\ufeff{','.join(HEADER)}\r\n2026-03-01T18:00:00,{QUIET}\r\n\r\n", encoding="utf-8", newline="")
    assert read_recording(path).start == START


@given(
    metered=st.floats(0, 100).map(lambda value: round(value, 2)) | st.integers(0, 100).map(float),
    power=st.floats(-20_000, 20_000) | st.none(),
    voltage=st.floats(200, 260) | st.none(),
)
def test_active_and_reactive_make_what_is_metered(metered: float, power: float | None, voltage: float | None) -> None:
    reading = estimate(metered, power, voltage, meter_is_fine=False)
    assert reading is not None
    active, reactive = flow(reading)
    assert hypot(active, reactive) == pytest.approx(max(abs(reading.current), metered))
    assert active * (power or 1) >= 0


UNFIT = [
    pytest.param("nan,1,1,1,1,1,,,", ["line 3, current_l1", "'nan'", "0 to 1000 A"], id="nan"),
    pytest.param("1,1e300,1,1,1,1,,,", ["line 3, current_l2", "correct the line"], id="huge"),
    pytest.param("1,1,-1,1,1,1,,,", ["line 3, current_l3"], id="negative magnitude"),
    pytest.param("1,1,1,1,1,inf,,,", ["line 3, power_l3", "500000 W"], id="inf"),
    pytest.param("1,1,1,1,1,1,0,,", ["line 3, voltage_l1", "1 to 500 V"], id="no voltage"),
    pytest.param("1,1,1,1,1,1,x,,", ["line 3, voltage_l1", "'x'"], id="text"),
    pytest.param("1,5,1,1,1,1,1,,,", ["line 3", "11 values where the header has 10"], id="decimal commas"),
]


@pytest.mark.parametrize(("values", "told"), UNFIT)
def test_a_wrong_value_is_named_with_its_line_and_column(tmp_path: Path, values: str, told: list[str]) -> None:
    with pytest.raises(RecordingError) as caught:
        read(tmp_path, line(0), line(1, values))
    (problem,) = caught.value.problems
    assert problem.startswith("evening.csv: line 3")
    assert all(word in problem for word in told), problem


@pytest.mark.parametrize(
    "time", ["", "18:00", "7-2-2026 16:01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_a_wrong_time_is_named(tmp_path: Path, time: str) -> None:
    with pytest.raises(RecordingError, match=r"line 2, time: .*no time like"):
        read(tmp_path, f"{time},{QUIET}\n")


def test_a_clock_that_jumps_by_years_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="line 3, time: is more than 31 days after the first"):
        read(tmp_path, f"1970-01-01T00:00:00Z,{QUIET}\n", line(0))


NO_RECORDING = [
    pytest.param(b"", "no column 'time'", id="empty"),
    pytest.param(line(0).encode(), "no column 'time'", id="no header"),
    pytest.param(f"{','.join(HEADER)}\n".encode(), "holds no telegram", id="header alone"),
    pytest.param(f"{','.join(HEADER)}\n{line(0, ',,,,,,,,')}".encode(), "holds no telegram", id="says nothing"),
    pytest.param(f"{';'.join(HEADER)}\n".encode(), "not separated by commas", id="semicolons"),
    pytest.param("\t".join(HEADER).encode() + b"\n", "not separated by commas", id="tabs"),
    pytest.param(b"time,watts\n", "no column 'current_l1'", id="other columns"),
    pytest.param(bytes(range(256)) * 4, "no UTF-8 text", id="binary"),
    pytest.param(bytes(5000), "too long for a telegram", id="zeros"),
    pytest.param(",".join(HEADER).encode("utf-16") + b"\n", "no UTF-8 text", id="UTF-16"),
]


@pytest.mark.parametrize(("content", "told"), NO_RECORDING)
def test_what_is_no_recording_is_said_in_a_line(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "junk.csv"
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        read_recording(path)
    (problem,) = caught.value.problems
    assert told in problem
    assert problem.startswith("junk.csv: ")
    assert "; " in problem


def test_a_folder_and_nothing_at_all_are_said(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not a file"):
        read_recording(tmp_path)
    with pytest.raises(RecordingError, match="no such file"):
        read_recording(tmp_path / "nowhere.csv")


@given(st.binary(max_size=300))
def test_junk_never_does_harm(content: bytes) -> None:
    class Junk(Path().__class__):  # type: ignore[misc]  # the class of this system's paths
        def is_file(self) -> bool:
            return True

        def open(self, *_: object, **__: object) -> io.TextIOWrapper:
            return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig")

    with pytest.raises(RecordingError):
        read_recording(Junk("junk.csv"))
