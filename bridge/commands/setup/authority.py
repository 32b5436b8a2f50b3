"""Whether a broker is spoken to encrypted, and who vouches for it: an answer that may be a file."""

from pathlib import Path
from typing import Final, NamedTuple

from bridge.commands.setup.place import SYSTEM

MARK: Final = "-----BEGIN CERTIFICATE-----"
LARGEST: Final = 1_000_000
"""bytes; the system's own list of authorities has a quarter of it."""
UNSEEN: Final = (Path("/home"), Path("/root"), Path("/run/user"), Path("/tmp"), Path("/var/tmp"))  # noqa: S108 only named
"""What the unit hides from the service."""
OTHERS_READ: Final = 0o004


class Encryption(NamedTuple):
    is_encrypted: bool
    file: str | None = None
    """As it belongs into the settings; None takes the system's authorities."""


def read(text: str, folder: Path, kept: str = "") -> Encryption:
    """`no`, `yes`, or a file; a relative name counts from the settings' folder, else from here. Raises ValueError.

    The whole path is taken, since the service reads its settings in another folder; `kept`: a name that stays as it is.
    """
    text = text.strip()
    match text.lower():
        case "no" | "n" | "off" | "false":
            return Encryption(is_encrypted=False)
        case "yes" | "y" | "on" | "true":
            return Encryption(is_encrypted=True)
    try:
        named = Path(text).expanduser()
        beside = folder / named
        file = beside if beside.is_file() else named.absolute()
        if not file.is_file():
            raise ValueError(f"no, yes, or a file; there is no file {file}")
        with file.open("rb") as opened:
            content = opened.read(LARGEST)
    except (OSError, RuntimeError) as error:
        raise ValueError(f"that file cannot be read ({error})") from None
    if MARK.encode() not in content:
        raise ValueError(f"{file} holds no certificate in PEM ({MARK})")
    if folder == SYSTEM:
        _check_service(file)
    return Encryption(is_encrypted=True, file=text if text == kept else str(file))


def _check_service(file: Path) -> None:
    """Raise ValueError where the service's own user would not find it."""
    real = file.resolve()
    if any(real.is_relative_to(place) for place in UNSEEN) or not real.stat().st_mode & OTHERS_READ:
        kept = SYSTEM / file.name
        raise ValueError(f"the service may not read {file}: sudo install -m 644 {file} {kept}, then give {kept}")
