"""What an error says is fit to be shown, whoever wrote it."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import LONGEST_LINE, DeviceUnavailableError, one_line


@given(st.text() | st.text(alphabet="a\ud800\r\n\x1b", min_size=600, max_size=700))
def test_a_line_is_one_printable_and_bounded(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert len(line) <= LONGEST_LINE


def test_the_cure_at_the_end_outlives_a_long_name() -> None:
    error = DeviceUnavailableError("easee", f"charger {'X' * 5000} is gone: look for it")
    assert error.detail.startswith("charger XXX")
    assert error.detail.endswith(" is gone: look for it")


def test_what_is_short_and_printable_stays() -> None:
    assert one_line("limit 16 → 9 A – µ") == "limit 16 → 9 A – µ"
