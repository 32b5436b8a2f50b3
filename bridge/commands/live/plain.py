"""One line of text for those who do not want a picture."""

from bridge.commands.live.reading import Reading
from bridge.core.phases import Phase


def status(reading: Reading) -> str:
    """`balancing · limit 9 A · L1 18.2 A · L2 24.1 A · L3 9.9 A · fuse at 61 %`."""
    parts = [reading.state]
    if reading.limit is not None:
        parts.append(f"limit {reading.limit:.0f} A")
    for phase in Phase:
        mains = reading.phases[phase.place].mains
        parts.append(f"{phase} –" if mains is None else f"{phase} {mains:.1f} A")
    thermal = [each.thermal for each in reading.phases if each.thermal is not None]
    if thermal:
        parts.append(f"fuse at {max(thermal):.0%}")
    return " · ".join(parts)
