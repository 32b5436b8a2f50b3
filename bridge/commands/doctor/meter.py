"""What a look at the meter shows. Pure."""

from collections.abc import Iterator

from bridge.commands.doctor.check import Check, bad, caution, good
from bridge.core.model import PhaseReading
from bridge.core.phases import PerPhase, Phase
from bridge.mains.slimmelezer.problems import Cause
from bridge.mains.slimmelezer.survey import Identity, MeterSurvey
from bridge.settings import Settings

SLOWEST = 12.0
"""s between telegrams; DSMR meters send each 1 or 10."""
MOST_AGE = 3.5
"""Periods a telegram may be old: two may be lost."""
_KEY_CAUSES = {Cause.WRONG_KEY, Cause.MALFORMED_KEY, Cause.KEY_MISSING, Cause.KEY_UNWANTED}


def check_meter(seen: MeterSurvey, settings: Settings) -> Iterator[Check]:
    """From the device's address to the sign of each phase; ends where nothing further can be known."""
    if seen.identity is not None:
        yield from _device(seen.place, seen.identity)
    if seen.sensors:
        yield _sensors(seen)
        for complaint in seen.complaints:
            yield bad("sensors", complaint)
    if seen.trouble is not None:
        yield bad("key" if seen.trouble.cause in _KEY_CAUSES else "meter", seen.trouble.detail)
        return
    yield _period(seen, settings)
    yield _resolution(seen, settings)
    yield from _phases(seen, settings)
    yield from _signs(seen)


def mains_of(seen: MeterSurvey) -> PerPhase | None:
    """The mains of the newest telegram, A; None where a phase is not told."""
    currents = [reading.current for reading in seen.newest if reading is not None]
    return PerPhase(*currents) if len(currents) == len(Phase) else None


def _device(place: str, identity: Identity) -> Iterator[Check]:
    yield good("meter", f"{identity.name} answers at {place}")
    yield good("key", "encrypted, and the key fits" if identity.is_encrypted else "not encrypted, and no key is set")
    project = identity.project or "own firmware"
    yield good("firmware", f"{project}, ESPHome {identity.esphome or 'of unknown version'}")


def _sensors(seen: MeterSurvey) -> Check:
    told = "; ".join(
        f"{phase} {', '.join(quantity.replace('power_', '') for quantity in sorted(quantities))}"
        for phase, quantities in seen.sensors.items()
    )
    if len(set(seen.sensors.values())) == 1:
        quantities = sorted(next(iter(seen.sensors.values())))
        told = f"{', '.join(quantities).replace('power_', '')} on {', '.join(seen.sensors)}"
    return good("sensors", told)


def _period(seen: MeterSurvey, settings: Settings) -> Check:
    period, allowed = seen.period, settings.mains.telegram_max_age
    if period is None:
        return caution("period", "only one telegram came", "run doctor again; look at the P1 cable if it stays so")
    told = f"a telegram every {period:.1f} s"
    if allowed is not None and allowed < 2 * period:
        return bad(
            "period",
            f"{told}, but telegram_max_age is {allowed:g} s: the meter would count as silent",
            f"leave [mains] telegram_max_age out, or give {max(5, round(MOST_AGE * period))}",
        )
    if period > SLOWEST:
        return caution("period", f"{told}: slower than any usual meter", "look at the P1 cable and at the Wi-Fi")
    return good("period", told)


def _resolution(seen: MeterSurvey, settings: Settings) -> Check:
    told = [reading for reading in seen.newest if reading is not None]
    voltage = "with voltage" if seen.has_voltage else "without voltage, 230 V are taken"
    if seen.resolution is None:
        return caution("resolution", f"not to be told while no current flows; {voltage}", "run doctor again later")
    fineness = "whole amperes" if seen.resolution == 1 else f"{seen.resolution:g} A"
    if any(reading.whole_amperes for reading in told):
        return good("resolution", f"{fineness}, {voltage}: {max(1.0, settings.mains.margin):g} A is kept free")
    fraction = ", the fraction is known from the powers" if seen.resolution == 1 else ""
    return good("resolution", f"{fineness}{fraction}, {voltage}: {settings.mains.margin:g} A is kept free")


def _phases(seen: MeterSurvey, settings: Settings) -> Iterator[Check]:
    fuse = settings.mains.fuse
    by_phase = dict(zip(Phase, seen.newest, strict=True))
    silent = [phase for phase in settings.charger.phases if by_phase[phase] is None and phase in seen.sensors]
    if silent:
        names = ", ".join(silent)
        yield bad(
            "phases", f"the meter says nothing of {names}", f"take {names} out of [charger] phases if it has fewer"
        )
    told = "  ".join(f"{phase} {_amperes(reading)}" for phase, reading in by_phase.items() if reading is not None)
    over = [phase for phase, reading in by_phase.items() if reading is not None and reading.current > fuse]
    if over:
        yield caution("mains", f"{told}: {', '.join(over)} over the fuse of {fuse:g} A", "switch something off")
    elif told:
        yield good("mains", f"{told}, fuse {fuse:g} A")


def _amperes(reading: PhaseReading) -> str:
    return f"{reading.current:.1f} A".replace("-", "−")


def _signs(seen: MeterSurvey) -> Iterator[Check]:
    for line in seen.implausible:
        yield bad("signs", line)
    if seen.unsigned:
        names = ", ".join(seen.unsigned)
        yield caution(
            "signs",
            f"no power is told of {names}: what solar panels feed in there would count as load",
            "publish power_consumed and power_produced in the device's YAML, if you have panels",
        )
    elif not seen.implausible:
        exporting = [
            phase for phase, reading in zip(Phase, seen.newest, strict=True) if reading and reading.current < 0
        ]
        yield good("signs", f"plausible, {', '.join(exporting) or 'no phase'} exporting now")
