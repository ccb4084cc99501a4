"""Many numbers at once as text, each in as few characters as possible."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS = 1 << 16  # at a time
SPACE, MINUS, POINT, ZERO = b" -.0"


def rows_as_text(units: NDArray[np.int64], decimals: int, before: str) -> str:
    """Rows (n, k) of numbers, in units of their last decimal, one after the other, each after a letter.

    Between two numbers of a row is a space only where they would run together: 1.5.5 are two.
    """
    pieces = (units[start : start + ROWS] for start in range(0, len(units), ROWS))
    return "".join(_as_text(piece, decimals, before) for piece in pieces)


def _as_text(units: NDArray[np.int64], decimals: int, before: str) -> str:
    whole, fraction = np.divmod(np.abs(units), 10**decimals)
    is_negative, has_point = units < 0, fraction > 0
    begins_with_point = has_point & (whole == 0) & ~is_negative
    is_parted = np.ones(units.shape, np.bool_)
    is_parted[:, 1:] = ~(is_negative[:, 1:] | (begins_with_point[:, 1:] & has_point[:, :-1]))
    separators = np.full(units.shape, SPACE, np.uint8)
    separators[:, 0] = ord(before)
    columns: list[tuple[Any, NDArray[np.bool_]]] = [(separators, is_parted), (MINUS, is_negative)]
    for place in _places(len(str(whole.max(initial=0)))):
        is_shown = whole >= place
        columns.append((ZERO + whole // place % 10, is_shown if place > 1 else is_shown | ~has_point))
    columns.append((POINT, has_point))
    for place in _places(decimals):  # zeros at the end are left out
        columns.append((ZERO + fraction // place % 10, fraction % (10 * place) > 0))
    text, is_there = (np.empty((*units.shape, len(columns)), kind) for kind in (np.uint8, np.bool_))
    for number, (character, is_shown) in enumerate(columns):
        text[..., number], is_there[..., number] = character, is_shown
    return text[is_there].tobytes().decode("ascii")


def _places(digits: int) -> list[int]:
    return [10**power for power in reversed(range(digits))]
