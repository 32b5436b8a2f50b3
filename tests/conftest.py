"""For all tests: a bounded number of examples, the same on every run."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "bridge",
    max_examples=60,
    deadline=None,  # no timed tests
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("bridge")
