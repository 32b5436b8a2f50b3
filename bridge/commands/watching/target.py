"""Which bridge on which broker: from the options of the command line, from the settings, and from what is there."""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import typer

from bridge.errors import DeviceUnavailableError, SettingsError
from bridge.mirror.options import MqttOptions
from bridge.parts import mqtt_options
from bridge.runtime.secrecy import keep_secret
from bridge.settings import Settings, load

PLAIN_PORT, TLS_PORT = 1883, 8883
ENVIRONMENT = "EV_LOAD_BRIDGE__MQTT__PASSWORD"
LONGEST = 4096
"""No password is longer, bytes."""


class Wishes(NamedTuple):
    """The options as given; None where not."""

    config: Path | None = None
    host: str | None = None
    port: int | None = None
    username: str | None = None
    password_file: Path | None = None
    tls: bool = False
    ca_file: Path | None = None
    topic: str | None = None
    instance: str | None = None


class Target(NamedTuple):
    """Where to look."""

    options: MqttOptions
    """With the instance that is meant, as far as anybody said."""
    has_instance: bool
    fuse: float | None
    """A per phase, where there are settings."""


def target(wishes: Wishes, environ: Mapping[str, str] = os.environ) -> Target:
    """From the options alone where they name a host, else from the settings too. Raises SettingsError."""
    if wishes.host is not None and wishes.config is None:
        given = MqttOptions(wishes.host)
        return Target(_with(given, wishes, environ), wishes.instance is not None, None)
    settings = _settings(wishes, environ)
    return Target(_with(mqtt_options(settings), wishes, environ), has_instance=True, fuse=settings.mains.fuse)


def _settings(wishes: Wishes, environ: Mapping[str, str]) -> Settings:
    try:
        settings = load(wishes.config, environ)
    except SettingsError as error:
        hint = "or give --host and, where the broker wants it, --username: then no settings are read"
        raise SettingsError([*error.problems, *([hint] if wishes.host is None else [])]) from error
    if not settings.mqtt.enabled and wishes.host is None:
        raise SettingsError(["mqtt.enabled: is false, so that there is nothing to watch; set it to true"])
    return settings


def _with(options: MqttOptions, wishes: Wishes, environ: Mapping[str, str]) -> MqttOptions:
    """What the command line says wins."""
    tls = wishes.tls or wishes.ca_file is not None or options.tls
    port = options.port
    if wishes.host is not None:
        port = TLS_PORT if tls else PLAIN_PORT
    try:
        options = replace(
            options,
            host=wishes.host or options.host,
            port=wishes.port or port,
            tls=tls,
            ca_file=wishes.ca_file or options.ca_file,
            topic=wishes.topic or options.topic,
            instance=wishes.instance or options.instance,
        )
    except ValueError as error:
        raise SettingsError([f"--topic or --instance: {error}"]) from error
    if wishes.username is None and wishes.password_file is None:
        return options
    password = _password(wishes, environ)
    return replace(options, username=wishes.username or options.username, password=password)


def _password(wishes: Wishes, environ: Mapping[str, str]) -> str | None:
    """From the file, the environment or the keyboard: never from the command line, which everybody can list."""
    password: str | None = environ.get(ENVIRONMENT)
    if wishes.password_file is not None:
        password = _in_file(wishes.password_file)
    elif password is None and sys.stdin.isatty():
        password = typer.prompt(f"Password of {wishes.username}", hide_input=True, default="", show_default=False)
    if password:
        keep_secret(ENVIRONMENT, password)
    return password or None


def _in_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1).decode("utf-8-sig").rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no UTF-8 text"
        raise SettingsError([f"--password-file: cannot be read ({reason}); name another"]) from None
    if not text.strip() or "\n" in text or len(text) > LONGEST:
        raise SettingsError(["--password-file: must hold the password alone, on one line; correct the file"])
    return text


def chosen(target: Target, found: Mapping[str, bool]) -> MqttOptions:
    """The bridge that is meant, of those that the broker knows (and whether each is there).

    Raises DeviceUnavailableError with the cure where that is none, or not clear.
    """
    options = target.options
    if not found:
        raise DeviceUnavailableError(
            "watch",
            f"{options.where} knows no bridge below {options.topic}/: is the service running with [mqtt] enabled, is "
            "this the broker it uses, and may this user read its topics? Another topic: --topic",
        )
    listed = ", ".join(f"{name} ({'online' if is_there else 'offline'})" for name, is_there in found.items())
    if target.has_instance:
        if options.instance not in found:
            detail = f"{options.where} knows no instance {options.instance}, but {listed}: name one with --instance"
            raise DeviceUnavailableError("watch", detail)
        return options
    if len(found) > 1:
        raise DeviceUnavailableError("watch", f"{options.where} knows several: {listed}; name one with --instance")
    return replace(options, instance=next(iter(found)))
