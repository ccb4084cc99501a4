"""Words are counted by their boxes, on a photographed page and on pages made here."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

from engine.wordcount.components import gas_components, plain_components
from engine.wordcount.count import find_words
from engine.wordcount.ink import find_ink, stroke_width
from tests.conftest import refused
from tests.doubles.pages import Look, make_page, some_look, stacked

# Established by looking at the picture; Region-based is one word.
PAGE = [
    (7, 13, 142, 33), (151, 14, 292, 35), (6, 49, 24, 60), (33, 52, 47, 61), (56, 50, 82, 62),
    (91, 51, 158, 63), (168, 51, 222, 63), (231, 51, 244, 63), (252, 51, 275, 63), (284, 52, 317, 63),
    (325, 51, 348, 63), (357, 50, 376, 62), (6, 66, 82, 81), (89, 68, 127, 80), (134, 69, 188, 81),
    (193, 72, 214, 81), (221, 70, 259, 84), (264, 70, 292, 81), (298, 72, 316, 81), (321, 71, 342, 80),
    (349, 67, 376, 79), (6, 85, 102, 100), (111, 89, 125, 98), (134, 87, 173, 99), (182, 87, 223, 102),
    (232, 91, 246, 100), (255, 86, 335, 102), (345, 86, 376, 97), (6, 100, 25, 112), (32, 102, 83, 114),
    (89, 107, 109, 115), (116, 104, 153, 117), (160, 106, 173, 117), (180, 105, 202, 117),
    (208, 106, 233, 118), (239, 107, 295, 118), (302, 105, 334, 119), (340, 103, 352, 114),
    (357, 102, 376, 113), (7, 116, 67, 132), (73, 121, 86, 132), (90, 124, 119, 136),
    (124, 122, 170, 135),
]  # fmt: skip


def rgb(grey):
    return np.repeat(np.asarray(grey)[..., None], 3, axis=2)


def by_gas(grey, seed=0):
    return find_words(rgb(grey), lambda ink: gas_components(ink, np.random.SeedSequence(seed)))


def by_touch(grey):
    return find_words(rgb(grey), plain_components)


def overlap(one, other):
    """Intersection over union."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(across, 0) * max(down, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return shared / (sum(areas) - shared)


def found_of(boxes, found):
    """How many boxes have one of their own among those found."""
    left = list(found)
    for box in boxes:
        best = max(left, key=lambda other: overlap(box, other), default=None)
        if best is not None and overlap(box, best) > 0.5:
            left.remove(best)
    return len(found) - len(left)


@pytest.mark.parametrize("seed", range(5))
def test_every_word_of_a_photographed_page_is_found(seed):
    found = by_gas(data.page()[:142], seed)
    assert len(found) == len(PAGE) == found_of(PAGE, found) == 43


def test_words_of_made_pages_are_found():
    errors: dict[Any, list[float]] = {by_gas: [], by_touch: []}
    for seed in range(300, 310):
        page = make_page(some_look(np.random.default_rng(seed)), seed)
        for count, found in errors.items():
            boxes = count(page.pixels)
            found.append(abs(len(boxes) - len(page.boxes)) / len(page.boxes))
            assert found_of(page.boxes, boxes) >= 0.9 * len(page.boxes)
    assert np.mean(errors[by_gas]) <= 0.03
    assert np.mean(errors[by_touch]) <= 0.03


def test_two_columns_are_not_one():
    page = make_page(Look(columns=2, width=14, words=60), 3)
    found = by_gas(page.pixels)
    assert found_of(page.boxes, found) >= 0.95 * len(page.boxes)
    middle = page.pixels.shape[1] / 2
    assert not any(x0 < middle - 10 and x1 > middle + 10 for x0, _, x1, _ in found)


def test_sizes_may_differ_on_one_page():
    page = stacked(make_page(Look(size=18, words=30), 1), make_page(Look(size=38, words=20), 2))
    assert found_of(page.boxes, by_gas(page.pixels)) >= 0.95 * len(page.boxes)


def test_light_letters_on_dark_paper_are_found():
    page = make_page(Look(words=30), 5)
    assert by_touch(255 - page.pixels) == by_touch(page.pixels)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_empty_page_has_no_words(grey):
    assert by_gas(np.full((60, 80), grey, np.uint8)) == []
    noise = np.random.default_rng(0).normal(200, 6, (90, 90))
    assert by_gas(np.clip(noise, 0, 255).astype(np.uint8)) == []


def test_a_pens_width_is_found():
    lines = np.zeros((60, 60), bool)
    lines[10:14, 5:55] = lines[30:34, 5:55] = True
    assert stroke_width(lines) == pytest.approx(4, abs=0.6)
    assert not find_ink(np.full((50, 50), 77, np.float32)).any()


def test_the_command_counts_and_draws(tessera, tmp_path):
    page = make_page(Look(words=20), 4)
    Image.fromarray(page.pixels).save(tmp_path / "scan.png")
    done = tessera("words", "scan.png", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    event = json.loads(done.stdout)
    assert event["words"] == len(event["boxes"]) >= len(page.boxes) - 1
    with Image.open(tmp_path / "outputs" / "scan-words.png") as drawn:
        pixels = np.asarray(drawn).astype(int)
    assert pixels.shape == (*page.pixels.shape, 3)
    x0, y0, x1, _ = event["boxes"][0]
    assert (pixels[y0 - 1, x0:x1] == (214, 40, 40)).all()


def test_what_makes_no_sense_is_refused(tmp_path):
    page = tmp_path / "page.png"
    Image.fromarray(make_page(Look(words=3), 4).pixels).save(page)
    assert "must be the name of a PNG" in refused("words", page, "--out", tmp_path / "words.jpg")
    assert "is the picture itself" in refused("words", page, "--out", page)
    assert "no such file" in refused("words", tmp_path / "nothing.png")
