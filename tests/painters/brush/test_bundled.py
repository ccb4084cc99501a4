"""The brushes that come along: they are there, they are small, and they are as good as was asked for."""

import pytest

from engine.painters.brush.model_file import BUNDLED, bundled_path, read_model


def test_all_six_together_are_small():
    assert sum(bundled_path(name).stat().st_size for name in BUNDLED) < 1_000_000


LITTLE = 0.0035  # mean squared error over all pixels


@pytest.mark.parametrize("name", BUNDLED)
def test_a_brush_is_what_its_file_is_called_and_good(name):
    model = read_model(bundled_path(name))
    assert model.name == name
    assert "CC0" in model.source
    # Where the engine has little randomness its floor is lower than any network of this size comes.
    assert model.figures["mse"] <= max(1.3 * model.figures["floor"], LITTLE)
    assert 0.9 <= model.figures["grain"] <= 1.15
    assert 0.3 < model.figures["width"] < 1.5
