"""The usual play: a car charges, something breaks, the oven comes on, it is mended, and all is as before."""

import asyncio
import json
import re
import time
from pathlib import Path

from benchmarks.faults.home import KNOB, MQTT_PASSWORD, SURGE, Home, lived_in
from benchmarks.faults.measured import Measured, warnings
from benchmarks.faults.row import Row

START_WITHIN = 30.0
"""Real s of a busy machine."""
FULL_WITHIN = 240.0
"""s after all is well until the car has its full current again: a resume and the patience of a raise."""
QUIET_FOR = 4.0
"""s without an overload after which the car counts as having made room."""
MINUTE, HOUR = 60.0, 3600.0
MOST_PER_MINUTE, MOST_PER_HOUR = 10, 60
ORDER = "dynamic_current"


async def play(row: Row, directory: Path) -> Measured:
    """Play a row. Whatever goes wrong is a failure in what is returned."""
    measured, began = Measured(row.key), time.monotonic()
    try:
        async with lived_in(directory, row.plan()) as home:
            try:
                await (row.play(home, measured) if row.play else _usual(home, row, measured))
            except (AssertionError, TimeoutError) as error:
                measured.failures.append(str(error) or repr(error))
            await _end(home, row, measured)
    except Exception as error:  # noqa: BLE001 a row that cannot be played is a row that has failed
        measured.failures.append(f"{type(error).__name__}: {error}")
    measured.seconds = time.monotonic() - began
    return measured


async def charging(home: Home) -> None:
    """Wait until the car charges with the owner's knob in force."""
    within = START_WITHIN * home.plan.speed
    await home.until(lambda: home.systemd.is_ready, within, "the service is ready")
    await home.until(lambda: home.witness.state, within, "the state is on MQTT")
    await home.witness.turn("charger_maximum", str(KNOB))
    await home.until(lambda: is_full(home), within, "the car charges with what the owner allows")


def is_full(home: Home) -> bool:
    return home.world.cloud.charger.dynamic_current[1] == KNOB and min(home.world.truth.draw) > home.full_from


async def _usual(home: Home, row: Row, measured: Measured) -> None:
    await charging(home)
    await asyncio.sleep(3)
    struck = home.now()
    calls, lines = sum(home.world.cloud.calls.values()), len(home.log)
    await row.strike(home)
    await asyncio.sleep(row.surge_after)
    home.lever.watts, surged = SURGE, home.now()
    await asyncio.sleep(max(row.lasts - row.surge_after, 0))
    await row.mend(home)
    mended = home.now()
    measured.calls = sum(home.world.cloud.calls.values()) - calls
    await _safe(home, row, measured, surged)
    await _back(home, row, measured, mended)
    home.lever.watts = 0.0
    await home.until(lambda: is_full(home), FULL_WITHIN, "the car has its full current again")
    _judge(home, row, measured, since=struck, lines=lines)


async def _safe(home: Home, row: Row, measured: Measured, surged: float) -> None:
    """Wait until the car adds to no overload; measure when it last did."""

    def is_quiet() -> bool:
        last = home.watch.last_over(surged)
        return last is None or home.now() - last > QUIET_FOR

    await home.until(is_quiet, row.safe_within + 3 * MINUTE, "the car makes room")
    last = home.watch.last_over(surged)
    measured.safe = 0.0 if last is None else last - surged
    measured.expect(
        f"safe after {measured.safe:.1f} s, not {row.safe_within:g}", holds=measured.safe <= row.safe_within
    )


async def _back(home: Home, row: Row, measured: Measured, mended: float) -> None:
    def is_back() -> bool:
        state = home.witness.state
        is_told = row.problem is None or not home.witness.shows(row.problem)
        is_told &= not row.hears_again or home.witness.heard_at > mended
        return is_told and state["state"] == "balancing" and not home.watch.is_over

    measured.back = await home.until(is_back, row.back_within + 2 * MINUTE, "it balances again") - mended
    measured.expect(
        f"back after {measured.back:.1f} s, not {row.back_within:g}", holds=measured.back <= row.back_within
    )


def _judge(home: Home, row: Row, measured: Measured, *, since: float, lines: int) -> None:
    said = [line for line in warnings(home.log[lines:]) if row.cause and re.search(row.cause, line)]
    measured.lines, measured.said = len(said), said[0] if said else ""
    if row.cause is not None:
        measured.expect(
            f"{len(said)} lines name the cause, not 1 to {row.most_lines}",
            holds=min(1, row.most_lines) <= len(said) <= row.most_lines,
        )
    if row.problem is not None:
        measured.expect(f"problem {row.problem} is shown", holds=home.witness.came(row.problem, since))
    logins = home.world.cloud.calls["login"]
    measured.expect(f"{logins} logins, not {row.most_logins}", holds=logins <= row.most_logins)
    measured.expect(
        f"{measured.calls} calls while it lasted, not {row.most_calls}", holds=measured.calls <= row.most_calls
    )
    measured.expect("no bug is logged", holds=not any("bug" in line or "Traceback" in line for line in home.log))


async def _end(home: Home, row: Row, measured: Measured) -> None:
    """What holds for every row: the knob, the budget, the stop, and no secret anywhere."""
    log = home.world.cloud.log
    orders = [call.at for call in log if call.endpoint == ORDER]
    measured.orders = len(orders)
    measured.lost = max(len(orders) - len(home.executed), 0)
    for span, most in ((MINUTE, MOST_PER_MINUTE), (HOUR, MOST_PER_HOUR)):
        worst = max((sum(start <= at < start + span for at in orders) for start in orders), default=0)
        measured.expect(f"{worst} orders within {span:g} s", holds=worst <= most)
    if row.play is None and measured.is_good:
        kept = home.witness.state.get("charger_maximum")
        measured.expect(f"the owner's knob is at {kept}, not {KNOB}", holds=kept == KNOB)
    measured.expect("a secret is in what was written", holds=not _told_secrets(home))
    if home._process is not None and home.process.returncode is None:
        status = await home.stop()
        measured.expect(f"the stop ends with {status}", holds=status == 0)
        if row.play is None and home.plan.state_directory is None:
            kept = json.loads((home.directory / "state" / "state.json").read_text(encoding="utf-8"))["controls"]
            measured.expect("the state file keeps the knob", holds=kept["charger_maximum"] == KNOB)


def _told_secrets(home: Home) -> list[str]:
    accounts = home.world.cloud.accounts
    secrets = [accounts.username, accounts.password, MQTT_PASSWORD, home.plan.key, *accounts.issued]
    written = b"".join(
        path.read_bytes()
        for path in home.directory.rglob("*")
        if path.is_file() and path.name not in {"settings.toml", "switches"}
    )
    return [secret for secret in secrets if secret and secret.encode() in written]
