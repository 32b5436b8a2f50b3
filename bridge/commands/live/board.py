"""What is known of a bridge at this moment, and of its last minutes: the view's only memory."""

import time

from bridge.commands.live.history import History
from bridge.commands.live.news import News
from bridge.commands.live.reading import Document, Reading, reading


class Board:
    """Takes state documents as they come; `tick` is called a few times a second."""

    def __init__(self, fuse: float) -> None:
        self.fuse = fuse
        """A."""
        self.reading: Reading = reading({})
        self.history = History()
        self.news = News()
        self._is_told = False
        self._changes_seen = 0

    def take(self, document: Document, *, is_old: bool = False) -> None:
        """Take a state document that has just arrived; the change that an old one tells of is no news."""
        self.reading = reading(document)
        is_new = self.reading.change_number not in {0, self._changes_seen}  # a bridge that starts anew counts anew
        if is_new and not is_old:
            self.news.add(time.time(), self.reading.change)
        self._changes_seen = self.reading.change_number
        self._is_told = True

    def forget(self, state: str) -> None:
        """Nobody tells any more what flows now; `state` is what is left to say."""
        self.reading = reading({})._replace(state=state, change=self.reading.change, pace=self.reading.pace)
        self._is_told = False

    def tick(self, at: float) -> None:
        """Let time pass: what was told last still holds."""
        if self._is_told:
            self.history.add(at, self.reading.phases)
