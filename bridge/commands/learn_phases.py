"""`ev-load-bridge learn-phases`: which mains phase sits on which phase of the charger."""

import asyncio
import json
import logging
import os
import sys
from pathlib import Path
from textwrap import wrap

import typer
from rich.console import Console

from bridge import parts
from bridge.commands.learning.alone import Alone
from bridge.commands.learning.asking import ask, is_running
from bridge.commands.learning.result import Learnt
from bridge.commands.lines import say
from bridge.core.model import LearnBy, LearningStage
from bridge.core.wiring import line
from bridge.errors import DeviceUnavailableError, SettingsError
from bridge.parts import mqtt_options
from bridge.runtime import logs
from bridge.runtime.stopping import stop_on_signals
from bridge.settings import Settings, load
from bridge.settings.editing import write_phases

WIDTH = 70
"""Beside the word, a line has room for this in 80 columns."""
INTERRUPTED = Learnt(LearningStage.FAILED, "phases not learnt: stopped by you; the service ends the lesson by itself")


class Wishes:
    """Options of the command line."""

    def __init__(self, *, single_phase: bool, yes: bool, as_json: bool, write: bool) -> None:
        self.by = LearnBy.ONE_PHASE if single_phase else LearnBy.START
        self.is_sure = yes
        self.is_json = as_json
        self.writes = write


def learn_phases(config: Path | None, wishes: Wishes) -> int:
    """Learn and tell; 1 where nothing was learnt or the limit could not be restored. Raises BridgeError."""
    settings = load(config, os.environ)
    logs.set_up("warning")
    if settings.balancing.dry_run:
        raise SettingsError(["balancing.dry_run: nothing is ordered in a dry run, so nothing can be learnt; set false"])
    learnt = _give_lesson(settings, wishes)
    if learnt is None:
        return 1
    if wishes.is_json:
        print(json.dumps(learnt.document(settings.charger.phases), ensure_ascii=False))  # noqa: T201
    else:
        _say_all("result", learnt.text)
    if learnt.phases is not None and learnt.phases != settings.charger.phases:
        _propose(settings, learnt, wishes)
    return learnt.status


def _give_lesson(settings: Settings, wishes: Wishes) -> Learnt | None:
    return asyncio.run(_learn(settings, wishes))


async def _learn(settings: Settings, wishes: Wishes) -> Learnt | None:
    """None where the owner does not want to after all."""
    stop = asyncio.Event()
    is_service = await _is_service_running(settings)
    if is_service and wishes.by is LearnBy.ONE_PHASE:
        raise DeviceUnavailableError(
            "service", "is running, and one phase at a time is only for this command: stop the service first"
        )
    if not is_service and not _agrees(_warning(settings, wishes), wishes):
        return None
    stop_on_signals(stop)
    with Console(stderr=True).status("learning the phases …") if sys.stderr.isatty() else _Nothing():
        if is_service:
            return await _ask_service(settings, wishes, stop)
        alone = Alone(settings, parts.meter(settings), parts.charger(settings), lambda text: _progress(text, wishes))
        return await alone.learn(wishes.by, stop)


async def _is_service_running(settings: Settings) -> bool:
    if not settings.mqtt.enabled:
        return False
    try:
        return await is_running(mqtt_options(settings))
    except DeviceUnavailableError as error:
        logging.getLogger(__name__).warning("%s: so whether the service runs is not known", error)
        return False


async def _ask_service(settings: Settings, wishes: Wishes, stop: asyncio.Event) -> Learnt:
    _progress("the service runs: asking it", wishes)
    asking = asyncio.ensure_future(ask(mqtt_options(settings), lambda text: _progress(text, wishes)))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not asking.done():
        asking.cancel()
        await asyncio.wait({asking})
        return INTERRUPTED
    return asking.result()


def _warning(settings: Settings, wishes: Wishes) -> str:
    """What the owner should know before anything is ordered."""
    lines = ["No service answers over MQTT, so this command steers the charger itself for some minutes."]
    if not settings.mqtt.enabled:
        lines = ["Without MQTT nobody knows whether the service runs: stop it first. This command then steers itself."]
    if wishes.by is LearnBy.ONE_PHASE:
        lines.append(
            "The car is charged on one phase, then on another. A charger may stay on one phase until the car is"
        )
        lines.append("unplugged; that it is back on three is checked at the end, and told.")
    else:
        lines.append("The car is paused for about a minute and starts again.")
    return "\n".join(lines)


def _agrees(warning: str, wishes: Wishes) -> bool:
    if wishes.is_sure:
        return True
    typer.echo(warning, err=True)
    return typer.confirm("Go on?", default=wishes.by is LearnBy.START, err=True)


def _propose(settings: Settings, learnt: Learnt, wishes: Wishes) -> None:
    """Tell what to put into the settings, and put it there where that is wished."""
    phases = learnt.phases or ()
    path = settings.path
    if not wishes.is_json:
        say("settings", line(phases))
        say("", f"under [charger] in {path}")
    if not wishes.writes or path is None:
        return
    if not wishes.is_sure and not typer.confirm(f"Write that line into {path}?", default=True, err=True):
        return
    write_phases(path, phases)
    if load(path, os.environ).charger.phases != phases:
        raise SettingsError(
            ["charger.phases: was written, but the environment or a credential says otherwise and wins"]
        )
    if not wishes.is_json:
        say("written", f"{path}; restart the service: sudo systemctl restart ev-load-bridge")


def _say_all(word: str, text: str) -> None:
    """On as many lines of a terminal as it takes."""
    for part in wrap(text, WIDTH):
        say(word, part)
        word = ""


def _progress(text: str, wishes: Wishes) -> None:
    if wishes.is_json:
        typer.echo(text, err=True)
    else:
        say("…", text)


class _Nothing:
    """In the place of a spinner, where nobody would see it."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...
