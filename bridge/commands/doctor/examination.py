"""Looks at everything at once, and tells each thing as soon as it and all before it are known."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator

from bridge.chargers.easee.client import EaseeCharger
from bridge.chargers.easee.survey import ChargerSurvey
from bridge.commands.doctor.broker import check_broker
from bridge.commands.doctor.charger import check_charger
from bridge.commands.doctor.check import Check, caution, good
from bridge.commands.doctor.limits import check_limits
from bridge.commands.doctor.looks import Looks, guarded, judged
from bridge.commands.doctor.machine import Machine, check_clock, check_unit, check_version
from bridge.commands.doctor.meter import check_meter, mains_of
from bridge.commands.doctor.read_back import SUBJECT, check_read_back, only_read
from bridge.core.phases import PerPhase
from bridge.mains.slimmelezer.survey import MeterSurvey
from bridge.mirror.survey import BrokerSurvey
from bridge.parts import charger_options, mqtt_options
from bridge.runtime import clock
from bridge.settings import Settings


async def examine(settings: Settings) -> AsyncGenerator[Check]:
    """Yield every check. The looks run side by side; what goes wrong with one is a line of its own.

    Close it (`contextlib.aclosing`): that ends what is under way.
    """
    charger = EaseeCharger(charger_options(settings), clock.now)
    looks = Looks(settings, charger)
    try:
        async for part in _parts(settings, charger, looks):
            for check in part:
                yield check
    finally:
        await looks.end()
        await charger.close()


def check_settings(settings: Settings) -> Iterator[Check]:
    """They could be read: what of, and what is worth a word."""
    house = settings.installation()
    dry = ", dry run: nothing is ordered" if house.dry_run else ""
    where = settings.path or "the environment"
    told = f"fuse {house.fuse:g} A ({house.protection}), charger at most {house.maximum} A, fallback {house.fallback} A"
    yield good("settings", f"{where}: {told}{dry}")
    for warning in settings.warnings:
        yield caution("settings", warning)


async def _parts(settings: Settings, charger: EaseeCharger, looks: Looks) -> AsyncIterator[Iterable[Check]]:
    yield check_version(), *check_settings(settings)
    machine = await looks.machine
    unit = machine if isinstance(machine, Machine) else Machine()
    yield judged("service", machine, check_unit)
    meter = await looks.meter
    yield judged("meter", meter, lambda seen: check_meter(seen, settings))
    mains = mains_of(meter) if isinstance(meter, MeterSurvey) else None
    cloud = await looks.cloud
    yield judged("Easee cloud", cloud, lambda seen: _of_cloud(seen, settings, unit, mains))
    broker = await looks.broker if looks.broker is not None else None
    is_online = isinstance(broker, BrokerSurvey) and broker.availability == "online"
    if isinstance(cloud, ChargerSurvey) and cloud.trouble is None:
        yield (await _read_back(settings, charger, cloud, is_running=unit.is_unit_running or is_online),)
    if broker is None:
        yield (good("broker", "not used: [mqtt] enabled = false"),)
    else:
        options = mqtt_options(settings)
        yield judged("broker", broker, lambda seen: check_broker(seen, options, is_unit_running=unit.is_unit_running))


def _of_cloud(seen: ChargerSurvey, settings: Settings, machine: Machine, mains: PerPhase | None) -> Iterator[Check]:
    yield from check_clock(machine, seen.clock_ahead)
    yield from check_charger(seen, settings)
    if seen.facts is not None:
        yield from check_limits(seen.facts, settings, mains)


async def _read_back(settings: Settings, charger: EaseeCharger, cloud: ChargerSurvey, *, is_running: bool) -> Check:
    report = cloud.facts.report if cloud.facts is not None else None
    if report is None or report.cloud_connected is False:
        return caution(SUBJECT, "not tried: the charger does not answer")
    if settings.balancing.dry_run:
        return only_read(report, "dry run")
    if is_running:
        return only_read(report, "the service is running and orders by itself")
    on_lapse = settings.charger.easee.on_lapse
    return await guarded(SUBJECT, check_read_back(charger, settings.charger.time_to_live, on_lapse))
