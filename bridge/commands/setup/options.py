"""The command line of setup. Loads nothing but the command line's own library."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from bridge.commands.ending import end

Text: TypeAlias = str | None
METER, EASEE, HOUSE, MQTT = "The meter", "The charger", "The house", "MQTT"


def _option(flag: str, panel: str, metavar: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(flag, metavar=metavar, help=text, rich_help_panel=panel)
    return option


def _hidden(flag: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(flag, hidden=True)
    return option


def setup(  # noqa: PLR0913 its options
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="PATH",
            readable=False,
            help="File to write. Without it /etc/ev-load-bridge/settings.toml as root, else below ~/.config.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take what is proposed, and write.")] = False,
    no_doctor: Annotated[bool, typer.Option("--no-doctor", help="Leave the check at the end out.")] = False,
    meter_host: Annotated[
        Text, _option("--meter-host", METER, "HOST", "The reader's name, address or host:port.")
    ] = None,
    meter_port: Annotated[Text, _option("--meter-port", METER, "PORT", "Of its ESPHome API; usually 6053.")] = None,
    meter_key_file: Annotated[Text, _option("--meter-key-file", METER, "FILE", "Holds its encryption key.")] = None,
    easee_username: Annotated[Text, _option("--easee-username", EASEE, "NAME", "E-mail address or +phone.")] = None,
    easee_password_file: Annotated[Text, _option("--easee-password-file", EASEE, "FILE", "Holds the password.")] = None,
    charger: Annotated[Text, _option("--charger", EASEE, "SERIAL", "Which, where there are several.")] = None,
    fuse: Annotated[Text, _option("--fuse", HOUSE, "A", "Main fuse per phase, 6 to 100.")] = None,
    protection: Annotated[Text, _option("--protection", HOUSE, "mcb|gg", "Breaker or melting fuse.")] = None,
    margin: Annotated[Text, _option("--margin", HOUSE, "A", "Kept free below the fuse.")] = None,
    max_current: Annotated[Text, _option("--max-current", HOUSE, "A", "Most the charger may take, whole A.")] = None,
    phases: Annotated[
        Text, _option("--phases", HOUSE, "L1,L2,L3", "Mains phases on the charger's P1,P2,P3; or learn.")
    ] = None,
    fallback_current: Annotated[
        Text, _option("--fallback-current", HOUSE, "A", "While the meter is silent: 0, or 6 and more.")
    ] = None,
    mqtt_host: Annotated[Text, _option("--mqtt-host", MQTT, "HOST", "The broker, or host:port.")] = None,
    mqtt_port: Annotated[Text, _option("--mqtt-port", MQTT, "PORT", "Usually 1883, with TLS 8883.")] = None,
    mqtt_tls: Annotated[Text, _option("--mqtt-tls", MQTT, "no|yes|FILE", "Encrypted; FILE: your own CA.")] = None,
    mqtt_username: Annotated[Text, _option("--mqtt-username", MQTT, "NAME", "- for none.")] = None,
    mqtt_password_file: Annotated[Text, _option("--mqtt-password-file", MQTT, "FILE", "Holds the password.")] = None,
    no_mqtt: Annotated[bool, typer.Option("--no-mqtt", help="Do without a broker.", rich_help_panel=MQTT)] = False,
    api_url: Annotated[Text, _hidden("--api-url")] = None,
    stream_url: Annotated[Text, _hidden("--stream-url")] = None,
) -> None:
    """Ask for everything, try it, and write the settings file; then doctor.

    Finds the meter, logs in at Easee, proposes what can be known. Nothing is
    written before the end. Run it again to change something: it starts from
    what is there. What an option says is not asked. Secrets are typed, or come
    from a file or the environment (EV_LOAD_BRIDGE__CHARGER__EASEE__PASSWORD).
    """
    given = {
        "--meter-host": meter_host,
        "--meter-port": meter_port,
        "--meter-key-file": meter_key_file,
        "--easee-username": easee_username,
        "--easee-password-file": easee_password_file,
        "--charger": charger,
        "--fuse": fuse,
        "--protection": protection,
        "--margin": margin,
        "--max-current": max_current,
        "--phases": phases,
        "--fallback-current": fallback_current,
        "--mqtt-host": mqtt_host,
        "--mqtt-port": mqtt_port,
        "--mqtt-tls": mqtt_tls,
        "--mqtt-username": mqtt_username,
        "--mqtt-password-file": mqtt_password_file,
        "--no-mqtt": "yes" if no_mqtt else None,
        "--api-url": api_url,
        "--stream-url": stream_url,
    }

    def body() -> int:
        from bridge.commands.setup.command import setup  # noqa: PLC0415 --help must not load every library
        from bridge.commands.setup.wishes import Wishes  # noqa: PLC0415 as above

        answers = {flag: text for flag, text in given.items() if text is not None}
        return setup(Wishes(config, answers, is_agreed=yes, with_doctor=not no_doctor))

    end(body)
