"""What the owner writes: settings.toml, environment variables, files with secrets.

Records: the first is settings.toml, the others `env NAME=text` or `file NAME`, a line break and what is in it.
"""

import os
import re
from dataclasses import fields
from pathlib import Path

import promises
from fuzz_state import here

from bridge import parts
from bridge.errors import SettingsError
from bridge.settings import load
from bridge.settings.keys import FIELDS, SECTIONS, variable

NAME = "settings"
SEPARATOR = b"\n=== "
_GOOD = f"""[mains]
fuse = 25
margin = 0.5
[mains.slimmelezer]
host = "slimmelezer.local"
[charger]
max_current = 16
phases = ["L1", "L2", "L3"]
fallback_current = 6
[charger.easee]
username = "owner@example.org"
password = "{promises.SECRET}"
""".encode()
_MQTT = f"""[mqtt]
host = "127.0.0.1"
username = "bridge"
password = "{promises.SECRET}"
publish_every = 5.0
topic = "a/b"
instance = "main"
[balancing]
pace = "eager"
""".encode()
_LEFT_OUT = _GOOD.replace(b"password = ", b'password_file = "secret"\n# ')
NAMED = re.compile("unknown key|does not belong there|sets nothing|not TOML")
SEEDS = (
    _GOOD,
    _GOOD + _MQTT,
    _GOOD + b"\n=== env EV_LOAD_BRIDGE__MQTT__PORT=8883\n=== env EV_LOAD_BRIDGE__CHARGER__PHASES=L2",
    _LEFT_OUT + b"\n=== file secret\n" + promises.SECRET.encode() + b"\n",
    _LEFT_OUT + f"\n=== env EV_LOAD_BRIDGE__CHARGER__EASEE__PASSWORD={promises.SECRET}".encode(),
    _GOOD + b"\n=== file mqtt.password\n" + promises.SECRET.encode() + b"\n=== env CREDENTIALS_DIRECTORY=.",
)
TOKENS = (
    *(key[-1].encode() for key in FIELDS if key),
    *(f"[{'.'.join(key)}]\n".encode() for key in SECTIONS if key),
    *(variable(key).encode() for key in FIELDS),
    b" = ",
    b'"',
    b"'''",
    b"[[mains]]\n",
    b"2026-01-01",
    b"0x7f",
    b"inf",
    b"true",
    b"EV_LOAD_BRIDGE__TYPO",
    b"_file",
    b"\n",
)


def run(data: bytes) -> None:
    folder, (toml, *others) = here(), data.split(SEPARATOR)
    config, environ, files = folder / "settings.toml", {}, [folder / "settings.toml"]
    config.write_bytes(toml)
    for record in others:
        kind, _, rest = record.partition(b" ")
        if kind == b"env":
            name, _, text = rest.partition(b"=")
            environ[os.fsdecode(name)] = str(folder) if name == b"CREDENTIALS_DIRECTORY" else os.fsdecode(text)
        elif kind == b"file":
            name, _, content = rest.partition(b"\n")
            files.append(folder / ("secret" if name == b"secret" else "mqtt.password"))
            files[-1].write_bytes(content)
    try:
        for file in files:
            file.chmod(0o600)
        _load(config, environ)
    finally:
        for file in set(files):
            file.unlink()


def _load(config: Path, environ: dict[str, str]) -> None:
    try:
        settings = load(config, environ)
    except SettingsError as refused:
        promises.hold(refused.problems, "refused without a word")
        for problem in refused.problems:
            # where the secret stands as the name of a key, that name is told
            promises.is_a_line(problem if not NAMED.search(problem) else problem.replace(promises.SECRET, ""))
        return
    for warning in settings.warnings:
        promises.is_a_line(warning)
    house = settings.installation()
    promises.is_finite(house, "installation")
    promises.hold(house.minimum <= house.fuse - house.margin, "no car could charge")
    promises.hold(house.maximum <= house.fuse and (not house.fallback or house.fallback <= house.fuse), "over the fuse")
    # a case may have written the secret where a name belongs
    is_told = promises.SECRET in settings.model_dump_json()
    for part in (parts.mqtt_options, parts.charger_options, parts.meter_options):
        options = part(settings)
        promises.hold(is_told or promises.SECRET not in repr(options), "an option tells the secret")
        for field in fields(options):
            str(getattr(options, field.name)).encode()  # all of it goes over some wire
    promises.hold(is_told or promises.SECRET not in repr(settings), "settings tell the secret")
