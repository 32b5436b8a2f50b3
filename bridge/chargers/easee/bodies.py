"""What the cloud's answers hold, as text: never more of it than a document of an account can weigh."""

import asyncio
from typing import Final

import aiohttp

from bridge.chargers.easee.answers import EndlessAnswerError

LARGEST: Final = 2 * 1024 * 1024
"""Bytes of a document. A site with a charger weighs some 1.5 kB, so that this holds the account of an installer."""
LARGEST_REFUSAL: Final = 65_536
"""Bytes that are read of a body that only says why not."""


async def document(response: aiohttp.ClientResponse) -> str:
    """The body. Raises EndlessAnswerError, and hangs up, where it is larger than any document."""
    body = await _start(response, LARGEST + 1)
    if len(body) > LARGEST:
        raise EndlessAnswerError
    return _text(body)


async def refusal(response: aiohttp.ClientResponse) -> str:
    """The start of the body: the status counts, whatever comes with it."""
    return _text(await _start(response, LARGEST_REFUSAL))


async def _start(response: aiohttp.ClientResponse, size: int) -> bytes:
    try:
        start = await response.content.readexactly(size)
    except asyncio.IncompleteReadError as whole:
        return whole.partial
    except BaseException:
        response.close()
        raise
    response.close()
    return start


def _text(body: bytes) -> str:
    """Always as UTF-8: a header may name an encoding that is none of texts, or cannot replace."""
    return body.decode(errors="replace")
