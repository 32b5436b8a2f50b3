"""Every topic of one instance, in one place."""

from typing import NamedTuple

from bridge.mirror.options import MqttOptions


class Topics(NamedTuple):
    """What is published and listened to."""

    state: str
    """One JSON document, retained."""
    availability: str
    """`online` or `offline`, retained; also the last will."""
    meter: str
    """Availability of what the meter tells, retained."""
    charger: str
    """Availability of what the charger tells, retained."""
    event: str
    """Each event once, not retained."""
    set: str
    """Controls hang below it, one topic each."""
    discovery: str
    """The device as Home Assistant is to know it, retained."""
    birth: str
    """Where Home Assistant says that it has started."""

    @property
    def any_set(self) -> str:
        return f"{self.set}/+"

    def availability_of(self, instance: str) -> str:
        """The same of another instance below the same topic."""
        above = self.availability.split("/")[:-2]
        return "/".join([*above, instance, "availability"])

    def control(self, topic: str) -> str | None:
        """Name of the control that a topic sets; None where it sets none."""
        start = f"{self.set}/"
        return topic[len(start) :] if topic.startswith(start) else None


def topics(options: MqttOptions) -> Topics:
    base = f"{options.topic.strip('/')}/{options.instance}"
    prefix = options.discovery_prefix.strip("/")
    return Topics(
        state=f"{base}/state",
        availability=f"{base}/availability",
        meter=f"{base}/availability/meter",
        charger=f"{base}/availability/charger",
        event=f"{base}/event",
        set=f"{base}/set",
        discovery=f"{prefix}/device/{options.device_identifier}/config",
        birth=f"{prefix}/status",
    )
