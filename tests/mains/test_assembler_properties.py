"""What holds for every stream of states, however mangled."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.core.model import Telegram
from bridge.core.phases import Phase
from bridge.mains.slimmelezer.assembler import GAP, Channel, Quantity, TelegramAssembler

CHANNELS = [Channel(phase, quantity) for phase in Phase for quantity in Quantity]
channels = st.sampled_from(CHANNELS)
values = st.none() | st.floats(0, 500)
orders = st.permutations(CHANNELS)
losses = st.sets(channels, max_size=4)
streams = st.lists(st.tuples(channels, values, st.sampled_from([0.0, 0.001, 0.2, GAP, 1.0])), max_size=120)


def seeded() -> TelegramAssembler:
    assembler = TelegramAssembler()
    for channel in CHANNELS:
        assembler.receive(channel, 1.0, 0.0)
    return assembler


def burst(assembler: TelegramAssembler, order: list[Channel], now: float) -> list[Telegram]:
    told = [assembler.receive(channel, now, now) for channel in order]
    told.append(assembler.expire(now + GAP))
    return [telegram for telegram in told if telegram is not None]


@given(bursts=st.lists(orders, min_size=1, max_size=5))
def test_each_whole_burst_is_one_telegram_whatever_its_order(bursts: list[list[Channel]]) -> None:
    assembler = seeded()
    for number, order in enumerate(bursts, start=1):
        [telegram] = burst(assembler, order, float(number))
        assert None not in telegram.phases


@given(order=orders)
def test_nothing_is_told_of_the_dump(order: list[Channel]) -> None:
    assembler = TelegramAssembler()
    assert burst(assembler, order, 0.0) == []


@given(bursts=st.lists(st.tuples(orders, losses), min_size=1, max_size=4))
def test_values_of_two_bursts_are_never_mixed(bursts: list[tuple[list[Channel], set[Channel]]]) -> None:
    assembler = seeded()
    for number, (order, lost) in enumerate(bursts, start=1):
        for telegram in burst(assembler, [channel for channel in order if channel not in lost], float(number)):
            for phase, reading in zip(Phase, telegram.phases, strict=True):
                if reading is None:
                    continue
                known = {reading.metered, reading.voltage} - {None}
                assert known <= {float(number)}
                assert Channel(phase, Quantity.CURRENT) not in lost


@given(stream=streams)
def test_no_stream_breaks_it_and_no_burst_stays_open(
    stream: list[tuple[Channel, float | None, float]],
) -> None:
    assembler = TelegramAssembler()
    now = 0.0
    for channel, value, pause in stream:
        now += pause
        if assembler.deadline is not None and assembler.deadline <= now:
            assembler.expire(now)
        telegram = assembler.receive(channel, value, now)
        assert telegram is None or any(telegram.phases)
    if assembler.deadline is not None:
        assembler.expire(assembler.deadline)
    assert assembler.deadline is None


@given(stream=streams)
def test_a_phase_is_told_only_of_what_arrived_since_the_dump(
    stream: list[tuple[Channel, float | None, float]],
) -> None:
    assembler = TelegramAssembler()
    dumped: set[Channel] = set()
    fresh: set[Phase] = set()
    now = 0.0
    for channel, value, pause in stream:
        now += pause
        telegram = assembler.receive(channel, value, now)
        if channel in dumped and value is not None:
            fresh.add(channel.phase)
        dumped.add(channel)
        if telegram is not None:
            told = {phase for phase, reading in zip(Phase, telegram.phases, strict=True) if reading}
            assert told <= fresh
