"""JPEG in bands is what Pillow makes of the whole; WebP and JPEG say what they are."""

import io

import numpy as np
import pytest
from PIL import Image

from engine.export import bands
from engine.export.lossy import write_jpeg, write_webp
from engine.export.srgb import profile
from engine.image.alpha import over_white
from tests.export.test_json_shapes import scene

TEXTS = {"Title": "a title", "Description": "by whom, año", "Software": "Tessera"}


def written(write, outlines, *arguments):
    file = io.BytesIO()
    write(file, outlines, TEXTS, *arguments)
    return file.getvalue()


def opened(content):
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image


@pytest.mark.parametrize(("quality", "sampling", "rows"), [(92, 0, 64), (75, 2, 128)])
@pytest.mark.parametrize(("height", "width"), [(300, 50), (128, 33), (5, 200), (129, 16)])
def test_a_jpeg_of_bands_has_the_pixels_of_the_whole(monkeypatch, quality, sampling, rows, height, width):
    monkeypatch.setattr(bands, "PIECE", 1)
    outlines = scene(2).drawable(height, width)
    told: list[int] = []
    image = opened(written(write_jpeg, outlines, quality, told.append))
    whole = io.BytesIO()
    Image.fromarray(outlines.draw()).save(whole, "JPEG", quality=quality, subsampling=sampling)
    np.testing.assert_array_equal(np.asarray(image), np.asarray(opened(whole.getvalue())))
    assert told == [*range(rows, height, rows), height]


def test_a_transparent_picture_is_a_jpeg_on_white():
    outlines = scene(2, background=None).drawable(60, 90)
    image = opened(written(write_jpeg, outlines, 98))
    difference = np.asarray(image).astype(int) - over_white(outlines.draw())
    assert (image.mode, image.size) == ("RGB", (90, 60))
    assert np.abs(difference).mean() < 2


def test_quality_is_a_matter_of_bytes():
    outlines = scene(2).drawable(200, 300)
    for write in (write_jpeg, write_webp):
        sizes = [len(written(write, outlines, quality)) for quality in (5, 60, 95)]
        assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("background", [(0.1, 1 / 3, 0.5), None])
def test_a_webp_of_100_is_lossless_and_transparent(background):
    outlines = scene(2, background=background).drawable(40, 60)
    image = opened(written(write_webp, outlines, 100))
    if background is None:
        assert image.mode == "RGBA"
        np.testing.assert_array_equal(np.asarray(image)[..., 3], outlines.draw()[..., 3])
    else:
        np.testing.assert_array_equal(np.asarray(image), outlines.draw())


@pytest.mark.parametrize("write", [write_jpeg, write_webp])
def test_they_say_how_large_they_are_in_which_colours_and_by_whom(write):
    image = opened(written(write, scene(2).drawable(40, 60), 90, lambda rows: None, 240))
    assert image.info["icc_profile"] == profile()
    exif = image.getexif()
    assert (exif[0x011A], exif[0x011B], exif[0x0128]) == (240, 240, 2)
    assert exif[0x0131] == "Tessera"
    assert str(exif[0x010E]).startswith("by whom")
    if write is write_jpeg:
        assert image.info["dpi"] == (240, 240)
    plain = opened(written(write, scene(2).drawable(40, 60), 90))
    assert 0x011A not in plain.getexif()


@pytest.mark.parametrize("write", [write_jpeg, write_webp])
def test_the_bytes_do_not_depend_on_the_number_of_cores(monkeypatch, write):
    monkeypatch.setattr(bands, "PIECE", 1)
    contents = set()
    for cores in (1, 3):
        monkeypatch.setattr(bands, "available_cores", lambda cores=cores: cores)
        contents.add(written(write, scene(2).drawable(200, 30), 80))
    assert len(contents) == 1
