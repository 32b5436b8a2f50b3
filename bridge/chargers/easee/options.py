"""Where the Easee cloud is and how to log in to it."""

from dataclasses import dataclass, field
from pathlib import Path

DEVICE = "easee"
"""How this adapter's errors name it."""


@dataclass(frozen=True, slots=True)
class EaseeOptions:
    """One account, at most one charger of it. Times in seconds."""

    username: str
    password: str = field(repr=False)
    charger: str | None = None
    """Serial number; None takes the only charger of the account."""
    api_url: str = "https://api.easee.com"
    stream_url: str = "https://streams.easee.com/hubs/chargers"
    ca_file: str | Path | None = None
    """The only authority that may vouch for the cloud; None takes the system's."""
    request_timeout: float = 10.0
    """For one call, a log-in and waiting for its turn included; Easee answers in 1 to 2."""
    poll_every: float = 30.0
    """Between readings over REST while the stream is dead."""
    retry_every: float = 15.0
    """The longest wait between readings of a cloud that has begun to fail."""
    poll_after_order: float = 3.0
    """How soon an order is looked for over REST while the stream is dead."""
    poll_live_every: float = 600.0
    """Between readings over REST while the stream lives, in case it has lost something."""
    confirm_within: float = 10.0
    """An order that a live stream has not confirmed by then is looked for over REST."""
    stream_silence: float = 45.0
    """Without a frame for this long the stream is dead; the hub pings every 15."""
    stream_back_off: tuple[float, ...] = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
    """Waits between attempts to rebuild the stream, each stretched at random by up to a quarter."""
    first_report_within: float = 10.0
    """On a live stream the charger has told its state and limits by then, or a person should know."""
