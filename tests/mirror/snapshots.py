"""Snapshots as an engine would make them."""

from dataclasses import replace

from bridge.core.model import (
    BridgeState,
    ChargerReport,
    ChargerState,
    Controls,
    Decision,
    Event,
    Happening,
    Installation,
    NoCurrent,
    PhaseNumbers,
    Reason,
    Snapshot,
)
from bridge.core.phases import PerPhase, Phase

HOME = Installation(fuse=25.0, maximum=16)
NOW = 1000.0
BUSY_ON_L2 = PerPhase(10.5, 21.25, -3.125)


def event(number: int = 7, text: str = "limit 16 → 9 A (overload: L2 +3.1 A)") -> Event:
    return Event(number, NOW - 30, Happening.LIMIT_CHANGED, Reason.OVERLOAD, text)


def decision(mains: PerPhase = BUSY_ON_L2, limit: int = 9) -> Decision:
    draw = PerPhase(8.9, 8.8, 9.0)
    numbers = [
        PhaseNumbers(
            mains=mains[place],
            draw=draw[place],
            house_load=mains[place] - draw[place],
            reserve=0.5,
            available=24.5 - mains[place] + draw[place],
            thermal_load=0.4375,
            is_used=True,
            is_stale=False,
        )
        for place in range(3)
    ]
    return Decision(limit, Reason.HOUSE_LOAD, Phase.L2, 0.0, None, (numbers[0], numbers[1], numbers[2]))


def charging(**changes: object) -> Snapshot:
    """A car charges at 9 A beside a house that is busy on L2."""
    snapshot = Snapshot(
        state=BridgeState.BALANCING,
        decision=decision(),
        charger=ChargerReport(
            state=ChargerState.CHARGING,
            dynamic_current=PerPhase.all(9.0),
            draw=PerPhase(8.9, 8.8, 9.0),
            no_current=NoCurrent.NONE,
            name="EH123456",
        ),
        draw=PerPhase(8.9, 8.8, 9.0),
        limit_in_force=9,
        controls=Controls(mains_limit=25.0, charger_maximum=16),
        problems=frozenset(),
        links=(),
        last_telegram=NOW - 1,
        telegram_period=1.0,
        commands_last_hour=4,
        expected_resume=None,
        last_change=event(),
        events=(),
        refused=0,
        at=NOW,
    )
    return replace(snapshot, **changes)  # type: ignore[arg-type]


def starting() -> Snapshot:
    """Nothing is known yet."""
    unknown = PhaseNumbers(None, 0.0, None, 0.5, None, 1.0, is_used=True, is_stale=True)
    return charging(
        state=BridgeState.STARTING,
        decision=Decision(0, Reason.STARTING, None, 0.0, None, (unknown, unknown, unknown)),
        charger=None,
        draw=PerPhase.all(0.0),
        limit_in_force=None,
        last_telegram=None,
        telegram_period=None,
        commands_last_hour=0,
        last_change=None,
    )
