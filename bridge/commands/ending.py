"""How every command ends: with an exit status, and one line per expected error."""

from collections.abc import Callable
from typing import NoReturn

from bridge.errors import BridgeError, SettingsError, exit_code
from bridge.runtime.logs import complain
from bridge.runtime.verdict import gravest


def end(body: Callable[[], int]) -> NoReturn:
    """Run a command to its exit status. What is expected to fail is told in one line; a bug keeps its traceback."""
    try:
        status = body()
    except (BridgeError, BaseExceptionGroup) as caught:
        error = gravest(caught)
        if not isinstance(error, BridgeError):
            raise
        complain(error.problems if isinstance(error, SettingsError) else [str(error)])
        status = exit_code(error)
    raise SystemExit(status)
