"""The pages show the examples that the tests test, and the examples stay small."""

from pathlib import Path

import pytest

from scripts.include_examples import ROOT, pages

EXAMPLES = sorted(ROOT.joinpath("docs/examples").glob("*.py"))
SMALL = 100


def test_the_pages_show_the_files_as_they_are() -> None:
    shown = list(pages())
    assert shown
    assert [page.name for page, text, wanted in shown if text != wanted] == [], "run python -m scripts.include_examples"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_small_and_shown(example: Path) -> None:
    text = example.read_text(encoding="utf-8")
    assert len(text.splitlines()) < SMALL
    assert any(text in shown for _, shown, _ in pages())
