"""Colours as sRGB."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

# The Pillow mode whose pixels a profile of this ICC colour space describes.
_PROFILE_MODES = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK", "Lab": "LAB"}


def to_srgb(colour: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert mode L, RGB, CMYK or LAB to RGB, sRGB, by its ICC profile if it has a usable one."""
    if profile:
        try:
            described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = _PROFILE_MODES.get(described.profile.xcolor_space.strip())
            if colour.mode == "L" and mode == "RGB":
                colour = colour.convert("RGB")
            srgb = ImageCms.createProfile("sRGB")
            return ImageCms.buildTransform(described, srgb, colour.mode, "RGB").apply(colour)
        except (ImageCms.PyCMSError, OSError):
            # Broken, or made for another kind of pixels. Browsers go on as if there were none, and so do we:
            # the pixels are intact, and the user can neither see nor mend what a camera or program wrote.
            pass
    return colour if colour.mode == "RGB" else colour.convert("RGB")
