"""State documents as a bridge publishes them, for the view."""

from typing import Any

Json = dict[str, Any]


def document(mains: tuple[float, float, float], house: tuple[float, float, float], limit: int = 8) -> Json:
    """Give the state in the middle of an evening; currents of L1 to L3 in A."""
    told: Json = {
        "limit": limit,
        "state": "balancing",
        "reason": "overload",
        "limiting_phase": "L2",
        "expected_resume": None,
        "last_update": "2026-11-23T00:58:20+00:00",
        "commands_last_hour": 4,
        "overload": "OFF",
        "meter_stale": "OFF",
        "pace": "eager",
        "balancing": "ON",
        "details": {"reason": {"text": "limit 14 → 8 A (overload: L2 +5.2 A)", "number": 7}},
    }
    for place, tail in enumerate(("l1", "l2", "l3")):
        told[f"mains_current_{tail}"] = mains[place]
        told[f"house_load_{tail}"] = house[place]
        told[f"charger_draw_{tail}"] = round(mains[place] - house[place], 2)
        told[f"headroom_{tail}"] = round(25 - mains[place], 2)
        told[f"charger_limit_{tail}"] = limit
        told[f"fuse_thermal_load_{tail}"] = 30 + 25 * place
    return told


EVENING = document((17.9, 24.2, 8.8), (10.2, 16.5, 1.1))
OVERLOAD = document((24.1, 30.5, 15.1), (16.4, 22.8, 7.4), limit=6) | {"overload": "ON"}
PAUSED = document((0.7, 1.2, -3.4), (0.7, 1.2, -3.4), limit=0) | {
    "state": "paused",
    "expected_resume": "2026-11-23T01:00:00+00:00",
}
