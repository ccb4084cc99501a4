"""Files of brushes: what is written comes back, and what is none is refused in a sentence."""

import io
import json
from contextlib import suppress
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.painters.brush.model_file import (
    BUNDLED,
    MOST_BYTES,
    bundled_path,
    model_bytes,
    read_model,
    rounded,
    write_model,
)
from tests.painters.brush.model_double import made_model


def arrays_of(content):
    with np.load(io.BytesIO(content)) as found:
        return dict(found)


def file_of(arrays, save=np.savez):
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def changed(arrays=None, **header):
    """The bytes of a brush of which something else is written."""
    found = arrays_of(model_bytes(made_model()))
    stored = json.loads(found["header"].tobytes()) | header
    found["header"] = np.frombuffer(json.dumps(stored).encode(), np.uint8)
    return file_of({name: value for name, value in (found | (arrays or {})).items() if value is not None})


def test_what_is_written_comes_back(tmp_path):
    model = made_model(hidden=24)
    write_model(tmp_path / "made.npz", model)
    found = read_model(tmp_path / "made.npz")
    for field in fields(found):
        one, other = getattr(found, field.name), getattr(model, field.name)
        if field.name in ("weights", "biases"):
            assert all(map(np.array_equal, one, other))
            assert all(array.dtype == np.float32 for array in one)
        else:
            assert np.array_equal(one, other), field.name
    assert found.digest == rounded(found).digest
    assert len(model_bytes(model)) < MOST_BYTES / 6


def test_the_digest_is_that_of_all_that_it_holds():
    digests = {
        made_model(texels=(9.0, 2.0, 0.5)).digest,
        made_model().digest,
        made_model(seed=2).digest,
        made_model(reach=2.0).digest,
    }
    digests |= {made_model(name="other").digest, made_model(figures={"mse": 0.005}).digest}
    assert len(digests) == 6


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no brush"),
        (b"PK\x03\x04 nothing", "no brush"),
        (bytes(MOST_BYTES + 1), "1,000,000 bytes"),
        (file_of(arrays_of(model_bytes(made_model())), np.savez_compressed), "compressed"),
        (file_of({"grain": np.zeros(3)}), "has no header"),
        (changed({"grain": None}), "has no grain"),
        (changed({"grain": np.zeros((4, 64, 63), np.float16)}), "shape (4, 64, 63)"),
        (changed({"weight1": np.zeros((8, 9), np.float16)}), "weight1 has the shape"),
        (changed({"weight1": np.zeros((8, 8), np.int32)}), "weight1 has the shape"),
        (changed({"weight1": np.full((8, 8), np.nan, np.float16)}), "weight1 has numbers that are none"),
        (changed({"bias0": np.zeros(7, np.float16)}), "layers of 7 values"),
        (changed({"bias0": np.zeros(72, np.float16)}), "layers of 72 values"),
        (changed({"bias0": np.zeros((8, 1), np.float16)}), "layers of 0 values"),
        (changed({"bias0": np.ones(8, np.float16)}), "damaged"),
        (changed({"header": np.zeros(3)}), "header is no text"),
        (changed({"header": np.frombuffer(b"[1]", np.uint8)}), "header is no record"),
        (changed(name=3), "name is no line of text"),
        (changed(about="two\nlines"), "about is no line of text"),
        (changed(kind="gan"), "of the kind 'gan'"),
        (changed(version=2), "version 2"),
        (changed(reach=20), "reach is 20"),
        (changed(reach=True), "reach is no number"),
        (changed(texels=[6, 6]), "texels are not 3 numbers"),
        (changed(texels=[6, 6, 0]), "texels is 0"),
        (changed(figures={"mse": "none"}), "mse is no number"),
        (changed(figures=[]), "figures are no record"),
        (changed(name="another"), "damaged"),
    ],
)
def test_what_is_no_brush_is_refused(content, said):
    with pytest.raises(ValueError, match="no brush") as caught:
        read_model(content)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.integers(0, 30_000), st.integers(1, 255))
def test_a_byte_that_is_another_is_found_or_means_nothing(place, change):
    model = made_model()
    content = bytearray(model_bytes(model))
    content[place % len(content)] ^= change
    with suppress(ValueError):
        assert read_model(bytes(content)).digest == model.digest


def test_a_brush_that_does_not_come_along_is_refused():
    with pytest.raises(ValueError, match=f"no brush 'feather'; there are {', '.join(BUNDLED)}"):
        bundled_path("feather")
