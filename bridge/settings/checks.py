"""What single keys cannot tell: whether they fit together."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from pydantic_core import PydanticUndefined

from bridge.settings.keys import FIELDS, Key, Table, find
from bridge.settings.model import Document
from bridge.settings.reach import is_near, is_on_the_way

SHORTEST_CALM = 5
"""A time-to-live below this leaves no room for a lost refresh, minutes."""

FUSE: Key = ("mains", "fuse")
MARGIN: Key = ("mains", "margin")
MAXIMUM: Key = ("charger", "max_current")
MINIMUM: Key = ("charger", "minimum_current")
FALLBACK: Key = ("charger", "fallback_current")
TIME_TO_LIVE: Key = ("charger", "time_to_live")
API: Key = ("charger", "easee", "api_url")
STREAM: Key = ("charger", "easee", "stream_url")


class Finding(NamedTuple):
    """A key that does not fit, and the cure."""

    key: Key
    text: str


class Known:
    """The values that are right by themselves, defaults included; None for the others."""

    def __init__(self, values: Table, wrong: Collection[Key]) -> None:
        self._values = values
        self._wrong = wrong

    def __call__(self, key: Key) -> Any:
        if key in self._wrong:
            return None
        given, default = find(self._values, key), FIELDS[key].default
        return given if given is not None or default is PydanticUndefined else default


def contradictions(known: Known) -> Iterator[Finding]:
    """Find what cannot be run with."""
    yield from _currents(known)
    yield from _fallback(known)
    yield from _tls(known)
    for key in (API, STREAM):
        if is_on_the_way(known(key) or ""):
            yield Finding(key, "is not encrypted, so that the password can be read on the way; use https://")
    if known(("mqtt", "password")) and not known(("mqtt", "username")):
        yield Finding(("mqtt", "username"), "is missing, but there is a password; give both or neither")


def cautions(settings: Document) -> Iterator[Finding]:
    """Find what is allowed and still worth a word."""
    charger, fuse = settings.charger, settings.mains.fuse
    if charger.time_to_live < SHORTEST_CALM:
        yield Finding(TIME_TO_LIVE, f"under {SHORTEST_CALM} min costs many refreshes; 10 is usual")
    if charger.max_current > fuse:
        text = f"{charger.max_current} A is above the fuse of {fuse:g} A and counts as {int(fuse)} A"
        yield Finding(MAXIMUM, text)
    mqtt = settings.mqtt
    if mqtt.enabled and mqtt.password and not mqtt.tls and not is_near(mqtt.host):
        told = f"the password goes to {mqtt.host} unencrypted, beyond this network; set tls = true"
        yield Finding(("mqtt", "password"), told)


def _currents(known: Known) -> Iterator[Finding]:
    fuse, margin, minimum, maximum = (known(key) for key in (FUSE, MARGIN, MINIMUM, MAXIMUM))
    if fuse is not None and margin is not None:
        if margin >= fuse:
            yield Finding(MARGIN, f"{margin:g} A is not below the fuse of {fuse:g} A; 0.1 to 1 is usual")
        elif minimum is not None and fuse - margin < minimum:
            cure = "no car could ever charge; lower the margin or the minimum"
            yield Finding(MARGIN, f"leaves {fuse - margin:g} A, less than the minimum current of {minimum} A: {cure}")
    if minimum is not None and maximum is not None and minimum > maximum:
        yield Finding(MINIMUM, f"{minimum} A is above max_current, {maximum} A; lower it or raise max_current")


def _fallback(known: Known) -> Iterator[Finding]:
    fallback, minimum = known(FALLBACK), known(MINIMUM)
    if not fallback:
        return
    if minimum is not None and fallback < minimum:
        yield Finding(FALLBACK, f"{fallback} A is below the minimum current of {minimum} A; give 0 or at least that")
    for name, highest in (("max_current", known(MAXIMUM)), ("the fuse", known(FUSE))):
        if highest is not None and fallback > highest:
            yield Finding(FALLBACK, f"{fallback} A is above {name}, {highest:g} A; give what the house always leaves")
            return


def _tls(known: Known) -> Iterator[Finding]:
    if known(("mqtt", "client_key")) and not known(("mqtt", "client_cert")):
        yield Finding(("mqtt", "client_cert"), "is missing, but there is a client_key; give both or neither")
    for name in ("ca_file", "client_cert", "client_key"):
        if known(("mqtt", name)) and known(("mqtt", "tls")) is False:
            yield Finding(("mqtt", name), "does nothing without TLS; set tls = true")
