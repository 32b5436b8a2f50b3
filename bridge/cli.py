"""The command line as people see it."""

from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from bridge import __version__
from bridge.commands.ending import end
from bridge.commands.setup.options import setup
from bridge.core.model import Pace
from bridge.runtime.logs import complain

DEMO_EXTRA: Final = frozenset({"amqtt", "noise"})

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they print local variables, which may hold secrets
    help="Keeps an electric car charging as fast as the main fuse allows.",
    epilog="Exit status: 0 done, 77 login rejected, 78 settings or installation unfit, 1 any other failure.",
)

Config: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="PATH",
        readable=False,  # ours is the better message
        help="Settings file. Without it: ./settings.toml, ~/.config/ev-load-bridge/, /etc/ev-load-bridge/.",
    ),
]


def _show_version(is_wanted: bool) -> None:  # noqa: FBT001 typer calls it so
    if is_wanted:
        typer.echo(f"ev-load-bridge {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None: ...


@app.command()
def run(
    *,
    config: Config = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide and show, but never order.")] = False,
) -> None:
    """Balance until stopped: the service itself."""

    def body() -> int:
        from bridge.commands.run import run  # noqa: PLC0415 --help must not load every library

        return run(config, dry_run=dry_run)

    end(body)


@app.command()
def demo(
    *,
    seconds: Annotated[float | None, typer.Option(min=1, help="End by itself after this, with a summary.")] = None,
    listen: Annotated[str, typer.Option(metavar="ADDR", help="Where the demo's broker listens.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="Another number is another day.")] = 1,
    plain: Annotated[bool, typer.Option("--plain", help="One line per decision instead of the live picture.")] = False,
) -> None:
    """Show it all on this machine without any hardware."""

    def body() -> int:
        try:
            from bridge.commands.demo import demo  # noqa: PLC0415 only this command needs the extra
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in DEMO_EXTRA:
                raise
            complain([f"the demo needs {error.name}: pip install 'ev-load-bridge[demo]', or start scripts/demo"])
            return 1
        return demo(seconds=seconds, listen=listen, seed=seed, plain=plain)

    end(body)


app.command()(setup)


@app.command()
def doctor(
    *,
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of lines.")] = False,
    test_lapse: Annotated[
        bool, typer.Option("--test-lapse", help="With a car charging: find out what an order's end does, for on_lapse.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --test-lapse: do not ask.")] = False,
) -> None:
    """Check everything live: settings, meter, charger, broker, machine; each line with its cure.

    Exit status 1 where something must be mended. Orders nothing but the limit that is in force already.
    """

    def body() -> int:
        if test_lapse:
            from bridge.commands.lapse.command import try_lapse  # noqa: PLC0415 as below

            return try_lapse(config, is_agreed=yes, as_json=as_json)
        from bridge.commands.doctor.command import doctor  # noqa: PLC0415 --help must not load every library

        return doctor(config, as_json=as_json)

    end(body)


@app.command()
def record(
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", readable=False, help="CSV to write.")],
    seconds: Annotated[float | None, typer.Option(min=1, help="How long; without it until Ctrl-C.")] = None,
    config: Config = None,
) -> None:
    """Write the meter's telegrams to a CSV file: time, and amperes, watts and volts of each phase."""

    def body() -> int:
        from bridge.commands.recording import run_record  # noqa: PLC0415 --help must not load every library

        return run_record(config, out, seconds=seconds)

    end(body)


@app.command()
def learn_phases(
    *,
    config: Config = None,
    single_phase: Annotated[
        bool, typer.Option("--single-phase", help="One phase after the other, for cars that take all at once.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Put what was learnt into the settings file.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document at the end.")] = False,
) -> None:
    """Find which mains phase each charger phase sits on, while a car charges.

    Pauses the car for a minute. Asks the running service where there is one.
    """

    def body() -> int:
        from bridge.commands.learn_phases import Wishes, learn_phases  # noqa: PLC0415 --help must not load every library

        return learn_phases(config, Wishes(single_phase=single_phase, yes=yes, as_json=as_json, write=write))

    end(body)


@app.command()
def watch(  # noqa: PLR0913 its options
    *,
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="The broker; then no settings are read.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Without it 1883, with TLS 8883.")] = None,
    username: Annotated[str | None, typer.Option(help="The broker's user; its password is asked for.")] = None,
    password_file: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Holds that password alone.")
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Encrypted, the broker's certificate verified.")] = False,
    ca_file: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Its certificate authority; implies --tls.")
    ] = None,
    topic: Annotated[str | None, typer.Option(help="Without it ev-load-bridge.")] = None,
    instance: Annotated[str | None, typer.Option(help="Which bridge, where the broker knows several.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Lines instead of the live picture.")] = False,
    seconds: Annotated[float | None, typer.Option(min=1, help="End by itself after this.")] = None,
) -> None:
    """Look at a running bridge over MQTT, live, from this machine or another; q ends it. Changes nothing."""

    def body() -> int:
        from bridge.commands.watching.command import watch  # noqa: PLC0415 --help must not load every library
        from bridge.commands.watching.target import Wishes  # noqa: PLC0415 as above

        wishes = Wishes(config, host, port, username, password_file, tls, ca_file, topic, instance)
        return watch(wishes, plain=plain, seconds=seconds)

    end(body)


@app.command()
def forget(
    *,
    config: Config = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also where the broker says that a bridge of this name is online.")
    ] = False,
) -> None:
    """Clear what the broker keeps of this bridge, so that Home Assistant drops its device.

    Not while the service runs: it would publish everything again.
    """

    def body() -> int:
        from bridge.commands.forget import forget  # noqa: PLC0415 --help must not load every library

        return forget(config, anyway=anyway)

    end(body)


def _moment(text: str | None) -> datetime | time | None:
    if text is None:
        return None
    for read in (time.fromisoformat, datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    raise typer.BadParameter(f"{text!r} is no time like 18:00 or 2026-03-01T18:00", param_hint="--start")


Fuse: TypeAlias = Annotated[
    float | None, typer.Option(min=6, max=100, metavar="A", help="Main fuse per phase; needed without settings.")
]
Margin: TypeAlias = Annotated[
    float | None, typer.Option(min=0, metavar="A", help="Kept free below the fuse; without it 0.1.")
]
Maximum: TypeAlias = Annotated[
    int | None, typer.Option(min=6, max=80, metavar="A", help="The most the car may take; without it 16.")
]
Phases: TypeAlias = Annotated[
    int | None, typer.Option(metavar="1|3", help="How many the car uses; without it what the meter tells of.")
]
Start: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="HH:MM", help="The hour to draw, local time; without it the one in which most happens."),
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", readable=False, help="Picture to write, .svg or .png; without it beside the CSV."),
]


@app.command()
def simulate(  # noqa: PLR0913 its options
    *,
    csv: Annotated[Path, typer.Option("--csv", metavar="FILE", readable=False, help="The recording.")],
    fuse: Fuse = None,
    margin: Margin = None,
    maximum: Maximum = None,
    phases: Phases = None,
    pace: Annotated[Pace | None, typer.Option(help="How soon to raise again; without it normal.")] = None,
    start: Start = None,
    out: Out = None,
    compare: Annotated[bool, typer.Option("--compare", help="All three paces, in one table and one picture.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of lines.")] = False,
    config: Config = None,
) -> None:
    """Replay a recording of `record` with a simulated car and cloud, in figures and as a picture.

    Record while no car charges: whatever charged then counts as the house.

    What no option says comes from the settings where there are any.
    """
    moment = _moment(start)

    def body() -> int:
        from bridge.commands.simulate import Wishes, simulate  # noqa: PLC0415 --help must not load every library

        wishes = Wishes(fuse, margin, maximum, phases, pace, config)
        return simulate(csv, out, wishes, moment, is_compared=compare, is_json=as_json)

    end(body)
