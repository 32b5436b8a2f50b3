"""Bursts of states become telegrams."""

import pytest

from bridge.core.model import Telegram
from bridge.core.phases import Phase
from bridge.mains.slimmelezer.assembler import GAP, TRUST, Channel, Quantity, TelegramAssembler

ORDER = (Quantity.VOLTAGE, Quantity.CURRENT, Quantity.CONSUMED, Quantity.PRODUCED)
BURST = tuple(Channel(phase, quantity) for quantity in ORDER for phase in Phase)
VALUES = {Quantity.VOLTAGE: 230.0, Quantity.CURRENT: 5.0, Quantity.CONSUMED: 1200.0, Quantity.PRODUCED: 0.0}
L2_POWERS = {Channel(Phase.L2, Quantity.CONSUMED), Channel(Phase.L2, Quantity.PRODUCED)}


def send(
    assembler: TelegramAssembler, channels: tuple[Channel, ...] = BURST, now: float = 0.0, **changed: float | None
) -> list[Telegram]:
    """Hand over a burst; the telegrams that it completes."""
    told = (assembler.receive(c, changed.get(c.quantity.name, VALUES[c.quantity]), now) for c in channels)
    return [telegram for telegram in told if telegram is not None]


@pytest.fixture
def assembler() -> TelegramAssembler:
    """One that has seen the dump of a meter that sends everything."""
    fresh = TelegramAssembler()
    send(fresh)
    return fresh


def test_the_dump_after_subscribing_is_no_telegram() -> None:
    fresh = TelegramAssembler()
    assert send(fresh) == []
    assert fresh.deadline is None


def test_a_repeated_equal_burst_is_a_telegram(assembler: TelegramAssembler) -> None:
    assert len(send(assembler, now=1.0)) == 1
    assert len(send(assembler, now=2.0)) == 1


def test_a_telegram_is_complete_with_its_last_state(assembler: TelegramAssembler) -> None:
    assert send(assembler, BURST[:-1], 1.0) == []
    [telegram] = send(assembler, BURST[-1:], 1.001)
    assert [reading.current for reading in telegram.phases if reading] == pytest.approx([1200 / 230] * 3)
    assert assembler.deadline is None


def test_after_a_boot_the_gap_ends_the_first_burst_and_teaches_the_rest() -> None:
    fresh = TelegramAssembler()
    for channel in BURST:
        fresh.receive(channel, None, 0.0)
    assert send(fresh, now=5.0) == []
    assert fresh.deadline == pytest.approx(5.0 + GAP)
    assert fresh.expire(5.0 + GAP / 2) is None
    assert fresh.expire(5.0 + GAP) is not None
    assert len(send(fresh, now=6.0)) == 1


def test_a_lost_state_leaves_its_phase_out_and_waits_for_the_gap(assembler: TelegramAssembler) -> None:
    lost = Channel(Phase.L2, Quantity.CONSUMED)
    assert send(assembler, tuple(c for c in BURST if c != lost), 1.0) == []
    telegram = assembler.expire(1.0 + GAP)
    assert telegram is not None
    assert telegram.phases[1] is None
    assert telegram.phases[0] is not None
    assert telegram.phases[2] is not None


def test_a_lost_voltage_only_widens_the_margin(assembler: TelegramAssembler) -> None:
    send(assembler, tuple(c for c in BURST if c != Channel(Phase.L1, Quantity.VOLTAGE)), 1.0)
    telegram = assembler.expire(1.0 + GAP)
    assert telegram is not None
    l1, l2, _ = telegram.phases
    assert l1 is not None
    assert l2 is not None
    assert (l1.whole_amperes, l2.whole_amperes) == (True, False)


def test_a_burst_that_runs_into_the_next_is_told_first(assembler: TelegramAssembler) -> None:
    assert send(assembler, tuple(c for c in BURST if c.phase is not Phase.L3), 1.0) == []
    [first] = send(assembler, BURST[:1], 1.3)
    assert first.phases[2] is None
    assert first.phases[0] is not None
    [second] = send(assembler, BURST[1:], 1.3)
    assert None not in second.phases


def test_a_sensor_that_stopped_for_good_is_no_longer_waited_for(assembler: TelegramAssembler) -> None:
    rest = tuple(channel for channel in BURST if channel not in L2_POWERS)
    for number in range(TRUST):
        assert send(assembler, rest, number) == []
        telegram = assembler.expire(number + GAP)
        assert telegram is not None
    [telegram] = send(assembler, rest, TRUST)
    l2 = telegram.phases[1]
    assert l2 is not None
    assert (l2.current, l2.power, l2.whole_amperes) == (5.0, None, True)


def test_a_sensor_that_comes_back_is_waited_for_again(assembler: TelegramAssembler) -> None:
    rest = tuple(channel for channel in BURST if channel not in L2_POWERS)
    for number in range(TRUST):
        send(assembler, rest, number)
        assembler.expire(number + GAP)
    late = tuple(channel for channel in BURST if channel in L2_POWERS)
    for number in range(10, 10 + TRUST):
        assert len(send(assembler, rest + late, number)) == 1
    [telegram] = send(assembler, rest + late, 20.0)
    assert telegram.phases[1] is not None
    assert telegram.phases[1].power == 1200.0


def test_a_sensor_that_is_mostly_quiet_does_not_delay_telegrams_for_ever(assembler: TelegramAssembler) -> None:
    rest = tuple(channel for channel in BURST if channel not in L2_POWERS)
    told_at_once = 0
    for number in range(100):
        channels = BURST if number % 10 == 0 else rest
        told_at_once += len(send(assembler, channels, number))
        assembler.expire(number + GAP)
    assert told_at_once > 90


def test_states_after_an_early_end_do_not_start_a_telegram_of_their_own() -> None:
    fresh = TelegramAssembler()
    currents = tuple(channel for channel in BURST if channel.quantity is Quantity.CURRENT)
    powers = tuple(channel for channel in BURST if channel.quantity is Quantity.CONSUMED)
    send(fresh, currents)  # only the currents had a last known value
    for channel in powers:
        fresh.receive(channel, None, 0.0)
    [unsigned] = send(fresh, currents + powers, 1.0)
    assert unsigned.phases[0] is not None
    assert unsigned.phases[0].power is None
    assert fresh.deadline is None
    [signed] = send(fresh, currents + powers, 2.0)
    assert signed.phases[0] is not None
    assert signed.phases[0].power == 1200.0


def test_nan_is_absence_but_completes_the_burst(assembler: TelegramAssembler) -> None:
    assert send(assembler, now=1.0, CURRENT=None) == []
    assert assembler.deadline is None


def test_a_single_phase_meter_works() -> None:
    fresh = TelegramAssembler()
    of_l1 = tuple(channel for channel in BURST if channel.phase is Phase.L1)
    send(fresh, of_l1)
    for channel in BURST:
        if channel.phase is not Phase.L1:
            fresh.receive(channel, None, 0.0)
    [telegram] = send(fresh, of_l1, 1.0)
    assert telegram.phases[0] is not None
    assert telegram.phases[1:] == (None, None)


def test_an_exporting_phase_is_negative(assembler: TelegramAssembler) -> None:
    [telegram] = send(assembler, now=1.0, CONSUMED=0.0, PRODUCED=1150.0)
    assert telegram.phases[0] is not None
    assert telegram.phases[0].current == -5.0
    assert telegram.phases[0].power == -1150.0


def test_a_meter_without_powers_counts_as_import() -> None:
    fresh = TelegramAssembler()
    currents = tuple(channel for channel in BURST if channel.quantity is Quantity.CURRENT)
    send(fresh, currents)
    [telegram] = send(fresh, currents, 1.0)
    assert telegram.phases[0] is not None
    assert (telegram.phases[0].current, telegram.phases[0].whole_amperes) == (5.0, True)


def test_only_produced_power_tells_nothing_of_import() -> None:
    fresh = TelegramAssembler()
    channels = tuple(c for c in BURST if c.quantity in {Quantity.CURRENT, Quantity.PRODUCED})
    send(fresh, channels)
    [telegram] = send(fresh, channels, 1.0)
    assert telegram.phases[0] is not None
    assert telegram.phases[0].power is None
    [telegram] = send(fresh, channels, 2.0, PRODUCED=460.0)
    assert telegram.phases[0] is not None
    assert telegram.phases[0].current == -2.0


def test_a_meter_that_once_showed_decimals_is_fine_from_then_on(assembler: TelegramAssembler) -> None:
    send(assembler, now=1.0, CURRENT=5.17)
    [telegram] = send(assembler, now=2.0, CURRENT=5.0)
    assert telegram.phases[0] is not None
    assert telegram.phases[0].current == 5.0


def test_decimals_in_the_dump_already_show_a_fine_meter() -> None:
    fresh = TelegramAssembler()
    send(fresh, CURRENT=5.17)
    [telegram] = send(fresh, now=1.0)
    assert telegram.phases[0] is not None
    assert telegram.phases[0].current == 5.0
