"""The Easee adapter against the simulated cloud, where that misbehaves as the real one was seen to."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from charger_rigs import EaseeRig, Listening

from bridge.core.model import Cause, ChargerState, Link, Outcome, Refused, Result, SetCircuitLimit
from bridge.core.phases import PerPhase
from bridge.simulator.easee_cloud import EaseeCloud
from bridge.simulator.easee_documents import Place
from bridge.simulator.faults import ALWAYS, Answer, CommandBody, Products, Silence, Swallow
from bridge.simulator.latency import AT_ONCE

LIMIT = SetCircuitLimit((10, 10, 10), 10, Cause.LOWER, 4)


@pytest.fixture
async def rig() -> AsyncIterator[EaseeRig]:
    rigged = EaseeRig()
    yield rigged
    await rigged.stop()


@pytest.fixture
async def listen(rig: EaseeRig) -> AsyncIterator[Callable[..., object]]:
    started: list[Listening] = []

    async def start(**changes: object) -> Listening:
        await rig.start(**changes)  # type: ignore[arg-type]
        started.append(Listening(rig.charger))
        return started[0]

    yield start
    for following in started:
        await following.end()


Listen = Callable[..., "asyncio.Future[Listening]"]


def is_read_back(listening: Listening, amperes: float) -> bool:
    return listening.report is not None and listening.report.dynamic_current == PerPhase.all(amperes)


@pytest.mark.parametrize("products", [each for each in Products if each is not Products.NOTHING])
async def test_the_charger_is_found_whatever_the_app_knows(rig: EaseeRig, listen: Listen, products: Products) -> None:
    rig.cloud.faults.products = products
    listening = await listen()
    await listening.until_ready()
    assert rig.cloud.calls["login"] == 1


async def test_a_shared_circuit_is_governed_by_its_total(rig: EaseeRig, listen: Listen) -> None:
    rig.cloud = EaseeCloud(latency=AT_ONCE, name="localhost", place=Place(second_charger="EH000002"))
    rig.cloud.faults.hide_second_charger = True
    rig.cloud.charger.other_draw = PerPhase(6.0, 6.0, 0.0)
    listening = await listen(charger=rig.cloud.serial)
    await listening.until(lambda: listening.report and listening.report.draw == PerPhase(6, 6, 0))
    assert listening.report is not None
    assert listening.report.state is ChargerState.CHARGING


async def test_a_shared_circuit_without_its_total_is_refused(rig: EaseeRig, listen: Listen) -> None:
    rig.cloud = EaseeCloud(latency=AT_ONCE, name="localhost", place=Place(second_charger="EH000002"))
    rig.cloud.faults.hide_circuit_totals = True
    listening = await listen(charger=rig.cloud.serial, first_report_within=0.1)
    assert "73 to 75" in str(await listening.failure())


@pytest.mark.parametrize("body", list(CommandBody))
async def test_every_body_of_an_accepted_order_will_do(rig: EaseeRig, listen: Listen, body: CommandBody) -> None:
    rig.cloud.faults.command_body = body
    listening = await listen()
    await listening.until_ready()
    await rig.charger.apply(LIMIT)
    await listening.until(lambda: is_read_back(listening, 10) and Outcome(4, Result.EXECUTED) in listening.told)


async def test_a_charger_that_refuses_is_told(rig: EaseeRig, listen: Listen) -> None:
    listening = await listen()
    await listening.until_ready()
    rig.cloud.faults.reject_commands = True
    await rig.charger.apply(LIMIT)
    await listening.until(lambda: any(isinstance(each, Outcome) for each in listening.told))
    [outcome] = [each for each in listening.told if isinstance(each, Outcome)]
    assert outcome.result is Result.REJECTED


async def test_an_order_that_is_lost_on_the_way_is_not_confirmed(rig: EaseeRig, listen: Listen) -> None:
    listening = await listen(confirm_within=0.1)
    await listening.until_ready()
    rig.cloud.faults.swallow = Swallow.COMMAND
    reads = rig.cloud.calls["observations"]
    await rig.charger.apply(LIMIT)
    await listening.until(lambda: rig.cloud.calls["observations"] > reads)
    assert not is_read_back(listening, 10)
    assert not any(isinstance(each, Outcome) for each in listening.told)


@pytest.mark.parametrize("times", [1, 3])
async def test_a_connection_that_reaches_the_wrong_server_is_repeated(
    rig: EaseeRig, listen: Listen, times: int
) -> None:
    rig.cloud.faults.upgrade_not_found = times
    listening = await listen()
    await listening.until_ready()
    assert rig.cloud.calls["negotiate"] == times + 1


async def test_the_affinity_cookie_is_kept_through_all_reconnects(rig: EaseeRig, listen: Listen) -> None:
    rig.cloud.faults.affinity_cookie = True
    listening = await listen()
    await listening.until_ready()
    for number in range(2, 5):
        rig.cloud.hub.drop()
        await listening.until(lambda: not listening.is_up(Link.STREAM))
        await listening.until(lambda: listening.is_up(Link.STREAM))
        assert rig.cloud.calls["hub"] == number


@pytest.mark.parametrize("hang_up", [True, False])
@pytest.mark.parametrize("error", [None, "Connection closed with an error."])
async def test_every_goodbye_ends_in_a_new_stream(
    rig: EaseeRig,
    listen: Listen,
    error: str | None,
    hang_up: bool,  # noqa: FBT001
) -> None:
    listening = await listen()
    await listening.until_ready()
    rig.cloud.hub.close(error, hang_up=hang_up)
    await listening.until(lambda: not listening.is_up(Link.STREAM))
    await listening.until(lambda: listening.is_up(Link.STREAM))


@pytest.mark.parametrize("silence", list(Silence))
async def test_a_stream_that_falls_silent_is_rebuilt(rig: EaseeRig, listen: Listen, silence: Silence) -> None:
    listening = await listen(stream_silence=0.4)
    await listening.until_ready()
    rig.cloud.faults.silence = silence
    await listening.until(lambda: not listening.is_up(Link.STREAM))
    rig.cloud.faults.silence = None
    await listening.until(lambda: listening.is_up(Link.STREAM))
    rig.cloud.write_dynamic_current(PerPhase(9, 9, 9))
    await listening.until(lambda: is_read_back(listening, 9))


async def test_a_handshake_that_is_refused_is_repeated(rig: EaseeRig, listen: Listen) -> None:
    rig.cloud.faults.handshake_error = "Requested protocol 'json' is not available."
    listening = await listen()
    await listening.until(lambda: listening.link(Link.STREAM))
    rig.cloud.faults.handshake_error = None
    await listening.until_ready()


async def test_what_comes_late_and_out_of_order_does_not_count(rig: EaseeRig, listen: Listen) -> None:
    listening = await listen()
    await listening.until_ready()
    rig.cloud.faults.out_of_order = True
    await rig.charger.apply(LIMIT)
    await listening.until(lambda: Outcome(4, Result.EXECUTED) in listening.told)
    await listening.until(lambda: is_read_back(listening, 10))


async def test_bad_values_neither_hurt_nor_flood(rig: EaseeRig, listen: Listen) -> None:
    rig.cloud.faults.bad_replay = True
    listening = await listen()
    await listening.until_ready()
    for text in ("", "n/a", "-"):
        rig.cloud.push(111, text, stamp="2027-01-01T00:00:00Z")
    rig.cloud.write_dynamic_current(PerPhase(9, 9, 9))
    await listening.until(lambda: is_read_back(listening, 9))
    assert listening.told.count(Refused(Link.CHARGER)) == 4  # one of the replay, three pushed
    assert rig.cloud.calls["hub"] == 1


async def test_a_dead_stream_is_bridged_by_reading(rig: EaseeRig, listen: Listen) -> None:
    listening = await listen(poll_every=0.1)
    await listening.until_ready()
    rig.cloud.faults.answer("negotiate", Answer.server_error(), ALWAYS)
    rig.cloud.hub.drop()
    await listening.until(lambda: not listening.is_up(Link.STREAM))
    await rig.charger.apply(LIMIT)
    await listening.until(lambda: is_read_back(listening, 10))
    assert listening.is_up(Link.CHARGER)


async def test_a_reboot_of_the_charger_is_told(rig: EaseeRig, listen: Listen) -> None:
    listening = await listen()
    await listening.until_ready()
    await rig.charger.apply(LIMIT)
    await listening.until(lambda: is_read_back(listening, 10))
    rig.cloud.charger.reboot()
    await listening.until(lambda: is_read_back(listening, 40))


async def test_a_charger_that_loses_its_cloud_is_told(rig: EaseeRig, listen: Listen) -> None:
    listening = await listen()
    await listening.until_ready()
    rig.cloud.reports.lose_cloud()
    await listening.until(lambda: listening.report and listening.report.cloud_connected is False)
    rig.cloud.reports.find_cloud()
    await listening.until(lambda: listening.report and listening.report.cloud_connected is True)


@pytest.mark.parametrize(("mode", "state"), [(0, "offline"), (5, "error"), (42, "unknown")])
async def test_any_mode_of_operation_has_a_word(rig: EaseeRig, listen: Listen, mode: int, state: str) -> None:
    listening = await listen()
    await listening.until_ready()
    rig.cloud.faults.op_mode = mode
    await listening.until(lambda: listening.report and listening.report.state == state)


async def test_a_ban_of_a_day_sees_not_a_single_call(rig: EaseeRig, listen: Listen) -> None:
    listening = await listen(poll_every=0.05)
    await listening.until_ready()
    rig.cloud.faults.ban(rig.cloud.timeline.now)
    rig.cloud.hub.drop()
    await listening.until(lambda: not listening.is_up(Link.CHARGER))
    calls = len(rig.cloud.log)
    for _ in range(3):
        await asyncio.gather(rig.charger.apply(LIMIT), return_exceptions=True)
    assert len(rig.cloud.log) == calls
    assert rig.cloud.calls["login"] == 1
    report = listening.link(Link.CHARGER)
    assert report is not None
    assert (report.retry_after or 0) >= 300


async def test_a_cloud_that_goes_and_comes_back_is_followed_again(rig: EaseeRig, listen: Listen) -> None:
    listening = await listen(poll_every=0.1)
    await listening.until_ready()
    await rig.cloud.stop()
    await listening.until(lambda: not listening.is_up(Link.CHARGER))
    await rig.cloud.start()
    await listening.until(lambda: listening.is_up(Link.CHARGER) and listening.is_up(Link.STREAM), 15)
    assert rig.cloud.calls["login"] == 1
