"""Phases go to workers with every job, and come there as they are."""

from __future__ import annotations

import pickle

from engine.grid import Grid
from engine.painters.base import Phase
from engine.painters.brush.params import AnalysedParams
from engine.painters.brush.plan import make_plan
from engine.painters.curves.plan import whole_course


def test_a_painters_own_phases_keep_all_their_fields() -> None:
    course = whole_course(7, 40)
    assert pickle.loads(pickle.dumps(course)) == course
    params = AnalysedParams(count=100, size=(0.02, 0.2), picture_height=300, picture_width=400)
    plan = make_plan(params, Grid.fit(300, 400, "auto"), 1, 0)
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert all(isinstance(each, Phase) and each.__reduce__()[0] is type(each) for each in plan)
