"""What a look at the broker shows. Pure."""

from collections.abc import Iterator

from bridge.commands.doctor.check import Check, bad, caution, good
from bridge.mirror.options import MqttOptions
from bridge.mirror.survey import BrokerSurvey
from bridge.mirror.topics import topics

RECEIPT = "MQTT has no receipt: see Settings, Devices, MQTT in Home Assistant"


def check_broker(seen: BrokerSurvey, options: MqttOptions, *, is_unit_running: bool) -> Iterator[Check]:
    """Yield what the broker lets us do, and who else is there under our name."""
    if seen.trouble is not None:
        yield bad("broker", seen.trouble)
        return
    ours = topics(options)
    base = ours.state.rpartition("/")[0]
    yield good("broker", f"{seen.where} lets us in")
    for topic in seen.unreadable:
        yield bad("broker", f"it does not let us read {topic}", "allow it for our user in the broker's access list")
    if seen.state_returns:
        yield good("topics", f"what we write below {base}/ comes back")
    else:
        cure = f"allow our user to read and write {base}/# in the broker's access list"
        yield bad("topics", f"what we write below {base}/ does not come back", cure)
    yield _discovery(seen, ours.discovery)
    if seen.availability == "online" and not is_unit_running:
        cure = "if that is another bridge, give this one another [mqtt] instance"
        yield caution("instance", f"a bridge “{options.instance}” is online that is not this machine's service", cure)


def _discovery(seen: BrokerSurvey, topic: str) -> Check:
    birth = f" Home Assistant says {seen.home_assistant}." if seen.home_assistant else ""
    if seen.is_announced:
        return good("discovery", f"announced on {topic}.{birth} {RECEIPT}")
    if seen.discovery_returns:
        return good("discovery", f"the broker takes it; announced once the service runs.{birth} {RECEIPT}")
    cure = f"allow our user to read and write {topic} in the broker's access list"
    return caution("discovery", f"not there, and a probe beside {topic} did not come back", cure)
