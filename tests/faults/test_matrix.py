"""The fault matrix: each row is a test, all of them played side by side while pytest waits: not with -n."""

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from benchmarks.faults.matrix import ROWS
from benchmarks.faults.measured import Measured
from benchmarks.faults.running import start

Played = dict[str, Future[Measured]]


@pytest.fixture(scope="session")
def played(request: pytest.FixtureRequest) -> Iterator[Played]:
    """Start the rows that were asked for."""
    asked = [
        item.callspec.params["key"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.originalname == test_it_survives.__name__
    ]
    pool, futures = start([ROWS[key] for key in asked])
    yield futures
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("key", ROWS)
def test_it_survives(key: str, played: Played) -> None:
    measured = played[key].result()
    if measured.skipped:
        pytest.skip(measured.skipped)
    if measured.note:
        print(f"AGAIN {key}: {measured.note}")  # noqa: T201 told with a failure
    assert measured.failures == []
