"""What the sources can write: every text in them, with what is filled in left open."""

import ast
import re
from functools import cache
from pathlib import Path

BRIDGE = Path(__file__).parents[2] / "bridge"
LETTERS = 6
"""So many letters of its own make a text more than a frame around another."""
SHORT = 40
"""What is filled in is either so short (a number, a name), or itself a text of the sources."""
OPEN = re.compile(r"%(?:\.\d+)?[sdgf]|\{[^{}]*\}")
MARK = "\0"


@cache
def templates() -> tuple[re.Pattern[str], ...]:
    texts: set[str] = set()
    for path in BRIDGE.rglob("*.py"):
        if "simulator" not in path.parts:
            texts.update(_texts(ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(_pattern(text) for text in sorted(texts) if sum(map(str.isalpha, text.replace(MARK, ""))) >= LETTERS)


def _texts(tree: ast.AST) -> list[str]:
    found = []
    inside = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside.update(id(value) for value in node.values)
            found.append("".join(v.value if isinstance(v, ast.Constant) else MARK for v in node.values))  # type: ignore[misc]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            found.append(OPEN.sub(MARK, node.value))
    return found


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(re.escape(part) for part in text.split(MARK)))


def can_be_written(line: str) -> bool:
    """Whether the sources hold this line, or the texts that it is put together from."""
    return any(
        all(len(filled) <= SHORT or can_be_written(filled) for filled in found.groups())
        for pattern in templates()
        if (found := pattern.fullmatch(line)) and not all(len(filled) == len(line) for filled in found.groups() or [""])
    )
