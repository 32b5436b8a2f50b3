"""Looks, and a person, that do as they are told."""

import io
from collections.abc import Callable
from pathlib import Path

from bridge.chargers.easee.options import EaseeOptions
from bridge.chargers.easee.survey import ChargerSurvey
from bridge.commands.setup.looks import Found
from bridge.commands.setup.questions import Asker
from bridge.commands.setup.screen import Screen
from bridge.commands.setup.sheet import Sheet
from bridge.commands.setup.talk import Talk
from bridge.mains.slimmelezer.client import SlimmelezerOptions
from bridge.mains.slimmelezer.survey import MeterSurvey, Show
from bridge.mirror.options import MqttOptions
from bridge.mirror.survey import BrokerSurvey


class Told:
    """Sees what `see` says, types `answers`, meets a broker that says what `broker_says` does."""

    def __init__(
        self,
        found: tuple[Found, ...],
        answers: list[str],
        see: Callable[[SlimmelezerOptions], MeterSurvey] = lambda options: MeterSurvey(options.host),
        broker_says: str | None = None,
    ) -> None:
        self.found, self.answers, self.see = found, answers, see
        self.broker_says = broker_says
        self.tried: list[MqttOptions] = []
        self.asked: list[str] = []
        self.out = io.StringIO()
        self.logins = 0

    def devices(self) -> tuple[Found, ...]:
        return self.found

    def meter(self, options: SlimmelezerOptions, _show: Show) -> MeterSurvey:
        return self.see(options)

    def charger(self, _: EaseeOptions) -> ChargerSurvey:
        raise AssertionError

    def broker(self, options: MqttOptions) -> BrokerSurvey:
        self.tried.append(options)
        trouble = self.broker_says if len(self.tried) == 1 else None
        return BrokerSurvey(options.where, trouble, state_returns=True, discovery_returns=True)

    def line(self, text: str) -> str:
        self.asked.append(text)
        return self.answers.pop(0)

    def secret(self, text: str) -> str:
        return self.line(text)

    def talk(self, folder: Path, before: str | None = None) -> Talk:
        screen = Screen(self.out)
        return Talk(Asker({}, self, screen, takes_proposals=False), screen, self, Sheet(folder / "s.toml", before))
