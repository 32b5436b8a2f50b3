"""The adapters of one bridge, as its settings want them: for the service, and for commands that need one alone."""

from bridge import __version__
from bridge.chargers.easee.client import EaseeCharger
from bridge.chargers.easee.options import EaseeOptions
from bridge.core.model import Installation
from bridge.mains.slimmelezer.client import SlimmelezerMeter, SlimmelezerOptions
from bridge.mirror.client import MqttMirror
from bridge.mirror.options import MqttOptions
from bridge.ports import Charger, Meter, Mirror, Rest
from bridge.runtime import clock
from bridge.settings import Settings


def meter(settings: Settings) -> Meter:
    return SlimmelezerMeter(meter_options(settings), clock.now)


def charger(settings: Settings, rest: Rest | None = None) -> Charger:
    """Nobody is called until the rest is over."""
    return EaseeCharger(charger_options(settings), clock.now, rest)


def mirror(settings: Settings, house: Installation) -> Mirror | None:
    """None where MQTT is switched off."""
    return MqttMirror(mqtt_options(settings), house, clock.now, __version__) if settings.mqtt.enabled else None


def meter_options(settings: Settings) -> SlimmelezerOptions:
    given = settings.mains.slimmelezer
    key = given.encryption_key
    return SlimmelezerOptions(
        host=given.host,
        port=given.port,
        encryption_key=None if key is None else key.get_secret_value(),
        phases=settings.charger.phases,
        sensor_names=given.sensors.given(),
        expected_name=given.expected_name,
    )


def charger_options(settings: Settings) -> EaseeOptions:
    given = settings.charger.easee
    return EaseeOptions(
        username=given.username,
        password=given.password.get_secret_value(),
        charger=given.charger,
        api_url=given.api_url,
        stream_url=given.stream_url,
        ca_file=given.ca_file,
    )


def mqtt_options(settings: Settings) -> MqttOptions:
    given = settings.mqtt
    return MqttOptions(
        host=given.host,
        port=given.port,
        username=given.username,
        password=None if given.password is None else given.password.get_secret_value(),
        tls=given.tls,
        ca_file=given.ca_file,
        client_cert=given.client_cert,
        client_key=given.client_key,
        discovery_prefix=given.discovery_prefix,
        topic=given.topic,
        instance=given.instance,
        publish_every=given.publish_every,
    )
