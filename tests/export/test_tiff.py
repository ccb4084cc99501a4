"""A TIFF in strips has the pixels of a scene drawn at once, as two readers see it."""

import io
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.export import bands
from engine.export.srgb import profile
from engine.export.tiff import write_tiff
from engine.image.alpha import straight
from engine.scene.drawing import BAND
from tests.export.test_json_shapes import scene

TEXTS = {"Title": "a title", "Description": "by whom", "Software": "Tessera"}


def written(outlines, **options):
    file = io.BytesIO()
    write_tiff(file, outlines, TEXTS, **options)
    return file.getvalue()


@pytest.mark.parametrize("background", [(0.1, 1 / 3, 0.5), None])
@pytest.mark.parametrize("room", [10**9, 0], ids=["plain", "big"])
@settings(max_examples=25)
@given(height=st.integers(1, 200), width=st.integers(1, 90), dpi=st.sampled_from([None, 72, 300]))
def test_pillow_reads_the_pixels_of_the_drawn_scene(background, room, height, width, dpi):
    picture = scene(2, background=background)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands, "PIECE", 1)
        content = written(picture.drawable(height, width), dpi=dpi, room=room)
    assert content[2] == (42 if room else 43)
    with Image.open(io.BytesIO(content)) as image:
        assert image.mode == ("RGBA" if background is None else "RGB")
        assert image.info["icc_profile"] == profile()
        assert image.info.get("dpi") == (None if dpi is None else (dpi, dpi)) or dpi is None
        np.testing.assert_array_equal(np.asarray(image), straight(picture.draw(height, width)))


@pytest.mark.parametrize("room", [10**9, 0], ids=["plain", "big"])
def test_another_reader_finds_its_strips_and_what_it_says(monkeypatch, room):
    monkeypatch.setattr(bands, "PIECE", 1)
    picture = scene(2)
    told: list[int] = []
    content = written(picture.drawable(150, 40), dpi=300, room=room, watch=told.append)
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        page = file.pages.first
        np.testing.assert_array_equal(page.asarray(), picture.draw(150, 40))
        tags = {tag.name: tag.value for tag in page.tags}
    assert tags["ImageDescription"] == "by whom"
    assert tags["Software"] == "Tessera"
    assert (tags["XResolution"], tags["YResolution"], tags["ResolutionUnit"]) == ((300, 1), (300, 1), 2)
    assert len(tags["StripOffsets"]) == 3
    assert told == [BAND, 2 * BAND, 150]


def test_nobody_said_how_large_it_is_on_paper():
    with tifffile.TiffFile(io.BytesIO(written(scene(2).drawable(20, 30)))) as file:
        assert file.pages.first.tags["ResolutionUnit"].value == 1


def test_the_bytes_do_not_depend_on_the_number_of_cores(monkeypatch):
    monkeypatch.setattr(bands, "PIECE", 1)
    contents = set()
    for cores in (1, 2, 5):
        monkeypatch.setattr(bands, "available_cores", lambda cores=cores: cores)
        contents.add(written(scene(2).drawable(300, 50)))
    assert len(contents) == 1


@pytest.mark.parametrize("background", [(0.1, 1 / 3, 0.5), None])
@pytest.mark.parametrize("room", [10**9, 0], ids=["plain", "big"])
def test_a_large_one_is_a_pyramid_of_tiles(background, room):
    picture = scene(2, background=background)
    told: list[int] = []
    content = written(picture.drawable(1300, 700), dpi=300, room=room, large=1, watch=told.append)
    assert content[2] == (42 if room else 43)
    whole = straight(picture.draw(1300, 700))
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        pages: list[Any] = list(file.pages)
        assert [page.shape[:2] for page in pages] == [(1300, 700), (650, 350), (325, 175)]
        assert [level.shape[:2] for level in file.series[0].levels] == [page.shape[:2] for page in pages]
        assert [page.is_tiled for page in pages] == [True] * 3
        assert [page.is_reduced for page in pages] == [False, True, True]
        np.testing.assert_array_equal(pages[0].asarray(), whole)
        smaller = pages[2].asarray()
        resolutions = [page.tags["XResolution"].value for page in pages]
    assert resolutions == [(300, 1), (300, 2), (300, 4)]
    with Image.open(io.BytesIO(content)) as image:
        np.testing.assert_array_equal(np.asarray(image), whole)
        assert image.info["icc_profile"] == profile()
        image.seek(2)
        np.testing.assert_array_equal(np.asarray(image), smaller)
    if background is not None:
        means = whole[:1296, :696].reshape(324, 4, 174, 4, 3).mean(axis=(1, 3))
        assert np.abs(smaller[:324, :174] - means).max() <= 1
    assert told[-1] == 1300


def test_a_small_one_is_in_strips_for_programs_that_know_no_tiles():
    with tifffile.TiffFile(io.BytesIO(written(scene().drawable(60, 40), large=2401))) as file:
        assert not file.pages.first.is_tiled
        assert len(file.pages) == 1
