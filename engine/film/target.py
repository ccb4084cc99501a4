"""The target at a film's size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from engine.alpha import over_white
from engine.checkpoint import read_checkpoint
from engine.errors import CheckpointError, RunError, TargetError, reason
from engine.image import Origin, Pixels, decode_png, open_target
from engine.run_folder import TARGET, RunFolder


def target_at(folder: RunFolder, height: int, width: int) -> Pixels:
    """What a run approximates, on white paper: (height, width, 3).

    From the picture itself, which has more detail, when it is still there and unchanged; else from the
    folder's copy. RunError when that can't be read either.
    """
    pixels = _original(folder, max(height, width))
    if pixels is None:
        try:
            pixels = decode_png((folder / TARGET).read_bytes())
        except (OSError, ValueError, SyntaxError) as exc:
            raise RunError(
                f"{folder / TARGET}: can't be read ({reason(exc)}); make a film without the target."
            ) from exc
    image = Image.fromarray(over_white(pixels))
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))


def _original(folder: RunFolder, size: int) -> Pixels | None:
    try:
        checkpoint = read_checkpoint(folder).checkpoint
        header, background = checkpoint.header, checkpoint.facts["background"]
        now = Origin.of(Path(header.target), Path(header.mask) if header.mask else None)
        if now.sha256 != header.target_sha256:
            return None
        colour = background and "#" + bytes(round(255 * part) for part in background).hex()
        return open_target(header.target, size, colour or "transparent").pixels
    except (CheckpointError, TargetError, OSError):
        return None
