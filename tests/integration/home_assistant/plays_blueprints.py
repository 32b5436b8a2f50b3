"""Installs each blueprint and an automation from it in Home Assistant, and sees that it does what it says."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hass import Hass
from house import House
from stage import Stage

FOLDER = Path(__file__).parents[3] / "docs" / "home-assistant" / "blueprints"
ALLOWED = "switch.ev_load_bridge_charging_allowed"
LIMIT = "sensor.ev_load_bridge_limit"
NOTES = "persistent_notification/get"


async def blueprints(stage: Stage) -> None:
    """Leaves nothing behind in Home Assistant."""
    hass = stage.hass
    for path in sorted(FOLDER.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        saving = {"domain": "automation", "path": f"ev_load_bridge/{path.name}", "yaml": text, "allow_override": True}
        await hass.ask("blueprint/save", **saving)
    try:
        await _cooking(hass)
        await _cooking_through_a_restart(stage)
        await _cheap(hass)
        await _by_the_clock(hass)
        await _notify(hass, stage.home)
    finally:
        for path in FOLDER.glob("*.yaml"):
            await _remove(hass, path.stem)
            await hass.ask("blueprint/delete", domain="automation", path=f"ev_load_bridge/{path.name}")
        for name in ("hob_power", "price_now"):
            await _forget(hass, f"sensor.{name}")


async def _use(hass: Hass, name: str, **inputs: Any) -> None:
    use = {"path": f"ev_load_bridge/{name}.yaml", "input": inputs}
    await hass.rest("POST", f"/api/config/automation/config/{name}", {"alias": name, "use_blueprint": use})
    await hass.until("automation", f"automation.{name}", lambda state: state == "on", 10)


async def _remove(hass: Hass, name: str) -> None:
    try:
        await hass.rest("DELETE", f"/api/config/automation/config/{name}")
    except RuntimeError:
        return  # the test ended before it was made
    await hass.until("removed", f"automation.{name}", lambda state: state is None, 10)


async def _show(hass: Hass, entity: str, value: object) -> None:
    await hass.rest("POST", f"/api/states/{entity}", {"state": str(value), "attributes": {"device_class": "power"}})


async def _forget(hass: Hass, entity: str) -> None:
    try:
        await hass.rest("DELETE", f"/api/states/{entity}")
    except RuntimeError:
        return  # never shown


async def _is(hass: Hass, what: str, state: str) -> None:
    await hass.until(what, ALLOWED, lambda seen: seen == state, 20)


async def _cooking(hass: Hass) -> None:
    await _show(hass, "sensor.hob_power", 0)
    await _use(hass, "pause_while_cooking", power="sensor.hob_power", above=500, quiet={"seconds": 3})
    await _show(hass, "sensor.hob_power", 1800)
    await _is(hass, "cooking", "off")
    await hass.until("cooking", LIMIT, lambda seen: seen == "0", 15)
    await _show(hass, "sensor.hob_power", 20)
    await _is(hass, "cooked", "on")
    await _remove(hass, "pause_while_cooking")


async def _cooking_through_a_restart(stage: Stage) -> None:
    hass = stage.hass
    await _show(hass, "sensor.hob_power", 0)
    await _use(hass, "pause_while_cooking", power="sensor.hob_power", above=500, quiet={"seconds": 3})
    await _show(hass, "sensor.hob_power", 1800)
    await _is(hass, "cooking", "off")
    await stage.restart("ha")
    await hass.until("restarted", "automation.pause_while_cooking", lambda state: state == "on")
    await _is(hass, "cooked meanwhile", "on")
    await _remove(hass, "pause_while_cooking")


async def _cheap(hass: Hass) -> None:
    await _show(hass, "sensor.price_now", 0.31)
    clock = {"from": "03:00:00", "until": "03:00:00"}
    await _use(hass, "charge_in_cheap_hours", price=["sensor.price_now"], cheap=0.2, **clock)
    for price, state in ((0.35, "off"), (0.12, "on"), (0.2001, "off"), (-0.05, "on")):
        await _show(hass, "sensor.price_now", price)
        await _is(hass, f"price {price}", state)
    await _remove(hass, "charge_in_cheap_hours")


async def _by_the_clock(hass: Hass) -> None:
    """Home Assistant runs in UTC here; the hours pass midnight the wrong way round, so both branches are seen."""
    soon = datetime.now(UTC) + timedelta(seconds=4)
    later = soon + timedelta(seconds=8)
    await hass.call("switch.turn_on", ALLOWED)
    await _use(
        hass, "charge_in_cheap_hours", **{"from": later.strftime("%H:%M:%S"), "until": soon.strftime("%H:%M:%S")}
    )
    await _is(hass, "expensive from now", "off")
    await _is(hass, "cheap from now", "on")
    await _remove(hass, "charge_in_cheap_hours")


async def _notify(hass: Hass, home: House) -> None:
    await _use(hass, "notify_on_problem", lasting={"seconds": 1})
    await home.world.device.stop()
    note = await _note(hass)
    await home.world.device.start()
    assert note["title"] == "EV Load Bridge: Fallback active", note
    assert "blind, so at most" in note["message"], note
    await hass.until("back", "binary_sensor.ev_load_bridge_fallback", lambda state: state == "off", 120)
    await hass.call("persistent_notification.dismiss", notification_id="ev_load_bridge")
    await home.stop()
    note = await _note(hass)
    assert note["title"] == "EV Load Bridge: not running", note
    await hass.call("persistent_notification.dismiss", notification_id="ev_load_bridge")
    await home.start()
    await hass.until("back", ALLOWED, lambda state: state == "on")


async def _note(hass: Hass) -> dict[str, Any]:
    for _ in range(60):
        notes: list[dict[str, Any]] = await hass.ask(NOTES)
        found = [note for note in notes if note["notification_id"] == "ev_load_bridge"]
        if found:
            return found[0]
        await asyncio.sleep(0.5)
    raise AssertionError("no notification")
