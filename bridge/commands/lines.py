"""Plain lines for people: a word, and what there is to say."""

import os
import signal
import sys

WORD_WIDTH = 10


def say(word: str, text: str) -> None:
    """Print one line, at once. Where nobody reads any more (`| head`), it is as if Ctrl-C was pressed."""
    try:
        print(f"{word:<{WORD_WIDTH}}{text}", flush=True)  # noqa: T201 it is what people read
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        signal.raise_signal(signal.SIGINT)
