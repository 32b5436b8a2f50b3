"""docs/troubleshooting.md quotes what the service writes."""

import re
from pathlib import Path

import pytest
from documents.log_lines import can_be_written

from bridge.core.model import Problem, Reason

PAGE = (Path(__file__).parents[2] / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
PREFIXES = re.compile(r"(meter lost|mqtt lost|Easee cloud lost|Easee stream lost|easee): ")
"""Who says it; the rest of the line is a text of its own."""
QUOTED = [line for block in re.findall(r"```log\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("line", QUOTED)
def test_a_quoted_line_is_one_that_the_service_writes(line: str) -> None:
    text = PREFIXES.sub("", line)
    assert can_be_written(line) or can_be_written(text) or can_be_written(text.removeprefix("… "))


@pytest.mark.parametrize(
    "line", ["meter mislaid: is the P1 cable in?", "the car will not resume", "exit 78", "limit …"]
)
def test_another_line_is_found_out(line: str) -> None:
    assert not can_be_written(line)


def test_every_symptom_is_listed_at_the_top() -> None:
    listed = re.findall(r"^- \[(.+?)\]\(#", PAGE, re.MULTILINE)
    sections = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert listed == sections


def test_every_problem_is_named() -> None:
    told = [problem for problem in Problem if f"`{problem}`" in PAGE]
    assert set(Problem) - set(told) <= {Problem.CHARGER_LOST, Problem.OVERLOAD}
    assert "*charger cloud lost*" in PAGE


def test_reasons_are_named_as_they_are_published() -> None:
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", PAGE)) & {str(reason) for reason in Reason}
    assert len(named) > 4
