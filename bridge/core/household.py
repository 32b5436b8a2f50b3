"""How restless each phase of the mains is by itself: the measure that a change of the car is held against."""

from math import exp, pi, sqrt

STEP = 1.5
"""A larger change between two looks is something being switched, A."""
QUIETEST = 0.35
"""Nobody's mains are quieter than this between two looks, A: truncation, voltage, reactive power."""
TRUNCATION = 0.4
"""Standard deviation that whole amperes add to a difference, A."""
FIRST_STEPS, LEAST_STEPS, MOST_STEPS = 0.15, 0.05, 0.8
"""Share of looks in which something is switched: before anything is known, and its bounds."""
MEMORY = 1.0 / 24.0
"""Weight of one look: two minutes on a meter that tells each second."""
WIDEST = 60.0
"""A switched load moves a phase by anything up to this, A."""
SURPRISE = 1.0 / (2.0 * WIDEST)
ROOT = sqrt(2.0 * pi)


class Restlessness:
    """Of one phase, learnt while the car is steady."""

    __slots__ = ("_noise", "_steps")

    def __init__(self) -> None:
        self._noise = QUIETEST
        self._steps = FIRST_STEPS

    def see(self, change: float) -> None:
        """The house alone changed a phase by so much between two looks, A."""
        size = abs(change)
        is_step = size > STEP
        self._steps += MEMORY * (is_step - self._steps)
        if not is_step:
            self._noise += MEMORY * (size - self._noise)

    def likelihood(self, rest: float, blur: float, *, whole_amperes: bool) -> float:
        """How likely the house leaves this much of a change unexplained, per A.

        `blur` is what is not known of the car's own share, A. However large the rest is, it never speaks more clearly
        than that something was switched: a kettle proves nothing.
        """
        noise = max(1.25 * self._noise, QUIETEST)  # from mean size to standard deviation
        spread = sqrt(noise * noise + blur * blur + (TRUNCATION * TRUNCATION if whole_amperes else 0.0))
        steps = min(max(self._steps, LEAST_STEPS), MOST_STEPS)
        ordinary = exp(-0.5 * (rest / spread) ** 2) / (spread * ROOT)
        return (1.0 - steps) * ordinary + steps * SURPRISE
