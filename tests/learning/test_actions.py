import numpy as np
import pytest

from engine.learning.actions import COLUMNS, random_actions, stroke_of


def action(**numbers):
    return np.array([numbers.get(name, 0.5) for name in COLUMNS], np.float32)


def test_they_stand_in_the_order_of_nakanos_data_set():
    assert COLUMNS[0] == "pressure_end"
    assert COLUMNS.index("start_x") == 9
    assert COLUMNS[-1] == "pressure_entry"


def test_the_curve_passes_through_the_control_place():
    stroke = stroke_of(action(start_x=0, start_y=0, control_x=0.5, control_y=0.75, end_x=1, end_y=0))
    assert stroke.points.tolist() == [[0, 0], [32, 96], [64, 0]]
    first, control, last = stroke.points
    assert ((first + 2 * control + last) / 4).tolist() == [32, 48]


@pytest.mark.parametrize(("size", "radius"), [(0, 1.0), (0.5, np.e), (1, np.e**2)])
def test_size_is_the_radius_by_its_logarithm(size, radius):
    assert stroke_of(action(size=size)).radius == pytest.approx(radius)


def test_pressures_are_in_the_order_of_the_stroke():
    assert stroke_of(action(pressure_entry=0.25, pressure_end=0.75)).pressures == (0.25, 0.75)


def test_random_ones_are_the_same_for_any_count():
    few, many = random_actions(3, [1, 2]), random_actions(1000, [1, 2])
    assert (few == many[:3]).all()
    assert many.shape == (1000, 12)
    assert many.dtype == np.float32
    assert 0 <= many.min() < 0.01 < 0.99 < many.max() < 1
    assert (random_actions(3, [1, 3]) != few).any()
