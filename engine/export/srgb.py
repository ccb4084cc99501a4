"""What says that the colours of a file are sRGB."""

from __future__ import annotations

import functools

from PIL import ImageCms

DATE, ID = slice(24, 36), slice(84, 100)  # of a profile's header: when it was made, and a checksum
MADE = bytes.fromhex("07d0 0001 0001 0000 0000 0000")  # 1 January 2000


@functools.cache
def profile() -> bytes:
    """An ICC profile, the same bytes whenever it is made."""
    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    content[DATE], content[ID] = MADE, bytes(16)  # no checksum
    return bytes(content)
