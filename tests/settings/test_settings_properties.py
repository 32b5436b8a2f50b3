"""Whatever a file holds, it is either good or refused with readable lines."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import SettingsError
from bridge.settings import Settings, load
from bridge.settings.draft import Draft
from bridge.settings.keys import FIELDS, SECTIONS, Table, put, variable
from bridge.settings.loading import settle
from bridge.settings.sources import FileSource

scalars = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.sampled_from(["L1", "mcb", "127.0.0.1", "nowhere", "~", "~nobody/x", "/dev/null", "\x00"]),
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner))
keys = st.sampled_from([*FIELDS, *(key for key in SECTIONS if key)]) | st.lists(
    st.sampled_from(["mains", "charger", "easee", "fuse", "x", ""]), min_size=1, max_size=4
).map(tuple)
documents = st.lists(st.tuples(keys, values), max_size=12)

TEMPLATE = Path(__file__).parents[2] / "settings.toml"
Entries: TypeAlias = list[tuple[tuple[str, ...], object]]

GOOD: Entries = [
    (("mains", "fuse"), 25),
    (("mains", "slimmelezer", "host"), "a"),
    (("charger", "max_current"), 16),
    (("charger", "easee", "username"), "a"),
    (("charger", "easee", "password"), "b"),
]


class Given(FileSource):
    """A settings file that says this."""

    def __init__(self, draft: Draft, document: Table) -> None:
        self._document = document
        super().__init__(draft)

    def _read_file(self, _: object) -> Table:
        return self._document


def outcome(load_them: Callable[[], Settings]) -> None:
    try:
        settings = load_them()
    except SettingsError as refused:
        problems = refused.problems
    else:
        house = settings.installation()
        assert house.fuse - house.margin >= house.minimum
        assert 0 <= house.fallback <= max(house.maximum, 6)
        return
    assert problems
    assert [line for line in problems if not line.isprintable() or ": " not in line] == []


@given(st.sampled_from([[], GOOD]), documents)
def test_any_document_is_good_or_refused(base: Entries, entries: Entries) -> None:
    document: Table = {}
    for key, value in [*base, *entries]:
        put(document, key, value)
    draft = Draft(TEMPLATE)
    outcome(lambda: settle(draft, Given(draft, document)))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_file_is_good_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    outcome(lambda: load(path, {}))


@given(
    st.dictionaries(
        st.sampled_from([variable(key) for key in FIELDS]) | st.text(max_size=9).map("EV_LOAD_BRIDGE__".__add__),
        st.text(max_size=20),
    )
)
def test_any_environment_is_good_or_refused(environ: dict[str, str]) -> None:
    outcome(lambda: load(TEMPLATE, environ))
