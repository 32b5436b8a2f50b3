"""All rows."""

from typing import Final

from benchmarks.faults import broker, charger, cloud, meter, ourselves
from benchmarks.faults.row import Row

GROUPS: Final = {
    "meter": "The meter",
    "cloud": "Easee's cloud",
    "charger": "The charger, and whoever else commands it",
    "broker": "The MQTT broker",
    "ourselves": "Ourselves and our machine",
}
ROWS: Final[dict[str, Row]] = {row.key: row for part in (meter, cloud, charger, broker, ourselves) for row in part.ROWS}


def chosen(words: list[str]) -> list[Row]:
    """Rows whose key begins with one of the words; all without any. Raises ValueError for a word without a row."""
    if not words:
        return list(ROWS.values())
    lost = [word for word in words if not any(key.startswith(word) for key in ROWS)]
    if lost:
        raise ValueError(f"no row begins with {', '.join(lost)}: scripts/faults --list names them")
    return [row for key, row in ROWS.items() if any(key.startswith(word) for word in words)]
