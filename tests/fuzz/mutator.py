"""Spoils valid examples: at the level of bytes, of records, of JSON and of what is known to hurt. Deterministic."""

import json
import random
import re
from collections.abc import Sequence
from typing import Any

NUMBER = re.compile(rb"-?\d+(\.\d+)?([eE][+-]?\d+)?")
NUMBERS = (b"0", b"-0.0", b"-1", b"1e-300", b"0.1", b"5.999999", b"16", b"17", b"25.0001", b"255", b"1001", b"65536")
LARGE = (b"2147483648", b"1e39", b"1.8e308", b"-1.7e308", b"1e999", b"NaN", b"-Infinity", b"9" * 400, b"9" * 4200)
TEXTS = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"\xe2\x80\xae",
    b"\xd9\xa3",
    b"\r\n",
    b"\x1b[2J",
    b" ",
)
STRUCTURES = (b"null", b"true", b"[]", b"{}", b'""', b"[[[[[[[[", b"A" * 3000)
ATOMS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 6, 16, 22, 1001, 10**25, 10**400, 0.5, -0.0, 1e-320, 1.7e308, float("nan"),
    float("inf"), float("-inf"), "", "0", "16", "1_0", "nan", "1e999", "٣", "\ud800", "a\nb", "\x1b[2J", "%s{0}",
    "x" * 2000, "ON", "true", "2026-05-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-12:00",
)  # fmt: skip
DEEPEST = 1000
LONGEST = 20_000
"""Bytes of a case."""


class Mutator:
    """`separator` parts the records of a case; `tokens` are words that matter at this border."""

    def __init__(self, seeds: Sequence[bytes], tokens: Sequence[bytes], separator: bytes, rng: random.Random) -> None:
        self._seeds = [seed for seed in seeds if seed]
        self._tokens = (*tokens, *NUMBERS, *LARGE, *TEXTS, *STRUCTURES)
        self._separator = separator
        self._records = [record for seed in self._seeds for record in seed.split(separator)]
        self._rng = rng

    def case(self) -> bytes:
        """One more; now and then a seed as it is."""
        case = self._rng.choice(self._seeds)
        for _ in range(self._rng.choice((0, 1, 1, 1, 2, 2, 3, 5, 9))):
            case = self._spoilt(case)
        return case[:LONGEST]

    def _spoilt(self, case: bytes) -> bytes:
        rng = self._rng
        kind = rng.random()
        if kind < 0.3:
            return self._in_a_record(case, self._json)
        if kind < 0.5:
            return self._records_moved(case)
        if kind < 0.65:
            return self._number(case)
        if kind < 0.85:
            return self._in_a_record(case, self._token)
        return self._bytes(case)

    def _records_moved(self, case: bytes) -> bytes:
        rng, records = self._rng, case.split(self._separator)
        place = rng.randrange(len(records))
        match rng.randrange(5):
            case 0 if len(records) > 1:
                del records[place]
            case 1:
                records[place:place] = [records[place]] * rng.choice((1, 1, 2, 60))
            case 2:
                records.insert(place, rng.choice(self._records))
            case 3:
                other = rng.randrange(len(records))
                records[place], records[other] = records[other], records[place]
            case _:
                records[place] = rng.choice(self._records)
        return self._separator.join(records)

    def _in_a_record(self, case: bytes, spoil: Any) -> bytes:
        records = case.split(self._separator)
        place = self._rng.randrange(len(records))
        records[place] = spoil(records[place])
        return self._separator.join(records)

    def _number(self, case: bytes) -> bytes:
        found = list(NUMBER.finditer(case))
        if not found:
            return self._bytes(case)
        hit = self._rng.choice(found)
        new = self._rng.choice(NUMBERS + LARGE) if self._rng.random() < 0.7 else str(self._rng.randrange(400)).encode()
        return case[: hit.start()] + new + case[hit.end() :]

    def _token(self, record: bytes) -> bytes:
        token, place = self._rng.choice(self._tokens), self._rng.randrange(len(record) + 1)
        gone = self._rng.choice((0, 0, 1, len(token)))
        return record[:place] + token + record[place + gone :]

    def _bytes(self, case: bytes) -> bytes:
        if not case:
            return self._rng.choice(self._tokens)
        rng, place = self._rng, self._rng.randrange(len(case))
        length = rng.choice((1, 1, 2, 4, 16, 200))
        match rng.randrange(4):
            case 0:
                return case[:place] + case[place + length :]
            case 1:
                return case[:place] + bytes([case[place] ^ (1 << rng.randrange(8))]) + case[place + 1 :]
            case 2:
                return case[:place] + rng.randbytes(length) + case[place:]
            case _:
                return case[:place] + case[place : place + length] * 2 + case[place + length :]

    # --- JSON -------------------------------------------------------------------------------------

    def _json(self, record: bytes) -> bytes:
        starts = [at for at in (record.find(b"{"), record.find(b"[")) if at >= 0]
        if not starts:
            return self._token(record)
        start = min(starts)
        try:
            document = json.loads(record[start:])
            return record[:start] + json.dumps(self._node(document, 0)).encode()
        except (ValueError, RecursionError):
            return self._token(record)

    def _node(self, node: Any, depth: int) -> Any:
        rng = self._rng
        if isinstance(node, dict) and node and rng.random() < 0.8:
            key = rng.choice(list(node))
            if rng.random() < 0.15:
                return self._keys(node, key)
            return {**node, key: self._node(node[key], depth + 1)}
        if isinstance(node, list) and node and rng.random() < 0.8:
            place = rng.randrange(len(node))
            return [*node[:place], self._node(node[place], depth + 1), *node[place + 1 :]]
        if rng.random() < 0.04:
            return _nested(rng.choice((3, 100, DEEPEST - rng.randrange(120))), rng.choice(ATOMS))
        return rng.choice((rng.choice(ATOMS), rng.choice(ATOMS), [node, node], {"id": node}, str(node)))

    def _keys(self, node: dict[str, Any], key: str) -> dict[str, Any]:
        rest = {name: value for name, value in node.items() if name != key}
        return (
            rest
            if self._rng.random() < 0.6
            else {**node, self._rng.choice(("\ud800", "", "a\nb", "x" * 300)): node[key]}
        )


def _nested(depth: int, core: Any) -> Any:
    for _ in range(depth):
        core = [core]
    return core
