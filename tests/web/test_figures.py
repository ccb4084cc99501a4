"""What a process says becomes what is known of its job."""

from engine.events import Resumed, Started
from engine.web.figures import Figures
from tests.doubles.web_jobs import job_of

CURVE = [(1.0, 0.5), (2.0, 0.4), (3.0, 0.3)]


def test_a_curve_goes_on_from_the_checkpoint_and_not_from_where_it_was_cut_off(tmp_path):
    figures = Figures(job_of(state="painting", curve=CURVE), tmp_path)
    figures.hear(Resumed("run", seconds=2.0, shapes=9, error=0.4, checkpoint="state.npz"))
    figures.hear(Started("run", 30, 40, 2))
    assert figures.changes["curve"] == CURVE[:2]
    assert (figures.changes["seconds"], figures.changes["shapes"], figures.changes["doing"]) == (
        2.0,
        9,
        "painting",
    )


def test_what_is_begun_again_has_a_new_curve(tmp_path):
    figures = Figures(job_of(state="painting", curve=CURVE), tmp_path)
    figures.hear(Started("run", 30, 40, 2))
    assert figures.changes["curve"] == []
