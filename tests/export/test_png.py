"""A PNG written in bands has the pixels of a scene drawn at once, and its texts."""

import io
import os
import threading
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.export import bands as bands_module
from engine.export import png
from engine.export.png import write_png
from engine.image.pixels import decode_png
from engine.scene.drawing import BAND
from tests.export.test_json_shapes import scene

TEXTS = {"Title": "a title", "Spec": "target: año.png\nsize: 3\n"}


def written(outlines, texts=TEXTS):
    file = io.BytesIO()
    write_png(file, outlines, texts)
    return file.getvalue()


@pytest.mark.parametrize("background", [(0.1, 1 / 3, 0.5), None])
@given(height=st.integers(1, 200), width=st.integers(1, 90), bands=st.integers(1, 3))
def test_pillow_reads_the_pixels_of_the_drawn_scene(background, height, width, bands):
    picture = scene(2, background=background)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands_module, "PIECE", bands * BAND * width * 4)
        content = written(picture.drawable(height, width))
    with Image.open(io.BytesIO(content)) as image:
        assert image.mode == ("RGBA" if background is None else "RGB")
        assert image.info == {**TEXTS, "srgb": 0}
    np.testing.assert_array_equal(decode_png(content), picture.draw(height, width))


def test_the_bytes_do_not_depend_on_the_number_of_cores(monkeypatch):
    monkeypatch.setattr(bands_module, "PIECE", 1)
    outlines = scene(2).drawable(300, 50)
    contents = set()
    for cores in (1, 2, 5):
        monkeypatch.setattr(bands_module, "available_cores", lambda cores=cores: cores)
        contents.add(written(outlines))
    assert len(contents) == 1


def test_it_says_how_many_rows_are_written(monkeypatch):
    monkeypatch.setattr(bands_module, "PIECE", 1)
    told: list[int] = []
    write_png(io.BytesIO(), scene().drawable(3 * BAND + 5, 9), {}, told.append)
    assert told == [BAND, 2 * BAND, 3 * BAND, 3 * BAND + 5]


def test_every_checksum_is_right():
    """Which Pillow doesn't look at: those of the chunks, and that of the zlib stream in several chunks."""
    content = written(scene().drawable(70, 50))
    at, stream = len(png.SIGNATURE), b""
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        stream += data if kind == b"IDAT" else b""
        assert int.from_bytes(content[at + 8 + size : at + 12 + size], "big") == zlib.crc32(kind + data)
        at += 12 + size
    assert (at, kind) == (len(content), b"IEND")
    assert len(zlib.decompress(stream)) == 70 * (1 + 3 * 50)


def test_a_failure_ends_the_threads(monkeypatch):
    monkeypatch.setattr(bands_module, "PIECE", 1)
    before = threading.active_count()

    class Full(io.BytesIO):
        def write(self, data):
            if self.tell() > 2000:
                raise OSError(os.strerror(28))
            return super().write(data)

    with pytest.raises(OSError, match="No space"):
        write_png(Full(), scene().drawable(2000, 50), TEXTS)
    assert threading.active_count() == before


@pytest.mark.parametrize("background", [(0.1, 1 / 3, 0.5), None])
def test_rows_that_are_too_long_are_written_in_pieces(monkeypatch, background):
    monkeypatch.setattr(png, "MOST", 100)
    told: list[int] = []
    picture, file = scene(background=background), io.BytesIO()
    write_png(file, picture.drawable(7, 90), {}, told.append)
    np.testing.assert_array_equal(decode_png(file.getvalue()), picture.draw(7, 90))
    assert told == [1, 2, 3, 4, 5, 6, 7]


def test_wide_bands_are_drawn_a_few_columns_at_a_time(monkeypatch):
    monkeypatch.setattr(bands_module, "COLUMNS", 16)
    picture = scene(2)
    np.testing.assert_array_equal(decode_png(written(picture.drawable(70, 90))), picture.draw(70, 90))
