"""What is said of events: each kind has its sentence, and terminals and logs say the same."""

from __future__ import annotations

import io
import re
import time
from dataclasses import replace

import pytest
from rich.console import Console

from engine.cli.console import Live, Plain
from engine.cli.messages import SENTENCES, Bar, Lines, Wait, say
from engine.events import (
    BatchEnded,
    Counted,
    Drawing,
    Drawn,
    Failed,
    Filming,
    Finished,
    Learned,
    Learning,
    Measured,
    Notice,
    Preparing,
    Progress,
    Resumed,
    Started,
    TaskEnded,
    TaskStarted,
    Trouble,
)
from engine.painters.gng.params import GasParams
from engine.painters.registry import words_of
from engine.records import KINDS

TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
JOB = TaskEnded(1, 2, "a.png", "done", "", 0, 1, "outputs/a", 0.25, 1200, 75.0, ())
FAILED_JOB = TaskEnded(2, 2, "b.png", "failed", "b.png: no.", 4, 2, None, None, None, None, ())
FINISHED = Finished(
    "time", ("out/a.png",), 0.25, 9, 1234, 1.0, 62.0, 1, 100, 0, {"name": "polygons"}, "abc", "0.1"
)


def logged(*events):
    out = io.StringIO()
    plain = Plain(Console(file=out, width=40))
    for event in events:
        plain(event)
    lines = [re.fullmatch(rf"{TIME}  (.*)", line) for line in out.getvalue().splitlines()]
    return [line and line[1] for line in lines]


def on_terminal(*events):
    out = io.StringIO()
    live = Live(Console(file=out, force_terminal=True, width=200, color_system=None, legacy_windows=False))
    for event in events:
        live(event)
        live._live.refresh()  # which it does by itself some times a second
    live.stop()
    return out.getvalue()


def test_every_kind_of_event_has_its_row():
    assert set(SENTENCES) == set(KINDS.values())


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Preparing(compiled_before=True), None),
        (Preparing(False), Wait("Compiling kernels, once: this takes about a minute ...")),
        (Started("out/a", 80, 120, 1), Wait("Painting 120 x 80 px into out/a with 1 worker.")),
        (
            Resumed("out/a", 61, 1, 0.5, "checkpoint.npz"),
            Lines(["Going on with out/a: 1 shape, error 0.5000, 1 min 1 s of painting."]),
        ),
        (Filming("a.mp4", 3, 4), Bar(0.75, "75%, filming a.mp4: frame 3 of 4")),
        (Counted("words.png", 1, ((0, 0, 1, 1),), 0), Lines(["1 word: words.png"])),
        (Drawing("data/oil", 500, 2000), Bar(0.25, "25%, drawing into data/oil: 500 of 2,000 strokes")),
        (
            Learning("out/oil", "gan", 0.25, 3, {"error": 0.00451, "critic": 1.5}),
            Bar(0.25, "25%, learning into out/oil (gan): epoch 3, error 0.00451, critic 1.5"),
        ),
        (
            Measured(
                "out/oil",
                3,
                "out/oil/sheet.png",
                {},
                {"mse": 0.0066, "floor": 0.0055, "grain": 0.9, "iou": 0.8},
            ),
            Lines(
                [
                    "epoch 3: mean squared error 0.00660 (1.20 x the engine's own), grain 0.90, "
                    "overlap 0.80; out/oil/sheet.png"
                ]
            ),
        ),
        (
            Learned("out/oil/gan.npz", "gan", 65.0, {"mse": 0.0066, "grain": 0.9, "iou": 0.8}),
            Lines(["out/oil/gan.npz: 1 min 5 s, mean squared error 0.00660, grain 0.90, overlap 0.80"]),
        ),
        (Drawn("data/oil", 2000, 1500, 65.0), Lines(["data/oil: 2,000 strokes, 1.5 kB, 1 min 5 s"])),
        (Trouble("[b] a hiccup"), Lines(["[b] a hiccup"])),
        (Notice("as it should be"), Lines(["as it should be"])),
        (Failed("no.", 4, "Traceback"), None),
        (
            TaskStarted(1, 2, "a.png", "outputs/a", True),
            Lines(["Job 1 of 2: going on with a.png in outputs/a"], style="bold"),
        ),
        (JOB, Lines([], is_end=True)),
        (FAILED_JOB, Lines(["Job 2 of 2 failed: b.png: no."], is_end=True)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_it_is_said_like_this(event, said):
    assert say(event) == said


def test_tables_are_lines_in_a_log():
    assert logged(FINISHED) == [
        "Stopped at the time limit: 9 shapes, error 0.2500",
        "painting: 1.0 processor seconds, 1,234 evaluations",
        "time: 1 min 2 s with 1 worker",
        "a.png: out/a.png",
    ]
    assert logged(BatchEnded("failed", 4, "2030-01-31T06:00:00", 9.0, {}, (JOB, FAILED_JOB))) == [
        "a.png  done  0.2500  1,200 shapes  1 min 15 s  outputs/a",
        "b.png  failed  b.png: no.",
    ]


def test_a_bar_is_a_line_now_and_then_in_a_log(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    out = io.StringIO()
    plain = Plain(Console(file=out), has_times=False)
    moments = [  # seconds, and frames
        *((101, 101), (106, 106), (107, 199), (111, 108)),
        *((700, 109), (706, 110), (711, 121), (716, 1), (721, 2)),
    ]  # fmt: skip
    for clock[0], frame in moments:
        plain(Filming("a.mp4", frame, 200))
    said = [int(line.split()[-3]) for line in out.getvalue().splitlines()]
    assert said == [106, 110, 121, 1], "5 s apart, and 5% or ten minutes further, or something else"


def test_verbose_is_a_line_for_each_step_and_not_for_a_sign_of_life():
    sign = Progress(
        *(1, 2, "polish", 0, 1, 4, 9, 0.25, 1000, 1.0, 1.0, 1.0, 0.5, 1000, None)
    )  # no job has been done since
    out = io.StringIO()
    plain = Plain(Console(file=out, width=200), has_times=False, verbose=True)
    for tile in (1, 2):
        plain(replace(sign, tile=tile, job_seconds=0.1))
        plain(sign)
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert ["tile 1 of 4" in lines[0], "tile 2 of 4" in lines[1]] == [True, True]


def test_a_terminal_shows_a_bar_in_place_and_keeps_sentences_and_tables():
    seen = on_terminal(Filming("a.mp4", 3, 4), Trouble("[b] a hiccup"), FINISHED)
    assert "━" in seen
    assert "a.mp4: frame 3 of 4" in seen
    assert "[b] a hiccup" in seen
    assert "Stopped at the time limit" in seen
    assert "1 min 2 s with 1 worker" in seen
    assert "frame" not in seen[seen.rindex("\x1b[2K") :], "the bar is taken away"
    headed = on_terminal(BatchEnded("failed", 4, "2030-01-31T06:00:00", 9.0, {}, (JOB, FAILED_JOB)))
    assert "painted" in headed
    assert "1,200 shapes" in headed


def test_marks_and_errors_have_their_painters_own_words():
    said = say(Resumed("out/a", 61, 20_000, 0.003, "checkpoint-a", mark="dot", measure="distance"))
    assert isinstance(said, Lines)
    assert said.texts == ["Going on with out/a: 20,000 dots, distance 0.0030, 1 min 1 s of painting."]
    assert words_of("polygons", {}).marks(2) == "2 shapes"
    assert words_of("gng", {"look": "net"}).marks(2) == "2 nodes"
    assert words_of("gng", GasParams(look="stipple")).marks(1) == "1 dot"
