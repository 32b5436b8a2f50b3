"""Memory and CPU time of `ev-load-bridge run` at one telegram per second, between the simulator's peers.

`.venv/bin/python -m benchmarks.memory` takes a minute and a half.
"""

import asyncio
import time

from benchmarks.peers import KEY, bridge, lively
from benchmarks.process import cpu_seconds, memory
from benchmarks.report import publish, table

SETTLE = 15.0
"""s from READY until everything is connected, discovered and published."""
TELEGRAMS = 70
"""Over which CPU time is taken; one comes each second."""
MEMORY_BUDGET = "≤ 70 MB"
CPU_BUDGET = "≤ 1.5 %"


async def measured(key: str) -> list[str]:
    """Let a bridge run; return its figures in the order of ROWS."""
    async with lively(key) as (world, home), bridge(home, remembered_limit=16) as running:
        pid = running.process.pid
        at_ready = cpu_seconds(pid)
        await asyncio.sleep(SETTLE)
        began, before, first = time.monotonic(), cpu_seconds(pid), world.truth.seconds
        while world.truth.seconds - first < TELEGRAMS:  # noqa: ASYNC110 the world has no event for it
            await asyncio.sleep(0.2)
        spent, lasted = cpu_seconds(pid) - before, time.monotonic() - began
        sizes = memory(pid)
    return [
        f"{sizes['VmRSS']:.1f} MB",
        f"{sizes['VmHWM']:.1f} MB",
        f"{sizes['Pss']:.1f} MB",
        f"{100 * spent / lasted:.2f} %",
        f"{1000 * spent / TELEGRAMS:.1f} ms",
        f"{at_ready:.2f} s",
    ]


ROWS = (
    ("resident (VmRSS)", MEMORY_BUDGET),
    ("highest resident (VmHWM)", MEMORY_BUDGET),
    ("its share where pages are shared (Pss)", ""),
    (f"CPU over {TELEGRAMS} telegrams, of one core", CPU_BUDGET),
    ("CPU per telegram", ""),
    ("CPU from start to READY", ""),
)


async def main() -> None:
    stock, encrypted = await asyncio.gather(measured(""), measured(KEY))
    heads = ("`run`, TLS to the cloud, MQTT", "meter as delivered", "meter encrypted", "budget")
    rows = zip(ROWS, stock, encrypted, strict=True)
    publish(table(heads, [(what, plain, noise, budget) for (what, budget), plain, noise in rows]))


if __name__ == "__main__":
    asyncio.run(main())
