"""The parts in their order, one step back where that is wished, and what is shown before anything is written."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from bridge.commands.setup.broker import ask_broker
from bridge.commands.setup.charger import ask_charger
from bridge.commands.setup.house import ask_fuse, ask_wiring
from bridge.commands.setup.meter import ask_meter
from bridge.commands.setup.questions import BackError
from bridge.commands.setup.sheet import (
    BROKER,
    BROKER_PASSWORD,
    BROKER_PORT,
    BROKER_USER,
    CA,
    ENABLED,
    FALLBACK,
    FUSE,
    HOST,
    KEY,
    MARGIN,
    MAXIMUM,
    PASSWORD,
    PHASES,
    PORT,
    PROTECTION,
    SERIAL,
    TLS,
    USERNAME,
    Sheet,
)
from bridge.commands.setup.talk import Talk
from bridge.settings.keys import SECRETS, Key, file_beside
from bridge.settings.writing import backup_of


class Part(NamedTuple):
    title: str
    ask: Callable[[Talk], None]


PARTS: Final[Sequence[Part]] = (
    Part("1 of 5 · The meter", ask_meter),
    Part("2 of 5 · The charger", ask_charger),
    Part("3 of 5 · The fuse", ask_fuse),
    Part("4 of 5 · The wiring, and when nobody knows", ask_wiring),
    Part("5 of 5 · MQTT and Home Assistant", ask_broker),
)
_SUMMARY: Final[Sequence[tuple[str, Key, str]]] = (
    ("meter", HOST, ""),
    ("", PORT, ""),
    ("", KEY, ""),
    ("Easee", USERNAME, ""),
    ("", PASSWORD, ""),
    ("", SERIAL, ""),
    ("fuse", FUSE, "A per phase"),
    ("", PROTECTION, ""),
    ("", MARGIN, "A"),
    ("", MAXIMUM, "A per phase"),
    ("wiring", PHASES, "on P1 P2 P3"),
    ("", FALLBACK, "A while the meter is silent"),
    ("MQTT", ENABLED, ""),
    ("", BROKER, ""),
    ("", BROKER_PORT, ""),
    ("", TLS, ""),
    ("", CA, ""),
    ("", BROKER_USER, ""),
    ("", BROKER_PASSWORD, ""),
)


def converse(talk: Talk) -> bool:
    """Ask everything; False where the person does not want it written. Raises as the parts do."""
    number = 0
    if talk.asker.is_asking:
        talk.screen.say("Enter takes what stands in [brackets], ? explains, back goes one step back.")
        talk.screen.say("Ctrl-C ends at any time. Nothing is written before the end.")
    while True:
        try:
            if number == len(PARTS):
                return _agrees(talk)
            before = talk.asker.asked
            talk.screen.title(PARTS[number].title)
            PARTS[number].ask(talk)
        except BackError:
            has_answered = number < len(PARTS) and talk.asker.asked > before
            number = max(number - (0 if has_answered else 1), 0)
        else:
            number += 1


def _agrees(talk: Talk) -> bool:
    talk.screen.title("What will be written")
    talk.screen.table(("", "key", "value"), list(_rows(talk.sheet)))
    where = talk.sheet.path
    is_worth_keeping = talk.sheet.changed and not talk.sheet.is_empty
    kept = f" What is there now is kept as {backup_of(where).name}." if is_worth_keeping else ""
    talk.screen.say(f"Into {where} (mode 600).{kept}")
    if not talk.sheet.is_new and not talk.sheet.changed and not talk.sheet.secret_files:
        talk.screen.hint("Nothing differs from what is there.")
    return talk.asker.agree("Write it?", default=True)


def _rows(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    group = ""
    for name, key, unit in _SUMMARY:
        group = name or group
        value = _shown(sheet, key)
        if value and (sheet.get(ENABLED) is not False or key[0] != "mqtt" or key == ENABLED):
            yield group, key[-1], f"{value} {unit}".rstrip()
            group = ""


def _shown(sheet: Sheet, key: Key) -> str:
    if key not in SECRETS:
        return _yes_or_no(sheet.text(key))
    if sheet.get(key) is None and sheet.get(file_beside(key)) is None:
        return ""
    return "(new, not shown)" if sheet.is_changed(key) else "(kept)"


def _yes_or_no(text: str) -> str:
    return {"True": "yes", "False": "no"}.get(text, text)
