import json

import numpy as np
import pytest

from engine.errors import SpecError
from engine.learning.actions import random_actions
from engine.learning.shards import AGAIN, MANIFEST, held_out_count, open_strokes, shard_name, write_arrays


def arrays(count=60, seed=0):
    alpha = np.random.default_rng(seed).integers(0, 256, (count, 64, 64), np.uint8)
    return random_actions(count, [seed]), alpha


def whole(folder, count=1060):
    """A data set of ours."""
    actions, alpha = arrays(count)
    manifest = {"format": "tessera strokes", "version": 1, "count": count, "shard": 1000, "brush": "oil"}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    for number, start in enumerate(range(0, count, 1000)):
        with (folder / shard_name(number)).open("wb") as file:
            write_arrays(file, actions[start : start + 1000], alpha[start : start + 1000])
    with (folder / AGAIN).open("wb") as file:
        held = held_out_count(count)
        write_arrays(file, actions[-held:], 255 - alpha[-held:])
    return actions, alpha


def test_a_data_set_comes_back(tmp_path):
    actions, alpha = whole(tmp_path)
    found = open_strokes(tmp_path)
    assert (found.count, found.trained, found.manifest["brush"]) == (1060, 1039, "oil")
    assert (found.actions == actions).all()
    held, pictures = found.held_out()
    assert (held == actions[1039:]).all()
    assert pictures.dtype == np.float32
    assert np.allclose(pictures, alpha[1039:] / 255)
    again = found.again()
    assert again is not None
    assert np.allclose(again + pictures, 1)


def test_batches_hold_each_stroke_to_learn_from_once_in_an_order_of_the_seed(tmp_path):
    whole(tmp_path)
    found = open_strokes(tmp_path)
    batches = list(found.batches(100, seed=1))
    assert [len(actions) for actions, _ in batches] == [100] * 10
    seen = np.concatenate([actions for actions, _ in batches])
    assert len(np.unique(seen, axis=0)) == 1000
    places = {row.tobytes(): number for number, row in enumerate(found.actions)}
    numbers = [places[row.tobytes()] for row in seen]
    assert max(numbers) < found.trained
    assert numbers != sorted(numbers)
    assert np.allclose(batches[0][1], found.alpha[numbers[:100]] / 255)
    assert (next(found.batches(100, seed=1))[0] == batches[0][0]).all()
    assert (next(found.batches(100, seed=2))[0] != batches[0][0]).any()
    assert len(next(found.batches(10**6, seed=1))[0]) == found.trained


def test_a_single_file_and_a_folder_without_a_manifest_are_read_too(tmp_path):
    for name in ("b.npz", "a.npz"):
        np.savez(tmp_path / name, **dict(zip(("actions", "alpha"), arrays(50, ord(name[0])), strict=True)))
    found = open_strokes(tmp_path / "a.npz")
    assert (found.count, found.trained, found.again()) == (50, 49, None)
    both = open_strokes(tmp_path)
    assert both.count == 100
    assert (both.actions[:50] == found.actions).all()


@pytest.mark.parametrize("scale", [1, 255])
def test_alpha_of_the_published_set_is_found_by_the_strokes_colour(tmp_path, scale):
    actions, alpha = arrays(20)
    actions[:, 6:9] *= 0.9
    share = alpha[..., None] / 255
    strokes = 1 - share * (1 - actions[:, None, None, 6:9])
    np.savez(tmp_path / "s.npz", actions=actions, strokes=(strokes * scale).astype(np.float32))
    assert np.abs(open_strokes(tmp_path / "s.npz").alpha.astype(int) - alpha).max() <= 1


def test_grey_strokes_are_black_on_white(tmp_path):
    actions, alpha = arrays(20)
    np.savez(tmp_path / "s.npz", actions=actions, strokes=255 - alpha)
    assert (open_strokes(tmp_path / "s.npz").alpha == alpha).all()


def save(folder, **named):
    np.savez(folder / "x.npz", **named)


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ({"a": np.zeros(3)}, "has no actions"),
        ({"actions": np.zeros((2, 12))}, "neither alpha nor strokes"),
        ({"actions": np.zeros((2, 11)), "alpha": np.zeros((2, 64, 64), np.uint8)}, "not floats"),
        ({"actions": np.zeros((3, 12)), "alpha": np.zeros((2, 64, 64), np.uint8)}, "not floats"),
        ({"actions": np.full((2, 12), 1.5), "alpha": np.zeros((2, 64, 64), np.uint8)}, "between 0 and 1"),
        ({"actions": np.full((2, 12), np.nan), "alpha": np.zeros((2, 64, 64), np.uint8)}, "between 0 and 1"),
        ({"actions": np.zeros((2, 12)), "alpha": np.zeros((2, 64, 64))}, "not uint8"),
        ({"actions": np.zeros((2, 12)), "alpha": np.zeros((2, 32, 32), np.uint8)}, "not uint8"),
        ({"actions": np.zeros((2, 12)), "strokes": np.zeros((2, 64, 64, 4))}, "strokes are"),
        ({"actions": np.zeros((0, 12)), "alpha": np.zeros((0, 64, 64), np.uint8)}, "holds no strokes"),
        ({"actions": np.array([{}]), "alpha": np.zeros((1, 64, 64), np.uint8)}, "can't be read"),
    ],
)
def test_what_is_no_data_set_is_a_sentence(tmp_path, named, sentence):
    save(tmp_path, **named)
    with pytest.raises(SpecError, match=sentence) as caught:
        open_strokes(tmp_path / "x.npz")
    assert "x.npz: " in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 and no more"])
def test_what_is_no_npz_is_a_sentence(tmp_path, content):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(SpecError, match=r"x\.npz: can't be read"):
        open_strokes(tmp_path / "x.npz")


def test_what_is_wrong_with_a_folder_is_a_sentence(tmp_path):
    with pytest.raises(SpecError, match="holds no strokes"):
        open_strokes(tmp_path)
    with pytest.raises(SpecError, match="can't be read"):
        open_strokes(tmp_path / "gone")
    whole(tmp_path, 1060)
    (tmp_path / shard_name(1)).unlink()
    with pytest.raises(SpecError, match="1 of 2 shards are missing; the same tessera brush dataset"):
        open_strokes(tmp_path)
    with (tmp_path / shard_name(1)).open("wb") as file:
        write_arrays(file, *arrays(30))
    with pytest.raises(SpecError, match="holds 1030 strokes, not the 1060"):
        open_strokes(tmp_path)
    for text in ("{}", "[1]", '{"format": "tessera strokes", "version": 1, "count": 0}', "{"):
        (tmp_path / MANIFEST).write_text(text)
        with pytest.raises(SpecError, match=r"manifest\.json: "):
            open_strokes(tmp_path)
