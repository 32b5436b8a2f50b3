"""One look at an Easee account, against the simulated cloud: what it finds, and what it costs."""

from collections.abc import AsyncIterator

import pytest

from bridge.chargers.easee.client import EaseeCharger
from bridge.chargers.easee.options import EaseeOptions
from bridge.chargers.easee.survey import PHASE_MODES, ChargerSurvey
from bridge.core.model import Cause, NoCurrent, SetCircuitLimit
from bridge.core.phases import PerPhase
from bridge.errors import DeviceUnavailableError, LoginRejectedError, RateLimitedError, UnsuitableError
from bridge.simulator.easee_charger import Box
from bridge.simulator.easee_cloud import EaseeCloud
from bridge.simulator.easee_documents import Place
from bridge.simulator.faults import Answer, Products, Silence
from bridge.simulator.latency import Latency

SOON = Latency((0, 0), (0, 0), (0, 0), 0, (0, 0), (0, 0), sample_every=0.02, ping_every=0.3)
SECOND = "EH000002"


@pytest.fixture
async def cloud() -> AsyncIterator[EaseeCloud]:
    cloud = EaseeCloud(latency=SOON, name="localhost")
    await cloud.start()
    yield cloud
    await cloud.stop()


async def look(cloud: EaseeCloud, stream_within: float = 5.0, **changes: object) -> ChargerSurvey:
    options = {"password": "correct horse", "api_url": cloud.api_url, "stream_url": cloud.stream_url, **changes}
    charger = EaseeCharger(EaseeOptions("owner@example.com", **options))  # type: ignore[arg-type]
    try:
        return await charger.survey(stream_within)
    finally:
        await charger.close()


async def test_everything_that_binds_is_found(cloud: EaseeCloud) -> None:
    cloud.charger.plug_in()
    cloud.write_dynamic_current(PerPhase.all(13.0))
    cloud.timeline.advance(2.0)
    seen = await look(cloud)
    assert seen.trouble is None
    assert seen.circuit is not None
    assert (seen.circuit.site_name, seen.circuit.names) == ("Simulated house", ("Easee Home 00001",))
    assert seen.facts is not None
    assert seen.facts.report is not None
    assert seen.facts.report.dynamic_current == (13, 13, 13)
    assert seen.facts.report.dynamic_charger_current == 32
    bounds = seen.facts.bounds
    assert (bounds.rated_current, bounds.circuit_maximum, bounds.charger_maximum, bounds.offline_current) == (
        16,
        16,
        32,
        6,
    )
    assert PHASE_MODES[seen.facts.phase_mode or 0] == "automatic"
    assert (seen.facts.firmware, seen.facts.offered) == (340, 13)
    assert seen.settings["maxCircuitCurrentP1"] == 16
    assert not seen.has_equalizer
    assert (seen.facts.unsuitable, seen.facts.warning) == (None, None)
    assert seen.stream is not None
    assert seen.stream.is_alive
    assert seen.clock_ahead is not None
    assert abs(seen.clock_ahead) < 5


async def test_it_logs_in_once_and_counts_every_call(cloud: EaseeCloud) -> None:
    seen = await look(cloud)
    assert cloud.calls["login"] == 1
    assert seen.calls == sum(cloud.calls.values()) == 8


async def test_the_log_in_serves_what_follows(cloud: EaseeCloud) -> None:
    charger = EaseeCharger(
        EaseeOptions("owner@example.com", "correct horse", api_url=cloud.api_url, stream_url=cloud.stream_url)
    )
    await charger.survey(0)
    with pytest.raises(DeviceUnavailableError):
        await charger.apply(SetCircuitLimit((10, 10, 10), 1, Cause.LOWER, 1))  # nobody follows: nothing to clamp by
    await charger.survey(0)
    await charger.close()
    assert cloud.calls["login"] == 1


async def test_a_wrong_password_costs_one_log_in(cloud: EaseeCloud) -> None:
    seen = await look(cloud, password="hunter2")
    assert isinstance(seen.trouble, LoginRejectedError)
    assert sum(cloud.calls.values()) == seen.calls == 1
    assert "hunter2" not in repr(seen)


async def test_a_ban_ends_it_at_once(cloud: EaseeCloud) -> None:
    cloud.faults.ban(cloud.timeline.now)
    seen = await look(cloud)
    assert isinstance(seen.trouble, RateLimitedError)
    assert seen.trouble.retry_after > 3600
    assert sum(cloud.calls.values()) == 1


async def test_two_chargers_are_listed_and_one_must_be_named() -> None:
    cloud = EaseeCloud(latency=SOON, name="localhost", place=Place(second_charger=SECOND))
    await cloud.start()
    try:
        seen = await look(cloud)
        assert isinstance(seen.trouble, UnsuitableError)
        assert [circuit.chargers for circuit in seen.circuits] == [("EH000001", SECOND)]
        named = await look(cloud, charger="EH000001")
        assert named.trouble is None
        assert named.circuit is not None
        assert named.circuit.is_shared
    finally:
        await cloud.stop()


async def test_an_account_without_chargers(cloud: EaseeCloud) -> None:
    cloud.faults.products = Products.EMPTY
    cloud.faults.answer("sites", Answer(200, "[]"))
    seen = await look(cloud)
    assert isinstance(seen.trouble, UnsuitableError)
    assert seen.circuits == ()


async def test_an_it_grid_is_told() -> None:
    cloud = EaseeCloud(latency=SOON, name="localhost", box=Box(grid_type=4))
    await cloud.start()
    try:
        facts = (await look(cloud, 0)).facts
        assert facts is not None
        assert "IT grid" in (facts.unsuitable or "")
    finally:
        await cloud.stop()


async def test_somebody_else_at_the_charger_shows(cloud: EaseeCloud) -> None:
    cloud.charger.plug_in()
    cloud.write_dynamic_charger_current(0.0)
    cloud.timeline.advance(2.0)
    facts = (await look(cloud, 0)).facts
    assert facts is not None
    assert facts.report is not None
    assert facts.report.dynamic_charger_current == 0
    assert (facts.report.no_current, facts.report.no_current_code) == (NoCurrent.OTHER_LIMIT, 52)


async def test_an_equalizer_is_noticed_by_its_device_or_its_values(cloud: EaseeCloud) -> None:
    cloud.faults.answer("read_settings", Answer(200, '{"equalizerId": "QP000001"}'))
    assert (await look(cloud, 0)).has_equalizer
    cloud.faults.clear()
    told = '{"observations": [{"id": 230, "value": 11.5, "timestamp": "2026-05-05T10:00:00Z"}]}'
    cloud.faults.answer("observations", Answer(200, told))
    seen = await look(cloud, 0)
    assert seen.facts is not None
    assert seen.facts.equalizer == (11.5,)
    assert seen.has_equalizer
    assert seen.facts.report is None


@pytest.mark.parametrize("silence", list(Silence))
async def test_a_mute_stream_is_not_taken_to_be_alive(cloud: EaseeCloud, silence: Silence) -> None:
    cloud.faults.silence = silence
    seen = await look(cloud, 0.6)
    assert seen.trouble is None
    assert seen.stream is not None
    assert not seen.stream.is_alive
    assert "within 0.6 s" in seen.stream.detail


async def test_a_hub_that_refuses_is_told(cloud: EaseeCloud) -> None:
    cloud.faults.upgrade_not_found = 1
    seen = await look(cloud)
    assert seen.stream is not None
    assert (seen.stream.is_open, seen.stream.detail) == (False, "the hub refused the connection with HTTP 404")


async def test_hidden_documents_do_not_end_it(cloud: EaseeCloud) -> None:
    cloud.faults.answer("read_settings", Answer.access_denied())
    cloud.faults.answer("observations", Answer.access_denied())
    seen = await look(cloud, 0)
    assert (seen.trouble, seen.settings) == (None, {})
    assert seen.facts is not None
    assert seen.facts.report is None


async def test_nobody_there(cloud: EaseeCloud) -> None:
    await cloud.stop()
    seen = await look(cloud)
    assert isinstance(seen.trouble, DeviceUnavailableError)
    assert (seen.circuit, seen.facts, seen.stream) == (None, None, None)
