"""A picture of text with a box around each of its words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from engine.errors import SpecError
from engine.events import Counted
from engine.image.pixels import encode_png
from engine.image.target import open_target
from engine.storage.made import check_new
from engine.storage.run_folder import RunFolder
from engine.wordcount.components import gas_components
from engine.wordcount.count import find_words
from engine.wordcount.ink import Ink

LONGEST = 6000  # pixels of a page's side: larger ones are scaled down
FRAME = (214, 40, 40)


def show_words(source: str, out: Path, seed: int, replace: bool = False) -> Counted:
    """Find the words in a picture, and write it with boxes; TargetError when it can't be opened.

    replace: also a file that is there already; else it is a RunError.

    Boxes are in pixels of the written picture, which is as large as the source, but for very large ones.
    """
    if out.suffix.lower() != ".png":
        raise SpecError(f"-o {out}: must be the name of a PNG, such as words.png.")
    if out.exists() and Path(source).exists() and out.samefile(source):
        raise SpecError(f"-o {out}: is the picture itself; choose another name.")
    if not replace:
        check_new(out)
    pixels = open_target(source, LONGEST, "white").pixels

    def components(ink: Ink) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
        return gas_components(ink, np.random.SeedSequence(seed))

    boxes = find_words(pixels, components)
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    thickness = max(1, round(max(image.size) / 1500))
    for x0, y0, x1, y1 in boxes:
        frame = (x0 - thickness, y0 - thickness, x1 + thickness - 1, y1 + thickness - 1)
        pen.rectangle(frame, outline=FRAME, width=thickness)
    folder = RunFolder.made(out.parent)
    return Counted(str(folder.write(out.name, encode_png(np.asarray(image)))), len(boxes), tuple(boxes), seed)
