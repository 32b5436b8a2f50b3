"""What the MQTT library raises → one line with the cause and the cure, without secrets."""

import socket
import ssl

from aiomqtt import MqttCodeError

from bridge.mirror.options import MqttOptions

_UNTIMELY = frozenset({9, 10})
"""OpenSSL's numbers for a certificate that is not valid yet or any more (X509_V_ERR_…)."""

REFUSALS = {
    132: "speaks another version of MQTT: 3.1.1 is needed",
    133: "refuses the client id {client_id}: allow it in the broker",
    134: "refuses user name or password: correct them in [mqtt]",
    135: "refuses user name or password, or the client id {client_id}: correct them in [mqtt]",
    136: "says that it is not available: look at its log",
}
"""Reason codes of MQTT 5, to which paho translates those of 3.1.1."""


def refused(error: Exception, options: MqttOptions) -> str:
    """Why there is no connection to be had. aiomqtt hides the system's own error as the context of its own."""
    if isinstance(error, MqttCodeError):
        return _refusal(error, options)
    return _cause(error.__context__ or error, options)


def _refusal(error: MqttCodeError, options: MqttOptions) -> str:
    code = getattr(error.rc, "value", error.rc)
    words = REFUSALS.get(code if isinstance(code, int) else 0, f"refuses us ({error})")
    return f"{options.where} {words.format(client_id=options.device_identifier)}"


def _cause(cause: BaseException, options: MqttOptions) -> str:
    where = options.where
    match cause:
        case ssl.SSLError():
            return _no_tls(cause, where)
        case socket.gaierror() | ValueError():
            return f"{where} is not a known host: correct [mqtt] host, or mend the name service"
        case ConnectionRefusedError():
            return f"{where} refuses connections: is the broker running, and the port right?"
        case TimeoutError(args=()):  # asyncio's own: the connection is there
            return _silence(options)
        case TimeoutError():
            return f"{where} does not answer: is it the right address, and the broker's machine on?"
        case OSError():
            hint = ": is this its TLS port?" if options.tls and isinstance(cause, ConnectionResetError) else ""
            return f"{where} cannot be reached ({cause.strerror or cause}){hint}"
        case _:
            return f"{where} closed the connection ({cause})"


def _no_tls(error: ssl.SSLError, where: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        is_clock = error.verify_code in _UNTIMELY
        usual = "[mqtt] host must be the name in it, and ca_file its authority"
        cure = "renew it, or set this machine's clock" if is_clock else usual
        return f"the certificate of {where} is not to be trusted ({error.verify_message}): {cure}"
    reason = getattr(error, "reason", None) or error
    return (
        f"no TLS with {where} ({reason}): is this its TLS port, and does it ask for a client certificate (client_cert)?"
    )


def _silence(options: MqttOptions) -> str:
    hint = (
        "does it ask for a client certificate (client_cert)?"
        if options.tls
        else "is it an MQTT broker, and without TLS on this port?"
    )
    return f"{options.where} took the connection but does not answer: {hint}"
