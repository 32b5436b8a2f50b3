"""docs/settings.md says what the models say."""

import re

from bridge.settings.keys import FIELDS, SECRETS, dotted, variable
from scripts.settings_reference import PAGE, page

UNITS = re.compile(r"\bA\b|\bseconds\b|\bminutes\b|\bport\b")


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m scripts.settings_reference"


def test_every_key_is_there_with_its_variable() -> None:
    told = page()
    assert [key for key in FIELDS if f"`{variable(key)}`" not in told] == []


def test_every_secret_is_there_as_a_credential() -> None:
    told = page()
    assert [secret for secret in SECRETS if f"`{dotted(secret)}`" not in told] == []


def test_every_number_has_a_unit() -> None:
    numbers = [key for key, field in FIELDS.items() if re.search(r"\b(int|float)\b", repr(field.annotation))]
    assert numbers
    assert [dotted(key) for key in numbers if not UNITS.search(FIELDS[key].description or "")] == []
