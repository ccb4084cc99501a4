"""From a picture of text to the boxes of its words: the whole story."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engine.image.pixels import Pixels
from engine.wordcount.gaps import Tree, tree_of
from engine.wordcount.glyphs import Box, Labels, glyphs_of
from engine.wordcount.ink import Ink, find_ink, grey_of, stroke_width
from engine.wordcount.lines import Line, lines_of
from engine.wordcount.threshold import Sample, threshold

LEAST_GLYPH = 0.5  # square stroke widths; what is smaller is dirt
MARGIN = 2.6  # scales: a wider gap is between columns, not words
PAGE = 30.0  # gaps: what all those of the page count for beside a line's own
FAR = 5.0
UNLIKE = 0.15

Components = Callable[[Ink], Labels]


def find_words(pixels: Pixels, components: Components) -> list[Box]:
    """The box of each word, line by line from top to bottom.

    pixels: (height, width, 3), dark on light or light on dark. components: labels of what belongs together
    in the ink: glyphs, where letters don't touch.
    """
    ink = find_ink(grey_of(pixels))
    least = LEAST_GLYPH * stroke_width(ink) ** 2
    glyphs = [glyph for glyph in glyphs_of(components(ink)) if glyph.area >= least]
    lines = [part for line in lines_of(glyphs) for part in tree_of(line).parts(MARGIN)]
    words = [sorted(map(box_of, each)) for each in words_of([tree_of(line) for line in lines])]
    return [box for line in sorted(words, key=lambda boxes: boxes[0][1]) for box in line]


def words_of(trees: Sequence[Tree]) -> list[list[Line]]:
    """The words of each line, by its own gaps and, the fewer it has the more, by those of lines like it."""
    if not trees:
        return []
    gaps = np.concatenate([tree.gaps for tree in trees])
    owners = np.repeat(np.arange(len(trees)), [len(tree.gaps) for tree in trees])
    letters = np.array([sum(glyph.width for glyph in tree.line.letters) / tree.line.scale for tree in trees])
    scales = np.array([tree.line.scale for tree in trees])
    middles = np.array(
        [np.median([glyph.y0 + glyph.y1 for glyph in tree.line.letters]) / 2 for tree in trees]
    )
    words = []
    for index, tree in enumerate(trees):
        if not len(gaps):
            words.append([tree.line])
            continue
        near = 1 / (1 + (np.abs(middles - middles[index]) / (FAR * scales[index])) ** 2)
        like = near / (1 + (np.log(scales / scales[index]) / UNLIKE) ** 2)
        like *= PAGE / like[owners].sum()
        like[index] += 1
        words.append(list(tree.parts(threshold(Sample.of(gaps, like[owners], float(like @ letters))))))
    return words


def box_of(word: Line) -> Box:
    """The box around all its glyphs."""
    x0, y0, x1, y1 = zip(*(glyph.box for glyph in (*word.letters, *word.marks)), strict=True)
    return min(x0), min(y0), max(x1), max(y1)
