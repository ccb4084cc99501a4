"""Paintings by a network that draws whole strokes: drawn, moved, kept with the scene, and refused."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import SpecError
from engine.grid import Grid, Tile
from engine.image.source import TargetWindow
from engine.painters.brush.chosen import device_of, network_of
from engine.painters.brush.params import AnalysedParams, BrushParams
from engine.painters.brush.patch_painting import begun
from engine.painters.brush.scene import BrushScene
from tests.doubles.disc_strokes import DiscStrokes
from tests.painters.brush.scenes import handmade_brush, painting, some_strokes

pytest.importorskip("torch")
from engine.painters.brush.generators import patch_store
from engine.painters.brush.generators.network_file import network_bytes
from engine.painters.brush.painter import BrushPainter
from engine.painters.brush.patch_canvas import PatchCanvas
from tests.painters.brush.test_generators import network


class Counted(DiscStrokes):
    """Counts the strokes that are asked for."""

    asked = 0

    def alpha(self, actions, grains):
        Counted.asked += len(actions)
        return super().alpha(actions, grains)


@pytest.fixture(autouse=True)
def discs(monkeypatch):
    """Whatever file of weights is opened draws discs."""
    monkeypatch.setattr(patch_store, "open_generator", lambda *_: Counted("gan", softness=2))
    patch_store.store_of.cache_clear()
    patch_store.generator_of.cache_clear()
    Counted.asked = 0
    yield
    patch_store.store_of.cache_clear()
    patch_store.generator_of.cache_clear()


def scene(**more):
    return painting(brush=replace(handmade_brush(), network=b"weights"), **more)


def test_a_window_shows_what_the_whole_picture_shows_there():
    drawable = scene().drawable(90, 120)
    whole, part = drawable.draw(), drawable.draw_window(31, 17, 40, 50)
    assert np.array_equal(whole[17:57, 31:81], part)
    assert np.array_equal(drawable.within(31, 17, 40, 50).draw_window(31, 17, 40, 50), part)


def test_a_stroke_is_made_once_for_all_sizes():
    one = scene()
    one.draw(60, 80)
    asked = Counted.asked
    assert asked <= 32  # thirty strokes, sixteen at a time
    one.draw(60, 80)
    one.draw(120, 160)
    assert Counted.asked <= asked + 16  # but for a number that is rounded the other way


def test_a_transparent_picture_has_alpha_where_strokes_are():
    drawn = scene(background=None).draw(60, 80)
    assert drawn.shape == (60, 80, 4)
    assert drawn[..., 3].max() > 200 > 5 > drawn[..., 3].min()


def test_less_of_a_stroke_is_the_beginning_of_it():
    strokes = some_strokes(4, 60, 80)
    strokes.shown[:] = [1, 0.5, 0, 0.9]
    found = begun(strokes)
    assert np.array_equal(found.points[0], strokes.points[0])
    assert np.array_equal(found.points[:, 0], strokes.points[:, 0])
    assert found.points[1, 2] == pytest.approx(strokes.middles()[1], abs=1e-4)
    assert found.pressures[1, 1] == pytest.approx(strokes.pressures[1].mean())
    assert found.opacities[2] == 0
    assert (found.shown == 1).all()


def test_the_network_is_kept_with_the_scene_and_goes_with_its_brush():
    content = network_bytes(network("gan"))
    one = painting(count=3, brush=replace(handmade_brush(), network=content))
    again = BrushScene.from_arrays(one.arrays())
    assert again.brush.network == content
    assert pickle.loads(pickle.dumps(one.brush)).network == content
    assert "network" not in painting(count=3).arrays()
    assert BrushScene.from_arrays(painting(count=3).arrays()).brush.network == b""
    with pytest.raises(ValueError, match="this is no network"):
        BrushScene.from_arrays(one.arrays() | {"network": np.zeros(9, np.uint8)})


def test_slopes_make_the_picture_better():
    strokes, target = some_strokes(6, 40, 40), np.full((40, 40, 3), 0.2, np.float32)
    moves = np.array([True, True, False, True, True, True])
    canvas, losses = PatchCanvas(b"weights", np.float32(1.2), "cpu"), []
    for _ in range(6):
        pixels = np.full((40, 40, 3), 0.9, np.float32)
        canvas.paint(pixels, strokes, strokes.colours, moves)
        losses.append(float(np.square(pixels - target).mean()))
        found = np.zeros((6, 13), np.float32)
        canvas.slopes(pixels - target, found)
        assert not found[2].any()
        step = np.sign(found)
        strokes = replace(
            strokes,
            points=strokes.points - (0.5 * step[:, :6]).reshape(-1, 3, 2).astype(np.float32),
            radii=strokes.radii * np.exp(-0.05 * step[:, 6]),
            pressures=np.clip(strokes.pressures - 0.05 * step[:, 7:9], 0, 1),
            colours=np.clip(strokes.colours - 0.05 * step[:, 10:], 0, 1),
        )
    assert losses[-1] < 0.9 * losses[0]


def painted(tmp_path):
    path = tmp_path / "gan.npz"
    path.write_bytes(network_bytes(network("gan")))
    params = AnalysedParams(
        generator="gan", weights=str(path), count=12, size=(0.1, 0.4), picture_height=40, picture_width=40
    )
    pixels = np.full((40, 40, 3), 220, np.uint8)
    pixels[10:30, 12:26] = (200, 40, 30)
    painter, tile = BrushPainter(params), Tile(0, 0, 0, 0, 0, 40, 40)
    part, new = painter.empty_scene(40, 40, (0.86, 0.86, 0.86)).take([tile])[0], 6
    for phase in painter.plan(Grid.fit(40, 40, "1x1"), 0.2):
        seed = np.random.SeedSequence(1)
        part = painter.paint(TargetWindow(pixels), tile, part, new, phase, seed).part
    drawn = painter.draw_part(tile, part)
    return part.strokes, np.sqrt(np.square((drawn.astype(float) - pixels) / 255).mean())


def test_the_painter_paints_by_it_and_the_same_again(tmp_path):
    strokes, error = painted(tmp_path)
    assert len(strokes) >= 6
    assert error < 0.12  # of paper alone: .24
    again, _ = painted(tmp_path)  # by patches of which some are there already
    assert again.points.tobytes() == strokes.points.tobytes()
    assert again.colours.tobytes() == strokes.colours.tobytes()


def test_what_is_missing_is_told_in_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "gan.npz").write_bytes(network_bytes(network("gan")))
    (tmp_path / "odd.npz").write_bytes(b"odd")
    gan, odd = str(tmp_path / "gan.npz"), str(tmp_path / "odd.npz")
    for asked, said in (
        ({"generator": "gan"}, "gan needs a file of weights; give --weights FILE"),
        ({"weights": gan}, "they are of the generators vae and gan"),
        ({"generator": "vae", "weights": gan}, "weights of a gan; give --generator gan"),
        ({"generator": "vae", "weights": odd}, r"odd.npz: this is no network: .*train --kind vae"),
        ({"generator": "vae", "weights": "nowhere.npz"}, "nowhere.npz: can't be read"),
    ):
        with pytest.raises(SpecError, match=said):
            network_of(BrushParams.model_validate(asked))
    assert network_of(BrushParams()) == b""
    chosen = BrushParams(generator="gan", weights=gan)
    assert device_of(chosen) == "cpu"
    monkeypatch.setattr("engine.painters.brush.chosen.find_spec", lambda _: None)
    with pytest.raises(SpecError, match="gan needs torch, which is not installed; install it with"):
        network_of(chosen)


def test_a_picture_is_the_same_whatever_was_drawn_before():
    one, empty = scene(), replace(scene(), strokes=some_strokes(0, 60, 80))
    fewer = replace(one, strokes=one.strokes[5:])
    before = None
    for each in (one, fewer, empty, one):
        before = each.drawable(60, 80).after(before)
        assert np.array_equal(before.pixels, each.draw(60, 80))
