"""A server learns how long paintings take on it, and remembers that."""

import pytest

from engine.web.pace import BEGINNING, Pace
from engine.web.store import Store


def test_it_learns_and_remembers(tmp_path):
    store = Store(tmp_path / "web.sqlite")
    pace = Pace(store)
    for _ in range(30):
        pace.learn(10.0, BEGINNING + 7.0)
    assert pace.seconds(20.0) == pytest.approx(BEGINNING + 14, rel=0.01)
    for odd in ((0.0, 5.0), (10.0, 0.0), (0.001, 1e6)):
        pace.learn(*odd)
    assert Pace(store).seconds(20.0) == pace.seconds(20.0)
    store.note("pace", "rubbish")
    assert Pace(store).seconds(1.0) > BEGINNING
    store.close()
