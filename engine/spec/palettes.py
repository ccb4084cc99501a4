"""A palette as people write it: how many colours, or which."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from engine.spec.colours import Hex, listed
from engine.spec.fields import expected

MOST_COLOURS = 256


def _once(palette: int | str | tuple[str, ...]) -> int | str | tuple[str, ...]:
    """Each colour once, in the order given."""
    return tuple(dict.fromkeys(palette)) if isinstance(palette, tuple) else palette


Palette = Annotated[
    Literal["none"]
    | Annotated[int, Field(ge=2, le=MOST_COLOURS)]
    | Annotated[tuple[Hex, ...], Field(min_length=1, max_length=MOST_COLOURS)],
    BeforeValidator(listed),
    AfterValidator(_once),
    expected(
        f"none, a number of colours from 2 to {MOST_COLOURS}, or colours such as black,tomato or "
        '"#000000,#ffcc00" (in YAML an unquoted # starts a comment)',
        "none|N|COLOURS",
        ("none", "6"),
    ),
]
