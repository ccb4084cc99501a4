"""Arrays as what they do not have in common with earlier ones, packed; plain bytes, nothing is unpickled.

Arrays whose names agree up to the last dot, and that are equally long, are the columns of a table. Its rows
are found again among the earlier ones by their whole numbers: ids, ends, kinds. Of a row that was there
before only columns that have changed are kept, as differences between bits; of others everything.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import strict_json
from engine.storage.same_rows import NOBODY, Arrays, Rows, any_of, bits, is_whole, origins_of

LEVEL = 1  # of zlib, which looks for runs alone: the mantissas of floats are noise, and the rest is easy
MOST_BYTES = 1_000_000_000  # of what is packed
MOST_PACKED = 1100  # zlib's bytes stand for so many others at most
TYPE = re.compile(r"\|[biu]1|[<>][iu][248]|[<>]f[248]")
MOST_DIMENSIONS = 4


def pack(arrays: Arrays, base: Arrays) -> tuple[bytes, int]:
    """What makes these arrays of earlier ones, and its size before it was packed.

    base: empty when there are no earlier ones. ValueError for arrays of objects and the like.
    """
    columns = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    for name, array in columns.items():
        if not TYPE.fullmatch(array.dtype.str) or array.ndim > MOST_DIMENSIONS:
            raise ValueError(f"{name}: arrays of {array.dtype} are not kept")
    parts: list[bytes] = []
    for names in _tables({name: (array.dtype, array.shape) for name, array in columns.items()}):
        table = {name: columns[name] for name in names}
        if table[names[0]].ndim:
            parts += _packed_table(table, _same_table(table, base))
        else:
            parts.append(table[names[0]].tobytes())
    specs = [[name, array.dtype.str, array.shape] for name, array in columns.items()]
    head = json.dumps(specs, separators=(",", ":")).encode() + b"\n"
    content = head + b"".join(parts)
    deflate = zlib.compressobj(LEVEL, strategy=zlib.Z_RLE)
    return deflate.compress(content) + deflate.flush(), len(content)


def unpack(packed: bytes, size: int, base: Arrays) -> dict[str, NDArray[Any]]:
    """The inverse of `pack`: bit for bit the same arrays. size: bytes of what was packed, before that.

    ValueError for anything that `pack` can't have given, before memory is taken for it.
    """
    if not 0 < size <= min(MOST_PACKED * len(packed), MOST_BYTES):
        raise ValueError(f"{len(packed)} bytes can't hold {size}")
    inflate = zlib.decompressobj()
    try:
        content = inflate.decompress(packed, size + 1)
    except zlib.error as exc:
        raise ValueError(str(exc)) from exc
    if len(content) != size or not inflate.eof:
        raise ValueError(f"they are not {size} bytes")
    head, _, _ = content.partition(b"\n")
    source = _Source(content, len(head) + 1)
    found: dict[str, NDArray[Any]] = {}
    for table in _tables(specs := _specs(head)):
        columns = {name: specs[name] for name in table}
        found |= _unpacked_table(columns, base, source)
    source.end()
    return {name: found[name] for name in specs}


Spec = tuple[np.dtype[Any], tuple[int, ...]]


def _tables(specs: Mapping[str, Spec]) -> list[list[str]]:
    """Names of arrays by the tables that they are columns of; each scalar alone."""
    tables: dict[Any, list[str]] = {}
    for name, (_, shape) in specs.items():
        key = (name.rpartition(".")[0], shape[0]) if shape else name
        tables.setdefault(key, []).append(name)
    return list(tables.values())


def _same_table(columns: Arrays, base: Arrays) -> dict[str, NDArray[Any]]:
    """The same columns of earlier arrays, when these were a table too; empty otherwise."""
    before = {name: np.asarray(base[name], order="C") for name in columns if name in base}
    is_table = len(before) == len(columns) and all(
        array.ndim and array.dtype == columns[name].dtype and array.shape[1:] == columns[name].shape[1:]
        for name, array in before.items()
    )
    lengths = {len(array) for array in before.values() if array.ndim}
    return before if is_table and len(lengths) == 1 else {}


def _packed_table(columns: Arrays, before: Arrays) -> list[bytes]:
    origins = origins_of(columns, before)
    old = origins != NOBODY
    rows, added = np.flatnonzero(old), np.flatnonzero(~old)
    from_rows = origins[rows]
    parts = []
    if before:
        steps = np.diff(from_rows, prepend=-1) - 1
        parts += [np.packbits(old).tobytes(), _planes(steps.astype("<i4"))]
    is_same = _is_same(origins, before)
    for name, array in columns.items():
        values = bits(array)
        if before and not is_whole(array.dtype):
            then = bits(before[name])
            difference = values ^ then if is_same else values.take(rows, 0) ^ then.take(from_rows, 0)
            changed = any_of(difference)
            parts += [np.packbits(changed).tobytes(), _planes(difference.take(np.flatnonzero(changed), 0))]
        new = values.take(added, 0)
        parts.append(_planes(np.diff(new, axis=0, prepend=new[:1] * 0) if is_whole(array.dtype) else new))
    return parts


def _unpacked_table(columns: Mapping[str, Spec], base: Arrays, source: _Source) -> dict[str, NDArray[Any]]:
    """The inverse of `_packed_table`, and of scalars."""
    (_, shape), *_ = columns.values()
    if not shape:
        return {
            name: np.frombuffer(source.take(kind.itemsize), kind).reshape(())
            for name, (kind, _) in columns.items()
        }
    blanks = {name: np.empty((0, *shape[1:]), kind) for name, (kind, shape) in columns.items()}
    before, rows = _same_table(blanks, base), shape[0]
    source.check_rows(rows)
    old = np.zeros(rows, np.bool_)
    origins = np.zeros(0, np.int64)
    if before:
        old = source.flags(rows)
        steps = source.planes(np.dtype("<i4"), int(old.sum()), 1)[:, 0]
        origins = np.cumsum(steps.view("<i4").astype(np.int64) + 1) - 1
        _check_origins(origins, len(next(iter(before.values()))))
    is_same = len(origins) == rows and _is_same(origins, before)
    found = {}
    for name, (kind, shape) in columns.items():
        width = math.prod(shape[1:])
        changed, difference = np.zeros(0, np.bool_), np.zeros(0)
        if before and not is_whole(kind):
            changed = source.flags(len(origins))
            difference = source.planes(kind, int(changed.sum()), width)
        new = source.planes(kind, rows - len(origins), width)
        if is_same and not changed.any():
            found[name] = before[name]  # which nobody changes
            continue
        kept = np.zeros((0, width), new.dtype)
        if before:
            kept = bits(before[name]).copy() if is_same else bits(before[name])[origins]
        if changed.any():
            kept[changed] ^= difference
        values = kept
        if not is_same:
            values = np.empty((rows, width), new.dtype)
            values[~old] = np.cumsum(new, axis=0, dtype=new.dtype) if is_whole(kind) else new
            values[old] = kept
        found[name] = values.view(kind).reshape(shape)
    return found


def _is_same(origins: Rows, before: Arrays) -> bool:
    """Whether all rows are those that there were, in the same order."""
    rows = len(next(iter(before.values()))) if before else -1
    return len(origins) == rows and bool((origins == np.arange(rows)).all())


def _check_origins(origins: Rows, rows: int) -> None:
    """ValueError when rows come from nowhere, or several from one: then a few bytes could mean very many."""
    if len(origins) and not (origins.min() >= 0 and origins.max() < rows):
        raise ValueError("a row comes from nowhere")
    if len(origins) > rows or np.bincount(origins, minlength=1).max() > 1:
        raise ValueError("two rows come from one")


def _planes(values: NDArray[Any]) -> bytes:
    """Numbers as bytes: all lowest ones, then the next, ...; of each column."""
    width = values.dtype.itemsize * math.prod(values.shape[1:])
    rows = np.ascontiguousarray(values)
    return np.ascontiguousarray(rows.reshape(-1).view(np.uint8).reshape(len(rows), width).T).tobytes()


class _Source:
    """Bytes that are taken one after the other; ValueError when there are too few or too many."""

    def __init__(self, content: bytes, begin: int) -> None:
        self._content = memoryview(content)
        self._at = begin

    def take(self, size: int) -> memoryview:
        part = self._content[self._at : self._at + size]
        if len(part) != size:
            raise ValueError("they end too early")
        self._at += size
        return part

    def flags(self, rows: int) -> NDArray[np.bool_]:
        packed = np.frombuffer(self.take(-(-rows // 8)), np.uint8)
        return np.unpackbits(packed, count=rows).astype(np.bool_)

    def planes(self, kind: np.dtype[Any], rows: int, width: int) -> NDArray[Any]:
        """The inverse of `_planes`, as unsigned numbers, (rows, width)."""
        planes = np.frombuffer(self.take(rows * width * kind.itemsize), np.uint8)
        turned = np.ascontiguousarray(planes.reshape(width * kind.itemsize, rows).T)
        return turned.view(f"<u{kind.itemsize}").reshape(rows, width)

    def check_rows(self, rows: int) -> None:
        """There is a bit for each, at least."""
        if rows > 8 * len(self._content):
            raise ValueError("there are more rows than they can hold")

    def end(self) -> None:
        if self._at != len(self._content):
            raise ValueError("there is more than was announced")


def _specs(head: bytes) -> dict[str, Spec]:
    found: dict[str, Spec] = {}
    for name, kind, shape in _listed(strict_json.parse(head)):
        sizes = isinstance(shape, list) and len(shape) <= MOST_DIMENSIONS
        if not sizes or not all(type(each) is int and 0 <= each < 2**31 for each in shape):
            raise ValueError("an array has a wrong shape")
        if not isinstance(name, str) or not isinstance(kind, str) or not TYPE.fullmatch(kind):
            raise ValueError("an array has a wrong type")
        found[name] = np.dtype(kind), tuple(shape)
    return found


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(each, list) and len(each) == 3 for each in value):
        raise ValueError("there is no list of arrays")
    return value
