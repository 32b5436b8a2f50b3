"""`ev-load-bridge doctor --test-lapse`: from the command line to the exit status."""

import asyncio
import io
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from bridge import parts
from bridge.chargers.easee.client import EaseeCharger
from bridge.commands.doctor.check import bad
from bridge.commands.doctor.command import secrets_of, unread
from bridge.commands.doctor.machine import UNIT, look_at_machine
from bridge.commands.doctor.show import Censor, Paper, document
from bridge.commands.lapse.plan import RefusedError
from bridge.commands.lapse.show import Questions, Screen, Silent, conclude
from bridge.commands.lapse.supervision import supervise
from bridge.commands.lapse.trial import Result, Timing
from bridge.core.model import OnLapse
from bridge.mirror.survey import survey as survey_broker
from bridge.parts import charger_options, mqtt_options
from bridge.runtime import clock, logs
from bridge.runtime.stopping import stop_on_signals
from bridge.settings import Settings, load

UNCLEAR: Final = 1
"""Exit status without a result, or where the limit was not restored."""


def try_lapse(config: Path | None, *, is_agreed: bool, as_json: bool, out: TextIO | None = None) -> int:
    """Make the trial. Returns 0 with a result and the limit restored, else 1; raises SettingsError."""
    settings = load(config, os.environ)
    logs.set_up("critical")
    trial = partial(_trial, settings, out or sys.stdout, is_agreed=is_agreed, as_json=as_json)
    return unread(lambda: asyncio.run(trial()))


async def _trial(settings: Settings, out: TextIO, *, is_agreed: bool, as_json: bool) -> int:
    stop, house, censor = asyncio.Event(), settings.installation(), Censor(secrets_of(settings))
    _stop_on_signals(stop)
    paper = Paper(io.StringIO() if as_json else out)
    show = Silent() if as_json else Screen(paper)
    try:
        await _refuse_where_it_may_not(settings)
        result = await supervise(
            EaseeCharger(charger_options(settings), clock.now),
            parts.meter(settings),
            house,
            timing=Timing(clock.now, asyncio.sleep),
            stop=stop,
            show=show,
            confirm=Questions(paper, house, stop, is_agreed=is_agreed).confirm,
        )
    except RefusedError as refused:
        checks, status, found = [censor.check(bad("lapse", str(refused)))], UNCLEAR, None
    else:
        checks, found = [], _censored(result, censor)
        status = 0 if found.is_restored and found.verdict.on_lapse is not OnLapse.UNKNOWN else UNCLEAR
    finally:
        show.close()
    if as_json:
        print(document(checks, status, {"lapse": _told(found)}), file=out)
    elif found is not None:
        conclude(paper, found)
    for check in checks:
        paper.show(check)
    return status


def _stop_on_signals(stop: asyncio.Event) -> None:
    """Also where the terminal goes away, as an ssh session does."""
    stop_on_signals(stop)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, stop.set)


async def _refuse_where_it_may_not(settings: Settings) -> None:
    """Raise RefusedError where nothing may be ordered, or where the service would order too."""
    if settings.balancing.dry_run:
        raise RefusedError("dry_run = true under [balancing]: nothing may be ordered")
    if (await look_at_machine()).is_unit_running:
        raise RefusedError(f"the service balances: stop it first (sudo systemctl stop {UNIT}), start it afterwards")
    if not settings.mqtt.enabled:
        return
    options = mqtt_options(settings)
    if (await survey_broker(options)).availability == "online":
        raise RefusedError(
            f"a bridge “{options.instance}” is online at {options.where}: stop it first, wherever it runs"
        )


def _censored(result: Result, censor: Censor) -> Result:
    verdict = result.verdict._replace(words=censor(result.verdict.words))
    return result._replace(verdict=verdict, left_with=censor(result.left_with))


def _told(result: Result | None) -> dict[str, object] | None:
    if result is None:
        return None
    return {
        "on_lapse": result.verdict.on_lapse,
        "after": result.verdict.after,
        "seen": result.verdict.words,
        "is_restored": result.is_restored,
        "left_with": result.left_with,
    }
