"""The canvas: whole cells only, never a torn one, wherever its bytes are."""

import dataclasses
import itertools
import multiprocessing
import pickle
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.parallel import shared_memory as segment
from engine.parallel.canvas import Canvas
from tests.doubles import canvas_steps

XS = (0, 2, 5, 8)
YS = (0, 2, 6)


@pytest.fixture(params=["shared memory", "file"])
def canvas(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Canvas]:
    if request.param == "file":
        monkeypatch.setattr(segment, "SHM_FOLDER", tmp_path / "none")
    with Canvas.create(tmp_path, gradient(), XS, YS) as canvas:
        yield canvas
    assert list(tmp_path.iterdir()) == []


def gradient() -> np.ndarray:
    return np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)


def test_the_first_read_is_the_initial_picture(canvas: Canvas) -> None:
    versions, pixels = canvas.read()
    assert versions.dtype == np.int64
    assert versions.tolist() == [[0, 0, 0], [0, 0, 0]]
    np.testing.assert_array_equal(pixels, gradient())


def test_a_write_changes_its_window_and_the_versions_of_its_cells(canvas: Canvas) -> None:
    patch = np.full((4, 6, 3), 200, np.uint8)
    canvas.write(2, 2, 8, 6, patch)
    versions, pixels = canvas.read()
    assert versions.tolist() == [[0, 0, 0], [0, 2, 2]]
    expected = gradient()
    expected[2:6, 2:8] = 200
    np.testing.assert_array_equal(pixels, expected)
    canvas.write(2, 2, 5, 6, patch[:, :3])
    assert canvas.read()[0].tolist() == [[0, 0, 0], [0, 4, 2]]


def test_a_canvas_with_alpha(tmp_path: Path) -> None:
    with Canvas.create(tmp_path, np.zeros((6, 8, 4), np.uint8), XS, YS) as canvas:
        canvas.write(0, 0, 2, 2, np.full((2, 2, 4), 9, np.uint8))
        with pytest.raises(ValueError, match="needs uint8"):
            canvas.write(0, 0, 2, 2, np.zeros((2, 2, 3), np.uint8))
        pixels = canvas.read()[1]
    assert pixels.shape == (6, 8, 4)
    assert (pixels[:2, :2] == 9).all()
    assert pixels.sum() == 9 * 16


def test_what_was_read_is_a_copy(canvas: Canvas) -> None:
    versions, pixels = canvas.read()
    versions[:] = 77
    pixels[:] = 77
    versions, pixels = canvas.read()
    assert versions.tolist() == [[0, 0, 0], [0, 0, 0]]
    np.testing.assert_array_equal(pixels, gradient())


@pytest.mark.parametrize(
    "window",
    [
        (1, 0, 5, 2),
        (0, 0, 4, 2),
        (0, 1, 2, 2),
        (0, 0, 2, 5),
        (0, 0, 9, 2),
        (-2, 0, 2, 2),
        (2, 0, 2, 2),
        (5, 0, 2, 2),
    ],
)
def test_a_window_of_parts_of_cells_is_refused(canvas: Canvas, window: tuple[int, int, int, int]) -> None:
    x0, y0, x1, y1 = window
    with pytest.raises(ValueError, match="not made of whole"):
        canvas.write(*window, np.zeros((max(0, y1 - y0), max(0, x1 - x0), 3), np.uint8))
    assert not canvas.read()[0].any()


@pytest.mark.parametrize(
    "pixels", [np.zeros((2, 3, 3), np.uint8), np.zeros((2, 2, 4), np.uint8), np.zeros((2, 2, 3), np.float32)]
)
def test_pixels_that_do_not_fit_their_window_are_refused(canvas: Canvas, pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="needs uint8"):
        canvas.write(0, 0, 2, 2, pixels)


@pytest.mark.parametrize("xs", [(0, 2), (1, 8), (0, 5, 5, 8), (0, 5, 2, 8), (8,), ()])
def test_a_lattice_that_does_not_cover_the_picture_is_refused(tmp_path: Path, xs: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="xs must rise from 0 to 8"):
        Canvas.create(tmp_path, gradient(), xs, YS)


def test_a_cell_stuck_by_a_killed_writer_keeps_its_last_content_until_it_is_written_again(
    canvas: Canvas,
) -> None:
    canvas.write(0, 0, 2, 2, np.full((2, 2, 3), 50, np.uint8))
    canvas.read()
    versions, pixels = canvas._views()
    versions[0, :2] = 3, 1  # where two writers were killed: one in a cell read before, one in a fresh cell,
    pixels[:2, :5] = 111  # both after some pixels
    seen_versions, seen_pixels = canvas.read()
    assert seen_versions.tolist() == [[2, 0, 0], [0, 0, 0]]
    assert (seen_pixels[:2, :2] == 50).all()
    np.testing.assert_array_equal(seen_pixels[:2, 2:5], gradient()[:2, 2:5])

    canvas.write(0, 0, 5, 2, np.full((2, 5, 3), 60, np.uint8))
    seen_versions, seen_pixels = canvas.read()
    assert (seen_pixels[:2, :5] == 60).all()
    assert (seen_versions[0, :2] > [3, 1]).all()
    assert (seen_versions % 2 == 0).all()


def test_an_attached_canvas_says_which_cells_it_has_never_seen(canvas: Canvas) -> None:
    canvas._views()[0][0, 0] = 1
    with Canvas.attach(canvas.handle) as attached:
        versions, pixels = attached.read()
    assert versions.tolist() == [[-1, 0, 0], [0, 0, 0]]
    np.testing.assert_array_equal(pixels[2:], gradient()[2:])


def test_no_cell_is_ever_torn_while_another_process_writes(tmp_path: Path) -> None:
    borders = (0, 256, 512)
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    reads = 0
    with Canvas.create(tmp_path, np.zeros((512, 512, 3), np.uint8), borders, borders) as canvas:
        writer = spawn.Process(target=canvas_steps.hammer, args=(canvas.handle, theirs), daemon=True)
        writer.start()
        assert ours.poll(20)
        assert ours.recv() == "started"
        before = np.zeros((2, 2), np.int64)
        end = time.monotonic() + 0.7
        while time.monotonic() < end:
            versions, pixels = canvas.read()
            cells = pixels[::8, ::32].reshape(2, 32, 2, 8, 3)
            assert (cells == cells[:, :1, :, :1]).all(), f"a torn cell in read {reads}"
            assert (versions >= before).all()
            assert (versions % 2 == 0).all()
            reads, before = reads + 1, versions
        ours.send("stop")
        assert ours.poll(20)
        writes = ours.recv()
        writer.join()
        final, _ = canvas.read()
    assert reads > 10
    assert writes > 100
    assert before.max() > 100  # so the reads did see the writes
    assert final.sum() >= 2 * writes


def test_a_spawned_writer_leaves_quietly_and_the_canvas_stays(
    canvas: Canvas, capfd: pytest.CaptureFixture[str]
) -> None:
    writer = multiprocessing.get_context("spawn").Process(
        target=canvas_steps.write_and_leave_open, args=(canvas.handle,)
    )
    writer.start()
    writer.join()
    assert writer.exitcode == 0
    assert capfd.readouterr().err == ""
    assert (canvas.read()[1][:2, :2] == 9).all()
    with Canvas.attach(canvas.handle) as again:
        assert (again.read()[1][:2, :2] == 9).all()


def test_the_handle_is_a_small_picklable_value(canvas: Canvas) -> None:
    assert pickle.loads(pickle.dumps(canvas.handle)) == canvas.handle
    with pytest.raises(dataclasses.FrozenInstanceError):
        canvas.handle.width = 3  # type: ignore[misc]


def test_close_ends_the_canvas_and_may_be_called_twice(canvas: Canvas) -> None:
    canvas.close()
    canvas.close()
    with pytest.raises(FileNotFoundError):
        Canvas.attach(canvas.handle)
    with pytest.raises(ValueError, match="mmap closed"):
        canvas.write(0, 0, 2, 2, np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(ValueError, match="mmap closed"):
        canvas.read()


def test_an_attached_canvas_closes_without_ending_it(canvas: Canvas) -> None:
    Canvas.attach(canvas.handle).close()
    Canvas.attach(canvas.handle).close()


def test_a_canvas_may_be_smaller_than_the_picture(tmp_path: Path) -> None:
    """A cell of the picture may have no pixel there; what is written lies where its window does."""
    xs, ys = (0, 8, 9, 20, 32), (0, 5, 24)
    with Canvas.create(tmp_path, np.zeros((6, 8, 3), np.uint8), xs, ys) as canvas:
        view = canvas.handle.view
        assert view.is_smaller
        assert [view.box(a, 0, b, 5) for a, b in itertools.pairwise(xs)] == [
            (0, 0, 2, 1), (2, 0, 2, 1), (2, 0, 5, 1), (5, 0, 8, 1)
        ]  # fmt: skip
        picture = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
        for y0, y1 in itertools.pairwise(ys):
            for x0, x1 in itertools.pairwise(xs):
                box = (x0, y0, x1, y1)
                canvas.write(*box, view.shown(*box, picture[y0:y1, x0:x1]))
        versions, pixels = canvas.read()
        assert (versions == 2).all()
        means = picture[5:24, 20:32].mean(axis=(0, 1))
        assert np.abs(pixels[1:, 5:].mean(axis=(0, 1)) - means).max() < 4
        with pytest.raises(ValueError, match="needs uint8"):
            canvas.write(0, 0, 8, 5, picture[:5, :8])


def test_a_canvas_of_all_pixels_shows_them_as_they_are(canvas: Canvas) -> None:
    view = canvas.handle.view
    assert not view.is_smaller
    assert view.box(2, 0, 5, 6) == (2, 0, 5, 6)
    patch = gradient()[:, 2:5]
    assert view.shown(2, 0, 5, 6, patch) is patch
