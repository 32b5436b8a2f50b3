"""What a look at the Easee account shows: log-in, charger, limits, stream. Pure."""

from collections.abc import Iterator

from bridge.chargers.easee.stream_look import StreamLook
from bridge.chargers.easee.survey import PHASE_MODES, ChargerFacts, ChargerSurvey
from bridge.commands.doctor.check import Check, bad, caution, good
from bridge.core.model import NoCurrent
from bridge.errors import DeviceError, LoginRejectedError, RateLimitedError, UnsuitableError
from bridge.settings import Settings

LOCKED_TO_ONE = 1
"""Phase mode."""
UNLIMITED = 32.0
"""A: the charger's own volatile limit after each start and each car, when nobody writes it."""


def check_charger(seen: ChargerSurvey, settings: Settings) -> Iterator[Check]:
    """Yield what is known of account, charger and stream; the limits that guard the fuse are judged elsewhere."""
    if seen.trouble is None or isinstance(seen.trouble, UnsuitableError) or seen.circuits:
        yield good("Easee login", f"accepted; doctor made {seen.calls} calls so far")
    if seen.trouble is not None:
        yield _trouble(seen.trouble)
    facts, circuit = seen.facts, seen.circuit
    if facts is None or circuit is None:
        return
    place = f"at “{circuit.site_name}”" if circuit.site_name else f"at site {circuit.site}"
    shared = f", shared by {', '.join(circuit.chargers)}" if circuit.is_shared else ""
    firmware = f", firmware {facts.firmware}" if facts.firmware is not None else ""
    yield good("charger", f"{circuit.charger} {place}, circuit {circuit.number}{shared}{firmware}")
    yield _state(facts)
    yield _grid(facts)
    yield from _phase_mode(facts, settings)
    yield from _others(seen, facts)
    if seen.stream is not None:
        yield _stream(seen.stream)


def _trouble(error: DeviceError) -> Check:
    match error:
        case LoginRejectedError():
            return bad("Easee login", error.detail)
        case RateLimitedError():
            cure = (
                f"wait {_span(error.retry_after)}, and stop other programs that use this account or this internet line"
            )
            return bad("Easee cloud", error.detail, cure)
        case UnsuitableError():
            return bad("charger", error.detail)
        case _:
            return bad("Easee cloud", error.detail, "try again in some minutes; status.easee.com shows outages")


def _state(facts: ChargerFacts) -> Check:
    report = facts.report
    if report is None:
        return bad("state", "the charger has not told its state and limits", "is it powered and online?")
    if report.cloud_connected is False:
        return bad("state", "the charger has lost its cloud", "look at its Wi-Fi or mobile network")
    offered = "" if facts.offered is None else f", {facts.offered:g} A offered to the car"
    return good("state", f"{report.state.replace('_', ' ')}{offered}")


def _grid(facts: ChargerFacts) -> Check:
    if facts.unsuitable is not None:
        return bad("grid", facts.unsuitable)
    if facts.warning is not None:
        return caution("grid", facts.warning)
    return good("grid", f"TN (type {facts.grid_type})")


def _phase_mode(facts: ChargerFacts, settings: Settings) -> Iterator[Check]:
    told = None if facts.phase_mode is None else PHASE_MODES.get(facts.phase_mode)
    if told is None:
        return
    if facts.phase_mode == LOCKED_TO_ONE and len(settings.charger.phases) > 1:
        cure = "choose automatic in the Easee app, or name the one phase in [charger] phases"
        yield caution("phase mode", f"{told}, but [charger] phases names {len(settings.charger.phases)}", cure)
    else:
        yield good("phase mode", told)


def _others(seen: ChargerSurvey, facts: ChargerFacts) -> Iterator[Check]:
    """Other controllers of the same charger."""
    report = facts.report
    is_alone = True
    if seen.has_equalizer or (report is not None and report.no_current is NoCurrent.EQUALIZER):
        is_alone = False
        left = f", which leaves {min(facts.equalizer):g} A now" if facts.equalizer else ""
        cure = "the lower of both always wins: remove the Equalizer from the site, or do without the bridge"
        yield caution("other controller", f"an Easee Equalizer balances too{left}", cure)
    own = None if report is None else report.dynamic_charger_current
    usual = min(facts.bounds.charger_maximum or UNLIMITED, UNLIMITED)
    if own is not None and own < usual:
        is_alone = False
        yield caution(
            "other controller",
            f"somebody (Tibber, a schedule, the app) holds the charger itself at {own:g} A",
            "the lower of both wins: switch smart charging off there, or leave it if it is meant",
        )
    if is_alone:
        yield good("other controller", "no sign of one")


def _stream(stream: StreamLook) -> Check:
    if stream.is_alive:
        return good("Easee stream", "open, state told, ping heard")
    seen = f"not alive: {stream.detail}"
    return caution("Easee stream", seen, "try again later; without it the bridge reads every 30 s and reacts later")


def _span(seconds: float) -> str:
    return f"{seconds / 3600:.0f} h" if seconds >= 7200 else f"{max(seconds / 60, 1):.0f} min"  # noqa: PLR2004 two hours
