"""All borders that something from outside crosses."""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

import promises


class Target(NamedTuple):
    """One border: `run` plays one case and raises where a promise is broken."""

    name: str
    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    tokens: tuple[bytes, ...]
    separator: bytes


def _target(name: str) -> Target:
    border = import_module(f"fuzz_{name}")

    def run(data: bytes) -> None:
        with promises.listening():
            border.run(data)

    return Target(name, run, border.SEEDS, border.TOKENS, border.SEPARATOR)


SHARES = {"mqtt": 0.25, "esphome": 0.07, "observations": 0.15, "rest": 0.18, "settings": 0.1, "state": 0.25}
"""Of all cases, by how much a case costs."""
TARGETS = {name: _target(name) for name in SHARES}
