"""`ev-load-bridge forget`: clears what the broker keeps of this bridge, so that Home Assistant drops its device."""

import asyncio
import os
from pathlib import Path

from bridge.commands.doctor.machine import look_at_machine
from bridge.commands.lines import say
from bridge.errors import DeviceUnavailableError
from bridge.mirror import forgetting
from bridge.mirror.options import MqttOptions
from bridge.parts import mqtt_options
from bridge.runtime import logs
from bridge.settings import load

NAME = "forget"


def forget(config: Path | None, *, anyway: bool) -> int:
    """Clear and tell. Raises SettingsError, and DeviceUnavailableError with the cause where something is left."""
    settings = load(config, os.environ)
    logs.set_up("warning")
    if not settings.mqtt.enabled:
        say("broker", "not used: [mqtt] enabled = false. What an earlier time left is cleared with enabled = true")
        return 0
    return asyncio.run(_forget(mqtt_options(settings), anyway=anyway))


async def _forget(options: MqttOptions, *, anyway: bool) -> int:
    if (await look_at_machine()).is_unit_running:
        raise DeviceUnavailableError(
            NAME, "the service runs and would publish it all again: sudo systemctl stop ev-load-bridge"
        )
    done = await forgetting.forget(options, even_online=anyway)
    name = options.device_identifier
    if done.is_online:
        detail = (
            f"nothing was cleared, since {options.where} says that a bridge “{options.instance}” is online: on another"
        )
        cure = "machine? Or did one crash a moment ago? Then try again in a minute; --anyway clears all the same"
        raise DeviceUnavailableError(NAME, f"{detail} {cure}")
    if done.left:
        cure = "does a bridge publish there, or may our user not read and write it?"
        raise DeviceUnavailableError(NAME, f"{options.where} keeps {', '.join(done.left)} of {name}: {cure}")
    say(
        "broker",
        f"{options.where} has forgotten {name}" if done.cleared else f"{options.where} keeps nothing of {name}",
    )
    return 0
