import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.model import Control, ControlChange, Installation, LearnBy, Pace
from bridge.errors import MalformedReadingError
from bridge.mirror.controls import bounds, control_change

HOME = Installation(fuse=25.0, maximum=16)


@pytest.mark.parametrize(
    ("name", "payload", "change"),
    [
        ("balancing", b"OFF", ControlChange(Control.BALANCING, value=False)),
        ("charging_allowed", b"ON", ControlChange(Control.CHARGING_ALLOWED, value=True)),
        ("mains_limit", b"20", ControlChange(Control.MAINS_LIMIT, 20.0)),
        ("mains_limit", b"24.3", ControlChange(Control.MAINS_LIMIT, 24.3)),
        ("mains_limit", b"25", ControlChange(Control.MAINS_LIMIT, 25.0)),
        ("charger_maximum", b"6", ControlChange(Control.CHARGER_MAXIMUM, 6)),
        ("charger_maximum", b"16.0", ControlChange(Control.CHARGER_MAXIMUM, 16)),
        ("pace", b"eager", ControlChange(Control.PACE, Pace.EAGER)),
        ("learn_phases", b"PRESS", ControlChange(Control.LEARN_PHASES, LearnBy.START)),
    ],
)
def test_a_valid_payload_turns_its_knob(name: str, payload: bytes, change: ControlChange) -> None:
    told = control_change(name, payload, HOME)
    assert told == change
    assert type(told.value) is type(change.value)


@pytest.mark.parametrize(
    ("name", "payload", "cure"),
    [
        ("balancing", b"on", "send ON or OFF"),
        ("balancing", b"", "send ON or OFF"),
        ("mains_limit", b"25.1", "send a number from 6 to 25"),
        ("mains_limit", b"5.9", "send a number from 6 to 25"),
        ("mains_limit", b"-10", "send a number from 6 to 25"),
        ("mains_limit", b"nan", "send a number from 6 to 25"),
        ("mains_limit", b"inf", "send a number from 6 to 25"),
        ("mains_limit", b"1e1", "send a number from 6 to 25"),
        ("mains_limit", b"1_0", "send a number from 6 to 25"),
        ("mains_limit", "\N{FULLWIDTH DIGIT ONE}2".encode(), "send a number from 6 to 25"),
        ("charger_maximum", b"17", "send a number from 6 to 16"),
        ("charger_maximum", b"0", "send a number from 6 to 16"),
        ("charger_maximum", b"10.5", "send whole amperes"),
        ("pace", b"frantic", "send calm, normal, eager"),
        ("pace", b"\xff\xfe", "send calm, normal, eager"),
        (
            "fuse",
            b"40",
            "the controls are balancing, charging_allowed, mains_limit, charger_maximum, pace, learn_phases",
        ),
        ("learn_phases", b"ONE_PHASE", "send PRESS"),
        ("learn_phases", b"", "send PRESS"),
    ],
)
def test_a_bad_payload_is_refused_with_the_cure(name: str, payload: bytes, cure: str) -> None:
    with pytest.raises(MalformedReadingError) as refused:
        control_change(name, payload, HOME)
    assert refused.value.detail.endswith(cure)


def test_a_refusal_is_one_short_printable_line() -> None:
    with pytest.raises(MalformedReadingError) as refused:
        control_change("pace", b"\x1b[2J\n" * 1000, HOME)
    assert refused.value.detail.isprintable()
    assert len(refused.value.detail) < 300


installations = st.builds(
    Installation,
    fuse=st.floats(6, 80),
    maximum=st.integers(6, 32),
    minimum=st.just(6),
)
payloads = st.one_of(
    st.binary(max_size=100),
    st.floats().map(lambda number: str(number).encode()),
    st.integers(-100, 100).map(lambda number: str(number).encode()),
)


@given(st.one_of(st.sampled_from(list(Control)), st.text()), payloads, installations)
def test_no_bytes_on_any_set_topic_leave_what_the_settings_allow(
    name: str, payload: bytes, installation: Installation
) -> None:
    try:
        change = control_change(name, payload, installation)
    except MalformedReadingError:
        return
    match change.control:
        case Control.MAINS_LIMIT | Control.CHARGER_MAXIMUM:
            lowest, highest = bounds(change.control, installation)
            assert lowest <= float(change.value) <= highest
            assert highest <= (installation.fuse if change.control is Control.MAINS_LIMIT else installation.maximum)
        case Control.PACE:
            assert change.value in Pace
        case Control.LEARN_PHASES:
            assert (change.value, payload) == (LearnBy.START, b"PRESS")
        case _:
            assert change.value is True or change.value is False
