"""REST of the simulated cloud, seen by a plain client."""

import asyncio

import aiohttp
import pytest
from easee_plain_client import CIRCUIT, SERIAL, Client, eventually

from bridge.core.phases import PerPhase
from bridge.simulator.easee_charger import Box
from bridge.simulator.easee_cloud import EaseeCloud
from bridge.simulator.easee_documents import Place
from bridge.simulator.faults import Answer, CommandBody, Products
from bridge.simulator.latency import AT_ONCE


async def test_login_hands_out_a_bearer_token(client: Client) -> None:
    assert client.tokens["tokenType"] == "Bearer"
    assert client.tokens["expiresIn"] == 3600
    assert client.tokens["accessToken"].count(".") == 2
    assert (await client.get("/api/sites")).status == 200


async def test_a_wrong_password_is_a_400_with_error_code_100(stranger: Client) -> None:
    response = await stranger.login("wrong")
    assert response.status == 400
    assert (await response.json())["errorCode"] == 100


async def test_refreshing_rotates_both_tokens(client: Client, cloud: EaseeCloud) -> None:
    old = client.tokens
    response = await client.refresh(old)
    new = await response.json()
    assert {new["accessToken"], new["refreshToken"]}.isdisjoint({old["accessToken"], old["refreshToken"]})
    assert (await client.get("/api/sites")).status == 401, "the old access token is worth nothing"
    assert (await client.refresh(old)).status == 401, "and so is the old refresh token"
    assert cloud.calls["refresh_token"] == 2


async def test_tokens_run_out(client: Client, cloud: EaseeCloud) -> None:
    cloud.timeline.advance(3601)
    assert (await client.get("/api/sites")).status == 401
    assert (await client.refresh(client.tokens)).status == 200
    cloud.timeline.advance(25 * 3600)
    assert (await client.refresh(client.tokens)).status == 401


async def test_the_site_shows_circuit_and_charger(client: Client) -> None:
    site = await (await client.get("/api/sites/54321?detailed=true")).json()
    circuit = site["circuits"][0]
    charger = circuit["chargers"][0]
    assert (circuit["id"], circuit["ratedCurrent"], charger["id"]) == (12345, 16.0, SERIAL)
    assert charger["backPlate"]["id"] == charger["backPlate"]["masterBackPlateId"]
    assert (await (await client.get("/api/sites")).json())[0]["circuits"] is None


async def test_products_may_be_empty_or_without_circuits(client: Client, cloud: EaseeCloud) -> None:
    assert (await (await client.get("/api/accounts/products")).json())[0]["circuits"]
    cloud.faults.products = Products.NULL_CIRCUITS
    assert (await (await client.get("/api/accounts/products")).json())[0]["circuits"] is None
    cloud.faults.products = Products.EMPTY
    assert await (await client.get("/api/accounts/products")).json() == []


async def test_an_order_is_rounded_down_and_answered_with_a_ticket(client: Client, cloud: EaseeCloud) -> None:
    response = await client.order(9.9, 10)
    ticket = await response.json()
    assert response.status == 202
    assert (ticket["device"], ticket["commandId"]) == (SERIAL, 22)
    cloud.timeline.advance(1)
    assert await (await client.get(f"{CIRCUIT}/dynamicCurrent")).json() == {"phase1": 9, "phase2": 9, "phase3": 9}
    assert cloud.orders[-1].currents == (9, 9, 9)
    assert cloud.orders[-1].minutes == 10
    status = await client.get(f"/api/commands/{SERIAL}/22/{ticket['ticks']}")
    assert (await status.json())["wasAccepted"] is True
    assert (await client.get(f"/api/commands/{SERIAL}/22/1")).status == 404


async def test_a_missing_phase_stays_as_it_is(client: Client, cloud: EaseeCloud) -> None:
    await client.post(f"{CIRCUIT}/dynamicCurrent", {"phase1": 10, "phase2": None})
    cloud.timeline.advance(1)
    assert cloud.charger.dynamic_current == (10, 40, 40)


@pytest.mark.parametrize("body", [{"phase1": -1}, {"phase1": "9"}, {"timeToLive": -1}, [], {"phase1": True}])
async def test_nonsense_is_a_400_and_no_order(client: Client, cloud: EaseeCloud, body: object) -> None:
    response = await client.post(f"{CIRCUIT}/dynamicCurrent", body)
    assert response.status == 400
    assert response.content_type == "application/problem+json"
    assert not cloud.orders


@pytest.mark.parametrize("body", list(CommandBody))
async def test_the_undocumented_body_comes_in_three_shapes(
    client: Client, cloud: EaseeCloud, body: CommandBody
) -> None:
    cloud.faults.command_body = body
    text = await (await client.order(9)).text()
    assert text[:1] == {"object": "{", "array": "[", "empty": ""}[body]


async def test_foreign_places_are_forbidden(client: Client) -> None:
    assert (await client.get("/api/sites/1")).status == 403
    assert (await client.get("/api/chargers/EH999999/config")).status == 403
    assert (await client.post("/api/sites/54321/circuits/1/dynamicCurrent", {})).status == 403


async def test_observations_have_types_and_the_time_of_the_charger(client: Client, cloud: EaseeCloud) -> None:
    await client.order(8)
    cloud.timeline.advance(1)
    shown = (await (await client.get(f"/state/{SERIAL}/observations?ids=22,111,250,9999")).json())["observations"]
    assert [(each["id"], each["value"]) for each in shown] == [(22, 16.0), (111, 8.0), (250, True)]
    assert shown[0]["timestamp"] < shown[1]["timestamp"]
    assert shown[2]["timestamp"][19] == ".", "made by the cloud: with milliseconds"


async def test_circuit_settings_change_what_is_permanent(client: Client, cloud: EaseeCloud) -> None:
    body = {"offlineMaxCircuitCurrentP1": 8, "offlineMaxCircuitCurrentP2": 8, "offlineMaxCircuitCurrentP3": 8}
    tickets = await (await client.post(f"{CIRCUIT}/settings", body)).json()
    assert len(tickets) == 1
    cloud.timeline.advance(1)
    settings = await (await client.get(f"{CIRCUIT}/settings")).json()
    assert settings["offlineMaxCircuitCurrentP2"] == 8
    assert await (await client.post(f"{CIRCUIT}/settings", body)).json() == [], "nothing differs, nothing is sent"


async def test_config_and_state_are_there_for_those_who_poll(client: Client, cloud: EaseeCloud) -> None:
    cloud.charger.plug_in()
    cloud.timeline.advance(1)
    config = await (await client.get(f"/api/chargers/{SERIAL}/config")).json()
    state = await (await client.get(f"/api/chargers/{SERIAL}/state")).json()
    assert (config["circuitMaxCurrentP1"], config["phaseMode"]) == (16.0, 2)
    assert (state["chargerOpMode"], state["isOnline"]) == (6, True)


async def test_the_list_of_chargers_is_limited_to_two_a_minute(client: Client, cloud: EaseeCloud) -> None:
    answers = [(await client.get("/api/chargers")).status for _ in range(3)]
    assert answers == [200, 200, 429]
    cloud.timeline.advance(61)
    assert (await client.get("/api/chargers")).status == 200


@pytest.mark.parametrize("status", [500, 503, 504])
async def test_an_endpoint_can_fail_a_number_of_times(client: Client, cloud: EaseeCloud, status: int) -> None:
    cloud.faults.answer("dynamic_current", Answer.server_error(status), times=2)
    assert [(await client.order(9)).status for _ in range(3)] == [status, status, 202]
    assert len(cloud.orders) == 1


async def test_a_rate_limit_comes_with_and_without_retry_after(client: Client, cloud: EaseeCloud) -> None:
    cloud.faults.answer("sites", Answer.too_many_requests())
    assert "Retry-After" not in (await client.get("/api/sites")).headers
    cloud.faults.answer("sites", Answer.too_many_requests("30"))
    assert (await client.get("/api/sites")).headers["Retry-After"] == "30"
    cloud.faults.clear()
    assert (await client.get("/api/sites")).status == 200


async def test_a_ban_is_plain_text_and_slides(client: Client, cloud: EaseeCloud) -> None:
    cloud.faults.ban(cloud.timeline.now)
    cloud.timeline.advance(23 * 3600)
    response = await client.get("/api/sites")
    assert (response.status, response.content_type) == (403, "text/plain")
    cloud.timeline.advance(23 * 3600)
    assert (await client.login()).status == 429, "the last request prolonged it"
    cloud.timeline.advance(24 * 3600 + 1)
    assert (await client.login()).status == 200


async def test_html_and_empty_answers(client: Client, cloud: EaseeCloud) -> None:
    cloud.faults.answer("sites", Answer.html())
    assert (await client.get("/api/sites")).content_type == "text/html"
    cloud.faults.answer("sites", Answer.empty())
    assert await (await client.get("/api/sites")).read() == b""


async def test_a_charger_without_internet_cannot_be_ordered(client: Client, cloud: EaseeCloud) -> None:
    cloud.reports.lose_cloud()
    assert (await client.order(9)).status == 504
    cloud.reports.find_cloud()
    assert (await client.order(9)).status == 202


async def test_it_comes_back_on_the_same_port(client: Client, cloud: EaseeCloud) -> None:
    address = cloud.api_url
    await cloud.stop()
    await cloud.start()
    assert cloud.api_url == address
    assert (await client.get("/api/sites")).status == 200


async def test_calls_are_logged_in_order(client: Client, cloud: EaseeCloud) -> None:
    await client.get("/api/sites")
    await client.get("/nowhere")
    assert [(call.endpoint, call.status) for call in cloud.log] == [("login", 200), ("sites", 200), ("unknown", 404)]


async def test_it_stops_while_a_call_is_waiting(client: Client, cloud: EaseeCloud) -> None:
    cloud.faults.answer("sites", Answer.slow(300))
    waiting = asyncio.create_task(client.get("/api/sites"))
    await eventually(lambda: cloud.calls["sites"])
    async with asyncio.timeout(5):
        await cloud.stop()
    with pytest.raises(aiohttp.ClientError):
        await waiting


async def test_two_chargers_share_a_circuit_and_its_limit(client: Client) -> None:
    place = Place(second_charger="EH654321")
    shared = EaseeCloud(box=Box(SERIAL), place=place, latency=AT_ONCE)
    await shared.start()
    shared.charger.plug_in()
    shared.charger.other_draw = PerPhase.all(6)
    visitor = Client(shared, client.session)
    await visitor.login()
    site = await (await visitor.get("/api/sites/54321")).json()
    assert [charger["id"] for charger in site["circuits"][0]["chargers"]] == [SERIAL, "EH654321"]
    shared.timeline.advance(1)
    assert shared.charger.offer == 10, "what the other one leaves of 16 A"
    totals = await (await visitor.get(f"/state/{SERIAL}/observations?ids=73,74,75")).json()
    assert [each["value"] for each in totals["observations"]] == [6, 6, 6]
    shared.faults.hide_circuit_totals = True
    totals = await (await visitor.get(f"/state/{SERIAL}/observations?ids=73,74,75")).json()
    assert totals["observations"] == []
    await shared.stop()


async def test_other_apps_pause_resume_and_reboot(client: Client, cloud: EaseeCloud) -> None:
    cloud.charger.plug_in()
    commands = f"/api/chargers/{SERIAL}/commands"
    expected = {"pause_charging": 0, "resume_charging": 32}
    for command, amperes in expected.items():
        assert (await client.post(f"{commands}/{command}", {})).status == 202
        cloud.timeline.advance(1)
        assert cloud.charger.dynamic_charger_current == amperes
    await client.post(f"{commands}/set_dynamic_charger_current", {"amps": 9, "minutes": 0})
    await client.order(8)
    cloud.timeline.advance(1)
    assert (cloud.charger.dynamic_charger_current, cloud.charger.offer) == (9, 8)
    await client.post(f"/api/chargers/{SERIAL}/settings", {"dynamicChargerCurrent": 7})
    await client.post(f"{commands}/reboot", None)
    cloud.timeline.advance(1)
    assert (cloud.reports.known[111].value, cloud.reports.known[48].value) == (40, 32)
    assert (await client.post(f"{commands}/dance", {})).status == 404
