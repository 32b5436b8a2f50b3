"""Everything that can be wrong with the settings: the line names the key, the problem and the cure."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.errors import SettingsError
from bridge.settings import Settings, find_config, load

SECRET = "correct-horse-battery-staple"
Problems = Callable[..., tuple[str, ...]]
Write = Callable[[str], Path]

BAD = [
    # the file's own values: change, key, words of the problem and of the cure
    pytest.param({"mains__fuse": 0}, "mains.fuse: is not filled in", "for instance 25", id="fuse 0"),
    pytest.param({"mains__fuse": None}, "mains.fuse: is missing", "rating of the main fuse", id="fuse missing"),
    pytest.param({"mains__fuse": -25}, "mains.fuse: must be at least 6", "6 to 100", id="fuse negative"),
    pytest.param({"mains__fuse": 10**400}, "mains.fuse: must be", "6 to 100", id="fuse absurd"),
    pytest.param({"mains__fuse": "25"}, "mains.fuse: must be a number", "without quotes", id="fuse quoted"),
    pytest.param({"mains__fuse": True}, "mains.fuse: must be a number", "give the rating", id="fuse true"),
    pytest.param({"mains__fuse": float("inf")}, "mains.fuse: must be", "give the rating", id="fuse infinite"),
    pytest.param({"mains__fuse": float("nan")}, "mains.fuse: must be a finite", "give the rating", id="fuse nan"),
    pytest.param({"mains__margin": 25}, "mains.margin: 25 A is not below the fuse", "0.1 to 1", id="margin is fuse"),
    pytest.param({"mains__margin": -1}, "mains.margin: must be at least 0", "0.1 to 1", id="margin negative"),
    pytest.param({"mains__margin": 20}, "mains.margin: leaves 5 A", "lower the margin", id="no car could charge"),
    pytest.param({"mains__fues": 25}, "mains.fues: unknown key", "did you mean fuse?", id="unknown key, near"),
    pytest.param({"mains__x": 25}, "mains.x: unknown key", "known here: fuse, protection", id="unknown key, far"),
    pytest.param({"mains__dry_run": True}, "mains.dry_run: does not belong", "balancing.dry_run", id="other table"),
    pytest.param({"main__fuse": 25}, "main: unknown key", "did you mean mains?", id="unknown table"),
    pytest.param({"Mqtt__port": 1884}, "Mqtt: unknown key", "did you mean mqtt?", id="capital letter"),
    pytest.param({"mains__protection": "B"}, "mains.protection: must be one of", '"mcb"', id="protection"),
    pytest.param({"mains__slimmelezer": None}, "mains.slimmelezer: is missing", "[mains.slimmelezer]", id="no meter"),
    pytest.param({"mains__mqtt": {"a": 1}}, "mains.mqtt: is no meter", "[mains.slimmelezer] alone", id="two meters"),
    pytest.param({"mains__slimmelezer": 5}, "mains.slimmelezer: must be one table", "write [", id="meter no table"),
    pytest.param({"mains__slimmelezer__host": ""}, "mains.slimmelezer.host: is missing", "give", id="host empty"),
    pytest.param({"mains__slimmelezer__host": "http://a"}, "host: must be a host name", "http://", id="host a URL"),
    pytest.param({"mains__slimmelezer__host": "a:6053"}, "host: must be a host name", "port", id="host with port"),
    pytest.param({"mains__slimmelezer__port": 65536}, "port: must be at most 65535", "6053", id="port"),
    pytest.param({"mains__slimmelezer__encryption_key": SECRET}, "encryption_key: is no", "base64", id="bad key"),
    pytest.param({"mains__slimmelezer__encryption_key": "QUJD"}, "encryption_key: is no", "32 bytes", id="short key"),
    pytest.param({"mains__slimmelezer__sensors": {"current_l4": "a"}}, "current_l4", "current_l", id="sensor"),
    pytest.param({"mains__telegram_max_age": 0}, "mains.telegram_max_age: must be at least 2", "seconds", id="age"),
    pytest.param({"charger__max_current": 16.5}, "charger.max_current: must be a whole", "whole A", id="not whole"),
    pytest.param({"charger__minimum_current": 20}, "charger.minimum_current: 20 A is above", "lower", id="min > max"),
    pytest.param({"charger__minimum_current": 5}, "charger.minimum_current: must be at least 6", "6", id="min"),
    pytest.param(
        {"charger__phases": ["L1", "L1", "L3"]}, "charger.phases: a phase is named twice", "each once", id="2×L1"
    ),
    pytest.param({"charger__phases": ["L1", "L2"]}, "charger.phases: needs one phase or three", '"L3"', id="two"),
    pytest.param({"charger__phases": []}, "charger.phases: needs one phase or three", '"L3"', id="no phase"),
    pytest.param({"charger__phases": ["L1", "L2", "N"]}, "charger.phases: must be one of", '"L3"', id="phase N"),
    pytest.param({"charger__phases": "L1"}, "charger.phases: must be a list", '["L1"]', id="phases no list"),
    pytest.param({"charger__time_to_live": 0}, "charger.time_to_live: must be at least 1", "1 to 30", id="ttl 0"),
    pytest.param({"charger__time_to_live": 31}, "charger.time_to_live: must be at most 30", "1 to 30", id="ttl 31"),
    pytest.param({"charger__fallback_current": 3}, "fallback_current: 3 A is below", "give 0", id="fallback low"),
    pytest.param({"charger__fallback_current": 20}, "fallback_current: 20 A is above max_current", "give", id="high"),
    pytest.param({"charger__easee__password": None}, "charger.easee.password: is missing", "password_file", id="pass"),
    pytest.param({"charger__easee__password": 5}, "charger.easee.password: must be a text", "quotes", id="number"),
    pytest.param(
        {"charger__easee__charger": "a/../b"}, "charger.easee.charger: must be letters", "EH123456", id="serial"
    ),
    pytest.param({"charger__easee__api_url": "api.easee.com"}, "api_url: must be an address", "https://", id="URL"),
    pytest.param({"charger__easee__api_url": "https://[::1"}, "api_url: must be an address", "https://", id="bad URL"),
    pytest.param({"charger__easee__on_lapse": "x"}, "charger.easee.on_lapse: must be one of", '"unknown"', id="lapse"),
    pytest.param({"balancing__pace": "fast"}, "balancing.pace: must be one of", '"eager"', id="pace"),
    pytest.param({"balancing__dry_run": "no"}, "balancing.dry_run: must be true or false", "quotes", id="bool"),
    pytest.param({"charger__easee__api_url": "http://api.easee.com"}, "api_url: is not enc", "use https", id="http"),
    pytest.param({"charger__easee__stream_url": "http://a/hubs"}, "stream_url: is not enc", "https", id="http stream"),
    pytest.param({"charger__easee__stream_url": "ws://a/hubs"}, "stream_url: must be an", "https://", id="ws stream"),
    pytest.param({"charger__easee__api_url": "http://127.0.0.1.a.b"}, "is not encrypted", "https", id="like loopback"),
    pytest.param({"charger__easee__api_url": "http://192.168.1.2"}, "is not encrypted", "https", id="http at home"),
    pytest.param({"charger__easee__ca_file": "nowhere"}, "easee.ca_file: cannot be read", "correct", id="no authority"),
    pytest.param({"mqtt__topic": "$SYS/a"}, "mqtt.topic: must be an MQTT topic", "no $", id="the broker's own"),
    pytest.param({"mqtt__topic": "$share/a/b"}, "mqtt.topic: must be an MQTT topic", "no $", id="shared"),
    pytest.param({"mqtt__discovery_prefix": "$SYS"}, "discovery_prefix: must be", "no $", id="prefix"),
    pytest.param({"mqtt__topic": "a" * 201}, "mqtt.topic: must be", "at most 200", id="long topic"),
    pytest.param({"mqtt__topic": "a/#"}, "mqtt.topic: must be an MQTT topic without", "give", id="wildcard"),
    pytest.param({"mqtt__instance": "a b"}, "mqtt.instance: must be", "letters, digits", id="instance"),
    pytest.param({"mqtt__password": SECRET}, "mqtt.username: is missing", "give both", id="password without user"),
    pytest.param({"mqtt__publish_every": 0}, "mqtt.publish_every: must be at least 0.5", "seconds", id="every"),
    pytest.param({"log__level": "loud"}, "log.level: must be one of", '"debug"', id="level"),
]


@pytest.mark.parametrize(("changes", "what", "cure"), BAD)
def test_a_bad_value_is_one_line_with_key_and_cure(
    problems: Problems, changes: dict[str, object], what: str, cure: str
) -> None:
    found = problems(**changes)
    assert len(found) == 1
    assert what in found[0]
    assert cure in found[0]
    assert "\n" not in found[0]
    assert SECRET not in found[0]


BAD_ENVIRONMENT = [
    pytest.param("MAINS__FUSE", "much", "(mains.fuse): must be a number", id="no number"),
    pytest.param("MAINS__FUSE", "0", "(mains.fuse): is not filled in", id="fuse 0"),
    pytest.param("CHARGER__MAX_CURRENT", "16.5", "(charger.max_current): must be a whole number", id="not whole"),
    pytest.param("CHARGER__PHASES", '["L1"', "(charger.phases): must be a list", id="bad JSON"),
    pytest.param("CHARGER__PHASES", "[" * 100_000, "(charger.phases): must be a list", id="deep JSON"),
    pytest.param("CHARGER__PHASES", "L1,L1,L2", "(charger.phases): a phase is named twice", id="duplicate"),
    pytest.param("CHARGER__PHASES", "L1,L2,N", "(charger.phases): must be one of", id="phase N"),
    pytest.param("MAINS__TELEGRAM_MAX_AGE", "[" * 100_000, "telegram_max_age): must be a number", id="deep number"),
    pytest.param("MAINS__FUSE", "9" * 5000, "(mains.fuse): must be a", id="huge"),
    pytest.param("MQTT__ENABLED", "maybe", "(mqtt.enabled): must be true or false", id="no bool"),
    pytest.param("MQTT", "{", "names a whole table; set its keys one by one", id="table"),
    pytest.param("MQTT__PASWORD", SECRET, "did you mean EV_LOAD_BRIDGE__MQTT__PASSWORD?", id="typo"),
    pytest.param("", SECRET, "sets nothing; unset it", id="prefix alone"),
]


@pytest.mark.parametrize(("name", "value", "line"), BAD_ENVIRONMENT)
def test_a_bad_variable_is_one_line_with_its_name(problems: Problems, name: str, value: str, line: str) -> None:
    (found,) = problems({f"EV_LOAD_BRIDGE__{name}": value})
    assert found.startswith(f"EV_LOAD_BRIDGE__{name}")
    assert line in found
    assert SECRET not in found


def test_all_problems_are_told_at_once(problems: Problems) -> None:
    found = "\n".join(
        problems(
            {"EV_LOAD_BRIDGE__TYPO": "x", "EV_LOAD_BRIDGE__MQTT__PORT": "x"},
            mains__margin=30,
            mains__fues=1,
            charger__time_to_live=0,
            charger__easee__username=None,
            mqtt__password_file="nowhere",
        )
    )
    keys = ("TYPO", "mqtt.port", "mains.margin", "mains.fues", "time_to_live", "easee.username", "mqtt.password_file")
    assert [key for key in keys if key not in found] == []


def test_an_empty_file_lists_what_is_needed(write: Write) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(""), {})
    assert [line.split(": ")[1] for line in caught.value.problems] == [
        "mains.fuse",
        "mains.slimmelezer",
        "charger.max_current",
        "charger.easee",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("[mains]\nfuse = \n", "at line 2", id="no value"),
        pytest.param("[mains]\nfuse = 25 A\n", "at line 2", id="unit"),
        pytest.param("[mains.slimmelezer]\n[mains.slimmelezer]\n", "twice", id="two tables of one name"),
        pytest.param(f'[mqtt]\npassword = "{SECRET}\n', "at line 2", id="open quote"),
        pytest.param("a = " + "[" * 100_000, "is not TOML", id="deep"),
        pytest.param("a = " + "9" * 5000, "is not TOML", id="huge"),
    ],
)
def test_broken_toml_names_the_line(write: Write, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(text), {})
    (line,) = caught.value.problems
    assert told in line
    assert SECRET not in line


def test_two_meter_tables_of_one_kind_are_refused(write: Write) -> None:
    with pytest.raises(SettingsError, match=r"mains\.slimmelezer: must be one table"):
        load(write('[[mains.slimmelezer]]\nhost = "a"\n[[mains.slimmelezer]]\nhost = "b"\n'), {})


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"# \xe9\n")
    with pytest.raises(SettingsError, match="byte 2 is not UTF-8"):
        load(path, {})


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)
    with pytest.raises(SettingsError, match="is longer than 1000000 bytes; is it the settings file"):
        load(path, {})


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such settings file; give another --config"):
        load(tmp_path / "nowhere.toml", {})


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such settings file"):
        find_config(tmp_path, {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_told(write: Write) -> None:
    path = write("")
    path.chmod(0)
    with pytest.raises(SettingsError, match="cannot be read"):
        load(path, {})


def test_a_name_cannot_break_the_line(write: Write) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write('"evil\\nname\\u001b[2J" = 1'), {})
    assert all(line.isprintable() for line in caught.value.problems)


def test_no_secret_shows_in_the_settings_themselves(settings: Callable[..., Settings]) -> None:
    assert SECRET not in repr(settings())
    assert SECRET not in str(settings())
