"""The charger and whoever else commands it: rows of the matrix."""

import asyncio
from dataclasses import replace

from benchmarks.faults.home import SURGE, Home, Plan
from benchmarks.faults.measured import Measured
from benchmarks.faults.playing import START_WITHIN, charging
from benchmarks.faults.row import DELIVERED, Row
from bridge.core.phases import PerPhase
from bridge.simulator.faults import Products

OTHER_DRAW = 4.0
"""A on each phase."""
NEXT_REPORT = 5.0
"""s until a live stream tells of a limit that somebody else wrote (DESIGN §8)."""


async def go_offline(home: Home) -> None:
    home.world.cloud.charger.go_offline()


async def come_back(home: Home) -> None:
    home.world.cloud.charger.come_back()


async def reboot(home: Home) -> None:
    """While the oven holds the limit down."""
    await _with_the_oven_on(home)
    home.world.cloud.charger.reboot()


async def raise_the_limit(home: Home) -> None:
    await _with_the_oven_on(home)
    home.write(PerPhase.all(32.0))


async def lower_the_limit(home: Home) -> None:
    home.write(PerPhase.all(8.0))


async def give_it_back(home: Home) -> None:
    home.write(PerPhase.all(15.0))


async def write_the_chargers_own(home: Home) -> None:
    """Observation 48: what a car app or a tariff writes."""
    home.world.cloud.write_dynamic_charger_current(8.0)


async def give_the_chargers_own_back(home: Home) -> None:
    home.world.cloud.write_dynamic_charger_current(32.0)


async def _with_the_oven_on(home: Home) -> None:
    home.lever.watts = SURGE
    await asyncio.sleep(25)


def products(which: Products) -> Plan:
    """What the account's list looks like."""

    def prepare(home: Home) -> None:
        home.world.cloud.faults.products = which

    return Plan(prepare=prepare)


def shared(*, hides_totals: bool) -> Plan:
    """Another charger hangs on the circuit and takes 4 A."""

    def prepare(home: Home) -> None:
        cloud = home.world.cloud
        cloud.documents.place = replace(cloud.documents.place, second_charger="EH000002")
        cloud.faults.hide_circuit_totals = hides_totals
        cloud.charger.other_draw = PerPhase.all(OTHER_DRAW)
        home.full_from -= OTHER_DRAW
        for lever in home.others:
            lever.watts = OTHER_DRAW * 230

    return Plan(prepare=prepare, easee='charger = "EH000001"')


async def _refused(home: Home, said: str) -> None:
    await home.until(lambda: home.status is not None, START_WITHIN * home.plan.speed, "it ends by itself")
    assert home.status == 78, f"exit status {home.status}"
    assert any(said in line for line in home.log), f"the log does not say {said!r}"
    assert home.starts == 1, "it was started again"


async def just_charges(home: Home, _: Measured) -> None:
    """It is enough that it works."""
    await charging(home)


async def no_charger_at_all(home: Home, _: Measured) -> None:
    await _refused(home, "this account has no charger")


async def hidden_totals(home: Home, _: Measured) -> None:
    await _refused(home, "other chargers share the circuit")


OTHERS = Row("charger", "", "", cause=None, back_within=30.0)
ROWS = (
    replace(
        OTHERS,
        name="offline",
        what="it loses the cloud",
        strike=go_offline,
        mend=come_back,
        problem="charger_lost",
        cause="Easee cloud lost|does not take|charger has lost",
        lasts=60.0,
        bound="its own offline current + the car",
    ),
    replace(
        OTHERS,
        name="reboot",
        cause="raised by another app",
        what="it restarts (limit 40 A, own limit 32 A) while the oven is on",
        strike=reboot,
        lasts=30.0,
        safe_within=NEXT_REPORT + DELIVERED,
        bound="the next report (5 s) + delivery",
    ),
    replace(
        OTHERS,
        name="raised",
        cause="raised by another app",
        what="another app raises 111–113 to 32 A while the oven is on",
        strike=raise_the_limit,
        lasts=30.0,
        safe_within=NEXT_REPORT + DELIVERED,
        bound="the next report (5 s) + delivery",
    ),
    replace(
        OTHERS,
        name="lowered",
        what="another app lowers 111–113 to 8 A, and gives it back",
        strike=lower_the_limit,
        mend=give_it_back,
        problem="other_controller",
        cause="another controller",
        lasts=40.0,
        surge_after=15.0,
    ),
    replace(
        OTHERS,
        name="own_limit",
        problem="other_controller",
        cause="own limit was set to 8 A",
        what="another app writes 48 to 8 A, and gives it back",
        strike=write_the_chargers_own,
        mend=give_the_chargers_own_back,
        lasts=40.0,
        surge_after=15.0,
    ),
    replace(
        OTHERS,
        name="no_products",
        what="the list of products is empty",
        play=just_charges,
        plan=lambda: products(Products.EMPTY),
    ),
    replace(
        OTHERS,
        name="no_charger",
        what="the account has no charger at all: 78",
        play=no_charger_at_all,
        plan=lambda: products(Products.NOTHING),
    ),
    replace(
        OTHERS,
        name="shared_unseen",
        what="two chargers on the circuit, and what they take together is not told: 78",
        play=hidden_totals,
        plan=lambda: shared(hides_totals=True),
    ),
    replace(
        OTHERS,
        name="shared",
        what="two chargers on the circuit, the other takes 4 A",
        lasts=30.0,
        plan=lambda: shared(hides_totals=False),
    ),
)
