"""Colours as people write them: #rrggbb, #rgb, or a name of CSS such as tomato."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

_LONG = re.compile("#[0-9a-f]{6}")
_SHORT = re.compile("#([0-9a-f])([0-9a-f])([0-9a-f])")
_WORD = re.compile("[a-z]+")
_NO_COLOURS = ("auto", "none")  # what else may stand where colours do

Hex = Annotated[str, Field(pattern="^#[0-9a-f]{6}$")]  # as a colour is stored


def hex_of(text: str) -> str:
    """#rrggbb in lower case; ValueError for what is no colour."""
    found = text.strip().lower()
    if _LONG.fullmatch(found):
        return found
    if match := _SHORT.fullmatch(found):
        return "#" + "".join(digit * 2 for digit in match.groups())
    try:
        return names()[found]
    except KeyError:
        raise ValueError("no colour") from None


def names() -> dict[str, str]:
    """The colours of CSS, as #rrggbb by name."""
    from PIL import ImageColor  # which few commands need

    return {
        name: value if isinstance(value, str) else "#{:02x}{:02x}{:02x}".format(*value)
        for name, value in ImageColor.colormap.items()
    }


def listed(value: object) -> object:
    """The colours of a text with commas, as #rrggbb; what else there is is left to the field."""
    if isinstance(value, str):
        word = value.strip().lower()
        pieces = word.split(",")
        if word in _NO_COLOURS or not any(
            piece.strip().startswith("#") or _WORD.fullmatch(piece.strip()) for piece in pieces
        ):
            return word
        value = pieces
    if isinstance(value, list | tuple):
        return [_or_as_it_is(colour) for colour in value]
    return value


def _or_as_it_is(colour: object) -> object:
    """#rrggbb; what is no colour is left for the field to refuse."""
    if not isinstance(colour, str):
        return colour
    try:
        return hex_of(colour)
    except ValueError:
        return colour.strip().lower()
