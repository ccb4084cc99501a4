"""The benches' arithmetic; what they measure takes minutes, and is no test."""

import json
import os
import subprocess
import sys
import time
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageColor

from engine.events import Progress, Started
from scripts.benches.__main__ import main
from scripts.benches.collage import collage
from scripts.benches.gas import Growth, article
from scripts.benches.large_run import Stopwatch
from scripts.benches.original import NUMBERS, anneal, draw_ours, draw_pillow
from scripts.benches.plot import COLOURS, EMPHASIS, INK, Curve, Point, plot, spread
from scripts.benches.polygons import GOALS, fitness_of
from scripts.benches.primitive import primitive, run_primitive
from scripts.benches.report import Report
from scripts.benches.runs import Bench
from scripts.benches.scaling import LongRun, Step, steps_of
from scripts.benches.schedule import Costs, duration, efficiency, makespan
from tests.doubles.process_tree import PROC, MemoryWatch, family, processor_seconds
from tests.doubles.toy import picture

jobs_of_a_phase = st.lists(st.floats(0.01, 10), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("jobs", "cores", "seconds"),
    [
        ([3, 3, 2, 2, 2], 2, 7),  # the best would be 6: the order given decides
        ([2, 2, 2, 3, 3], 2, 7),
        ([5, 1, 1, 1, 1, 1], 2, 5),
        ([1, 1, 1, 1, 1, 5], 2, 7),
        ([4], 64, 4),
        ([1, 2, 3], 1, 6),
    ],
)
def test_jobs_go_to_the_core_that_is_free_first(jobs, cores, seconds):
    assert makespan(jobs, cores) == seconds


@pytest.mark.parametrize(
    ("jobs", "cores", "seconds"),
    [
        ([4], 1, 10 + 1 + 4 + 1),
        ([4, 4], 1, 10 + 2 * (1 + 4 + 1)),
        ([4, 4], 2, 10 + 2 + 4 + 1),  # the first one ends, and is taken in, while the second is at work
        ([4, 4, 4, 4], 4, 10 + 4 + 4 + 1),
        ([1, 1, 1, 1], 4, 10 + 4 + 4),  # all wait for the coordinator
    ],
)
def test_a_coordinator_does_one_thing_at_a_time(jobs, cores, seconds):
    assert makespan(jobs, cores, Costs(job=2, phase=10)) == seconds


@given(jobs_of_a_phase, st.integers(1, 3))
def test_no_schedule_is_better_than_the_best_and_none_worse_than_grahams_bound(jobs, cores):
    """Graham 1966: at most 2 - 1/cores times the best, which is found by trying all."""
    best = min(
        max(sum(job for job, at in zip(jobs, places, strict=True) if at == core) for core in range(cores))
        for places in product(range(cores), repeat=len(jobs))
    )
    assert best - 1e-9 <= makespan(jobs, cores) <= (2 - 1 / cores) * best + 1e-9


@given(st.lists(jobs_of_a_phase, min_size=1, max_size=4), st.integers(1, 64))
def test_efficiency_is_a_share_and_all_of_it_on_one_core(phases, cores):
    assert efficiency(phases, 1) == pytest.approx(1)
    assert 0 < efficiency(phases, cores) <= 1 + 1e-9
    longest = sum(max(jobs) for jobs in phases)
    assert duration(phases, 1000) == pytest.approx(longest), "each phase waits for its longest job"


def test_phases_wait_for_one_another():
    assert duration([[1, 1], [3, 1]], 2) == 4
    assert efficiency([[1, 1], [3, 1]], 2) == pytest.approx(6 / 8)


def test_jobs_are_told_apart_by_phase():
    jobs = [(1, "place", 0, 2.0, 0.5), (1, "place", 0, 0.5, 0.25), (2, "refine", 1, 3.0, 1.0)]
    found = steps_of(jobs)
    assert [(step.action, step.level) for step in found] == [("place", 0), ("refine", 1)]
    assert [step.jobs for step in found] == [[2.0, 0.5], [3.0]]
    assert [step.loop for step in found] == [[0.5, 0.25], [1.0]]


def test_what_the_coordinator_costs_is_shared_out_among_phases_and_jobs():
    steps = [Step("place", 0, [1.0] * 4, [5.0, 1.0, 1.0, 1.0]), Step("place", 0, [1.0] * 3, [3.0, 1.0, 1.0])]
    run = LongRun(steps, 1, 7.0, 9.0, 0.0, 0.0, 0, 0.0)
    assert run.costs() == Costs(job=1.0, phase=3.0)
    assert run.loop == 13


def test_a_jobs_loop_is_timed_and_what_listens_to_it_is_not():
    watch, spent = Stopwatch(), [0.0]

    def progress(seconds):
        return Progress(1, 1, "place", 0, 1, 1, 1, 0.5, 1, 1, 1, None, 0.5, 0, seconds)

    watch(Started("run", 8, 8, 1))
    for seconds in (None, 2.0, 3.0):
        began = time.thread_time()
        while time.thread_time() < began + 0.01:
            spent[0] += 1
        watch(progress(seconds))
    assert [job[:4] for job in watch.jobs] == [(1, "place", 0, 2.0), (1, "place", 0, 3.0)]
    assert all(job[4] >= 0.01 for job in watch.jobs)
    assert watch.waiting >= 0.01, "while no job was done"


def test_fitness_is_the_published_one():
    assert fitness_of(0) == 100
    assert fitness_of(0.0198) == pytest.approx(98.02)
    assert fitness_of(1) == 0


def test_goals_are_those_of_the_table_from_quick_to_long():
    assert len({(goal.shapes, goal.kind, goal.seconds) for goal in GOALS}) == len(GOALS) == 9
    assert all(goal.effort > 0 for goal in GOALS)


@pytest.mark.parametrize("draw", [draw_ours, draw_pillow])
def test_both_rasterisers_of_the_post_draw_the_same_quads(draw):
    square = [0.25, 0.25, 0.75, 0.25, 0.75, 0.75, 0.25, 0.75, 1, 0, 0, 0.5]
    drawn = np.asarray(draw(np.array(square), 32, (0.0, 0.0, 1.0)), float)
    drawn = drawn / 255 if drawn.max() > 1 else drawn
    np.testing.assert_allclose(drawn[10:22, 10:22], np.broadcast_to([0.5, 0, 0.5], (12, 12, 3)), atol=0.01)
    np.testing.assert_allclose(drawn[:7], np.broadcast_to([0, 0, 1], (7, 32, 3)), atol=0.01)


def test_the_posts_method_gets_better_and_ends_in_time():
    target = picture(16, 16)
    anneal(draw_ours, target, 1, (0.01,), 0)  # compiles
    started = time.process_time()
    trace = anneal(draw_ours, target, 2, (0.02, 0.1, 0.3), 0)
    assert time.process_time() - started >= 0.3
    assert trace.rate > 100
    assert list(trace.errors) == sorted(trace.errors, reverse=True)
    assert trace.errors[-1] < trace.errors[0]
    assert NUMBERS == 12


def test_the_articles_net_has_as_many_nodes_as_there():
    nodes, seconds = article(0)
    assert 2300 < nodes <= 2372
    assert seconds > 0


def test_both_gases_are_timed_on_the_same_net():
    net = Growth(np.ones((40, 40), np.float32), 100, 0)
    net.rate(4000, 100)
    assert net.nodes == 100
    assert 100 < net.plain_rate(0.1) < net.rate(20_000, 100)
    assert net.nodes == 100


FAKE = f"""#!{sys.executable}
import shutil, sys, time
flags = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert list(flags) == ["-i", "-o", "-n", "-m", "-r", "-s", "-j"], sys.argv
assert [flags[key] for key in ("-n", "-m", "-r", "-s", "-j")] == ["250", "8", "512", "512", "1"], flags
started = time.process_time()
while time.process_time() - started < .2:
    pass
from PIL import Image
Image.open(flags["-i"]).point(lambda value: value + 51).save(flags["-o"])
"""


def test_primitive_is_called_and_judged(tmp_path, monkeypatch):
    program = tmp_path / "primitive"
    program.write_text(FAKE)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    source = tmp_path / "source.png"
    Image.new("RGB", (8, 8), (100, 150, 200)).save(source)
    outcome = run_primitive(source, tmp_path / "out.png", 250, "quad")
    assert outcome.error == pytest.approx(0.2)
    assert outcome.seconds >= 0.2


def test_without_primitive_a_note_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    report = Report(None)
    primitive(Bench(report, tmp_path, quick=True))
    assert "no primitive on PATH" in capsys.readouterr().out
    assert report.tables[0]["rows"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["triangles"], "invalid choice: 'triangles'"),
        (["scaling", "--only", "goals"], "--only chooses among the sections of polygons"),
        (["--only", "nothing"], "invalid choice: 'nothing'"),
        (["polygons", "--plot", "a.png"], "--plot is where variants draws"),
        (["variants", "--plot", "a.pdf"], "a.pdf does not end in .png"),
        (["--json", "no/where/a.json"], "there is no folder no/where"),
    ],
)
def test_wrong_arguments_are_refused_in_words(arguments, said, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_report_prints_tables_and_keeps_them(tmp_path, capsys):
    file = tmp_path / "figures.json"
    report = Report(file)
    report.table("speed", {"measured": ".3f", "wanted": ""})
    report.row("candidates", 2.5, ">= 2")
    report.row("unknown", None, "")
    report.note("so it is")
    head, first, second, note = capsys.readouterr().out.splitlines()[2:]
    assert head.split() == ["measured", "wanted"]
    assert first.split() == ["candidates", "2.500", ">=", "2"]
    assert head.index("wanted") == first.index(">=")
    assert (second, note) == ("unknown", "  so it is")
    (table,) = json.loads(file.read_text())
    assert table["title"] == "speed"
    assert table["rows"][0] == {"name": "candidates", "measured": 2.5, "wanted": ">= 2"}
    assert table["notes"] == ["so it is"]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.01, 0.3))
def test_labels_are_moved_apart_and_keep_their_order(heights, gap):
    found = spread(heights, gap)
    assert min(np.diff(sorted(found)), default=gap) >= gap - 1e-9
    order = np.argsort(heights, kind="stable")
    assert (np.diff(np.array(found)[order]) > 0).all()
    assert np.mean(found) == pytest.approx(np.mean(heights), abs=1e-9), "as far up as down"
    if min(np.diff(sorted(heights)), default=gap) >= gap:
        assert found == pytest.approx(heights)


def test_the_plot_is_a_picture(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is in the extra `bench`")
    file = tmp_path / "plot.png"
    curves = [Curve(name, [Point(0.1, 0.08), Point(1, 0.05)]) for name in ("default", "other")]
    plot(curves, [Point(0.3, 0.06), Point(60, 0.03)], "errors", file)
    with Image.open(file) as drawn:
        assert drawn.size == (1300, 780)
        colours = set(map(tuple, np.asarray(drawn.convert("RGB")).reshape(-1, 3).tolist()))
    assert {ImageColor.getrgb(colour) for colour in (EMPHASIS, COLOURS[0], INK)} <= colours


def test_the_collage_is_the_same_every_time_and_made_of_different_squares():
    first = collage(96)
    assert first.shape == (64, 96, 3)
    np.testing.assert_array_equal(first, collage(96))
    squares = {first[y : y + 16, x : x + 16].tobytes() for y in range(0, 64, 16) for x in range(0, 96, 16)}
    assert len(squares) == 24


FAMILY = """
import os, sys
block = bytes(range(256)) * (64 << 12)  # 64 MB
children = []
for _ in range(3):
    if not os.fork():
        sys.stdin.read()
        os._exit(0)
sum(range(10_000_000))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not (PROC / "self/smaps_rollup").exists(), reason="memory is read from Linux's /proc")
def test_memory_that_processes_share_counts_once():
    pipe = subprocess.PIPE
    with (
        subprocess.Popen([sys.executable, "-c", FAMILY], stdin=pipe, stdout=pipe) as process,
        MemoryWatch(process.pid) as memory,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        assert len(family(process.pid)) == 4
        assert processor_seconds(process.pid) > 0.05
        with MemoryWatch(process.pid) as now:
            pass
        process.stdin.close()
    assert 64e6 < now.peak < 128e6
    assert memory.peak >= 0
    assert family(process.pid) == [process.pid]
    assert processor_seconds(process.pid) == 0
