"""`python -m bridge` and the command `ev-load-bridge`."""

from bridge.cli import app


def main() -> None:
    """Run the command line; ends in SystemExit."""
    app(prog_name="ev-load-bridge")


if __name__ == "__main__":
    main()
