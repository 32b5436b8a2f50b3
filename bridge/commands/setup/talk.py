"""What the parts of the conversation share."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge.chargers.easee.survey import ChargerSurvey
from bridge.commands.setup.looks import Looks
from bridge.commands.setup.questions import Asker
from bridge.commands.setup.screen import Screen
from bridge.commands.setup.sheet import Sheet
from bridge.core.model import PhaseReading
from bridge.core.phases import Phase
from bridge.mains.slimmelezer.survey import MeterSurvey


@dataclass
class Talk:
    """One run of setup."""

    asker: Asker
    screen: Screen
    looks: Looks
    sheet: Sheet
    meter: MeterSurvey = field(default_factory=lambda: MeterSurvey(""))
    """What the device showed."""
    cloud: ChargerSurvey = field(default_factory=ChargerSurvey)
    """What the charger's cloud showed."""
    wants_lesson: bool = False
    """The phases are to be learnt afterwards."""

    @property
    def readings(self) -> tuple[PhaseReading | None, ...]:
        return self.meter.newest

    @property
    def told(self) -> list[Phase]:
        """Phases that the meter tells of."""
        return [phase for phase, reading in zip(Phase, self.readings, strict=True) if reading is not None]


def clock_time(seconds: float, now: datetime | None = None) -> str:
    """The hour it will be in so many seconds, and the day where that is another."""
    now = now or datetime.now().astimezone()
    then = now + timedelta(seconds=seconds)
    return f"{then:%H:%M}" if then.date() == now.date() else f"{then:%A %H:%M}"
