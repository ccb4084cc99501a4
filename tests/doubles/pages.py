"""Pages of text made in code, and the box of each word on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import reportlab
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter

Box = tuple[int, int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

VOCABULARY = [
    "the",
    "of",
    "and",
    "a",
    "to",
    "in",
    "is",
    "was",
    "he",
    "for",
    "it",
    "with",
    "as",
    "his",
    "on",
    "be",
    "at",
    "by",
    "I",
    "this",
    "had",
    "not",
    "are",
    "but",
    "from",
    "or",
    "have",
    "an",
    "they",
    "which",
    "one",
    "you",
    "were",
    "her",
    "all",
    "she",
    "there",
    "would",
    "their",
    "we",
    "him",
    "been",
    "has",
    "when",
    "who",
    "will",
    "more",
    "no",
    "if",
    "out",
    "so",
    "said",
    "what",
    "up",
    "its",
    "about",
    "into",
    "than",
    "them",
    "can",
    "only",
    "other",
    "new",
    "some",
    "could",
    "time",
    "these",
    "two",
    "may",
    "then",
    "do",
    "first",
    "any",
    "my",
    "now",
    "such",
    "like",
    "our",
    "over",
    "man",
    "me",
    "even",
    "most",
    "made",
    "after",
    "also",
    "did",
    "many",
    "before",
    "must",
    "through",
    "back",
    "years",
    "where",
    "much",
    "your",
    "way",
    "well",
    "down",
    "should",
    "because",
    "each",
    "just",
    "those",
    "people",
    "how",
    "too",
    "little",
    "state",
    "good",
    "very",
    "make",
    "world",
    "still",
    "own",
    "see",
    "men",
    "work",
    "long",
    "get",
    "here",
    "between",
    "both",
    "life",
    "being",
    "under",
    "never",
    "day",
    "same",
    "another",
    "know",
    "while",
    "last",
    "might",
    "us",
    "great",
    "old",
    "year",
    "off",
    "come",
    "since",
    "against",
    "go",
    "came",
    "right",
    "used",
    "take",
    "three",
    "determine",
    "markers",
    "background",
    "segmentation",
    "illustration",
    "flimsy",
    "fjord",
    "jigsaw",
    "wavily",
    "minimum",
    "illicit",
    "rhythm",
    "quickly",
    "zigzag",
    "gypsum",
    "unambiguously",
    "histogram",
    "extreme",
    "lull",
    "till",
    "filling",
    "jiffy",
    "William",
    "Mississippi",
    "Illinois",
    "HTML",
    "NASA",
    "USA",
    "1984",
    "2,000",
    "3.14",
    "42",
    "7",
    "x1",
    "well-known",
    "i-dots",
    "twenty-one",
    "mother-in-law",
    "it's",
    "don't",
    "o'clock",
    "café",
    "naïve",
]

REPORTLAB = Path(reportlab.__file__).parent / "fonts"
FONTS = {
    "aileron": "",  # Pillow's own
    "vera": "Vera.ttf",
    "vera bold": "VeraBd.ttf",
    "vera italic": "VeraIt.ttf",
    "vera bold italic": "VeraBI.ttf",
    "sans": "_a______.pfb",
    "sans bold": "_ab_____.pfb",
    "sans italic": "_ai_____.pfb",
    "serif": "_er_____.pfb",
    "serif bold": "_eb_____.pfb",
    "serif italic": "_ei_____.pfb",
    "typewriter": "com_____.pfb",
}


@dataclass(frozen=True)
class Look:
    """How a page is set and photographed; lengths are in ems of its font."""

    font: str = "aileron"
    size: int = 24  # pixels of an em
    heading: float = 1.0  # size of the first line
    words: int = 60
    width: float = 26.0  # of a column
    columns: int = 1
    gutter: float = 2.0
    leading: float = 1.35
    space: float = 1.0  # between words, as a multiple of the font's own
    is_justified: bool = False
    tracking: float = 0.0  # between letters
    stretch: float = 1.0
    slant: float = 0.0
    embolden: float = 0.0
    blur: float = 0.0  # sigma, pixels
    noise: float = 0.0  # sigma, of 255
    shade: float = 0.0  # how much darker one side is, 0..1
    ink: int = 20  # of 255
    skew: float = 0.0  # degrees


@dataclass(frozen=True, eq=False)
class Page:
    """A picture of text, and what is to be found in it."""

    pixels: NDArray[np.uint8]  # (height, width)
    boxes: list[Box]  # half-open


@dataclass(frozen=True, eq=False)
class Drawn:
    """A word's ink, how far left and above of the pen it begins, and how far the pen moves on."""

    ink: NDArray[np.uint8]  # (height, width)
    x: int
    y: int
    advance: float


def some_look(rng: np.random.Generator, fonts: Sequence[str] = tuple(FONTS)) -> Look:
    """Any look."""
    look = Look(
        font=str(rng.choice(fonts)),
        size=int(rng.integers(15, 41)),
        heading=float(rng.choice([1.0, 1.5, 2.0])),
        words=int(rng.integers(30, 90)),
        width=float(rng.uniform(14, 28)),
        columns=int(rng.choice([1, 1, 2])),
        gutter=float(rng.uniform(1.6, 3.0)),
        leading=float(rng.uniform(1.15, 1.7)),
        space=float(rng.uniform(0.9, 1.5)),
        is_justified=bool(rng.random() < 0.4),
    )
    changes: list[dict[str, float]] = [
        {},
        {"tracking": float(rng.uniform(0.02, 0.12))},
        {"stretch": float(rng.uniform(0.8, 1.3))},
        {"slant": float(rng.uniform(-0.1, 0.25))},
        {"embolden": float(rng.uniform(0.02, 0.05))},
        {"blur": float(rng.uniform(0.5, 0.06 * look.size))},
        {"noise": float(rng.uniform(4, 16))},
        {"shade": float(rng.uniform(0.3, 0.7)), "noise": 3.0},
        {"ink": float(rng.integers(60, 150))},
        {"skew": float(rng.uniform(-1.5, 1.5))},
    ]
    for number in rng.choice(len(changes), 2, replace=False):
        look = replace(look, **changes[number])
    return look


def make_page(look: Look, seed: int) -> Page:
    """Set random words, and photograph them."""
    rng = np.random.default_rng(seed)
    words = list(_some_words(rng, look.words))
    margin = 1.5 * look.size
    step = look.width * look.size
    width = round(2 * margin + look.columns * step + (look.columns - 1) * look.gutter * look.size)
    placed: list[tuple[Drawn, float, float, bool]] = []
    pen_y, share = margin, -(-len(words) // look.columns)
    bottom = pen_y
    if look.heading > 1:
        title, words = words[:2], words[2:]
        for drawn, x in _line(title, replace(look, size=round(look.size * look.heading)), margin, False):
            placed.append((drawn, x, pen_y + look.size * look.heading, True))
        pen_y += look.size * look.heading * 1.6
    for column in range(look.columns):
        x0 = margin + column * (step + look.gutter * look.size)
        y = pen_y + look.size
        for line, is_last in _broken(words[column * share : (column + 1) * share], look, step):
            placed += [(drawn, x, y, True) for drawn, x in _line(line, look, x0, not is_last)]
            y += look.leading * look.size
        bottom = max(bottom, y)
    return _photographed(placed, round(bottom + margin), width, look, rng)


def _some_words(rng: np.random.Generator, count: int) -> Iterator[str]:
    for _ in range(count):
        word = str(rng.choice(VOCABULARY))
        kind = rng.random()
        if kind < 0.08:
            word += ","
        elif kind < 0.15:
            word += "."
        elif kind < 0.17:
            word = f'"{word}"'
        elif kind < 0.19:
            word = f"“{word}”"
        elif kind < 0.21:
            word = f"({word})"
        elif kind < 0.23:
            word += ";"
        elif kind < 0.25:
            word += "!"
        elif kind < 0.27:
            word = f"{word}-{rng.choice(VOCABULARY)}"
        elif kind < 0.29:
            word = word.upper()
        elif kind < 0.31:
            word += ":"
        yield word


@cache
def _font(name: str, size: int) -> Font:
    file = FONTS.get(name, name)
    return ImageFont.truetype(str(REPORTLAB / file), size) if file else ImageFont.load_default(size)


@cache
def _drawn(word: str, look: Look) -> Drawn:
    """A word alone, its baseline through (0, 0) of the pen."""
    font, room = _font(look.font, look.size), 2 * look.size
    stroke = round(look.embolden * look.size)
    wide = round(font.getlength(word) + look.tracking * look.size * len(word)) + 2 * room
    canvas = Image.new("L", (wide, 2 * room))
    pen = ImageDraw.Draw(canvas)
    if look.tracking:
        x = float(room)
        for letter in word:
            pen.text((x, room), letter, fill=255, font=font, anchor="ls", stroke_width=stroke)
            x += font.getlength(letter) + look.tracking * look.size
        advance = x - room - look.tracking * look.size
    else:
        pen.text((room, room), word, fill=255, font=font, anchor="ls", stroke_width=stroke)
        advance = font.getlength(word)
    if look.slant or look.stretch != 1:
        across, aslant = 1 / look.stretch, look.slant / look.stretch
        onto = (round(room + (wide - room) * max(1.0, look.stretch)), 2 * room)
        affine = (across, aslant, room * (1 - across - aslant), 0, 1, 0)
        canvas = canvas.transform(onto, Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC)
    ink = np.asarray(canvas)
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0), np.flatnonzero(ink.max(axis=0) > 0)
    y0, x0 = int(rows[0]), int(columns[0])
    return Drawn(ink[y0 : rows[-1] + 1, x0 : columns[-1] + 1], x0 - room, y0 - room, advance * look.stretch)


def _space(look: Look) -> float:
    """How wide a space is, pixels."""
    own = _font(look.font, look.size).getlength(" ") * look.stretch
    return look.space * own + 2 * look.tracking * look.size * look.stretch


def _broken(words: Sequence[str], look: Look, width: float) -> Iterator[tuple[list[str], bool]]:
    """Lines, and whether each is the last of its column."""
    line: list[str] = []
    length = 0.0
    for word in words:
        advance = _drawn(word, look).advance
        if line and length + _space(look) + advance > width:
            yield line, False
            line, length = [], 0.0
        length += advance + (_space(look) if line else 0)
        line.append(word)
    if line:
        yield line, True


def _line(words: Sequence[str], look: Look, x0: float, may_justify: bool) -> Iterator[tuple[Drawn, float]]:
    """Words and where the pen is for each."""
    drawn = [_drawn(word, look) for word in words]
    space = _space(look)
    if look.is_justified and may_justify and len(words) > 2:
        slack = look.width * look.size - sum(each.advance for each in drawn)
        space = min(slack / (len(words) - 1), 1.2 * look.size)
    for each in drawn:
        yield each, x0
        x0 += each.advance + space


def _photographed(placed, height, width, look: Look, rng: np.random.Generator) -> Page:
    ink = np.zeros((height, width), np.uint8)
    boxes = []
    slope = np.tan(np.radians(look.skew))
    for drawn, x, y, _ in placed:
        # Skew as a shear of whole words, which is what it looks like at a degree or two.
        left = round(x) + drawn.x
        top = round(y + slope * (x - width / 2)) + drawn.y
        rows, columns = drawn.ink.shape
        if left < 0 or top < 0 or left + columns > width or top + rows > height:
            continue
        window = ink[top : top + rows, left : left + columns]
        np.maximum(window, drawn.ink, out=window)
        solid = drawn.ink > 100
        ys, xs = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
        boxes.append((left + int(xs[0]), top + int(ys[0]), left + int(xs[-1]) + 1, top + int(ys[-1]) + 1))
    light = 245 * (1 - look.shade * np.linspace(0, 1, width) ** 1.5)
    cover = gaussian_filter(ink / 255, look.blur) if look.blur else ink / 255
    grey = light * (1 - cover * (1 - look.ink / 245)) + rng.normal(0, 1, ink.shape) * look.noise
    return Page(np.clip(np.rint(grey), 0, 255).astype(np.uint8), boxes)


def stacked(upper: Page, lower: Page) -> Page:
    """One below the other."""
    width = max(upper.pixels.shape[1], lower.pixels.shape[1])
    parts = [
        np.pad(page.pixels, ((0, 0), (0, width - page.pixels.shape[1])), mode="edge")
        for page in (upper, lower)
    ]
    down = upper.pixels.shape[0]
    boxes = [(x0, y0 + down, x1, y1 + down) for x0, y0, x1, y1 in lower.boxes]
    return Page(np.vstack(parts), upper.boxes + boxes)
