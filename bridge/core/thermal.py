"""First-order thermal model of the main fuse.

dθ/dt = ((I/In)² − θ)/τ, with θ in units of (I/In)²: 1.0 is the steady state at the rated current. The limits are the
lower envelopes of the standards, not a typical device: an automat (IEC 60898-1) may not trip below 1.13 In, a melting
fuse (IEC 60269-1) may not melt below 1.25 In. A convenience against needless throttling, never the protection itself.
"""

from math import exp
from typing import NamedTuple

from bridge.core.model import Protection

ACT_AT = 0.8
"""Share of the thermal limit at which a prediction calls for action."""
ACT_AT_ONCE = 1.45
"""Multiple of the rated current from which an automat must trip within the hour (IEC 60898-1): never tolerated."""


class FuseModel(NamedTuple):
    """One kind of fuse."""

    rated: float
    """In, A."""
    time_constant: float
    """τ, s."""
    limit: float
    """θ at which it would go."""

    def heated(self, theta: float, current: float, seconds: float) -> float:
        """θ after that many seconds at a constant current (A)."""
        steady = (current / self.rated) ** 2
        return steady + (theta - steady) * exp(-seconds / self.time_constant)

    def bears(self, theta: float, current: float, seconds: float) -> bool:
        """Whether it can carry the current (A) for that long with a fifth of its thermal limit in hand."""
        if current >= ACT_AT_ONCE * self.rated:
            return False
        return self.heated(theta, current, seconds) < ACT_AT * self.limit


def fuse_model(rated: float, protection: Protection) -> FuseModel:
    """Model for a rated current in A: τ 60 s to 1.13² for an automat, 22.3 s to 1.25² for a gG fuse."""
    if protection is Protection.GG:
        return FuseModel(rated, 22.3, 1.25**2)
    return FuseModel(rated, 60.0, 1.13**2)
