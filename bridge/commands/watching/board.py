"""A bridge seen from afar: what it says of itself, and whether it still says anything."""

from rich.text import Text

from bridge.commands.live import colours
from bridge.commands.live.board import Board
from bridge.commands.live.news import Kind, clock
from bridge.commands.live.plain import status
from bridge.commands.live.reading import Document, words
from bridge.commands.live.screen import Scene
from bridge.core.model import Happening
from bridge.mirror.options import MqttOptions
from bridge.mirror.reader import Broker, Happened, Presence, State, Word

NO_BROKER, OFFLINE, WAITING = "no broker", "offline", "no word yet"
QUIET = 90.0
"""s without a word that are worth a line: a bridge with a meter says something every minute."""
USUAL_FUSE = 25.0
"""A, for the scale of the bars until the bridge has said what holds."""
GRAVE = frozenset({Happening.OVERLOAD, Happening.FALLBACK, Happening.CAR_DOES_NOT_RESUME, Happening.PHASES_NOT_LEARNT})
FOOTER = ("q ends this view; the bridge goes on",)


class Watched:
    """Takes every word of a bridge and of the way to it. Moments are Unix seconds."""

    def __init__(self, options: MqttOptions, fuse: float | None) -> None:
        self.board = Board(fuse or USUAL_FUSE)
        self.has_heard = False
        """Whether there ever was a state to show."""
        self._options = options
        self._fuse = fuse
        self._trouble: str | None = None
        self._next_try = 0.0
        self._is_online: bool | None = None
        self._offline_since: float | None = None
        """None where it was so before we came."""
        self._last_word: float | None = None

    def take(self, word: Word, now: float) -> None:
        match word:
            case Broker():
                self._take_broker(word, now)
            case Presence():
                self._take_presence(word, now)
            case Happened():
                self._take_event(word.document, now)
            case State():
                self._take_state(word, now)

    def tick(self, now: float) -> None:
        """Let time pass."""
        self.board.tick(now)

    def trouble(self, now: float) -> str | None:
        """Why what is shown is not what is, in one line; None while all is well."""
        if self._trouble is not None:
            wait = max(self._next_try - now, 0.0)
            return f"broker lost, trying again in {wait:.0f} s: {self._trouble}"
        if self._is_online is False:
            since = self._offline_since
            return "bridge offline since before this view" if since is None else f"bridge offline since {clock(since)}"
        if self._last_word is not None and now - self._last_word >= QUIET:
            return f"no word for {now - self._last_word:.0f} s"
        return None

    def line(self, now: float) -> str:
        """One line of plain text."""
        trouble = self.trouble(now)
        if trouble is None:
            return status(self.board.reading)
        return f"{self.board.reading.state} · {trouble}"

    def scene(self, now: float, title: str) -> Scene:
        """Everything the picture shows."""
        board = self.board
        is_fuse = board.fuse == self._fuse
        return Scene(
            reading=board.reading,
            history=board.history,
            news=board.news,
            fuse=board.fuse,
            title=title,
            facts=(("broker", self._broker(now)), ("controls", self._controls())),
            footer=FOOTER,
            time=now,
            mark="fuse" if is_fuse else "mains limit",
        )

    def _take_broker(self, word: Broker, now: float) -> None:
        if word.trouble is None:
            if self._trouble is not None:
                self.board.news.add(now, "broker found again")
            self._trouble = None
            return
        if self._trouble is None:
            self.board.news.add(now, f"broker lost: {word.trouble}; trying again", Kind.WARNING)
        self._trouble, self._next_try = word.trouble, now + word.wait
        self._is_online = None
        self.board.forget(NO_BROKER)

    def _take_presence(self, word: Presence, now: float) -> None:
        was, self._is_online = self._is_online, word.is_online
        self._last_word = now
        if word.is_online:
            if was is False:
                self.board.news.add(now, "bridge online again")
            self._offline_since = None
            return
        if was is not False:
            self._offline_since = None if word.is_retained else now
            self.board.news.add(now, "bridge offline", Kind.WARNING)
        self.board.forget(OFFLINE)

    def _take_state(self, word: State, now: float) -> None:
        """What the broker keeps of a bridge that is gone is no picture of now."""
        self.board.take(word.document, is_old=word.is_retained and not self.has_heard)
        self.has_heard = True
        self._last_word = now
        limit = self.board.reading.controls.mains_limit
        if limit is not None and limit > 0:
            self.board.fuse = limit
        if self._is_online is False:
            self.board.forget(OFFLINE)

    def _take_event(self, document: Document, now: float) -> None:
        self._last_word = now
        text = words(document.get("text"))
        if text:
            self.board.news.add(now, text, Kind.WARNING if str(document.get("event_type")) in GRAVE else None)

    def _broker(self, now: float) -> Text:
        trouble = self.trouble(now)
        if trouble is not None:
            return Text(trouble, colours.OVER)
        told = WAITING if self._last_word is None else f"last word {max(now - self._last_word, 0.0):.0f} s ago"
        return Text(f"{self._options.where} · instance {self._options.instance} · {told}")

    def _controls(self) -> Text:
        turned = self.board.reading.controls
        text = Text()
        for is_on, on, off in (
            (turned.balancing, "balancing on", "balancing OFF"),
            (turned.charging_allowed, "charging allowed", "charging NOT allowed"),
        ):
            if is_on is not None:
                text.append(f"{on if is_on else off} · ", "" if is_on else colours.FUSE)
        for value, word in ((turned.mains_limit, "mains"), (turned.charger_maximum, "charger")):
            if value is not None:
                text.append(f"{word} ≤ {value:g} A · ")
        text.right_crop(3)
        return text if text.plain else Text("–", colours.QUIET)
