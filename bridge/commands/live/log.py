"""The log of this process, sent into the news so that it does not run across the picture."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from bridge.commands.live.news import Kind, News

OURS = "bridge"


class NewsHandler(logging.Handler):
    """Makes news of the bridge's own log, and of others' warnings."""

    def __init__(self, news: News) -> None:
        super().__init__(logging.INFO)
        self.tracebacks: list[str] = []
        """Of bugs, whole, for after the show."""
        self._news = news

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.tracebacks.append(f"{logging.Formatter().format(record)}\n")
        text = record.getMessage().partition("\n")[0]
        is_grave = record.levelno >= logging.WARNING
        if is_grave or record.name.partition(".")[0] == OURS:
            self._news.add(record.created, text, Kind.WARNING if is_grave else None)


@contextmanager
def news_for_log(news: News) -> Iterator[NewsHandler]:
    """Send the log nowhere else; as it was before, afterwards."""
    root, ours, handler = logging.getLogger(), logging.getLogger(OURS), NewsHandler(news)
    before = root.handlers[:], root.level, ours.level
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    ours.setLevel(logging.INFO)
    try:
        yield handler
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        ours.setLevel(before[2])
