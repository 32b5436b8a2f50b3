"""What is told in the view, and how often."""

import logging

import pytest

from bridge.commands.live.log import news_for_log
from bridge.commands.live.news import Kind, News, kind_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("limit 16 → 9 A (overload: L2 +3.1 A)", Kind.LOWERED),
        ("limit 9 → 16 A (maximum)", Kind.RAISED),
        ("limit 6 → 0 A (pause: L2 +3.5 A)", Kind.PAUSED),
        ("limit 0 → 16 A (resume: L1)", Kind.RESUMED),
        ("limit ? → 6 A (starting)", Kind.LOWERED),
        ("meter connected", Kind.LOG),
    ],
)
def test_a_change_is_told_by_its_words(text: str, kind: Kind) -> None:
    assert kind_of(text) is kind


def test_a_line_that_comes_by_two_roads_is_told_once() -> None:
    news = News()
    news.add(100.0, "limit 16 → 9 A (overload: L2 +3.1 A)")
    news.add(100.3, "limit 16 → 9 A (overload: L2 +3.1 A)")
    assert news.count == 1
    news.add(130.0, "limit 16 → 9 A (overload: L2 +3.1 A)")
    assert news.count == 2


def test_who_looks_later_sees_what_came_since() -> None:
    news = News()
    for number in range(500):
        news.add(float(number), f"line {number}")
    assert [item.text for item in news.since(498)] == ["line 498", "line 499"]
    assert len(news.since(0)) == len(news.items) < 500, "the oldest are forgotten"
    assert news.since(500) == []


def test_the_log_becomes_news_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    news, root = News(), logging.getLogger()
    before = root.handlers[:], root.level
    with news_for_log(news) as log:
        logging.getLogger("bridge.mains").info("meter %s", "connected")
        logging.getLogger("bridge.mains").debug("frames")
        logging.getLogger("aiohttp").info("an access")
        logging.getLogger("aiohttp").error("went wrong\nin two lines")
        try:
            int("none")
        except ValueError:
            logging.getLogger("bridge.service").exception("a bug")
    assert [(item.kind, item.text) for item in news.items] == [
        (Kind.LOG, "meter connected"),
        (Kind.WARNING, "went wrong"),
        (Kind.WARNING, "a bug"),
    ]
    assert len(log.tracebacks) == 1
    assert "ValueError" in log.tracebacks[0]
    assert capfd.readouterr() == ("", "")
    assert (root.handlers[:], root.level) == before
