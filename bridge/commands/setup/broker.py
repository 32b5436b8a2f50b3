"""The fifth part: the MQTT broker, tried before it is believed."""

from typing import Final

from bridge.commands.doctor.broker import check_broker
from bridge.commands.doctor.check import Check, Mark
from bridge.commands.setup import authority, reading
from bridge.commands.setup.questions import Question
from bridge.commands.setup.reading import Address
from bridge.commands.setup.sheet import BROKER, BROKER_PASSWORD, BROKER_PORT, BROKER_USER, CA, ENABLED, TLS
from bridge.commands.setup.talk import Talk
from bridge.errors import DeviceUnavailableError
from bridge.parts import mqtt_options

NOTHING: Final = "-"
USUAL_PORT, TLS_PORT = 1883, 8883
_PORT: Final = Question("--mqtt-port", "TCP port of the broker (1 to 65535)", reading.port)
TLS_HELP: Final = (
    "no: as Home Assistant's Mosquitto add-on has it on port 1883. yes: TLS, usually on port 8883, with a certificate "
    "of a known authority. A file: TLS with a certificate that an authority of your own vouches for (ca.crt)."
)
HOST_HELP: Final = (
    "Where Home Assistant's Mosquitto add-on runs, its host name or address; localhost where the broker is on this "
    "machine. host:port for another port than 1883."
)
USER_HELP: Final = (
    "With the Mosquitto add-on: a user of Home Assistant, best one of its own for the bridge (Settings, People). "
    "- where the broker asks for none."
)


def ask_broker(talk: Talk) -> None:
    """Ask whether, where and who; try it. Raises DeviceUnavailableError where nobody can mend what is wrong."""
    if not _is_wanted(talk):
        talk.sheet.set(ENABLED, value=False)
        talk.screen.hint("Without MQTT. The bridge balances all the same; run setup again to add it.")
        return
    talk.sheet.set(ENABLED, value=True)
    again = False
    while True:
        _ask(talk, again=again)
        if _is_let_in(talk):
            return
        choice = Question(
            "", "again (ask once more), keep (it is mended later) or off (no MQTT)",
            reading.choice("again", "keep", "off"), "again",
        )  # fmt: skip
        answer = talk.asker.ask(choice, again=True)
        if answer == "off":
            talk.sheet.set(ENABLED, value=False)
        if answer != "again":
            return
        again = True


def _is_wanted(talk: Talk) -> bool:
    if talk.asker.has("--no-mqtt"):
        talk.asker.ask(Question("--no-mqtt", "", str))
        return False
    if talk.asker.has("--mqtt-host"):
        return True
    before = talk.sheet.get(ENABLED) is not False
    return talk.asker.agree("Mirror everything to MQTT, for Home Assistant?", default=before, silent=before)


def _ask(talk: Talk, *, again: bool) -> None:
    place = _ask_place(talk, again=again)
    said = talk.asker.ask(_PORT) if talk.asker.has(_PORT.flag) else place.port
    is_encrypted = _ask_encryption(talk, said, again=again)
    talk.sheet.set(BROKER, place.host)
    talk.sheet.set(BROKER_PORT, None if said == _usual(is_encrypted=is_encrypted) else said)
    _ask_user(talk, again=again)


def _usual(*, is_encrypted: bool) -> int:
    return TLS_PORT if is_encrypted else USUAL_PORT


def _ask_place(talk: Talk, *, again: bool) -> Address:
    """Host and port; no port where neither an answer nor the settings say one."""
    sheet = talk.sheet
    before, port = sheet.text(BROKER) or "localhost", sheet.get(BROKER_PORT)
    shown = before if port is None else f"[{before}]:{port}" if ":" in before else f"{before}:{port}"
    question = Question("--mqtt-host", "Broker, host or host:port", reading.address, shown, HOST_HELP)
    place = talk.asker.ask(question, again=again)
    is_kept = place.port is None and place.host == before and not talk.asker.is_asking
    return Address(place.host, port) if is_kept else place


def _ask_encryption(talk: Talk, port: int | None, *, again: bool) -> bool:
    sheet = talk.sheet
    is_told = sheet.get(TLS) if sheet.get(TLS) is not None else port == TLS_PORT
    kept = sheet.text(CA)
    shown = kept or ("yes" if is_told else "no")
    question = Question(
        "--mqtt-tls", "Encrypted: no, yes, or the file of your own CA",
        lambda text: authority.read(text, sheet.path.parent, kept), shown, TLS_HELP,
    )  # fmt: skip
    told = talk.asker.ask(question, again=again)
    sheet.set(TLS, told.is_encrypted)
    sheet.set(CA, told.file)
    if not told.is_encrypted:
        for of_ours in (("mqtt", "client_cert"), ("mqtt", "client_key")):
            sheet.set(of_ours, None)  # it would do nothing, and is refused then
    return told.is_encrypted


def _ask_user(talk: Talk, *, again: bool) -> None:
    asker, sheet = talk.asker, talk.sheet
    user = Question(
        "--mqtt-username", f"User at the broker ({NOTHING} for none)", reading.optional,
        sheet.text(BROKER_USER) or NOTHING, USER_HELP,
    )  # fmt: skip
    username = asker.ask(user, again=again)
    kept = sheet.secret(BROKER_PASSWORD) if username == sheet.text(BROKER_USER) else None
    password = None
    if username:
        question = Question(
            "--mqtt-password-file", "Password at the broker (not shown)", reading.secret, is_secret=True, kept=kept
        )
        password = asker.ask(question, again=again)
        talk.screen.hide(password)
    sheet.set(BROKER_USER, username or None)
    sheet.set_secret(BROKER_PASSWORD, password)


def _is_let_in(talk: Talk) -> bool:
    options = mqtt_options(talk.sheet.settings())
    with talk.screen.busy(f"trying the broker {options.where} …"):
        seen = talk.looks.broker(options)
    checks = [_spoken(check) for check in check_broker(seen, options, is_unit_running=True)]
    for check in checks:
        talk.screen.check(check)
    bad = [check for check in checks if check.mark is Mark.BAD]
    if bad:
        talk.asker.give_in(DeviceUnavailableError("broker", f"{bad[0].seen} (or give --no-mqtt)"))
        if options.tls and options.ca_file is None:
            talk.screen.hint("If an authority of your own made its certificate: give that authority's file (ca.crt).")
    return not bad


def _spoken(check: Check) -> Check:
    """Without what to correct in the file: it is asked again here."""
    return check._replace(seen=check.seen.removesuffix(": correct them in [mqtt]"))
