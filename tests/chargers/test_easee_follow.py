"""What an Easee charger tells from the first reading on."""

import asyncio
from collections.abc import Callable

import pytest
from easee_peer import LATER, OLD, OTHER, SERIAL, STATE, Following, Peer, Says, always, observation, order, problem

from bridge.chargers.easee.client import EaseeCharger
from bridge.core.model import ChargerState, Link, NoCurrent, Refused
from bridge.core.phases import PerPhase
from bridge.errors import DeviceUnavailableError, UnsuitableError

Follow = Callable[..., Following]


async def test_the_first_reading_brings_one_report_with_all_that_is_known(peer: Peer, follow: Follow) -> None:
    peer.replay = [observation(number, str(value), OLD) for number, value in STATE.items()]
    following = follow()
    await following.until_live()
    await peer.observe(96, "52")
    await following.until(lambda: following.told.reports[-1].no_current is NoCurrent.OTHER_LIMIT)

    first, second = following.told.reports
    assert first.state is ChargerState.CHARGING
    assert first.dynamic_current == PerPhase(16, 16, 16)
    assert first.draw == PerPhase(15.8, 15.9, 15.7)
    assert first.output == (True, True, True)
    assert first.cloud_connected is True
    assert first.bounds.binding == 20.0
    assert first.bounds.offline_current == 6
    assert first.dynamic_charger_current == 32
    assert first.name == SERIAL
    assert second.no_current_code == 52


async def test_three_phases_of_one_limit_become_one_report(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    await peer.push(*(observation(number, "10.0") for number in (111, 112, 113)))
    await following.until(lambda: len(following.told.reports) > 1)
    assert [report.dynamic_current for report in following.told.reports[1:]] == [PerPhase(10, 10, 10)]


async def test_a_replay_alone_suffices_where_rest_knows_nothing(peer: Peer, follow: Follow) -> None:
    peer.observations = {}
    peer.replay = [observation(number, str(value), OLD) for number, value in STATE.items()]
    following = follow()
    await following.until(lambda: following.told.reports)
    assert following.told.reports[0].dynamic_current == PerPhase(16, 16, 16)


@pytest.mark.parametrize("answer", [problem(404), problem(403, title="Access denied"), problem(400)])
async def test_a_cloud_that_refuses_readings_is_followed_by_the_stream(
    peer: Peer, follow: Follow, answer: Says
) -> None:
    peer.says("observations", always(answer))
    peer.replay = [observation(number, str(value), OLD) for number, value in STATE.items()]
    following = follow()
    await following.until_live()
    assert following.told.is_up(Link.CHARGER)


async def test_a_charger_that_tells_nothing_is_warned_about_once(
    peer: Peer, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    peer.observations = {}
    following = follow(first_report_within=0.02)
    await following.until(lambda: "has not told its state" in caplog.text)
    await peer.push(*(observation(number, str(value)) for number, value in STATE.items()))
    await following.until(lambda: following.told.reports)
    assert caplog.text.count("has not told its state") == 1


async def test_an_older_observation_is_dropped(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    await peer.observe(111, "10.0", LATER)
    await following.until(lambda: len(following.told.reports) > 1)
    await peer.push(observation(111, "16.0", OLD), observation(96, "50", LATER))
    await following.until(lambda: following.told.reports[-1].no_current_code == 50)
    assert following.told.reports[-1].dynamic_current == PerPhase(10, 16, 16)


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(observation(111, ""), id="empty text for a current"),
        pytest.param(observation(109, None), id="None for a state"),
        pytest.param(observation(250, "perhaps"), id="no truth value"),
        pytest.param(observation("x", "1"), id="no number"),
        pytest.param(observation(111, "16", "yesterday"), id="no timestamp"),
        pytest.param(observation(111, "16", mid="EH999999"), id="somebody else's charger"),
        pytest.param(observation(111, "16", mid=["EH"]), id="a list for a serial number"),
        pytest.param({"type": 1, "target": "ProductUpdate", "arguments": [["EH", 1]]}, id="a list for an observation"),
        pytest.param({"type": 1, "target": "ProductUpdate", "arguments": {"id": 1}}, id="an object for the arguments"),
        pytest.param({"type": 1, "target": ["ProductUpdate"], "arguments": []}, id="a list for the target"),
        pytest.param({"type": 1, "target": "CommandResponse", "arguments": ["no"]}, id="text for a CommandResponse"),
        pytest.param({"type": 77}, id="an unknown type of message"),
        pytest.param({"no": "type"}, id="no type at all"),
        pytest.param([1, 2], id="a list for a message"),
    ],
)
async def test_nonsense_is_counted_and_the_stream_goes_on(peer: Peer, follow: Follow, nonsense: object) -> None:
    following = follow()
    await following.until_live()
    await peer.push(nonsense, nonsense)
    await peer.observe(96, "50")
    await following.until(lambda: following.told.reports[-1].no_current_code == 50)
    assert following.told.all.count(Refused(Link.CHARGER)) == 2
    assert len(peer.sockets) == 1
    assert following.told.reports[-1].dynamic_current == PerPhase(16, 16, 16)


async def test_text_that_is_no_json_is_counted(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    await peer.raw("{what\x1e[[[\x1e\x1e")
    await peer.observe(96, "50")
    await following.until(lambda: following.told.reports[-1].no_current_code == 50)
    assert following.told.all.count(Refused(Link.CHARGER)) == 2


async def test_unknown_members_invocations_and_observations_are_no_nonsense(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    await peer.push(
        {"type": 1, "target": "ChargerUpdate", "arguments": [], "news": True},
        {"type": 1, "target": "SubscribeToMyProduct", "arguments": [], "invocationId": "7"},
        {"type": 8, "sequenceId": 3},
        {"type": 6},
        {"type": 3, "invocationId": "1", "error": "no"},
        observation(190, "230.0"),
        observation(109, "3.0", dataType=4),
        observation(109, "42"),
    )
    await following.until(lambda: following.told.reports[-1].state is ChargerState.UNKNOWN)
    assert Refused(Link.CHARGER) not in following.told.all
    assert len(peer.sockets) == 1


async def test_the_only_charger_of_the_account_is_taken(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    await following.charger.apply(order())
    assert peer.orders == [{"phase1": 10, "phase2": 10, "phase3": 10, "timeToLive": 10}]
    assert peer.subscribed == {SERIAL}


@pytest.mark.parametrize("products", [[], [{"id": 11, "circuits": None, "equalizers": None}], "nonsense"])
async def test_a_charger_that_was_never_added_to_the_app_is_found(peer: Peer, follow: Follow, products: object) -> None:
    peer.products = products
    following = follow(charger=SERIAL)
    await following.until_live()
    assert following.told.reports[0].name == SERIAL


async def test_a_second_charger_on_the_circuit_that_the_app_hides_is_noticed(peer: Peer, follow: Follow) -> None:
    peer.serials, peer.master = [SERIAL, OTHER], OTHER
    peer.products = [{"id": 11, "circuits": [{"id": 22, "chargers": [{"id": SERIAL}]}], "equalizers": []}]
    peer.observations[OTHER] = {73: 20.0, 74: 4.0, 75: 0.0}
    following = follow(charger=SERIAL)
    await following.until_live()
    report = following.told.reports[0]
    assert report.draw == PerPhase(20, 4, 0)
    assert report.output == (True, True, True)
    await following.until(lambda: peer.subscribed == {SERIAL, OTHER})


async def test_the_draw_of_the_others_counts_as_charging(peer: Peer, follow: Follow) -> None:
    peer.serials, peer.master = [SERIAL, OTHER], OTHER
    peer.observations = {SERIAL: {**STATE, 109: 1, 183: 0, 184: 0, 185: 0}, OTHER: {73: 20.0, 74: 4.0, 75: 0.0}}
    following = follow(charger=SERIAL)
    await following.until_live()
    assert following.told.reports[0].state is ChargerState.CHARGING


async def test_a_shared_circuit_that_does_not_tell_its_draw_is_refused(peer: Peer, follow: Follow) -> None:
    peer.serials, peer.master = [SERIAL, OTHER], OTHER
    following = follow(charger=SERIAL)
    with pytest.raises(UnsuitableError, match="73 to 75"):
        await asyncio.wait_for(following.task, 5)
    assert following.told.reports == []


async def test_several_chargers_without_a_serial_number_are_named(peer: Peer, charger: EaseeCharger) -> None:
    peer.serials = [SERIAL, OTHER]
    with pytest.raises(UnsuitableError, match=rf"\({SERIAL}, {OTHER}\): set charger.easee.charger"):
        await charger.follow(print)


async def test_a_serial_number_of_another_account_is_refused(peer: Peer) -> None:
    adapter = EaseeCharger(peer.options(charger="EH777777"))
    with pytest.raises(UnsuitableError, match=r"EH777777 is not in this account \(EH000001\)"):
        await adapter.follow(print)
    await adapter.close()


async def test_an_account_without_a_charger_is_refused(peer: Peer, charger: EaseeCharger) -> None:
    peer.products, peer.sites = [], []
    with pytest.raises(UnsuitableError, match="no charger"):
        await charger.follow(print)


async def test_an_account_that_may_not_see_the_site_is_refused_without_another_login(
    peer: Peer, charger: EaseeCharger
) -> None:
    peer.products = []
    peer.says("site", problem(403, title="Access denied"))
    with pytest.raises(UnsuitableError):
        await charger.follow(print)
    assert peer.count("login") == 1


@pytest.mark.parametrize("grid", [4, 5, 33, 50, 51, 52])
async def test_a_grid_that_cannot_be_governed_is_refused(peer: Peer, follow: Follow, grid: int) -> None:
    peer.observations[SERIAL][21] = grid
    following = follow()
    with pytest.raises(UnsuitableError, match=f"type {grid}"):
        await asyncio.wait_for(following.task, 5)
    assert following.told.reports == []


async def test_a_grid_that_is_detected_later_is_refused_then(peer: Peer, follow: Follow) -> None:
    peer.observations[SERIAL][21] = 0
    following = follow()
    await following.until_live()
    await peer.observe(21, "4")
    with pytest.raises(UnsuitableError, match="IT grid"):
        await asyncio.wait_for(following.task, 5)


async def test_an_order_before_the_charger_is_found_is_unavailable(charger: EaseeCharger) -> None:
    with pytest.raises(DeviceUnavailableError, match="not been found"):
        await charger.apply(order())


async def test_following_again_costs_neither_a_login_nor_a_search(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    await following.end()
    again = follow(following.charger)
    await again.until_live()
    assert peer.count("login") == 1
    assert peer.count("site") == 1
    assert again.told.reports[0] == following.told.reports[0]


async def test_the_last_order_can_leave_after_the_following_was_cancelled(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    await following.end()
    await following.charger.apply(order((6, 6, 6)))
    assert peer.orders[0]["phase1"] == 6


async def test_cancelling_leaves_no_task_behind(follow: Follow) -> None:
    before = asyncio.all_tasks()
    following = follow()
    await following.until_live()
    await following.end()
    await following.charger.close()
    await following.charger.close()
    ours = {task for task in asyncio.all_tasks() - before if "easee" in task.get_name()}
    assert not ours


async def test_a_start_that_fails_can_be_repeated(peer: Peer, follow: Follow) -> None:
    peer.says("products", problem(503))
    following = follow()
    with pytest.raises(DeviceUnavailableError, match="HTTP 503"):
        await asyncio.wait_for(following.task, 5)
    assert following.told.is_down(Link.CHARGER)
    again = follow(following.charger)
    await again.until_live()
    assert peer.count("login") == 1
