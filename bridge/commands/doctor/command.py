"""`ev-load-bridge doctor`: from the command line to the exit status."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Final, TextIO

from bridge.commands.doctor.check import Check, bad, must_mend
from bridge.commands.doctor.machine import check_version
from bridge.commands.doctor.show import Censor, Paper, closing, document
from bridge.errors import SettingsError
from bridge.runtime import logs
from bridge.settings import Settings, load

MEND: Final = 1
"""Exit status where a person must mend something."""
INTERRUPTED: Final = 130


def doctor(config: Path | None, *, as_json: bool = False, out: TextIO | None = None) -> int:
    """Check everything live. Returns 0, 1 where something must be mended, 78 where the settings are unfit."""
    logs.set_up("critical")  # what goes wrong is a line of ours
    return unread(lambda: _doctor(config, out or sys.stdout, as_json=as_json))


def unread(body: Callable[[], int]) -> int:
    """Run a command; where it is interrupted, or nobody reads any more (`| head`), it ends without a traceback."""
    try:
        return body()
    except (KeyboardInterrupt, BrokenPipeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return INTERRUPTED


def _doctor(config: Path | None, out: TextIO, *, as_json: bool) -> int:
    paper = None if as_json else Paper(out)
    try:
        settings = load(config, os.environ)
    except SettingsError as error:
        checks, status = list(_unfit(error)), os.EX_CONFIG
        if paper is not None:
            for check in checks:
                paper.show(check)
    else:
        checks = asyncio.run(_examined(settings, paper))
        status = MEND if must_mend(checks) else os.EX_OK
    if paper is None:
        print(document(checks, status), file=out)
    else:
        paper.say(closing(checks))
    return status


def secrets_of(settings: Settings) -> Iterator[str]:
    """Every secret in the settings, for the censor."""
    given = (settings.charger.easee.password, settings.mqtt.password, settings.mains.slimmelezer.encryption_key)
    return (secret.get_secret_value() for secret in given if secret is not None)


async def _examined(settings: Settings, paper: Paper | None) -> list[Check]:
    from bridge.commands.doctor.examination import examine  # noqa: PLC0415 unfit settings are told at once

    censor, checks = Censor(secrets_of(settings)), []
    async with aclosing(examine(settings)) as told:
        async for raw in told:
            check = censor.check(raw)
            checks.append(check)
            if paper is not None:
                paper.show(check)
    return checks


def _unfit(error: SettingsError) -> Iterator[Check]:
    yield check_version()
    for problem in error.problems:
        yield bad("settings", problem)
