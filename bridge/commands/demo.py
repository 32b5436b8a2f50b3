"""`ev-load-bridge demo`: the whole product on one machine, without hardware."""

import asyncio
from importlib.util import find_spec

from bridge import __version__
from bridge.commands.demo_address import LOOPBACK
from bridge.commands.lines import say

for _name in ("amqtt", "noise"):
    if find_spec(_name) is None:
        raise ModuleNotFoundError(f"No module named {_name!r}", name=_name)


def demo(*, seconds: float | None, seed: int, listen: str | None, plain: bool) -> int:
    """Play the demo. Returns 0, 1 where the fuse would have gone, or what the service ended with.

    Raises DeviceUnavailableError where the broker cannot listen at `listen`.
    """
    say("demo", f"EV Load Bridge {__version__}: a house, a car and the real service on this machine")
    say("starts", "meter, cloud, broker …")
    # Only now, since it takes a small computer some seconds.
    from bridge.commands.demo_play import play  # noqa: PLC0415
    from bridge.commands.demo_show import PlainShow, show_on  # noqa: PLC0415

    show = (lambda _: PlainShow()) if plain else show_on
    return asyncio.run(play(seconds, seed, listen or LOOPBACK[4], show))
