"""Takes the pictures of docs/home-assistant from a real Home Assistant that shows a lively house: see README.md."""

import argparse
import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from browser import Page, Size, signed_in
from hass import Hass
from plays_blueprints import FOLDER

DOCS = Path(__file__).parents[3] / "docs" / "home-assistant"
DASHBOARD = "ev-load-bridge-picture"
NOTIFY = "notify_on_problem"
HOURS = "hours_to_show: 4"
WINDOW, PHONE = Size(1280, 880), Size(390, 844, 2)
COLOURS = "128"


@asynccontextmanager
async def dashboard(hass: Hass, minutes: float) -> AsyncIterator[str]:
    """The tracked one, but for the time that its graphs span; the house lives faster than one at home."""
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 known to whoever has the development tools

    text = (DOCS / "dashboard.yaml").read_text(encoding="utf-8")
    assert HOURS in text
    made = await hass.ask("lovelace/dashboards/create", url_path=DASHBOARD, title="EV Load Bridge", mode="storage")
    try:
        config = yaml.safe_load(text.replace(HOURS, f"hours_to_show: {minutes / 60:.3f}"))
        await hass.ask("lovelace/config/save", url_path=DASHBOARD, config=config)
        yield f"/{DASHBOARD}/charging"
    finally:
        await hass.ask("lovelace/dashboards/delete", dashboard_id=made["id"])


@asynccontextmanager
async def automation(hass: Hass) -> AsyncIterator[str]:
    """One from the blueprint that tells of problems."""
    text = (FOLDER / f"{NOTIFY}.yaml").read_text(encoding="utf-8")
    path = f"ev_load_bridge/{NOTIFY}.yaml"
    await hass.ask("blueprint/save", domain="automation", path=path, yaml=text, allow_override=True)
    where = f"/api/config/automation/config/{NOTIFY}"
    try:
        use = {"alias": "Tell me about the car", "use_blueprint": {"path": path, "input": {}}}
        await hass.rest("POST", where, use)
        yield f"/config/automation/edit/{NOTIFY}"
    finally:
        await hass.rest("DELETE", where)
        await hass.ask("blueprint/delete", domain="automation", path=path)


async def take(page: Page, into: Path) -> None:
    keep(await page.png(), into)


def keep(png: bytes, into: Path) -> None:
    into.write_bytes(png)
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--skip-if-larger", "--output", into, COLOURS, into], check=False)  # noqa: S603, S607
    sys.stdout.write(f"{into} {into.stat().st_size / 1000:.0f} kB\n")


async def of_the_dashboard(hass: Hass, page: Page, given: argparse.Namespace) -> None:
    async with dashboard(hass, given.minutes) as path:
        for name, size in (("dashboard", WINDOW), ("phone", PHONE)):
            await page.open(given.url + path, size, "Main fuse")
            await take(page, given.into / f"{name}.png")


async def of_the_device(hass: Hass, page: Page, given: argparse.Namespace) -> None:
    device = await hass.device()
    assert device, "no device: is house.py running?"
    await page.open(f"{given.url}/config/devices/device/{device['id']}", WINDOW, "Headroom L1")
    await take(page, given.into / "device.png")


async def of_a_blueprint(hass: Hass, page: Page, given: argparse.Namespace) -> None:
    async with automation(hass) as path:
        await page.open(given.url + path, WINDOW, "Only when it lasts")
        await take(page, given.into / "blueprint.png")


PICTURES = {"dashboard": of_the_dashboard, "device": of_the_device, "blueprint": of_a_blueprint}


async def main(given: argparse.Namespace) -> None:
    hass = Hass(given.url, given.token, given.log)
    async with signed_in(given.token) as page:
        for name in given.only:
            await PICTURES[name](hass, page, given)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", required=True, type=lambda path: Path(path).read_text(encoding="utf-8").strip())
    parser.add_argument("--log", required=True, type=Path, help="where Home Assistant writes its log")
    parser.add_argument("--minutes", type=float, default=20.0, help="that the graphs span")
    parser.add_argument("--only", nargs="+", choices=PICTURES, default=list(PICTURES))
    parser.add_argument("--into", type=Path, default=DOCS)
    asyncio.run(main(parser.parse_args()))
