"""Setup as a person has it: questions, wrong answers, Ctrl-C."""

import signal
from pathlib import Path

import pytest
from doctor.doctor_rig import PASSWORD
from setup.peers import USER, Town, person, scripted, town

from bridge.settings import load

QUESTIONS = (
    ("Number, host name or IP address", "{meter}"),
    ("Easee account", USER),
    ("Password", PASSWORD),
    ("Main fuse", "25"),
    ("Kind", ""),
    ("Margin", ""),
    ("Most the charger", ""),
    ("Mains phases", ""),
    ("Fallback current", ""),
    ("Mirror everything", ""),
    ("Broker, host", "{broker}"),
    ("Encrypted", ""),
    ("User at the broker", ""),
    ("Write it?", "y"),
)


def questions(peers: Town) -> list[tuple[str, str]]:
    return [(words, text.format(meter=peers.address, broker=peers.broker)) for words, text in QUESTIONS]


def arguments(home: Path, peers: Town) -> list[str]:
    return ["--config", str(home / "new/settings.toml"), *peers.cloud, "--no-doctor"]


def test_a_whole_conversation(peers: Town, home: Path) -> None:
    with person(home, *arguments(home, peers)) as somebody:
        somebody.answers(questions(peers))
        assert somebody.end() == 0, somebody.seen
        assert PASSWORD not in somebody.seen
        assert load(home / "new/settings.toml", {}).charger.max_current == 16


@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_control_c_at_each_question_leaves_no_trace(peers: Town, home: Path, number: int) -> None:
    with person(home, *arguments(home, peers)) as somebody:
        somebody.answers(questions(peers)[:number])
        somebody.until(QUESTIONS[number][0])
        somebody.until(": ")
        ways = (
            lambda: somebody.type("\x03"),
            lambda: somebody.type("\x04"),
            lambda: somebody.process.send_signal(signal.SIGTERM),
        )
        somebody.insist("nothing is written", ways[number % 3])
        somebody.process.send_signal(signal.SIGINT)
        assert somebody.end() == 130, somebody.seen
        assert "Traceback" not in somebody.seen
    assert list(home.iterdir()) == []


def test_wrong_answers_are_explained_and_asked_again(peers: Town, home: Path) -> None:
    with person(home, *arguments(home, peers)) as somebody:
        somebody.answers(
            [
                ("Number, host name", "http://slimmelezer"),
                ("Number, host name", "127.0.0.1:1"),
                ("Number, host name", peers.address),
                ("Easee account", "owner"),
                ("Easee account", USER),
                ("Password", "wrong"),
                ("Easee account", ""),
                ("Password", PASSWORD),
                ("Main fuse", "?"),
                ("Main fuse", "52"),
                ("right all the same", "n"),
                ("Main fuse", "25 A"),
                ("Kind", "back"),
                ("Main fuse", ""),
                ("Kind", ""),
                ("Margin", ""),
                ("Most the charger", ""),
                ("Mains phases", "learn"),
                ("Fallback current", ""),
                ("Mirror everything", ""),
                ("Broker, host", "127.0.0.1:1"),
                ("Encrypted", ""),
                ("User at the broker", ""),
                ("again (ask once more)", ""),
                ("Broker, host", peers.broker),
                ("Encrypted", ""),
                ("User at the broker", ""),
                ("Write it?", "y"),
            ]
        )
        assert somebody.end() == 0, somebody.seen
        for words in ("host name or an address only", "refuses", "e-mail address of the", "2 more tries", "3 × 25 A"):
            assert words in somebody.seen
        assert "learn-phases --write" in somebody.seen
    assert peers.house.cloud.calls["login"] == 2
    assert load(home / "new/settings.toml", {}).mains.fuse == 25


def test_three_logins_and_no_more(peers: Town, home: Path) -> None:
    with person(home, *arguments(home, peers), "--meter-host", peers.address) as somebody:
        somebody.answers([("Easee account", USER), ("Password", "a")])
        somebody.answers([("Easee account", ""), ("Password", "b")])
        somebody.answers([("Easee account", ""), ("Password", "c")])
        assert somebody.end() == 77, somebody.seen
    assert peers.house.cloud.calls["login"] == 3
    assert list(home.iterdir()) == []


def test_no_is_no(peers: Town, home: Path) -> None:
    with person(home, *arguments(home, peers)) as somebody:
        somebody.answers([*questions(peers)[:-1], ("Write it?", "n")])
        assert somebody.end() == 1
    assert list(home.iterdir()) == []


def test_several_chargers_cost_one_login(tmp_path: Path, home: Path) -> None:
    with town(tmp_path, second_charger="EH000002") as peers:
        told = scripted(home, *peers.all(home), "--config", "a.toml")
        assert (told.returncode, "several chargers" in told.stderr) == (78, True)
        before = peers.house.cloud.calls["login"]
        with person(home, *arguments(home, peers)) as somebody:
            somebody.answers(questions(peers)[:3])
            somebody.answer("Number or serial", "3")
            somebody.answer("Number or serial", "1")
            somebody.answers(questions(peers)[3:])
            assert somebody.end() == 0, somebody.seen
        assert peers.house.cloud.calls["login"] == before + 1
    assert load(home / "new/settings.toml", {}).charger.easee.charger == "EH000001"


def test_a_plug_that_is_pulled_on_the_way(peers: Town, home: Path) -> None:
    with person(home, *arguments(home, peers)) as somebody:
        somebody.until("Number, host name")
        peers.run(peers.house.device.stop())
        somebody.until(": ")
        somebody.type(f"{peers.address}\n")
        somebody.until("refuses")
        peers.run(peers.house.device.start())
        somebody.answer("Number, host name", "")
        somebody.until("Easee account")
        peers.run(peers.house.cloud.stop())
        somebody.type(f"{USER}\n")
        somebody.answer("Password", PASSWORD)
        somebody.until("internet connection")
        peers.run(peers.house.cloud.start())
        somebody.answer("Enter tries once more", "")
        somebody.answers(questions(peers)[3:])
        assert somebody.end() == 0, somebody.seen
    assert peers.house.cloud.calls["login"] == 1


def test_a_password_in_another_encoding_than_the_terminals_is_asked_for_again(peers: Town, home: Path) -> None:
    with person(home, *arguments(home, peers), "--meter-host", peers.address) as somebody:
        somebody.answer("Easee account", USER)
        somebody.until("Password (not shown): ")
        somebody.type_bytes(b"caf\xe9\n")
        somebody.until("is not UTF-8")
        somebody.answer("Password", PASSWORD)
        somebody.until("Main fuse")
    assert peers.house.cloud.calls["login"] == 1
