"""Turns what is wrong with a value into words. Never repeats the value: it might be a secret."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic_core import ErrorDetails

from bridge.errors import one_line

_PROBLEMS: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "string_type": "must be a text in quotes",
    "path_type": "must be a file name in quotes",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "finite_number": "must be a finite number",
    "model_type": "must be one table",
    "dict_type": "must be one table",
}


def describe(error: ErrorDetails) -> str:
    """Say what is wrong, without subject."""
    context: Mapping[str, Any] = error.get("ctx") or {}
    match error["type"]:
        case "greater_than_equal":
            return f"must be at least {context['ge']:g}"
        case "less_than_equal":
            return f"must be at most {context['le']:g}"
        case "enum":
            return f"must be one of {context['expected']}"
        case "value_error":
            return str(context["error"])
        case kind:
            return _PROBLEMS.get(kind, "is not valid")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Find the name that was probably meant."""
    from difflib import get_close_matches  # noqa: PLC0415 where all is well, nobody needs it

    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.7)), None)


def printable(text: str) -> str:
    """Keep a line in one line and readable, whatever the names in it hold."""
    return one_line(text)
