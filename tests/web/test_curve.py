"""A curve has few points, in order, with its first and its last one."""

from hypothesis import given
from hypothesis import strategies as st

from engine.web.curve import MOST, Curve

steps = st.lists(st.floats(0.001, 5), min_size=1, max_size=2000)


@given(steps)
def test_it_keeps_few_points_in_order(gaps):
    curve, seconds = Curve(), 0.0
    for number, gap in enumerate(gaps):
        seconds += gap
        curve.add(seconds, 1 / (1 + number), is_last=number == len(gaps) - 1)
    points = curve.points
    assert 1 <= len(points) <= MOST
    times = [each for each, _ in points]
    assert times == sorted(set(times))
    assert points[-1] == (round(seconds, 2), round(1 / len(gaps), 6))
    assert points[0][0] <= 0.1 + gaps[0] + (gaps[1] if len(gaps) > 1 else 0)
    assert Curve(points).points == points, "as the store has it"


def test_points_that_are_close_are_left_out():
    curve = Curve()
    assert [curve.add(at / 100, 0.5) for at in range(31)].count(True) == 4
    assert [seconds for seconds, _ in curve.points] == [0.0, 0.1, 0.2, 0.3]


def test_what_came_after_a_checkpoint_is_forgotten():
    curve = Curve([(1.0, 0.5), (2.0, 0.4), (3.0, 0.3)])
    curve.go_back_to(2.5)
    assert curve.add(2.7, 0.35)
    assert curve.points == [(1.0, 0.5), (2.0, 0.4), (2.7, 0.35)]
