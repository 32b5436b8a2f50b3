"""For all tests: a bounded number of examples, the same on every run, and a log that each test leaves as it was."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "bridge",
    max_examples=60,
    deadline=None,  # no timed tests
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("bridge")

# a machine on which the service is installed, or its developer's settings lie, is not to be balanced by a test
os.environ["CONFIGURATION_DIRECTORY"] = "/nonexistent/ev-load-bridge"
if Path("~/.config/ev-load-bridge").expanduser().exists():
    os.environ["HOME"] = "/nonexistent"


@pytest.fixture(autouse=True)
def _log_left_as_it_was() -> Iterator[None]:
    """A command called in this very process sets up the log; the next test would be heard through its closed stream."""
    root, ours = logging.getLogger(), logging.getLogger("bridge")
    before = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:], root_level, our_level = before
    root.setLevel(root_level)
    ours.setLevel(our_level)
