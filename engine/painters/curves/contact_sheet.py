"""A contact sheet: what channels draw, side by side, each with its number."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engine.image.pixels import Pixels
from engine.painters.curves.survey import Portrait

GAP, LABEL = 8, 16  # pixels between pictures, and for the words below each
PAPER, WORDS, DEAD = (236, 236, 232), (40, 40, 40), (190, 40, 40)
FADED = 0.75  # of a dead channel's picture that gives way to the paper


def contact_sheet(title: str, portraits: Sequence[Portrait]) -> Pixels:
    """All pictures in rows, in their order, (height, width, 3); those that stay dead are faded and say so.

    portraits: one or more, all of one size.
    """
    side, top = portraits[0].pixels.shape[0], GAP + LABEL
    cols, _ = _layout(len(portraits), side)
    font = ImageFont.load_default(min(14, max(9, side // 8)))
    sheet = Image.new("RGB", (cols * (side + GAP) + GAP, height_of(len(portraits), side)), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP, GAP // 2), title, WORDS, font)
    for number, each in enumerate(portraits):
        row, col = divmod(number, cols)
        x, y = GAP + col * (side + GAP), top + row * (side + GAP + LABEL)
        picture = Image.fromarray(each.pixels)
        if each.is_dead:
            picture = Image.blend(picture, Image.new("RGB", picture.size, PAPER), FADED)
            pen.rectangle((x - 1, y - 1, x + side, y + side), outline=DEAD)
        sheet.paste(picture, (x, y))
        label = each.channel.rpartition("/")[2] + " dead" * each.is_dead
        pen.text((x, y + side + 1), label, DEAD if each.is_dead else WORDS, font)
    return np.asarray(sheet)


def height_of(count: int, side: int) -> int:
    """Rows of pixels of a sheet of so many pictures."""
    return 2 * GAP + LABEL + _layout(count, side)[1] * (side + GAP + LABEL)


def _layout(count: int, side: int) -> tuple[int, int]:
    """Columns and rows of pictures, so that the sheet is about square."""
    cols = math.ceil(math.sqrt(count * (side + GAP + LABEL) / (side + GAP)))
    return cols, -(-count // cols)
