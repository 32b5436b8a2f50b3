import ssl

import pytest
from aiomqtt import MqttCodeError, MqttError

from bridge.mirror.failures import refused
from bridge.mirror.options import MqttOptions

OPTIONS = MqttOptions("broker.local", username="me", password="hunter2")


def hidden(cause: BaseException) -> MqttError:
    """As aiomqtt raises it: its own error, with the system's as the context."""
    try:
        try:
            raise cause
        except type(cause) as error:
            raise MqttError(str(error)) from None
    except MqttError as error:
        return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (hidden(ConnectionRefusedError(111, "refused")), "broker.local:1883 refuses connections"),
        (hidden(TimeoutError("timed out")), "does not answer: is it the right address"),
        (hidden(TimeoutError()), "took the connection but does not answer"),
        (hidden(OSError(113, "No route to host")), "cannot be reached (No route to host)"),
        (hidden(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]")), "is this its TLS port"),
        (MqttError("gone"), "closed the connection (gone)"),
        (MqttCodeError(132), "3.1.1 is needed"),
        (MqttCodeError(133), "refuses the client id ev-load-bridge-main"),
        (MqttCodeError(134), "refuses user name or password"),
        (MqttCodeError(136), "says that it is not available"),
        (MqttCodeError(99), "refuses us"),
    ],
)
def test_each_refusal_names_its_cause(error: Exception, words: str) -> None:
    line = refused(error, OPTIONS)
    assert words in line
    assert line.isprintable()
    assert "hunter2" not in line
