"""Where the broker is and how we appear there."""

import re
from dataclasses import dataclass, field
from pathlib import Path

NAME = "ev-load-bridge"
INSTANCE = re.compile(r"[A-Za-z0-9_-]{1,32}")
PREFIX = re.compile(r"[^$+#\x00][^+#\x00]*")


@dataclass(frozen=True, slots=True)
class MqttOptions:
    """Settings of the mirror. Raises ValueError on an instance or a topic that cannot be published to."""

    host: str
    port: int = 1883
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    """Encrypted, and the broker's certificate is always verified."""
    ca_file: str | Path | None = None
    """Certificate authority that vouches for the broker; None takes the system's."""
    client_cert: str | Path | None = None
    client_key: str | Path | None = None
    """None where `client_cert` holds the key as well."""
    discovery_prefix: str = "homeassistant"
    topic: str = NAME
    instance: str = "main"
    """Tells two bridges on one broker apart; part of every unique id, so it stays once chosen."""
    publish_every: float = 5.0
    """Measurements are published at most this often, s; decisions and problems at once."""

    def __post_init__(self) -> None:
        if not INSTANCE.fullmatch(self.instance):
            raise ValueError("instance: letters, digits, _ and - only, at most 32")
        if not PREFIX.fullmatch(self.topic) or not PREFIX.fullmatch(self.discovery_prefix):
            raise ValueError("a topic is neither empty nor holds + or #, and does not begin with $")

    @property
    def device_identifier(self) -> str:
        """What Home Assistant knows the device by. From the instance alone: host names, serials and topics change."""
        return f"{NAME}-{self.instance}"

    @property
    def slug(self) -> str:
        """Start of the entity ids that documents and dashboards name."""
        name = NAME if self.instance == "main" else self.device_identifier
        return name.lower().replace("-", "_")

    @property
    def where(self) -> str:
        """The broker, for a log line."""
        return f"{self.host}:{self.port}"
