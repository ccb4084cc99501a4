"""Arrays come back bit for bit from what they do not have in common with others; nothing is believed."""

import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.storage.deltas import MOST_PACKED, pack, unpack


def same(one, other):
    return [*one] == [*other] and all(
        (one[name].dtype, one[name].shape, one[name].tobytes())
        == (other[name].dtype, other[name].shape, other[name].tobytes())
        for name in one
    )


def scene(random, ids):
    """A scene of two tables and a scalar; rows of lines are told apart by their ends."""
    links = len(ids) // 2
    return {
        "size": np.array([len(ids), 3]),
        "born": np.array(7),
        "ids": np.array(ids, np.int64),
        "kinds": random.integers(3, 5, len(ids)).astype(np.int8),
        "geometry": random.normal(size=(len(ids), 6)).astype(np.float32),
        "opacities": random.random(len(ids)).astype(np.float32),
        "lines.ends": random.integers(0, 3, (links, 2)),
        "lines.widths": random.random(links),
        "flags": random.random((2, 3)) > 0.5,
    }


def changed(random, before, ids):
    """Some rows stay, some move, some go and some are new."""
    after = scene(random, ids)
    for now, then in enumerate(np.searchsorted(before["ids"], after["ids"])):
        if then < len(before["ids"]) and before["ids"][then] == after["ids"][now] and random.random() < 0.7:
            for name in ("kinds", "geometry", "opacities"):
                after[name][now] = before[name][then]
    return after


IDS = st.lists(st.integers(0, 40), unique=True, max_size=30).map(sorted)


@settings(max_examples=60)
@given(st.integers(0, 2**32), IDS, IDS)
def test_what_is_packed_comes_back(seed, first, second):
    random = np.random.default_rng(seed)
    before = scene(random, first)
    after = changed(random, before, second)
    for arrays, base in ((before, {}), (after, before), (before, after), (after, after), (after, {})):
        packed, size = pack(arrays, base)
        assert same(unpack(packed, size, base), arrays)


def test_what_has_not_changed_takes_next_to_nothing():
    random = np.random.default_rng(0)
    before = scene(random, range(5000))
    moved = before["geometry"].copy()
    moved[[7, 4000]] += 1
    stays = np.arange(5000) != 2500
    after = {name: array[stays] if len(array.shape) and len(array) == 5000 else array
             for name, array in {**before, "geometry": moved}.items()}  # fmt: skip
    whole, part = len(pack(after, {})[0]), len(pack(after, before)[0])
    assert whole > 150_000
    assert part < 1500


@settings(max_examples=150)
@given(st.data())
def test_damaged_bytes_are_refused_and_never_large(data):
    random = np.random.default_rng(1)
    before = scene(random, range(20))
    packed, size = pack(changed(random, before, range(5, 25)), before)
    content = bytearray(zlib.decompress(packed))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = unpack(zlib.compress(bytes(content)), size, before)
    except ValueError:
        return
    assert sum(array.nbytes for array in found.values()) <= 10 * size, "plain arrays, and no more than that"


@pytest.mark.parametrize(
    "head",
    [
        b"[]x", b"{}", b"[1]", b'[["a", "<f4", "b"]]', b'[["a", "<f4", [-1]]]', b'[["a", "|O8", [1]]]',
        b'[["a", "<f4", [2147483647]]]', b'[["a", "<f4", [2147483647, 0]]]', b'[["a", "<f4", [1e3]]]',
        b'[["a", "<f1", [1]]]', b'[["a", "<f4", [2147483647, 2147483647, 2147483647]]]', b"\xff",
    ],
)  # fmt: skip
def test_wrong_announcements_are_refused(head):
    content = head + b"\n" + bytes(16)
    with pytest.raises(ValueError, match=r"."):
        unpack(zlib.compress(content), len(content), {})


def test_a_bomb_is_not_unpacked():
    packed = zlib.compress(bytes(10_000_000))
    for size in (MOST_PACKED * len(packed) + 1, 9_999_999, 10_000_001, 0, -1):
        with pytest.raises(ValueError, match="bytes"):
            unpack(packed, size, {})


def test_two_rows_never_come_from_one():
    """A few bytes would mean very many rows then."""
    before: dict[str, Any] = {"ids": np.array([1]), "values": np.ones(1, np.float32)}
    after = {"ids": np.array([1, 1, 1]), "values": np.ones(3, np.float32)}
    packed, size = pack(after, before)
    assert same(unpack(packed, size, before), after)
    content = bytearray(zlib.decompress(packed))
    at = content.index(b"\n") + 1
    assert content[at] == 0b10000000, "only one of them"
    content[at] = 0b11000000
    with pytest.raises(ValueError, match=r"."):
        unpack(zlib.compress(bytes(content)), size, before)


def test_objects_are_not_kept():
    with pytest.raises(ValueError, match="arrays of object are not kept"):
        pack({"a": np.array([None])}, {})
