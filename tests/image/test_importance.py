"""What matters in a target: by a mask, or by what there is to see."""

import numpy as np
import pytest
from PIL import Image

from engine.errors import SpecError, TargetError
from engine.image.importance import LEAST, weights_of
from engine.image.target import open_target
from tests.doubles.pictures import noise, saved, smooth


def weights(source, **options):
    found = open_target(source, **options).weights
    assert found is not None
    return found


def of(importance, pixels):
    found, remarks = weights_of(importance, pixels)
    assert remarks == ()
    assert found is not None
    return found


def test_none_means_no_weights():
    assert open_target("coffee", 30).weights is None


def test_a_mask_is_brought_to_the_targets_size_and_black_still_counts(tmp_path):
    mask = np.zeros((6, 9), np.uint8)
    mask[:, 5:] = 255
    path = saved(tmp_path / "mask", Image.fromarray(mask), "PNG")
    found = weights("coffee", size=90, importance=path)
    assert found.shape == (60, 90)
    assert found.dtype == np.uint8
    assert (found[:, :40] == LEAST).all()
    assert (found[:, 60:] == 255).all()
    assert LEAST >= 1


def test_a_mask_in_colour_upside_down_and_transparent(tmp_path):
    mask = np.full((40, 40, 4), 255, np.uint8)
    mask[:20, :, :3] = 0
    mask[:, :20, 3] = 0
    exif = Image.Exif()
    exif[0x0112] = 3  # to be turned by 180 degrees
    path = saved(tmp_path / "mask", Image.fromarray(mask), "PNG", exif=exif)
    found = of(path, smooth(40, 40))
    assert found[5, 5] == 255
    assert found[5, 35] == found[35, 5] == found[35, 35] == LEAST


def test_a_mask_that_is_none_is_refused(tmp_path):
    with pytest.raises(SpecError, match=r"importance: 'atuo' is no file; give none, auto or the path"):
        open_target("coffee", 30, importance="atuo")
    (tmp_path / "mask.png").write_text("no picture")
    with pytest.raises(TargetError, match=r"mask\.png: not a"):
        open_target("coffee", 30, importance=str(tmp_path / "mask.png"))


def test_a_face_matters_more_than_a_flag():
    found = weights("astronaut", size=256, importance="auto")
    face, flag, wall = found[15:50, 95:130], found[0:110, 0:30], found[10:60, 160:190]
    assert face.mean() > 1.5 * flag.mean()
    assert face.mean() > 4 * wall.mean()


def test_contrast_and_a_straight_edge_matter_little():
    pixels = np.full((128, 128, 3), 128, np.uint8)
    pixels[:, 64:] = 255
    pixels[20:40, 20:40] = 100 + noise(20, 20) // 4
    found = of("auto", pixels)
    assert found[25:35, 25:35].mean() > 5 * found[64:, 60:68].mean()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 200)])
def test_any_size(shape):
    for pixels in (noise(*shape), np.full((*shape, 3), 7, np.uint8)):
        found = of("auto", pixels)
        assert found.shape == shape
        assert found.min() >= LEAST


def test_a_plain_picture_matters_everywhere_alike():
    assert len(np.unique(of("auto", np.full((20, 30, 3), 7, np.uint8)))) == 1
