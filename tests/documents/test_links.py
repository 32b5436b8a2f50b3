"""Every relative link in every page leads somewhere: the file exists, and the heading in it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.joinpath("docs").rglob("*.md"), *ROOT.joinpath("tests").rglob("*.md")]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)
PENDING: frozenset[str] = frozenset()
"""Pages that are being written; one that is there belongs here no more."""
OUTSIDE = ("http://", "https://", "mailto:")


def anchors(page: Path) -> set[str]:
    """Anchors as GitHub makes them: lower case, spaces to hyphens, punctuation gone; a repeated one is numbered."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        number = 0
        while (numbered := f"{anchor}-{number}" if number else anchor) in found:
            number += 1
        found.add(numbered)
    return found


def broken(page: Path) -> list[str]:
    wrong = []
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if target.startswith(OUTSIDE):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        if not there.exists() and there.name in PENDING:
            continue
        if not there.exists():
            wrong.append(f"{target}: no such file")
        elif anchor and there.suffix == ".md" and anchor not in anchors(there):
            wrong.append(f"{target}: no such heading")
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One two\n[a](#one-two) [b](#three) [c](none.md) [d](https://example.org)\n", encoding="utf-8")
    assert broken(page) == ["#three: no such heading", "none.md: no such file"]


def test_every_page_can_be_reached_from_the_readme() -> None:
    """A page that nobody links to is a page that nobody reads."""
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        targets = (target.partition("#")[0] for target in LINK.findall(page.read_text(encoding="utf-8")))
        ahead += [(page.parent / target).resolve() for target in targets if target and not target.startswith(OUTSIDE)]
    pages = {page.resolve() for page in ROOT.joinpath("docs").glob("*.md")}
    assert {str(page.relative_to(ROOT)) for page in pages - reached} == set()
