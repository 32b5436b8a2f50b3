"""The doctor on real sockets: what it finds where all is well, and what where something is not."""

import asyncio
import base64
from pathlib import Path

import pytest
from doctor.doctor_rig import PASSWORD, House, marks, on

from bridge.commands.doctor.check import Mark, must_mend
from bridge.core.phases import PerPhase
from bridge.simulator.easee_charger import Box
from bridge.simulator.esphome_device import EsphomeDevice
from bridge.simulator.faults import Answer, Products, Silence
from bridge.simulator.variants import CLASSIC

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(32)).decode()


async def test_all_is_well(house: House) -> None:
    checks = await house.examined(easee='on_lapse = "offline_current"')
    assert {subject: mark for subject, mark in marks(checks).items() if mark is not Mark.GOOD} == {
        "service": Mark.CAUTION  # no systemd here
    }
    assert house.cloud.calls["login"] == 1


async def test_the_limit_in_force_is_ordered_once_more_and_stays(house: House) -> None:
    checks = await house.examined()
    [order] = house.cloud.orders
    assert (order.currents, order.minutes) == (PerPhase.all(13), 0)  # for good, since a lapse might raise it
    assert on(checks, "read-back").seen == "13 A ordered once more, nothing changed, and the charger confirmed it"
    assert house.cloud.charger.dynamic_current == PerPhase.all(13)
    assert sum(house.cloud.calls.values()) == 12  # as docs/doctor.md says: about a dozen
    assert house.cloud.calls["login"] == 1


async def test_dry_run_orders_nothing(house: House) -> None:
    checks = await house.examined(dry_run="true")
    assert house.cloud.orders == []
    assert "dry run" in on(checks, "read-back").seen
    assert "dry run" in on(checks, "settings").seen


async def test_a_charger_that_refuses_is_told(house: House) -> None:
    house.cloud.faults.reject_commands = True
    assert on(await house.examined(), "read-back").mark is Mark.BAD


async def test_an_order_that_the_cloud_refuses_is_told(house: House) -> None:
    house.cloud.faults.answer("dynamic_current", Answer.bad_request())
    assert on(await house.examined(), "read-back").mark is Mark.BAD
    assert house.cloud.calls["dynamic_current"] == 1


async def test_a_limit_that_others_keep_low_is_not_ordered(house: House) -> None:
    house.set_limit(40)
    assert "above the 16 A that bind" in on(await house.examined(), "read-back").seen
    assert house.cloud.orders == []


async def test_a_wrong_key(house: House) -> None:
    encrypted = EsphomeDevice(CLASSIC.sensors, encryption_key=KEY)
    await encrypted.start()
    try:
        more = f'encryption_key = "{OTHER_KEY}"'
        checks = await house.examined(meter=encrypted.port, meter_more=more)
    finally:
        await encrypted.stop()
    assert "has another key" in on(checks, "key").seen
    assert on(checks, "Easee login").mark is Mark.GOOD
    assert OTHER_KEY not in repr(checks)


async def test_no_device_at_all(house: House) -> None:
    await house.device.stop()
    checks = await house.examined()
    assert on(checks, "meter").mark is Mark.BAD
    assert "period" not in marks(checks)
    assert on(checks, "offline current").mark is Mark.GOOD


async def test_no_esphome_device(house: House) -> None:
    checks = await house.examined(meter=house.cloud.port)
    assert on(checks, "meter").mark is Mark.BAD


async def test_a_wrong_password_costs_one_login_and_shows_nothing(house: House) -> None:
    checks = await house.examined(password="hunter2hunter2")
    assert on(checks, "Easee login").mark is Mark.BAD
    assert house.cloud.calls["login"] == sum(house.cloud.calls.values()) == 1
    assert "hunter2" not in repr(checks)
    assert {"charger", "read-back"}.isdisjoint(marks(checks))


async def test_a_ban_is_not_prolonged(house: House) -> None:
    house.cloud.faults.ban(house.cloud.timeline.now)
    checks = await house.examined()
    assert "wait 24 h" in on(checks, "Easee cloud").cure
    assert sum(house.cloud.calls.values()) == 1


async def test_an_account_without_chargers(house: House) -> None:
    house.cloud.faults.products = Products.EMPTY
    house.cloud.faults.answer("sites", Answer(200, "[]"))
    checks = await house.examined()
    assert "has no charger" in on(checks, "charger").seen


async def test_two_chargers(tmp_path: Path) -> None:
    house = House(tmp_path, second_charger="EH000002")
    await house.start()
    try:
        checks = await house.examined()
        assert "EH000001, EH000002" in on(checks, "charger").seen
        assert on(checks, "charger").mark is Mark.BAD
        named = await house.examined(easee='charger = "EH000001"')
        assert "shared by EH000001, EH000002" in on(named, "charger").seen
    finally:
        await house.stop()


@pytest.mark.parametrize(
    ("box", "subject", "words"),
    [
        (Box(offline_current=PerPhase.all(16)), "offline current", "6 A on each phase"),
        (Box(circuit_maximum=PerPhase.all(32)), "circuit maximum", "16 A on each phase"),
    ],
)
async def test_what_does_not_guard_the_fuse_is_told_with_the_value(
    tmp_path: Path, box: Box, subject: str, words: str
) -> None:
    house = House(tmp_path, box=box)
    await house.start()
    try:
        check = on(await house.examined(), subject)
    finally:
        await house.stop()
    assert check.mark is Mark.BAD
    assert words in check.cure


async def test_a_full_house_leaves_no_offline_current(house: House) -> None:
    house.house_load = PerPhase(21, 3, 4)
    check = on(await house.examined(), "offline current")
    assert check.mark is Mark.BAD
    assert "leave only 4 A" in check.seen
    assert "0 A on each phase" in check.cure


async def test_another_controller_is_named(house: House) -> None:
    house.cloud.charger.set_dynamic_charger_current(0.0)
    house.cloud.reports.remember()
    house.cloud.faults.answer("read_settings", Answer(200, '{"equalizerId": "QP000001"}'))
    told = [check.seen for check in await house.examined() if check.subject == "other controller"]
    assert ["Equalizer" in told[0], "holds the charger itself at 0 A" in told[1]] == [True, True]


async def test_a_mute_stream(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.commands.doctor.looks.STREAM_WITHIN", 0.5)
    monkeypatch.setattr("bridge.commands.doctor.read_back.READY_WITHIN", 0.5)
    monkeypatch.setattr("bridge.commands.doctor.read_back.ANSWER_WITHIN", 0.5)
    house.cloud.faults.silence = Silence.TCP
    assert on(await house.examined(), "Easee stream").mark is Mark.CAUTION


async def test_no_broker(house: House) -> None:
    port = house.broker.port
    await house.broker.stop()
    assert on(await house.examined(mqtt=port), "broker").mark is Mark.BAD


async def test_a_running_service_is_left_alone(house: House) -> None:
    import aiomqtt  # noqa: PLC0415 only here

    async with aiomqtt.Client("127.0.0.1", house.broker.port) as client:
        await client.publish("ev-load-bridge/main/availability", "online", qos=1, retain=True)
    checks = await house.examined()
    assert house.cloud.orders == []
    assert "13 A in force" in on(checks, "read-back").seen
    assert on(checks, "instance").mark is Mark.CAUTION


async def test_a_maximum_age_below_the_period_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.mains.slimmelezer.evidence.period", lambda _: 10.0)
    check = on(await house.examined(mains="telegram_max_age = 5"), "period")
    assert (check.mark, "35" in check.cure) == (Mark.BAD, True)


async def test_a_bug_in_one_look_hides_nothing_else(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError(PASSWORD)

    monkeypatch.setattr("bridge.commands.doctor.looks.survey_meter", lambda _: asyncio.sleep(0, result=None))
    monkeypatch.setattr("bridge.commands.doctor.examination.check_charger", broken)
    checks = await house.examined()
    assert "could not be examined" in on(checks, "meter").seen
    assert "(KeyError)" in on(checks, "Easee cloud").seen
    assert on(checks, "broker").mark is Mark.GOOD
    assert must_mend(checks)
    assert PASSWORD not in repr(checks)
