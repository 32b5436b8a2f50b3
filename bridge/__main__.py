"""`python -m bridge` and the command `ev-load-bridge`."""

import sys

from bridge.runtime.secrecy import seal


def main() -> None:
    """Run the command line; ends in SystemExit."""
    seal()
    if sys.argv[1:] == ["run"]:
        _serve()
    from bridge.cli import app  # noqa: PLC0415 the service does without

    app(prog_name="ev-load-bridge")


def _serve() -> None:
    """Start the service as systemd does, without options and without what only a terminal needs."""
    from bridge.commands.ending import end  # noqa: PLC0415 only here
    from bridge.commands.run import run  # noqa: PLC0415 only here

    end(lambda: run(None))


if __name__ == "__main__":
    main()
