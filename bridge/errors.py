"""Errors, named after their cure. Anything else that is raised is a bug and ends the process."""

import os
from collections.abc import Sequence

LONGEST_LINE = 500
"""Letters of one line about something; whatever a device or a file calls things, the cure still stands in it."""


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """What somebody else wrote, fit to be shown: printable, on one line, its middle left out where it is too long."""
    if len(text) > longest:
        half = (longest - 1) // 2
        text = f"{text[:half]}…{text[-half:]}"
    return "".join(sign if sign.isprintable() else "?" for sign in text)


class BridgeError(Exception):
    """Root of all errors that are expected to happen."""


class SettingsError(BridgeError):
    """A person mends the settings: exit 78, and systemd does not start it again.

    One problem a line; each names key, problem and cure and never a secret.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class DeviceError(BridgeError):
    """A device or its cloud failed us. `detail` is one clear line with the cure, without secrets."""

    def __init__(self, device: str, detail: str) -> None:
        detail = one_line(detail)
        super().__init__(f"{device}: {detail}")
        self.device = device
        self.detail = detail


class DeviceUnavailableError(DeviceError):
    """No answer, 5xx, time-out, dropped: back off and try again."""


class RateLimitedError(DeviceUnavailableError):
    """Told to stay away: no call of any kind for `retry_after` seconds, since each try prolongs a ban."""

    def __init__(self, device: str, detail: str, retry_after: float) -> None:
        super().__init__(device, detail)
        self.retry_after = retry_after


class CommandRejectedError(DeviceError):
    """Understood and refused: the same order is not repeated for ten minutes."""


class MalformedReadingError(DeviceError):
    """Nonsense from a device: dropped and counted."""


class LoginRejectedError(DeviceError):
    """Wrong credentials: exit 77 at the start; later one try an hour."""


class UnsuitableError(DeviceError):
    """The installation cannot be governed safely (IT grid, hidden chargers on the circuit): exit 78."""


def exit_code(error: BaseException) -> int:
    """Tell systemd by the exit status what an error needs: 77 and 78 a person first, anything else a new start."""
    match error:
        case LoginRejectedError():
            return os.EX_NOPERM
        case SettingsError() | UnsuitableError():
            return os.EX_CONFIG
        case _:
            return 1
