"""`scripts/check` fails on a secret in the tree: one of each kind is planted, and found."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts/find_secrets.py"


def found(folder: Path) -> list[str]:
    done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == (1 if done.stdout else 0), done.stderr
    return done.stdout.splitlines()


def part(claims: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


# put together here, so that this file itself holds none
WORD = "tree-river-1848"  # it opens nothing
PLANTED = {
    "a private key": ("key.pem", f"-----BEGIN {'RSA '}PRIVATE {'KEY'}-----\nMIIE"),
    "a private key ": ("key.txt", f"-----BEGIN PRIVATE {'KEY'}-----\nMIIE"),
    "a signed token (JWT)": ("answer.json", f"{part({'alg': 'HS256'})}.{part({'sub': 'owner of all'})}.{'s' * 43}"),
    "a key of 32 bytes in base64": ("device.yaml", f"    key: {base64.b64encode(bytes(range(32))).decode()}\n"),
    "a vendor's token": ("notes.md", f"use {'gh' + 'p_'}{'a1B2' * 9}"),
    "a bearer's token": ("call.sh", f"curl -H 'Authorization: {'Bear' + 'er'} {'Zx9' * 9}'"),
    "a password in an address": ("broker.md", f"mqtt://bridge{':'}{WORD}@broker.lan"),
    "a password": ("settings.toml", f'[mqtt]\npassword = "{WORD}"\n'),
    "a password ": ("bridge/module.py", f"PASSWORD = '{WORD}'\n"),
    "a password  ": ("data.json", json.dumps({"userName": "x", "password": WORD})),
    "a password in YAML": ("secrets.yaml", f"wifi:\n  password: {WORD}\n"),
    "an account with its password": ("notes.txt", f"owner{'@'}mail.net, {'pass' + 'word'} {WORD}\n"),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_each_kind_is_found_where_it_is_and_not_repeated(kind: str, tmp_path: Path) -> None:
    name, text = PLANTED[kind]
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"innocent\n{text}\n")
    lines = found(tmp_path)
    assert any(line.startswith(f"{name}:") and f"looks like {kind.strip()}: " in line for line in lines), lines
    assert not any(WORD in line for line in lines)


def test_the_template_with_a_password_filled_in_is_found(tmp_path: Path) -> None:
    text = (ROOT / "settings.toml").read_text(encoding="utf-8")
    (tmp_path / "settings.toml").write_text(text)
    assert found(tmp_path) == []
    (tmp_path / "settings.toml").write_text(text.replace('\npassword = ""', f'\npassword = "{WORD}"'))
    assert len(found(tmp_path)) == 1


@pytest.mark.parametrize(
    "text",
    [
        'password = ""',
        'password = "correct-horse-battery-staple"',
        'password = f"{given}"',
        'password = "a long one" # opens nothing but the simulator',
        "password_file = 'secret'",
        "key: value",
        "    --hash=sha256:6029205678bdd9c1c728a155f5f9ecf5812393f969eef58807641a2bc2aa5b19",
        "https://api.easee.com/api/accounts",
        "someone@example.org and a password",
    ],
)
def test_what_is_none_is_passed_over(text: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(text)
    assert found(tmp_path) == []


def test_what_git_ignores_may_hold_one_and_what_it_would_add_may_not(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)  # noqa: S603, S607
    (tmp_path / ".gitignore").write_text("mine.toml\n")
    (tmp_path / "mine.toml").write_text(f'password = "{WORD}"\n')
    assert found(tmp_path) == []
    (tmp_path / "new.toml").write_text(f'password = "{WORD}"\n')
    assert [line.split(":")[0] for line in found(tmp_path)] == ["new.toml"]


def test_this_tree_holds_none() -> None:
    assert found(ROOT) == []


def test_the_check_runs_it() -> None:
    assert "step python scripts/find_secrets.py" in (ROOT / "scripts/check").read_text(encoding="utf-8")
