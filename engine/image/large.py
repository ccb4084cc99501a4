"""Pictures of more pixels than anybody paints, made smaller before anything else is done with them."""

from __future__ import annotations

from PIL import Image

from engine.image.modes import is_wide, separate, to_8_bits

LARGE = 100_000_000  # pixels, of which more are not kept where fewer will do
_SPARE = 3  # pixels for each one of a copy, which no eye can tell from all of them
_MOST = 32  # by which Pillow divides means without an error that shows
_BAND_ROWS = 64


def reduction(width: int, height: int, size: int) -> int:
    """By which whole number a picture is divided before a copy of `size` on its longest side is made.

    1 up to LARGE pixels. Beyond that at least _SPARE pixels for each of the copy's stay, or LARGE in all, but
    never fewer than the copy has.
    """
    if width * height <= LARGE:
        return 1
    longest = max(width, height)
    spared = longest // (_SPARE * size)
    few = next(number for number in range(1, longest) if width * height <= LARGE * number * number)
    return max(1, min(_MOST, spared), min(few, longest // size))


def reduced(image: Image.Image, number: int) -> tuple[Image.Image, Image.Image | None]:
    """Colour and alpha, as `separate` gives them, of means over squares of so many pixels a side.

    In bands, so that no second copy of the whole is in memory.
    """
    if is_wide(image):
        image = to_8_bits(image)
    size = -(-image.width // number), -(-image.height // number)
    colour: Image.Image | None = None
    alpha: Image.Image | None = None
    step = number * _BAND_ROWS
    for top in range(0, image.height, step):
        band, opacity = separate(image.crop((0, top, image.width, min(top + step, image.height))))
        if opacity is not None:  # which colours count by
            band = band.convert("RGB")
            band.putalpha(opacity)
        band = band.reduce(number)
        if colour is None:
            colour = Image.new("RGB" if opacity is not None else band.mode, size)
            alpha = None if opacity is None else Image.new("L", size)
        if alpha is not None:
            alpha.paste(band.getchannel("A"), (0, top // number))
            band = band.convert("RGB")
        colour.paste(band, (0, top // number))
    assert colour is not None  # there is a row
    return colour, alpha
