"""Whatever comes in: no crash, nothing above settings, no NaN, no secret. `scripts/fuzz` does it a million times."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fuzz_run import broken, played
from fuzz_state import FOLDER
from fuzz_targets import TARGETS
from hypothesis import given
from hypothesis import strategies as st

from bridge.core import controls as knobs
from bridge.core import plausible
from bridge.mains.slimmelezer import reader
from bridge.mirror import controls

CORPUS = Path(__file__).parent / "corpus"
CASES = [path for path in sorted(CORPUS.glob("*/*")) if path.is_file()]
SOME = 300


@pytest.fixture(autouse=True, scope="session")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(tmp_path_factory.mktemp("fuzz")))
        yield


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_broke_it_once_does_no_more(path: Path) -> None:
    TARGETS[path.parent.name].run(path.read_bytes())


def test_each_case_of_the_corpus_says_why_it_is_there() -> None:
    told = (CORPUS / "README.md").read_text(encoding="utf-8")
    assert [
        f"{path.parent.name}/{path.name}" for path in CASES if f"`{path.parent.name}/{path.name}`" not in told
    ] == []


@pytest.mark.parametrize("name", TARGETS)
def test_the_examples_that_are_spoilt_are_good(name: str) -> None:
    assert [seed for seed in TARGETS[name].seeds if broken(TARGETS[name], seed)] == []


@pytest.mark.parametrize("name", TARGETS)
def test_spoilt_examples_break_nothing(name: str) -> None:
    assert played(name, seed=0, cases=SOME).crashers == {}


def test_a_bound_that_is_gone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controls, "bounds", lambda *_: (0.0, 9999.0))
    monkeypatch.setattr(knobs, "within", lambda turned, _: turned)
    assert any("mains limit" in cause for cause in played("mqtt", seed=0, cases=SOME).crashers)


def test_a_number_that_is_none_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "value_of", lambda _, state: state.state)
    monkeypatch.setattr(plausible, "telegram", lambda seen: seen)
    assert played("esphome", seed=0, cases=SOME).crashers


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
def test_words_in_any_order_break_nothing(name: str, data: st.DataObject) -> None:
    target = TARGETS[name]
    records = sorted({record for seed in target.seeds for record in seed.split(target.separator)})
    pieces = st.sampled_from(target.tokens) | st.binary(max_size=30) | st.text(max_size=30).map(str.encode)
    spoilt = st.lists(pieces, max_size=6).map(b"".join)
    case = data.draw(st.lists(st.sampled_from(records) | spoilt, max_size=6).map(target.separator.join))
    target.run(case)
