"""A controller on its own, second by second: what it is told, what it orders."""

from bridge.simulator.closed_loop.controller import Controller, Limits, Report, Shown, Site, Telegram

SITE = Site(25.0, 16, (0, 1, 2))
ALL = 16.0


def telegram(*currents: float) -> Telegram:
    """Build a telegram of signed A; one current counts for all phases."""
    one, two, three = currents * 3 if len(currents) == 1 else currents
    return _shown(one), _shown(two), _shown(three)


def _shown(current: float) -> Shown:
    return Shown(abs(current), current * 230.0, 230.0)


def report(draw: float, in_force: Limits = (16, 16, 16)) -> Report:
    return Report(in_force, (draw, draw, draw))


class Drive:
    """Lets seconds pass on a controller, with a telegram in each, and keeps its orders."""

    def __init__(self, controller: Controller, draw: float = ALL, in_force: Limits = (16, 16, 16)) -> None:
        self.controller = controller
        self.now = -1.0
        self.orders: list[tuple[float, Limits]] = []
        controller.reported(report(draw, in_force), 0.0)

    def draws(self, draw: float, in_force: Limits = (16, 16, 16)) -> None:
        self.controller.reported(report(draw, in_force), self.now)

    def on(self, seconds: int, *currents: float) -> list[tuple[float, Limits]]:
        """Return the orders of these seconds: when, and P1 to P3."""
        return self._pass(seconds, telegram(*currents))

    def silent(self, seconds: int) -> list[tuple[float, Limits]]:
        return self._pass(seconds, None)

    def _pass(self, seconds: int, shown: Telegram | None) -> list[tuple[float, Limits]]:
        start = len(self.orders)
        for _ in range(seconds):
            self.now += 1.0
            if shown is not None:
                self.controller.told(shown, self.now)
            order = self.controller.decide(self.now)
            if order is not None:
                self.orders.append((self.now, order.limits))
        return self.orders[start:]


def one(limit: int) -> Limits:
    return (limit, limit, limit)


def limits(orders: list[tuple[float, Limits]]) -> list[int]:
    return [three[0] for _, three in orders]
