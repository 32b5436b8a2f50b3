"""The fifth part: the MQTT broker, tried before it is believed."""

from typing import Final

from bridge.commands.doctor.broker import check_broker
from bridge.commands.doctor.check import Mark
from bridge.commands.setup import reading
from bridge.commands.setup.questions import Question
from bridge.commands.setup.sheet import BROKER, BROKER_PASSWORD, BROKER_PORT, BROKER_USER, ENABLED
from bridge.commands.setup.talk import Talk
from bridge.errors import DeviceUnavailableError
from bridge.parts import mqtt_options

NOTHING: Final = "-"
USUAL_PORT, TLS_PORT = 1883, 8883
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
    asker, sheet = talk.asker, talk.sheet
    usual = TLS_PORT if sheet.get(("mqtt", "tls")) is True else USUAL_PORT
    port = sheet.get(BROKER_PORT) or usual
    shown = sheet.text(BROKER) or "localhost"
    shown = shown if port == usual or ":" in shown else f"{shown}:{port}"
    host = asker.ask(
        Question("--mqtt-host", "Broker, host or host:port", reading.address, shown, HOST_HELP), again=again
    )
    is_moved = host.port is None and host.host != sheet.text(BROKER)
    if asker.has("--mqtt-port"):
        port = asker.ask(Question("--mqtt-port", "TCP port of the broker (1 to 65535)", reading.port))
    else:
        port = host.port or (usual if is_moved or (asker.is_asking and host.host == shown) else port)
    user = Question(
        "--mqtt-username", f"User at the broker ({NOTHING} for none)", reading.optional,
        sheet.text(BROKER_USER) or NOTHING, USER_HELP,
    )  # fmt: skip
    username = asker.ask(user, again=again)
    kept = sheet.secret(BROKER_PASSWORD) if username == sheet.text(BROKER_USER) and not again else None
    password = None
    if username:
        question = Question(
            "--mqtt-password-file", "Password at the broker (not shown)", reading.secret, is_secret=True, kept=kept
        )
        password = asker.ask(question, again=again)
        talk.screen.hide(password)
    sheet.set(BROKER, host.host)
    sheet.set(BROKER_PORT, None if port == usual else port)
    sheet.set(BROKER_USER, username or None)
    sheet.set_secret(BROKER_PASSWORD, password)


def _is_let_in(talk: Talk) -> bool:
    options = mqtt_options(talk.sheet.settings())
    with talk.screen.busy(f"trying the broker {options.where} …"):
        seen = talk.looks.broker(options)
    checks = list(check_broker(seen, options, is_unit_running=True))
    for check in checks:
        talk.screen.check(check)
    bad = [check for check in checks if check.mark is Mark.BAD]
    if bad:
        talk.asker.give_in(DeviceUnavailableError("broker", f"{bad[0].seen} (or give --no-mqtt)"))
    return not bad
