"""`ev-load-bridge setup`: from the command line to a settings file, the doctor, and an exit status."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from bridge.commands.doctor.command import doctor
from bridge.commands.learn_phases import Wishes as Lesson
from bridge.commands.learn_phases import learn_phases
from bridge.commands.setup.charger import MOST_LOGINS
from bridge.commands.setup.conversation import converse
from bridge.commands.setup.house import may_learn
from bridge.commands.setup.looks import Looks, RealLooks
from bridge.commands.setup.place import SERVICE, remarks, target
from bridge.commands.setup.putting import put_down, undisturbed
from bridge.commands.setup.questions import Asker, Prompt, UnansweredError
from bridge.commands.setup.screen import Screen
from bridge.commands.setup.sheet import Sheet
from bridge.commands.setup.talk import Talk
from bridge.commands.setup.terminal import Terminal, is_person_there
from bridge.commands.setup.wishes import SECRET_FLAGS, Wishes, given, missing
from bridge.errors import BridgeError, SettingsError
from bridge.runtime import logs
from bridge.settings import find_config
from bridge.settings.writing import backup_of

INTERRUPTED: Final = 130
USAGE: Final = 2
DOCTOR_LATER: Final = "in ten minutes: ev-load-bridge doctor"
NOBODY: Final = "here is no terminal to ask in: start it in one (ssh -t), or give what is missing"
ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)
"""Treated as Ctrl-C."""


def setup(wishes: Wishes) -> int:
    """Ask, look, write, examine. Raises BridgeError; what is written is written as a whole."""
    logs.set_up("critical")  # what goes wrong is told by us
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # what is no text file knows it not
    for number in ENDINGS:
        signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    path = target(wishes.config, os.environ)
    try:
        looks = RealLooks()
        try:
            talk = _talked(wishes, path, looks, Terminal() if is_person_there() else None)
        finally:
            looks.close()
    except UnansweredError as error:
        logs.complain(error.lines)
        return USAGE
    except (KeyboardInterrupt, EOFError):
        return _stopped(f"stopped: nothing is written, {path} is as it was")
    if talk is None:
        logs.complain([f"nothing is written, {path} is as it was"])
        return 1
    try:
        with undisturbed((signal.SIGINT, *ENDINGS)):
            put_down(talk)
    except KeyboardInterrupt:
        return _stopped(f"stopped; the settings are written: {path}")
    return _afterwards(talk, wishes)


def _stopped(told: str) -> int:
    for number in (signal.SIGINT, *ENDINGS):
        signal.signal(number, signal.SIG_IGN)  # the end has begun
    print()  # noqa: T201 below the question
    logs.complain([told])
    return INTERRUPTED


def _talked(wishes: Wishes, path: Path, looks: Looks, prompt: Prompt | None) -> Talk | None:
    """The whole conversation; None where nothing is to be written after all."""
    sheet = Sheet(path, _before(path))
    answers = given(wishes, os.environ)
    if prompt is None:
        lines = list(missing(answers, sheet, is_agreed=wishes.is_agreed))
        if lines:
            raise UnansweredError(NOBODY, *lines)
    screen = Screen()
    for flag in SECRET_FLAGS.keys() & answers.keys():
        screen.hide(answers[flag])
    new = " (new)" if sheet.is_new else " (not filled in yet)" if sheet.is_empty else ""
    screen.say(f"Settings of EV Load Bridge: {path}{new}")
    for remark in remarks(path):
        screen.hint(remark)
    asker = Asker(answers, prompt, screen, takes_proposals=wishes.is_agreed)
    talk = Talk(asker, screen, looks, sheet)
    return talk if converse(talk) else None


def _before(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig") if path.exists() else None
    except UnicodeDecodeError:
        cure = "save it as UTF-8, or move it away and run setup again"
        raise SettingsError([f"{path}: is not UTF-8; {cure}"]) from None
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read ({error.strerror}); run as its owner"]) from None


def _afterwards(talk: Talk, wishes: Wishes) -> int:
    """What comes after the writing; whatever happens here, the settings are written."""
    screen, path = talk.screen, talk.sheet.path
    status = 0
    try:
        if talk.wants_lesson and may_learn(talk) and talk.asker.is_person:
            screen.title("The phases")
            if talk.asker.agree(
                "A car is charging: learn the phases now? It pauses for a minute or two.", default=True
            ):
                status = _lesson(talk)
                talk.wants_lesson = False
        if wishes.with_doctor and talk.looks.logins >= MOST_LOGINS:
            screen.caution("doctor", f"left out: it would be log-in {MOST_LOGINS + 1} of this run", DOCTOR_LATER)
        elif wishes.with_doctor:
            screen.title("doctor looks at everything once more")
            status = doctor(path) or status
    except (KeyboardInterrupt, EOFError):
        return _stopped(f"stopped; the settings are written: {path}")
    screen.title("Next")
    for why, command in _next(talk):
        screen.command(why, command)
    if backup_of(path).exists():
        screen.say(f"What was there before is in {backup_of(path)}; it holds secrets too.")
    return status


def _lesson(talk: Talk) -> int:
    try:
        return learn_phases(talk.sheet.path, Lesson(single_phase=False, yes=True, as_json=False, write=True))
    except BridgeError as error:
        talk.screen.trouble("phases", str(error))
        return 1


def _next(talk: Talk) -> Iterator[tuple[str, str]]:
    """What to do now, and the command for it."""
    path = talk.sheet.path
    config = "" if _is_found(path) else f" --config {path}"
    us = "sudo ev-load-bridge" if path == SERVICE else "ev-load-bridge"
    if path == SERVICE:
        yield "Start the service, or start it anew:", "sudo systemctl restart ev-load-bridge"
    else:
        yield "Try it without ordering anything:", f"ev-load-bridge run --dry-run{config}"
        yield f"The service reads {SERVICE}; to write that:", "sudo ev-load-bridge setup"
    if talk.wants_lesson:
        yield "With a car charging, learn the phases:", f"{us} learn-phases --write{config}"
    yield "With a car charging, once, for on_lapse:", f"{us} doctor --test-lapse{config}"


def _is_found(path: Path) -> bool:
    """Whether commands find this file by themselves, from this folder."""
    try:
        return find_config(None, os.environ).absolute() == path
    except SettingsError:
        return False
