"""The device in this network: found, chosen, opened. With looks that are told what to see."""

import io
from pathlib import Path

import pytest
from setup.told import Told

from bridge.commands.setup.looks import Found
from bridge.commands.setup.meter import ask_meter
from bridge.commands.setup.questions import Asker, BackError, Question, UnansweredError
from bridge.commands.setup.screen import Screen
from bridge.commands.setup.sheet import HOST, KEY, PORT
from bridge.core.model import PhaseReading, Telegram
from bridge.core.phases import Phase
from bridge.mains.slimmelezer.assembler import Quantity
from bridge.mains.slimmelezer.client import SlimmelezerOptions
from bridge.mains.slimmelezer.discovery import Announced
from bridge.mains.slimmelezer.problems import Cause, Trouble
from bridge.mains.slimmelezer.survey import MeterSurvey

KEY_TEXT = "QRTIErOb/fcE9Ukd/5qA3RGYMn0Y+p06U58SCtOXvPc="
SENSORS = {Phase.L1: frozenset({Quantity.CURRENT})}
SEEN = MeterSurvey("here", sensors=SENSORS, telegrams=(Telegram((PhaseReading(3.0, metered=3.0), None, None)),) * 2)
FOUND = (
    Found(Announced("garden", ("10.0.0.4",), 6053, is_encrypted=False), MeterSurvey("garden")),
    Found(Announced("slimmelezer", ("10.0.0.5",), 6053, is_encrypted=False), SEEN),
    Found(Announced("cellar", ("10.0.0.6",), 6054, is_encrypted=True), None),
)


def trouble(cause: Cause) -> MeterSurvey:
    return MeterSurvey("here", Trouble(cause, f"{cause.name}: set encryption_key"))


def test_readers_are_listed_and_the_one_that_was_seen_is_proposed(tmp_path: Path) -> None:
    told = Told((FOUND[2], *FOUND[:2]), ["9", ""], lambda _: SEEN)
    talk = told.talk(tmp_path)
    ask_meter(talk)
    assert "slimmelezer.local  10.0.0.5" in told.out.getvalue()
    assert "garden" not in told.out.getvalue()
    assert "1 more without P1 sensors" in told.out.getvalue()
    assert "no device 9" in told.out.getvalue()
    assert (talk.sheet.get(HOST), talk.sheet.get(PORT)) == ("slimmelezer.local", None)
    assert max(map(len, told.out.getvalue().splitlines())) <= 80


def test_a_reader_is_chosen_by_number(tmp_path: Path) -> None:
    told = Told((FOUND[2], *FOUND[:2]), ["2"], lambda _: SEEN)
    talk = told.talk(tmp_path)
    ask_meter(talk)
    assert talk.sheet.get(HOST) == "cellar.local"


def test_a_single_reader_is_proposed_and_its_address_taken_where_the_name_is_unknown(tmp_path: Path) -> None:
    told = Told(FOUND[:2], [""], lambda options: SEEN if options.host == "10.0.0.5" else trouble(Cause.NOT_FOUND))
    talk = told.talk(tmp_path)
    ask_meter(talk)
    assert "[slimmelezer.local]" in told.asked[0]
    assert talk.sheet.get(HOST) == "10.0.0.5"


def test_a_key_is_asked_for_until_it_fits(tmp_path: Path) -> None:
    def see(options: SlimmelezerOptions) -> MeterSurvey:
        if options.encryption_key == KEY_TEXT:
            return SEEN
        return trouble(Cause.WRONG_KEY if options.encryption_key else Cause.KEY_MISSING)

    told = Told(FOUND, ["cellar", "abc", "A" * 43 + "=", "?", KEY_TEXT], see)
    talk = told.talk(tmp_path)
    ask_meter(talk)
    assert told.answers == []
    assert "44 characters" in told.out.getvalue()
    assert "Home Assistant: Settings" in told.out.getvalue()
    assert KEY_TEXT not in told.out.getvalue()
    assert (talk.sheet.get(KEY), talk.sheet.get(PORT)) == (KEY_TEXT, 6054)


def test_a_key_that_is_not_wanted_is_dropped(tmp_path: Path) -> None:
    told = Told((), [""], lambda options: trouble(Cause.KEY_UNWANTED) if options.encryption_key else SEEN)
    before = f'[mains.slimmelezer]\nhost = "a"\nencryption_key = "{KEY_TEXT}"\n'
    talk = told.talk(tmp_path, before)
    ask_meter(talk)
    assert "encryption_key" not in talk.sheet.filled()


def test_another_device_is_not_shown_the_key_of_the_first(tmp_path: Path) -> None:
    keys: list[str | None] = []

    def see(options: SlimmelezerOptions) -> MeterSurvey:
        keys.append(options.encryption_key)
        return SEEN

    before = f'[mains.slimmelezer]\nhost = "a"\nport = 6060\nencryption_key = "{KEY_TEXT}"\n'
    talk = Told((), ["b"], see).talk(tmp_path, before)
    ask_meter(talk)
    assert keys == [None]
    assert 'host = "b"' in talk.sheet.filled()
    assert "6060" not in talk.sheet.filled()


def test_nobody_there_to_answer() -> None:
    screen = Screen(io.StringIO())
    asker = Asker({"--fuse": "x"}, None, screen, takes_proposals=True)
    with pytest.raises(UnansweredError, match="--fuse: "):
        asker.ask(Question("--fuse", "Fuse", int))
    assert asker.ask(Question("--margin", "Margin", int, "1")) == 1
    with pytest.raises(UnansweredError, match="--margin: is missing"):
        asker.ask(Question("--margin", "Margin", int, "1"), again=True)


def test_back_is_not_an_answer(tmp_path: Path) -> None:
    talk = Told((), ["back"], lambda _: SEEN).talk(tmp_path)
    with pytest.raises(BackError):
        ask_meter(talk)


@pytest.mark.parametrize(("before", "port"), [("6054", 6054), ('"x"', 6053), ("99999", 6053), ("60.5", 6053)])
def test_a_port_that_is_none_in_the_settings_is_the_usual_one(tmp_path: Path, before: str, port: int) -> None:
    seen: list[int] = []

    def see(options: SlimmelezerOptions) -> MeterSurvey:
        seen.append(options.port)
        return SEEN

    talk = Told((), [""], see).talk(tmp_path, f'[mains.slimmelezer]\nhost = "reader"\nport = {before}\n')
    ask_meter(talk)
    assert seen == [port]
