"""Keeps the vendors' libraries from writing tokens, frames and headers to the log."""

import logging

_LOGGERS = (
    "aiohttp.client",
    "pyeasee",
    "pyeasee.charger",
    "pyeasee.easee",
    "pyeasee.site",
    "pyeasee.throttler",
    "pysignalr",
    "pysignalr.client",
    "pysignalr.transport",
    "websockets",
    "websockets.client",
)


def _is_harmless(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.CRITICAL


def silence() -> None:
    """Let nothing through below CRITICAL, at any level that is configured.

    At DEBUG pyeasee writes tokens, and websockets headers and frames. What they say above that is told
    by this adapter in its own words, once. Idempotent. Each logger by its name: a filter does not hold for children.
    """
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        if _is_harmless not in logger.filters:
            logger.addFilter(_is_harmless)
