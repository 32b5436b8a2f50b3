"""Which of several errors counts."""

from collections.abc import Iterator

from bridge.errors import DeviceError, LoginRejectedError, RateLimitedError, SettingsError, UnsuitableError

_GRAVITY: tuple[type[BaseException], ...] = (
    SettingsError,
    UnsuitableError,
    LoginRejectedError,
    RateLimitedError,
    DeviceError,
)
"""Among expected errors the first that is there decides; an error that is none of these is a bug and beats them all."""


def gravest(error: BaseException) -> BaseException:
    """The error that decides what happens: the one itself, or of a group the worst it holds, at any depth."""
    return min(_leaves(error), key=_rank)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _rank(error: BaseException) -> int:
    for rank, kind in enumerate(_GRAVITY):
        if isinstance(error, kind):
            return rank
    return -1
