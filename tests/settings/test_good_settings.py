"""What is in force when nothing is wrong: defaults, precedence, warnings, the house for the engine."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from bridge.core.model import Installation, OnLapse, Pace, Protection
from bridge.core.phases import Phase
from bridge.settings import Mains, Settings, Slimmelezer, find_config, load
from bridge.settings.keys import FIELDS, SECTIONS, dotted

TEMPLATE = Path(__file__).parents[2] / "settings.toml"
SECRET = "correct-horse-battery-staple"
Load = Callable[..., Settings]
Write = Callable[[str], Path]


def uncommented(text: str) -> str:
    return re.sub(r"^# (\w+ = .*)$", r"\1", text, flags=re.MULTILINE)


def keys_of(table: dict[str, object], above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = set()
    for name, value in table.items():
        key = (*above, name)
        found |= keys_of(value, key) if isinstance(value, dict) else {key}
    return found


def filled_in(text: str) -> str:
    for empty, filled in (
        ("fuse = 0", "fuse = 25"),
        ('host = ""', 'host = "192.0.2.7"'),
        ("max_current = 0", "max_current = 16"),
        ('username = ""', 'username = "owner@example.org"'),
        ('password = ""', 'password = "secret"'),
    ):
        text = re.sub(f"^{empty}", filled, text, count=1, flags=re.MULTILINE)
    return text


def test_the_template_shows_every_key_and_no_other() -> None:
    shown = keys_of(tomllib.loads(uncommented(TEMPLATE.read_text(encoding="utf-8"))))
    assert {dotted(key) for key in shown} == {dotted(key) for key in FIELDS}


def test_the_template_filled_in_is_all_defaults(write: Write) -> None:
    plain = filled_in(TEMPLATE.read_text(encoding="utf-8"))
    brief = load(write(plain), {})
    spelt_out = load(write(uncommented(plain)), {})
    assert brief.model_dump(exclude={"path"}) == spelt_out.model_copy(
        update={
            "mains": spelt_out.mains.model_copy(update={"telegram_max_age": None}),
            "charger": spelt_out.charger.model_copy(update={"fallback_current": None}),
        }
    ).model_dump(exclude={"path"})
    assert brief.warnings == ()


def test_every_key_tells_what_to_give() -> None:
    assert [dotted(key) for key, field in FIELDS.items() if not field.description] == []
    assert len(SECTIONS) == 9


def test_the_house_is_told_to_the_engine(settings: Load) -> None:
    assert settings().installation() == Installation(
        fuse=25.0,
        maximum=16,
        phases=(Phase.L1, Phase.L2, Phase.L3),
        protection=Protection.MCB,
        margin=0.1,
        minimum=6,
        fallback=6,
        time_to_live=10,
        on_lapse=OnLapse.UNKNOWN,
        pace=Pace.NORMAL,
        telegram_max_age=None,
        dry_run=False,
    )


@pytest.mark.parametrize(
    ("changes", "fallback"),
    [
        pytest.param({"mains__fuse": 25}, 6, id="a large fuse leaves 6 A"),
        pytest.param({"mains__fuse": 24.9}, 0, id="a small one nothing"),
        pytest.param({"charger__minimum_current": 8}, 0, id="6 A would not do"),
        pytest.param({"charger__fallback_current": 10}, 10, id="declared"),
        pytest.param({"charger__fallback_current": 0}, 0, id="declared as nothing"),
    ],
)
def test_the_fallback_current_follows_the_fuse(settings: Load, changes: dict[str, object], fallback: int) -> None:
    assert settings(**changes).installation().fallback == fallback


def test_a_maximum_above_the_fuse_is_brought_down_and_told(settings: Load) -> None:
    loaded = settings(mains__fuse=20.5, charger__max_current=32)
    assert loaded.installation().maximum == 20
    assert "charger.max_current: 32 A is above the fuse of 20.5 A and counts as 20 A" in loaded.warnings[0]


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        pytest.param({"charger__time_to_live": 4}, "charger.time_to_live: under 5 min", id="short time-to-live"),
        pytest.param(
            {"mqtt__username": "me", "mqtt__password": SECRET, "mqtt__host": "broker.example.com"},
            "mqtt.password: the password goes to broker.example.com unencrypted, beyond this network; set tls = true",
            id="plain MQTT",
        ),
        pytest.param(
            {"mqtt__username": "me", "mqtt__password": SECRET, "mqtt__host": "2a00::1"},
            "mqtt.password: the password goes to 2a00::1 unencrypted",
            id="plain MQTT, IPv6",
        ),
    ],
)
def test_what_is_allowed_but_unwise_is_warned_of(settings: Load, changes: dict[str, object], warning: str) -> None:
    (told,) = settings(**changes).warnings
    assert warning in told


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"charger__time_to_live": 5}, id="5 min"),
        pytest.param({"charger__easee__api_url": "http://127.0.0.1:8080"}, id="loopback"),
        pytest.param({"charger__easee__api_url": "http://[::1]:8080"}, id="loopback, IPv6"),
        pytest.param({"charger__easee__stream_url": "http://localhost:8080/hubs"}, id="loopback by name"),
        *(
            pytest.param({"mqtt__username": "me", "mqtt__password": SECRET, "mqtt__host": host}, id=f"MQTT at {host}")
            for host in ("localhost", "broker", "broker.local", "192.168.1.5", "10.0.0.5", "fe80::1%eth0", "fd00::1")
        ),
        pytest.param(
            {"mqtt__username": "me", "mqtt__password": SECRET, "mqtt__host": "broker.example.com", "mqtt__tls": True},
            id="MQTT over TLS",
        ),
        pytest.param({"mains__slimmelezer__host": "fe80::1%eth0"}, id="IPv6"),
        pytest.param({"charger__phases": ["L2"]}, id="one phase"),
        pytest.param({"charger__phases": ["L2", "L3", "L1"]}, id="rotated"),
    ],
)
def test_what_is_usual_is_not_warned_of(settings: Load, changes: dict[str, object]) -> None:
    assert settings(**changes).warnings == ()


def test_a_file_with_a_secret_that_all_may_read_is_warned_of(write: Write) -> None:
    path = write(filled_in(TEMPLATE.read_text(encoding="utf-8")))
    path.chmod(0o644)
    (told,) = load(path, {}).warnings
    assert "everybody can read it; chmod 600" in told


def test_a_file_that_all_may_change_is_warned_of(write: Write) -> None:
    path = write(filled_in(TEMPLATE.read_text(encoding="utf-8")))
    path.chmod(0o602)
    (told,) = load(path, {}).warnings
    assert "everybody can change it, the fuse too; chmod 600" in told


def test_a_file_without_a_secret_may_be_open(write: Write) -> None:
    text = filled_in(TEMPLATE.read_text(encoding="utf-8")).replace('password = "secret"', 'password = ""')
    path = write(text)
    path.chmod(0o644)
    assert load(path, {"EV_LOAD_BRIDGE__CHARGER__EASEE__PASSWORD": "x"}).warnings == ()


def test_the_environment_wins_over_the_file(settings: Load) -> None:
    loaded = settings(
        {
            "EV_LOAD_BRIDGE__MAINS__FUSE": "35.5",
            "EV_LOAD_BRIDGE__MAINS__SLIMMELEZER__SENSORS__CURRENT_L1": "Stroom L1",
            "EV_LOAD_BRIDGE__CHARGER__PHASES": "L3, L1, L2",
            "EV_LOAD_BRIDGE__CHARGER__MAX_CURRENT": "20",
            "EV_LOAD_BRIDGE__CHARGER__EASEE__PASSWORD": "12345",
            "EV_LOAD_BRIDGE__BALANCING__DRY_RUN": "1",
            "EV_LOAD_BRIDGE__LOG__LEVEL": "",
            "EV_LOAD_BRIDGER": "not ours",
        }
    )
    assert loaded.mains.fuse == 35.5
    assert loaded.mains.slimmelezer.sensors.given() == {"current_l1": "Stroom L1"}
    assert loaded.charger.phases == (Phase.L3, Phase.L1, Phase.L2)
    assert loaded.charger.max_current == 20
    assert loaded.charger.easee.password.get_secret_value() == "12345"
    assert loaded.balancing.dry_run is True


def test_phases_may_be_json_in_the_environment(settings: Load) -> None:
    assert settings({"EV_LOAD_BRIDGE__CHARGER__PHASES": '["L2"]'}).charger.phases == (Phase.L2,)


def test_tls_changes_the_usual_port(settings: Load) -> None:
    assert settings().mqtt.port == 1883
    assert settings(mqtt__tls=True).mqtt.port == 8883
    assert settings(mqtt__tls=True, mqtt__port=1883).mqtt.port == 1883


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("\ufeff" + filled_in(TEMPLATE.read_text(encoding="utf-8")), encoding="utf-8")
    path.chmod(0o600)
    assert load(path, {}).mains.fuse == 25


def test_settings_cannot_be_changed(settings: Load) -> None:
    with pytest.raises(ValidationError):
        settings().mains.fuse = 50  # type: ignore[misc]


def test_sections_can_be_built_without_a_file() -> None:
    assert Mains(fuse=25, slimmelezer=Slimmelezer(host="127.0.0.1")).margin == 0.1


def test_the_file_is_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, home, credentials, system = (tmp_path / name for name in ("here", "home", "credentials", "system"))
    places = [credentials / "settings.toml", here / "settings.toml", home / ".config/ev-load-bridge/settings.toml"]
    places.append(system / "settings.toml")
    for place in places:
        place.parent.mkdir(parents=True)
        place.touch()
    monkeypatch.chdir(here)
    environ = {
        "HOME": str(home),
        "CREDENTIALS_DIRECTORY": str(credentials),
        "CONFIGURATION_DIRECTORY": str(system),
    }
    given = tmp_path / "given.toml"
    given.touch()
    assert find_config(given, environ) == given
    for place in places:
        assert find_config(None, environ).resolve() == place
        place.unlink()


def test_a_template_that_nobody_has_filled_in_gives_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, home = tmp_path / "settings.toml", tmp_path / ".config/ev-load-bridge/settings.toml"
    home.parent.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    here.write_bytes(TEMPLATE.read_bytes())
    home.write_text("[mains]\nfuse = 25\n")
    environ = {"HOME": str(tmp_path)}
    assert find_config(None, environ) == home
    assert find_config(here, environ) == here
    here.write_text('[charger.easee]\npassword_file = "secret"\n')
    assert find_config(None, environ).resolve() == here


@pytest.mark.parametrize("content", [b"fuse =", b"\xff", b"[mains]\nfuse = 'x'\n"])
def test_a_file_that_is_no_template_is_told_of(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, home = tmp_path / "settings.toml", tmp_path / ".config/ev-load-bridge/settings.toml"
    home.parent.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    here.write_bytes(content)
    home.write_text("[mains]\nfuse = 25\n")
    assert find_config(None, {"HOME": str(tmp_path)}).resolve() == here
