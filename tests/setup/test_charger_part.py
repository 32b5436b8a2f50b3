"""The charger's cloud, where it cannot be reached."""

from pathlib import Path

import pytest
from setup.told import Told

from bridge.chargers.easee.options import EaseeOptions
from bridge.chargers.easee.survey import ChargerSurvey
from bridge.commands.setup.charger import ask_charger
from bridge.commands.setup.questions import Asker
from bridge.commands.setup.screen import Screen
from bridge.commands.setup.sheet import Sheet
from bridge.commands.setup.talk import Talk
from bridge.errors import DeviceUnavailableError

FILLED = """
[mains]
fuse = 25
[mains.slimmelezer]
host = "reader"
[charger]
max_current = 16
[charger.easee]
username = "owner@example.com"
password = "hunter2"
"""


class NoCloud(Told):
    """The internet is down: nobody ever gets as far as a log-in."""

    looked = 0

    def charger(self, _: EaseeOptions) -> ChargerSurvey:
        self.looked += 1
        assert self.looked < 10, "it tries for ever"
        return ChargerSurvey(trouble=DeviceUnavailableError("easee", "cannot reach the cloud"))

    def line(self, text: str) -> str:
        if not self.answers:
            raise EOFError
        return super().line(text)


def test_who_takes_every_proposal_is_still_asked_before_the_cloud_is_called_again(tmp_path: Path) -> None:
    told = NoCloud((), [""])
    screen = Screen(told.out)
    asker = Asker({}, told, screen, takes_proposals=True)
    with pytest.raises(EOFError):
        ask_charger(Talk(asker, screen, told, Sheet(tmp_path / "s.toml", FILLED)))
    assert told.looked == 2
