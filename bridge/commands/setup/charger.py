"""The second part: the Easee account, which charger of it, and what binds it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from bridge.chargers.easee.circuit import Circuit
from bridge.chargers.easee.options import EaseeOptions
from bridge.chargers.easee.survey import PHASE_MODES, ChargerFacts, ChargerSurvey
from bridge.commands.setup import reading
from bridge.commands.setup.questions import Question
from bridge.commands.setup.sheet import API, PASSWORD, SERIAL, STREAM, USERNAME
from bridge.commands.setup.talk import Talk, clock_time
from bridge.errors import DeviceError, LoginRejectedError, RateLimitedError, UnsuitableError
from bridge.settings.keys import FIELDS, Key

MOST_LOGINS: Final = 3
"""In one run: the cloud blocks who tries for ever."""
ACCOUNT_HELP: Final = (
    "The e-mail address or phone number (with + and country code) that you use in the Easee app. An account of its "
    "own for the bridge, invited to the site in the app, does as well."
)
FORGOTTEN_HELP: Final = (
    "The password of the Easee app. Forgotten: the app's log-in page sends a new one. It is written into the settings "
    "file, which only its owner may read, and is shown nowhere."
)


def ask_charger(talk: Talk) -> None:
    """Log in, choose, show. Raises a DeviceError where nobody can mend what is wrong, or nobody should try again."""
    options = _account(talk, again=False)
    while True:
        with talk.screen.busy("logging in at Easee and looking at the charger …"):
            found = talk.looks.charger(options)
        if found.trouble is None:
            break
        options = _mended(talk, options, found)
    talk.cloud = found
    circuit, facts = found.circuit, found.facts
    if circuit is None or facts is None:
        return
    talk.sheet.set(SERIAL, circuit.charger)
    _show(talk, circuit, facts)
    if facts.unsuitable is not None:
        raise UnsuitableError("easee", facts.unsuitable)


def _mended(talk: Talk, options: EaseeOptions, found: ChargerSurvey) -> EaseeOptions:
    """What to try next. Raises the trouble where there is nothing more to try."""
    trouble = found.trouble
    match trouble:
        case RateLimitedError():
            _stop_for_ban(trouble)
        case LoginRejectedError():
            return _another_account(talk, trouble)
        case UnsuitableError() if found.circuits:
            return _chosen(talk, options, found)
        case UnsuitableError():
            return _another_account(talk, trouble)
        case DeviceError():
            talk.screen.trouble("Easee", trouble.detail, "is this machine's internet connection up?")
            talk.asker.give_in(trouble)
            if talk.looks.logins >= MOST_LOGINS:
                raise trouble
            talk.asker.ask(Question("", "Enter tries once more", reading.optional, "again"), again=True)
    return options


def _stop_for_ban(ban: RateLimitedError) -> None:
    told = f"{ban.detail}. Nothing is written; start setup again at {clock_time(ban.retry_after)} or later"
    raise RateLimitedError(ban.device, told, ban.retry_after)


def _another_account(talk: Talk, trouble: DeviceError) -> EaseeOptions:
    """Ask again, as long as the cloud can bear it."""
    if isinstance(trouble, LoginRejectedError):
        told = trouble.detail.partition(": check ")[0]
        talk.screen.trouble("Easee login", told, "one of the two is not what the Easee app takes: type both again")
    else:
        talk.screen.trouble("charger", trouble.detail)
    talk.asker.give_in(trouble)
    left = MOST_LOGINS - talk.looks.logins
    if left <= 0:
        told = f"{trouble.detail}. Those were {MOST_LOGINS} log-ins, and Easee blocks who tries for ever: "
        cure = "make sure of the password in the Easee app, then start setup again"
        raise type(trouble)(trouble.device, f"{told}{cure}")
    talk.screen.hint(f"{left} more {'try' if left == 1 else 'tries'} in this run.")
    return _account(talk, again=True)


def _account(talk: Talk, *, again: bool) -> EaseeOptions:
    sheet = talk.sheet
    before = sheet.text(USERNAME)
    user = "Easee account (e-mail address, or phone number with +)"
    username = talk.asker.ask(Question("--easee-username", user, reading.account, before, ACCOUNT_HELP), again=again)
    kept = sheet.secret(PASSWORD) if username == before and not again else None
    secret = Question(
        "--easee-password-file", "Password (not shown)", reading.secret, help=FORGOTTEN_HELP, is_secret=True, kept=kept
    )
    password = talk.asker.ask(secret, again=again)
    talk.screen.hide(password)
    sheet.set(USERNAME, username)
    sheet.set_secret(PASSWORD, password)
    return EaseeOptions(
        username,
        password,
        _serial(talk, is_same=username == before),
        api_url=_elsewhere(talk, "--api-url", API),
        stream_url=_elsewhere(talk, "--stream-url", STREAM),
        ca_file=_authority(talk),
    )


def _serial(talk: Talk, *, is_same: bool) -> str | None:
    """The charger that was named, or was chosen before in the same account."""
    if talk.asker.has("--charger"):
        serial = talk.asker.ask(Question("--charger", "Serial number of the charger", reading.serial))
        talk.sheet.set(SERIAL, serial)
    elif not is_same:
        talk.sheet.set(SERIAL, None)
    return talk.sheet.text(SERIAL) or None


def _elsewhere(talk: Talk, flag: str, key: Key) -> str:
    """Where the cloud is; only tests and simulators have it elsewhere."""
    if talk.asker.has(flag):
        talk.sheet.set(key, talk.asker.ask(Question(flag, "Address", reading.url)))
    return talk.sheet.text(key) or str(FIELDS[key].default)


def _authority(talk: Talk) -> Path | None:
    """Who vouches for the cloud, where a proxy looks into TLS: as it stands in the file, never asked."""
    told = talk.sheet.text(("charger", "easee", "ca_file"))
    return talk.sheet.path.parent / told if told else None


def _chosen(talk: Talk, options: EaseeOptions, found: ChargerSurvey) -> EaseeOptions:
    """Several chargers, or another than was named."""
    if options.charger is not None:
        talk.screen.trouble("charger", f"{options.charger} is not in this account")
    serials = [serial for circuit in found.circuits for serial in circuit.chargers]
    rows = [
        (str(number), *row)
        for number, row in enumerate((row for circuit in found.circuits for row in _rows(circuit)), start=1)
    ]
    talk.screen.table(("", "charger", "name", "site", "circuit"), rows)
    if not talk.asker.is_person and found.trouble is not None:
        raise found.trouble
    proposal = serials[0] if len(serials) == 1 else ""
    question = Question(
        "--charger",
        "Number or serial of the charger to govern",
        reading.one_of(serials),
        proposal,
        "The serial number stands on the charger, and in the Easee app.",
    )
    serial = talk.asker.ask(question, again=True)
    talk.sheet.set(SERIAL, serial)
    return replace(options, charger=serial)


def _rows(circuit: Circuit) -> Iterator[tuple[str, str, str, str]]:
    for serial, name in zip(circuit.chargers, circuit.names or circuit.chargers, strict=False):
        yield serial, name, circuit.site_name or str(circuit.site), str(circuit.number)


def _show(talk: Talk, circuit: Circuit, facts: ChargerFacts) -> None:
    screen, report, bounds = talk.screen, facts.report, facts.bounds
    shared = f", shared by {', '.join(circuit.chargers)}" if circuit.is_shared else ""
    site = circuit.site_name or f"site {circuit.site}"
    screen.good("charger", f"{circuit.charger} at “{site}”, circuit {circuit.number}{shared}")
    state = "has not told its state: is it powered and online?" if report is None else report.state.replace("_", " ")
    mode = PHASE_MODES.get(facts.phase_mode or 0)
    firmware = f", firmware {facts.firmware}" if facts.firmware is not None else ""
    screen.good("state", f"{state}{f', phases: {mode}' if mode else ''}{firmware}")
    limits = (
        ("rated current of the site", circuit.site_current),
        ("rated current, lower of site and circuit", bounds.rated_current),
        ("circuit's maximum", bounds.circuit_maximum),
        ("charger's own maximum", bounds.charger_maximum),
        ("offline current (without the cloud)", bounds.offline_current),
    )
    binding = bounds.binding
    binds = {"rated current, lower of site and circuit", "circuit's maximum", "charger's own maximum"}
    rows = [
        (name, "not told" if value is None else f"{value:g} A", "binds" if name in binds and value == binding else "")
        for name, value in limits
        if value is not None or name in binds
    ]
    screen.table(("limit", "now", ""), rows)
    if facts.warning is not None:
        screen.caution("grid", facts.warning)
    if talk.cloud.has_equalizer:
        cure = "remove it from the site, or do without the bridge: the lower of both always wins"
        screen.caution("other controller", "an Easee Equalizer balances this site too", cure)
