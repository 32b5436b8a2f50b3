"""Draws one start of a car with a kettle in it: `.venv/bin/python -m benchmarks.pairing_picture` writes the picture."""

from io import BytesIO
from pathlib import Path
from typing import Final

from matplotlib import rc_context
from matplotlib.figure import Figure

from bridge.core.model import ChargerReport, Telegram
from bridge.core.phases import NOTHING, Phase
from bridge.simulator.appliances import scripted
from bridge.simulator.car import CarModel
from bridge.simulator.closed_loop.plot import DOTS_PER_INCH, GRID, INK, LEGEND, PHASE_COLOURS, STYLE, WIDTH
from bridge.simulator.closed_loop.starting import Start, play
from bridge.simulator.house import House

PAGE: Final = Path(__file__).parents[1] / "docs" / "learn-phases.svg"
WIRING: Final = (Phase.L2, Phase.L3, Phase.L1)
KETTLE: Final = (112.0, 40.0, 2200.0)
"""Start, duration (s) and W, on L1: as the first phase has just come up."""
BEGIN, END = 90, 175
DASHES: Final = ("solid", (0, (4, 1.5)), (0, (1, 1)))


def start() -> Start:
    fridges = [
        scripted("fridge", (phase,), [(0.0, 1e6, watts)]) for phase, watts in zip(Phase, (320, 550, 210), strict=True)
    ]
    house = House([*fridges, scripted("kettle", (Phase.L1,), [KETTLE])])
    return Start(house, 4, WIRING, CarModel(resume=(14.0, 14.0)))


def main() -> None:
    mains, draws, draw = [], [], NOTHING
    for now, seen in play(start()):
        if isinstance(seen, ChargerReport):
            draw = seen.draw or draw
        elif isinstance(seen, Telegram) and BEGIN <= now <= END:
            mains.append((now - BEGIN, [reading.current if reading else 0.0 for reading in seen.phases]))
            draws.append((now - BEGIN, draw))
    with rc_context(STYLE):  # type: ignore[arg-type]  # its stubs list every key
        figure = Figure(figsize=(WIDTH, 4.3), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True)
        for place, dashes in enumerate(DASHES):
            steps = [row[place] for _, row in draws]
            upper.plot(
                [at for at, _ in draws],
                steps,
                color=INK,
                linestyle=dashes,
                drawstyle="steps-post",
                label=f"P{place + 1}",
            )
        for phase in Phase:
            steps = [row[phase.place] for _, row in mains]
            lower.plot(
                [at for at, _ in mains], steps, color=PHASE_COLOURS[phase], drawstyle="steps-post", label=str(phase)
            )
        for axes, title in ((upper, "what the charger reports, A"), (lower, "what the meter tells, A")):
            axes.set_title(title, loc="left", fontsize=9)
            axes.grid(color=GRID, linewidth=0.6)
            axes.spines[["top", "right"]].set_visible(False)
            axes.legend(loc="upper left", ncols=3, **LEGEND)
            axes.set_ylim(0, 30 if axes is lower else 20)
        lower.annotate(
            "a kettle on L1", (KETTLE[0] - BEGIN + 1, 11.0), (2, 15.0), arrowprops={"arrowstyle": "-", "color": INK}
        )
        lower.set_xlabel("seconds since the car was allowed to start")
        picture = BytesIO()
        figure.savefig(picture, format="svg", dpi=DOTS_PER_INCH, facecolor="white", metadata={"Date": None})
    PAGE.write_bytes(picture.getvalue())


if __name__ == "__main__":
    main()
