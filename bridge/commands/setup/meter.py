"""The first part: which device reads the meter, and what it tells."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from bridge.commands.setup import reading
from bridge.commands.setup.looks import Found
from bridge.commands.setup.questions import Question
from bridge.commands.setup.reading import Address
from bridge.commands.setup.sheet import HOST, KEY, PORT
from bridge.commands.setup.talk import Talk
from bridge.core.model import PhaseReading, Telegram
from bridge.core.phases import Phase
from bridge.errors import DeviceUnavailableError
from bridge.mains.slimmelezer.client import SlimmelezerOptions
from bridge.mains.slimmelezer.problems import Cause
from bridge.mains.slimmelezer.sensors import SENSOR_KEYS
from bridge.mains.slimmelezer.survey import MeterSurvey

USUAL_PORT: Final = 6053
FLAG: Final = "--meter-host"
HELP: Final = (
    "The Slimmelezer's name is on its sticker and in your router's list of devices; slimmelezer.local is usual. An IP "
    "address does as well, if the router always gives it the same one. Another port than 6053: host:port."
)
KEY_HELP: Final = (
    "44 characters that end with =. Home Assistant: Settings, Devices & services, ESPHome, the device's menu, “Show "
    "encryption key” or its YAML in the ESPHome dashboard, below api: encryption: key:. The stock firmware of a "
    "Slimmelezer has no key."
)
WANTS_KEY: Final = frozenset({Cause.KEY_MISSING, Cause.WRONG_KEY, Cause.MALFORMED_KEY})


def ask_meter(talk: Talk) -> None:
    """Find it, open it, show what it tells. Raises DeviceUnavailableError where nobody can mend what is wrong."""
    found = _found(talk)
    place, again = None, False
    while True:
        place = _where(talk, found, place, again=again)
        survey = _opened(talk, place, found)
        if survey.trouble is None:
            break
        talk.screen.trouble("meter", survey.trouble.detail)
        talk.asker.give_in(DeviceUnavailableError("meter", survey.trouble.detail))
        talk.screen.hint("Mend it and press Enter to try once more, or give another address.")
        again = True
    talk.meter = survey
    _show(talk, survey)


def _found(talk: Talk) -> Sequence[Found]:
    """Devices in this network, where somebody is there to choose."""
    if talk.asker.has(FLAG) or not talk.asker.is_asking:
        return ()
    with talk.screen.busy("looking for ESPHome devices in this network (mDNS) …"):
        found = talk.looks.devices()
    readers = sorted((each for each in found if each.is_reader), key=lambda each: each.survey is None)
    others = len(found) - len(readers)
    if readers:
        rows = [
            (str(number), each.device.host, each.device.addresses[0], _sensors(each), each.device.project or "–")
            for number, each in enumerate(readers, start=1)
        ]
        talk.screen.table(("", "device", "address", "P1 sensors", "firmware"), rows)
    else:
        talk.screen.say("No device with P1 sensors announces itself in this network. It may still have an address.")
    if others:
        talk.screen.hint(f"{others} more without P1 sensors.")
    return readers


def _sensors(found: Found) -> str:
    if found.survey is None:
        return "wants a key"
    return " ".join(found.survey.sensors)


def _where(talk: Talk, found: Sequence[Found], before: Address | None, *, again: bool) -> Address:
    seen = [each.device.host for each in found if each.survey is not None]
    likely = seen or [each.device.host for each in found]
    question = Question(
        FLAG,
        f"Number, host name or IP address of the reader{'' if found else ' (or host:port)'}",
        lambda text: _chosen(text, found),
        _typed(before) or _kept(talk) or (likely[0] if len(likely) == 1 else ""),
        HELP,
    )
    place = talk.asker.ask(question, again=again)
    port = place.port or _flag_port(talk) or (_kept_port(talk) if _kept(talk) == place.host else None)
    return Address(place.host, port or USUAL_PORT)


def _flag_port(talk: Talk) -> int | None:
    question = Question("--meter-port", "TCP port of the device's ESPHome API", reading.port, str(USUAL_PORT))
    return talk.asker.ask(question) if talk.asker.has(question.flag) else None


def _chosen(text: str, found: Sequence[Found]) -> Address:
    text = text.strip()
    if text.isdigit() and len(text) < len("100"):
        if not 1 <= int(text) <= len(found):
            raise ValueError(f"there is no device {text} in the list" if found else "give a host name or an IP address")
        return Address(found[int(text) - 1].device.host, found[int(text) - 1].device.port)
    by_name = next((each.device for each in found if text.lower() in {each.device.host, each.device.name}), None)
    return Address(by_name.host, by_name.port) if by_name else reading.address(text)


def _kept(talk: Talk) -> str:
    return talk.sheet.text(HOST)


def _kept_port(talk: Talk) -> int | None:
    with suppress(ValueError):
        return reading.port(talk.sheet.text(PORT))
    return None


def _typed(place: Address | None) -> str:
    if place is None:
        return ""
    return place.host if place.port in {None, USUAL_PORT} else f"{place.host}:{place.port}"


def _opened(talk: Talk, place: Address, found: Sequence[Found]) -> MeterSurvey:
    """Look, asking for a key if the device wants one; keeps host, port and key once it is open."""
    sheet = talk.sheet
    key = sheet.secret(KEY) if _kept(talk) in {"", place.host} or talk.asker.has("--meter-key-file") else None
    if talk.asker.has("--meter-key-file"):
        key = _ask_key(talk, None, again=False)
    host = place.host
    while True:
        survey = _survey(talk, Address(host, place.port), key)
        cause = None if survey.trouble is None else survey.trouble.cause
        address = next((each.device.addresses[0] for each in found if each.device.host == host), None)
        if cause is Cause.NOT_FOUND and address is not None:
            talk.screen.hint(f"{host} is not known by name here, so its address is taken: {address}.")
            host = address
        elif cause is Cause.KEY_UNWANTED and key is not None:
            talk.screen.hint("It is not encrypted: no key is needed, and none is kept.")
            key = None
        elif cause in WANTS_KEY and survey.trouble is not None:
            talk.screen.caution("key", _without_instructions(survey.trouble.detail))
            talk.asker.give_in(DeviceUnavailableError("meter", f"{survey.trouble.detail} (--meter-key-file)"))
            key = _ask_key(talk, None, again=True)
        else:
            break
    if survey.trouble is None:
        sheet.set(HOST, host)
        sheet.set(PORT, place.port or USUAL_PORT)
        sheet.set_secret(KEY, key)
    return survey


def _ask_key(talk: Talk, kept: str | None, *, again: bool) -> str:
    talk.screen.hint("The key stands in the device's own YAML under api: encryption: key: (? tells where).")
    question = Question(
        "--meter-key-file", "Encryption key (not shown)", reading.noise_key, help=KEY_HELP, is_secret=True, kept=kept
    )
    key = talk.asker.ask(question, again=again)
    talk.screen.hide(key)
    return key


def _without_instructions(detail: str) -> str:
    return detail.partition(": set encryption_key")[0].partition(": copy encryption_key")[0]


def _survey(talk: Talk, place: Address, key: str | None) -> MeterSurvey:
    names = {name: text for name in SENSOR_KEYS if (text := talk.sheet.text(("mains", "slimmelezer", "sensors", name)))}
    expected = talk.sheet.text(("mains", "slimmelezer", "expected_name")) or None
    options = SlimmelezerOptions(
        place.host, place.port or USUAL_PORT, key, sensor_names=names, expected_name=expected, phases=("L1",)
    )
    with talk.screen.busy(f"{_typed(place)}: waiting for three telegrams, a minute at most …"):
        return talk.looks.meter(options, _ignore)


def _ignore(_telegram: Telegram) -> None:
    """The newest is shown when all have come."""


def _show(talk: Talk, survey: MeterSurvey) -> None:
    screen, identity = talk.screen, survey.identity
    if identity is not None:
        key = "encrypted" if identity.is_encrypted else "not encrypted"
        screen.good(
            "meter",
            f"{identity.name} at {survey.place}, {key}, {identity.project or 'own firmware'} {identity.esphome}",
        )
    rows = [
        (str(phase), _number(each.current, "A", 1), _number(each.power, "W", 0), _number(each.voltage, "V", 0))
        for phase, each in zip(Phase, survey.newest, strict=True)
        if each is not None
    ]
    screen.table(("phase", "current", "power", "voltage"), rows)
    screen.good("telegrams", f"{_period(survey)}, currents in {_fineness(survey)}")
    for line in (*survey.complaints, *survey.implausible):
        screen.caution("sensors", line)
    if survey.unsigned:
        screen.caution("sensors", f"no power of {', '.join(survey.unsigned)}: an export would count as load")


def _period(survey: MeterSurvey) -> str:
    return "only one came in a minute" if survey.period is None else f"one every {survey.period:.1f} s"


def _fineness(survey: MeterSurvey) -> str:
    if survey.resolution is None:
        return "unknown steps (nothing flows)"
    told: list[PhaseReading] = [reading for reading in survey.newest if reading is not None]
    if survey.resolution == 1 and any(reading.whole_amperes for reading in told):
        return "whole amperes"
    if survey.resolution == 1:
        return "whole amperes, the fraction known from the powers"
    return f"steps of {survey.resolution:g} A"


def _number(value: float | None, unit: str, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f} {unit}".replace("-", "−")
