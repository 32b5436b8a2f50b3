"""Whom we take for the Easee cloud: TLS 1.2 at least, and a certificate that is always verified."""

import ssl
from pathlib import Path

import aiohttp

from bridge.chargers.easee.options import DEVICE
from bridge.errors import DeviceUnavailableError

_NOT_YET, _EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 9, 10, 62, 64
"""OpenSSL's numbers for what is wrong with a certificate (X509_V_ERR_…)."""


def context(ca_file: str | Path | None) -> ssl.SSLContext:
    """Trust the system's authorities, or this one alone. Raises DeviceUnavailableError where it cannot be read."""
    try:
        made = ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        why = "no certificate in it" if isinstance(error, ssl.SSLError) else error.strerror
        detail = f"charger.easee.ca_file cannot be used ({why}): it must be the authority's certificate in PEM"
        raise DeviceUnavailableError(DEVICE, detail) from error
    made.minimum_version = max(made.minimum_version, ssl.TLSVersion.TLSv1_2)
    return made


def distrust(error: BaseException, host: str) -> str | None:
    """Why a connection was not trusted, with the cure; None where that was not the matter."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = " ".join(cause.verify_message.split())
        return f"nothing was sent to {host}, whose certificate is not to be trusted ({why}): {_cure(cause.verify_code)}"
    if isinstance(cause, ssl.SSLError):
        reason = (cause.reason or type(cause).__name__).lower().replace("_", " ")
        return (
            f"no TLS with {host} ({reason}): check charger.easee.api_url and stream_url, and what is on the way there"
        )
    return None


def _cure(code: int) -> str:
    if code in {_NOT_YET, _EXPIRED}:
        return "is this machine's clock right?"
    if code in {_OTHER_NAME, _OTHER_ADDRESS}:
        return "check charger.easee.api_url and stream_url, and the name service"
    return "if a proxy of yours looks into TLS, set charger.easee.ca_file to its authority; if not, somebody is between"
