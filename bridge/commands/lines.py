"""Plain lines for people: a word, and what there is to say."""

WORD_WIDTH = 10


def say(word: str, text: str) -> None:
    """Print one line, at once."""
    print(f"{word:<{WORD_WIDTH}}{text}", flush=True)  # noqa: T201 it is what people read
