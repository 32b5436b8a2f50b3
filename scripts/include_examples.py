"""Puts the files of docs/examples into the pages that show them, so that a page shows what the tests test.

In the checkout: `.venv/bin/python -m scripts.include_examples`. A test fails while a page shows another text.
"""  # noqa: INP001 a script, not a package

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
INCLUDED: Final = re.compile(r"(<!-- (docs/examples/\w+\.py) -->\n```python\n).*?(^```\n)", re.DOTALL | re.MULTILINE)


def pages() -> Iterator[tuple[Path, str, str]]:
    """Each page with examples: its path, what it says, and what it should say."""
    for page in sorted(ROOT.joinpath("docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if INCLUDED.search(text):
            yield page, text, INCLUDED.sub(_filled, text)


def _filled(found: re.Match[str]) -> str:
    return found[1] + (ROOT / found[2]).read_text(encoding="utf-8") + found[3]


if __name__ == "__main__":
    for path, _, wanted in pages():
        path.write_text(wanted, encoding="utf-8")
