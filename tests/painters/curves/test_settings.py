from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from engine.grid import Grid
from engine.image.target import Origin, Target
from engine.painters.curves import pens
from engine.painters.curves.adam import Moments
from engine.painters.curves.begin import analysed_of
from engine.painters.curves.fields import PATTERNS, terms
from engine.painters.curves.objectives.v4_motifs import CHANNELS
from engine.painters.curves.params import CurveParams
from engine.painters.curves.plan import make_plan
from engine.painters.curves.window_job import rate


def analysed(height: int, width: int, blank: bool = True, **chosen):
    pixels, origin = np.full((height, width, 3), 255, np.uint8), Origin("blank:9x9" if blank else "", "")
    target = Target(pixels, (1.0, 1.0, 1.0), True, (height, width), None, origin)
    return analysed_of(CurveParams(**chosen), target)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("neuron", {"neuron": 1.0}),
        ("Features = 1, picture=.3", {"features": 1.0, "picture": 0.3}),
        ("picture,picture=2", {"picture": 3.0}),
    ],
)
def test_sums_of_objectives(text: str, found: dict[str, float]) -> None:
    assert terms(text) == found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("objective", "beauty"),
        ("objective", "auto,picture"),
        ("objective", "picture=0"),
        ("neuron", "fire6"),
        ("layers", "fire6"),
        ("width", "3-1"),
        ("width", 0),
        ("pens", "blackish"),
        ("tile", 3),
        ("opacity", 2),
    ],
)
def test_what_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        CurveParams.model_validate({name: value})


def test_what_was_written_is_read_again() -> None:
    params = CurveParams.model_validate(
        {"width": "1-4", "pens": "black, crimson", "objective": "features,picture=0.3", "tile": 256}
    )
    assert CurveParams(**params.model_dump(mode="json")) == params
    assert params.pen_colours[0] == (0, 0, 0)


def test_a_blank_becomes_a_seamless_tile_and_a_larger_one_a_sheet() -> None:
    tile, sheet, odd = analysed(256, 256), analysed(1024, 768), analysed(1000, 700)
    assert (tile.wrap, tile.tile_size, tile.count, tile.objective) == (True, None, 109, "neuron")
    assert (sheet.tile_size, odd.tile_size) == ((256, 256), (250, 234))
    assert analysed(1024, 768, wrap=False).tile_size is None
    photograph = analysed(256, 256, blank=False)
    assert (photograph.wrap, photograph.objective) == (False, "picture")


def test_a_sheet_is_drawn_as_a_tile_first() -> None:
    params = analysed(512, 512)
    plan = make_plan(params, Grid.fit(512, 512, "auto"), 1, 0)
    assert [plan[0].action, plan[0].marks] == ["begin", 109]
    assert sum(phase.effort for phase in plan if phase.marks == 109) == 260
    (at,) = [n for n, phase in enumerate(plan) if phase.action == "spread"]
    assert plan[at].marks == params.count == 437
    assert {phase.level for phase in plan[at + 1 :]} == {1}
    assert len({phase.tiling for phase in plan[at + 1 :]}) == 6, "no border comes back"
    assert make_plan(params, Grid.fit(512, 512, "auto"), 1, 420) == plan[at + 1 :]


def test_the_rate_rises_stays_and_falls() -> None:
    params = analysed(256, 256, rate=2.0)
    rates = [rate(params, step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.2)
    assert rates[9:30] == [2.0] * 21
    assert rates[30:] == sorted(rates[30:], reverse=True)
    assert rates[-1] < 0.01


def test_adam_moves_each_number_by_its_rate_whatever_its_slope() -> None:
    moments = Moments.of(np.zeros(3, np.float32))
    steps = [moments.step(np.array([1e-3, -5, 0], np.float32), 0.5, count) for count in range(3)]
    for step in steps:
        np.testing.assert_allclose(step, [-0.5, 0.5, 0], atol=1e-4)


def test_the_slopes_of_pens_are_those_of_what_they_cost() -> None:
    random = np.random.default_rng(3)
    wants = random.normal(0, 1, (5, 3)).astype(np.float32)
    wants[:, 2] -= 6  # which hardly any stroke has
    inks, by_colours = random.random((3, 3)).astype(np.float32), random.normal(0, 1, (5, 3))

    def cost(wants):
        found = pens.shares(wants, 0.4).astype(float)
        lack = np.maximum(pens.LEAST_USE / 3 - found.mean(axis=0), 0)
        return (by_colours * (found @ inks)).sum() + 2 * (lack**2).sum()

    slopes = pens.slopes(wants, inks, 0.4, by_colours.astype(np.float32), 2.0)
    for row, col in np.ndindex(wants.shape):
        step = np.zeros_like(wants)
        step[row, col] = 1e-2
        assert (cost(wants + step) - cost(wants - step)) / 2e-2 == pytest.approx(slopes[row, col], abs=2e-3)


def test_in_the_end_each_stroke_has_one_pen() -> None:
    wants = np.random.default_rng(0).normal(0, 1, (9, 3)).astype(np.float32)
    assert set(np.unique(pens.shares(wants, 0.95))) == {0, 1}
    assert pens.shares(wants, 0.0).max() < 0.98


def test_each_built_in_pattern_has_a_word_for_whoever_chooses() -> None:
    assert [f"v4/{name}" for name in CHANNELS] == [name for name in PATTERNS if name.startswith("v4/")]
