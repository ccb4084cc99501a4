"""Pictures inside a page, as data URIs."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.image.alpha import straight
from engine.image.pixels import Pixels
from engine.scene.scene import Scene, scaled

SIDE = 1600  # pixels of the longest side, at most
QUALITY = 90
SQUARES = 8  # from such an enlargement on pixels are shown as squares


def data_uri(content: bytes, kind: str) -> str:
    """Content as the address of itself; kind: its MIME type."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def embedded(image: Image.Image) -> str:
    """A picture's data URI: JPEG when it has three channels, else PNG, which has alpha and palettes."""
    content = io.BytesIO()
    if image.mode == "RGB":
        image.save(content, "JPEG", quality=QUALITY, subsampling=0, optimize=True)
        return data_uri(content.getvalue(), "image/jpeg")
    image.save(content, "PNG", optimize=True)
    return data_uri(content.getvalue(), "image/png")


def pair(scene: Scene, target: Pixels) -> tuple[Image.Image, Image.Image]:
    """A scene, drawn anew, and its target, both with a longest side of SIDE."""
    height, width = scaled(target.shape[0], target.shape[1], SIDE)
    drawn = Image.fromarray(straight(scene.draw(height, width)))
    return drawn, sized(Image.fromarray(straight(target)), width, height)


def sized(image: Image.Image, width: int, height: int) -> Image.Image:
    """A picture at another size; tiny ones keep their pixels visible."""
    is_tiny = max(width, height) >= SQUARES * max(image.size)
    return image.resize((width, height), Image.Resampling.NEAREST if is_tiny else Image.Resampling.LANCZOS)


def grey(target: Pixels) -> Image.Image:
    """The target without its colours, on white paper."""
    image = Image.fromarray(straight(target))
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L")


def paletted(indices: NDArray[np.uint8], colours: NDArray[np.uint8]) -> Image.Image:
    """A picture by the numbers of its colours, (n, 3)."""
    image = Image.fromarray(indices)
    image.putpalette(colours.tobytes())
    return image
