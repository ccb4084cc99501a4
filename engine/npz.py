"""Arrays in numpy's npz files, read so that a file says nothing about them but what it has bytes for."""

from __future__ import annotations

import math
import zipfile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

# Of a file that is none, or damaged, as numpy and zipfile have it.
_DAMAGES = (zipfile.BadZipFile, EOFError, RuntimeError, LookupError, TypeError, AttributeError, OverflowError,
            RecursionError, SyntaxError)  # fmt: skip
MOST_ARRAYS = 1_000_000


def read_npz(file: IO[bytes]) -> dict[str, NDArray[Any]]:
    """The arrays of a file, by name; ValueError when it is damaged, OSError when it can't be read.

    Nothing is unpickled, nothing is unpacked, and all arrays together are no larger than the file.
    """
    try:
        with zipfile.ZipFile(file) as content:
            members = content.infolist()
            if len(members) > MOST_ARRAYS:
                raise ValueError("there are too many arrays")
            if packed := [each.filename for each in members if each.compress_type != zipfile.ZIP_STORED]:
                raise ValueError(f"{packed[0]} is compressed")
            if sum(member.file_size for member in members) > file.seek(0, 2):
                raise ValueError("the arrays have more bytes than the file")
            return {each.filename.removesuffix(".npy"): _array(content, each) for each in members}
    except _DAMAGES as exc:
        raise ValueError(str(exc) or type(exc).__name__) from exc


def _array(content: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    with content.open(member) as stream:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError(f"{member.filename} is of another version")
        shape, is_fortran, kind = np.lib.format.read_array_header_1_0(stream)
        rest = bytearray(stream.read())  # kernels are compiled for arrays that can be written to
    if kind.hasobject or kind.kind not in "biuf":
        raise ValueError(f"{member.filename} is no plain array")
    if any(side < 0 for side in shape) or math.prod(shape) * kind.itemsize != len(rest):
        raise ValueError(f"{member.filename} has another size")
    array = np.frombuffer(rest, kind).reshape(shape, order="F" if is_fortran else "C")
    return np.ascontiguousarray(array) if array.ndim else array
