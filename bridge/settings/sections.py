"""The tables of settings.toml. Field descriptions complete the sentence "give …" when a value is wrong."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, Strict, model_validator

from bridge.core.model import OnLapse, Pace, Protection
from bridge.core.phases import Phase
from bridge.settings import formats

Amperes: TypeAlias = Annotated[float, Strict()]
Seconds: TypeAlias = Annotated[float, Strict()]
Whole: TypeAlias = Annotated[int, Strict()]
YesNo: TypeAlias = Annotated[bool, Strict()]
Host: TypeAlias = Annotated[str, AfterValidator(formats.host)]
Port: TypeAlias = Annotated[int, Strict(), Field(ge=1, le=65535)]
Url: TypeAlias = Annotated[str, AfterValidator(formats.url)]
SensorName: TypeAlias = Annotated[str | None, Field(description="the sensor's name on the device")]
Topic: TypeAlias = Annotated[str, AfterValidator(formats.topic)]


class Section(BaseModel):
    """One table of settings.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class SensorNames(Section):
    """Sensors of the device that the owner renamed: object id or name; the usual names are known."""

    current_l1: SensorName = None
    current_l2: SensorName = None
    current_l3: SensorName = None
    power_consumed_l1: SensorName = None
    power_consumed_l2: SensorName = None
    power_consumed_l3: SensorName = None
    power_produced_l1: SensorName = None
    power_produced_l2: SensorName = None
    power_produced_l3: SensorName = None
    voltage_l1: SensorName = None
    voltage_l2: SensorName = None
    voltage_l3: SensorName = None

    def given(self) -> dict[str, str]:
        """Only those that the owner named, by key."""
        return {key: name for key, name in self if name is not None}


class Slimmelezer(Section):
    """The meter's reader: any ESPHome device on a P1 port."""

    host: Host = Field(description="the Slimmelezer's host name or IP address, for instance slimmelezer.local")
    port: Port = Field(default=6053, description="the ESPHome API's port, usually 6053")
    encryption_key: Annotated[SecretStr, AfterValidator(formats.noise_key)] | None = Field(
        default=None,
        description="the key from the device's own YAML (api: encryption: key:), or leave it out where it has none",
    )
    encryption_key_file: Path | None = Field(default=None, description="a file that holds the key alone")
    expected_name: str | None = Field(default=None, description="the device's node name, or leave it out")
    sensors: SensorNames = SensorNames()


class Mains(Section):
    """The house connection."""

    fuse: Amperes = Field(
        ge=6, le=100, description="the rating of the main fuse in A per phase, 6 to 100, for instance 25"
    )
    protection: Protection = Field(
        default=Protection.MCB, description='"mcb" for a circuit breaker or "gg" for a melting fuse'
    )
    margin: Amperes = Field(default=0.1, ge=0, description="the A always kept free below the fuse, usually 0.1 to 1")
    telegram_max_age: Annotated[float | None, Strict()] = Field(
        default=None,
        ge=2,
        le=300,
        description="seconds of silence, 2 to 300, that make the meter stale, or leave it out to go by its period",
    )
    slimmelezer: Slimmelezer = Field(description="the table [mains.slimmelezer] with its host")


class Easee(Section):
    """The charger's cloud account."""

    username: str = Field(description="the e-mail address or phone number of the Easee account")
    password: SecretStr = Field(description="the password of the Easee account")
    password_file: Path | None = Field(default=None, description="a file that holds the password alone")
    charger: Annotated[str, AfterValidator(formats.serial)] | None = Field(
        default=None, description="the charger's serial number, for instance EH123456"
    )
    on_lapse: OnLapse = Field(
        default=OnLapse.UNKNOWN,
        description='what the charger was seen to do when an order lapsed; "unknown" where nobody tried',
    )
    api_url: Url = Field(default="https://api.easee.com", description="Easee's API, or leave it out")
    stream_url: Url = Field(
        default="https://streams.easee.com/hubs/chargers", description="Easee's stream, or leave it out"
    )
    ca_file: Path | None = Field(default=None, description="a file with the certificate authority's certificate")


class Charger(Section):
    """The charger and how it is wired."""

    max_current: Whole = Field(
        ge=6, le=80, description="the most the charger may take in whole A per phase, 6 to 80, for instance 16"
    )
    minimum_current: Whole = Field(
        default=6, ge=6, le=32, description="the least the car charges with in whole A, 6 to 32, usually 6"
    )
    phases: Annotated[tuple[Phase, ...], AfterValidator(formats.wiring)] = Field(
        default=(Phase.L1, Phase.L2, Phase.L3),
        description='the mains phase on the charger\'s P1, P2 and P3, each once: ["L1", "L2", "L3"], or one: ["L1"]',
    )
    time_to_live: Whole = Field(
        default=10, ge=1, le=30, description="minutes, 1 to 30, after which an order lapses by itself, usually 10"
    )
    fallback_current: Annotated[int | None, Strict()] = Field(
        default=None, ge=0, le=80, description="whole A that are tolerable while the meter is blind: 0, or 6 and more"
    )
    easee: Easee = Field(description="the table [charger.easee] with username and password")


class Balancing(Section):
    """How the bridge goes about it."""

    pace: Pace = Field(
        default=Pace.NORMAL, description='"calm", "normal" or "eager": how soon the limit is raised again'
    )
    dry_run: YesNo = Field(default=False, description="true to decide and show but never order, else false")


class Mqtt(Section):
    """The broker that everything is mirrored to."""

    enabled: YesNo = Field(default=True, description="true, or false to work without a broker")
    host: Host = Field(default="localhost", description="the broker's host name or IP address")
    port: Port = Field(default=1883, description="the broker's port, usually 1883, with TLS 8883")
    username: str | None = Field(default=None, description="the broker's user, or leave it out")
    password: SecretStr | None = Field(default=None, description="the broker's password, or leave it out")
    password_file: Path | None = Field(default=None, description="a file that holds the password alone")
    tls: YesNo = Field(default=False, description="true to encrypt, with the broker's certificate verified, else false")
    ca_file: Path | None = Field(default=None, description="a file with the certificate authority's certificate")
    client_cert: Path | None = Field(default=None, description="a file with our certificate")
    client_key: Path | None = Field(default=None, description="a file with our certificate's key")
    discovery_prefix: Topic = Field(default="homeassistant", description="Home Assistant's discovery prefix")
    topic: Topic = Field(default="ev-load-bridge", description="the topic everything is published below")
    instance: Annotated[str, AfterValidator(formats.instance)] = Field(
        default="main", description="a name that tells two bridges on one broker apart"
    )
    publish_every: Seconds = Field(
        default=5.0,
        ge=0.5,
        le=300,
        description="seconds, 0.5 to 300, between two rounds of measurements at least, usually 5",
    )

    @model_validator(mode="before")
    @classmethod
    def _usual_port(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("tls") is True:
            return {"port": 8883, **values}
        return values


class Level(StrEnum):
    """From which weight on the log is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Log(Section):
    """The log on stderr."""

    level: Level = Field(default=Level.INFO, description='"debug", "info", "warning" or "error": the log from there on')
