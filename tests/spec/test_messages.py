"""What is refused is told in one sentence: the setting, what it must be, what it is."""

from pathlib import Path

import pytest

from engine.spec.settings import from_assignments
from tests.doubles.toy_specs import read, refusal, settle

FILM = (
    "film is a group of settings (enabled, size, fps, duration, intro, intro-shows, hold, dedup, pacing, "
    "play, compare, poster, aspect, fit, strokes, caption, grid, format, codec, max-bytes, encoder), not"
)
FORMATS = "a list of mp4, webm, gif, webp, apng, png or svg (at least one)"
TOP = (
    "isn't a setting; there are target, frame, from, size, background, importance, painter, grid, seed, "
    "budget, "
    "workers, nice, memory, record, checkpoint, notify, film, animation, export, result-size, out, shape, "
    "count, "
    "opacity, look, points, palette, brush, opaque, paper, objective, neuron, layers, pens, tile, weights, "
    "device, generator, effort, time, until, error"
)
FILES = (
    "a list of svg, pdf, json, png, jpeg, webp, tiff, dzi, plotter, plotter-preview, hpgl or gcode "
    "(at least one)"
)
PAGE = (
    "a0, a1, a2, a3, a4, a5, a6, letter, legal, tabloid, one of these with -portrait or -landscape, or "
    "WIDTHxHEIGHT such as 300x200 (in mm) or 11x8.5in (each 10 mm to 5 m)"
)
LENGTH = "a length such as 15mm, 1.5cm or 0.5in (at most 1m)"
DURATION = "a duration above 0 such as 90s, 10m or 1h30m (at most 10000h)"
MASK = "the path of a grey mask such as mask.png"
EVERY = "record.every must be auto or a whole number from 1 to 1000000, not"
WHOLE_COUNT = "count must be a whole number from 1 to 1000000, not"
MOMENT = "a local time such as 06:00, or a date and time such as 2030-01-31 06:00"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("count: yes", f"{WHOLE_COUNT} yes."),
        ("count: 10.5", f"{WHOLE_COUNT} 10.5."),
        ("count: 0", f"{WHOLE_COUNT} 0."),
        ("count: [1]", f"{WHOLE_COUNT} [1]."),
        ("count: 1e3", f"{WHOLE_COUNT} 1e3 (write it out in digits)."),
        ("count: .nan", f"{WHOLE_COUNT} .nan."),
        ("size:", "size must be a whole number from 1 to 20000, not null."),
        ("size: 20001", "size must be a whole number from 1 to 20000, not 20001."),
        ("size: 'a\\b\n\n c'", "size must be a whole number from 1 to 20000, not 'a\\\\b\\nc'."),
        (f"size: {'9' * 5000}", f"size must be a whole number from 1 to 20000, not '{'9' * 59}…'."),
        ("seed: -1", "seed must be a whole number from 0 to 9223372036854775807, not -1."),
        ("workers: many", "workers must be auto or a whole number from 1 to 1024, not many."),
        ("workers: yes", "workers must be auto or a whole number from 1 to 1024, not yes."),
        ("workers: 0", "workers must be auto or a whole number from 1 to 1024, not 0."),
        ("record: {every: 0}", f"{EVERY} 0."),
        ("record: {every: 1000001}", f"{EVERY} 1000001."),
        ("record: {every: often}", f"{EVERY} often."),
        ("record: {every: no}", f"{EVERY} no."),
        ("grid: 4", "grid must be auto or ROWSxCOLS such as 4x4, each from 1 to 256, not 4."),
        ("grid: 4x257", "grid must be auto or ROWSxCOLS such as 4x4, each from 1 to 256, not 4x257."),
        (
            "background: #ffcc00",
            'background must be auto, mean, transparent or a colour such as white, navy or "#ffcc00" '
            "(in YAML an unquoted # starts a comment), not null.",
        ),
        ("importance:", f"importance must be none, auto or {MASK}, not null."),
        ("effort: 0", "effort must be a number above 0 and at most 100000, not 0."),
        ("effort: nan", "effort must be a finite number above 0 and at most 100000, not nan."),
        ("effort: .inf", "effort must be a number above 0 and at most 100000, not .inf."),
        ("error: 1", "error must be a number above 0 and below 1, or null, not 1."),
        ("time: 0", f"time must be {DURATION}, or null, not 0."),
        ("time: 10 minutes", f"time must be {DURATION}, or null, not '10 minutes'."),
        ("time: 1e999h", f"time must be {DURATION}, or null, not 1e999h."),
        ("time: yes", f"time must be {DURATION}, or null, not yes."),
        ("film: {duration: 10001h}", f"film.duration must be {DURATION}, not 10001h."),
        ("film: {format: avi}", f"film.format must be {FORMATS}, not avi."),
        ("film: {format: []}", f"film.format must be {FORMATS}, not []."),
        ("film: {enabled: maybe}", "film.enabled must be true or false, not maybe."),
        ("film: no", f"{FILM} no."),
        ("export: {format: bmp}", f"export.format must be {FILES}, not bmp."),
        ("export: {page: b5}", f"export.page must be {PAGE}, or null, not b5."),
        ("export: {margin: wide}", f"export.margin must be {LENGTH}, or null, not wide."),
        ("painter:", "painter is a group of settings (name, shape, count), not null."),
        ("painter: {name: }", "painter.name must be the name of a painter, not null."),
        ("painter: oil", "painter: no painter is called 'oil'; there are polygons, odd and strict."),
        ("shape: oval", "shape must be triangle or quad, not oval."),
        ("out: ''", "out must be a path, or null, not ''."),
        ("until: noon", f"until must be {MOMENT}, or null, not noon."),
        ("cuont: 3", "cuont isn't a setting; perhaps count is meant."),
        ("painter: {cuont: 3}", "painter.cuont isn't a setting; perhaps painter.count is meant."),
        ("resultsize: 3", "resultsize isn't a setting; perhaps result-size is meant."),
        ("fps: 3", "fps isn't a setting; perhaps film.fps is meant."),
        ("flim: {fps: 3}", "flim.fps isn't a setting; perhaps film is meant."),
        ("record: {zzz: 3}", "record.zzz isn't a setting; record takes every, keep, preview."),
        ("size: {min: 3}", "size.min isn't a setting: size takes one value."),
        ("count: {min: 3}", "count.min isn't a setting: count takes one value."),
        ('"a\\nb": {"": 1}', rf"'a\nb.' {TOP}."),
        ("zzz_a: 1\nsize: 0", f"zzz_a {TOP} (and 1 more)."),
        ("record: {every: 0}\nseed:\nzzz: 1", f"{EVERY} 0 (and 2 more)."),
    ],
)  # fmt: skip
def test_refused_in_a_sentence(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "spec.yaml"
    assert refusal(lambda: settle(read(path, f"target: a\n{text}\n"))) == f"{path}:2: {message}"


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("sides=3", "--set painter.sides can't be 3: it must be even."),
        ("sides=x", "--set painter.sides must be a whole number, not x."),
        ("step=3", "--set painter.step must be a whole number from 2 to 64 and divisible by 2, not 3."),
        ("mode=medium", "--set painter.mode must be slow or fast, not medium."),
        ("cooling.start=cold", "--set painter.cooling.start must be a number, not cold."),
        ("cooling.start=-inf", "--set painter.cooling.start must be a finite number, not -inf."),
        (
            "cooling.end=1",
            "--set painter.cooling.end isn't a setting; perhaps painter.cooling.end-at is meant.",
        ),
        ("cooling=1", "--set painter.cooling is a group of settings (start, end-at), not 1."),
        (
            "weights=[1, nan]",
            "--set painter.weights must be a list of a finite number (at least one), not [1, nan].",
        ),
        ("sizes=[1]", "--set painter.sizes must be a list of 2: a whole number, a number, not [1]."),
        ("code=A1", "--set painter.code must be text like ^[a-z]+$, not A1."),
        ("table=3", "--set painter.table can't be 3."),
        ("low=2", "command line: painter: low is above high."),
    ],
)
def test_a_painters_own_checks_are_told_in_our_words(item: str, message: str) -> None:
    items = ["target=a", "painter=odd", f"painter.{item}"]
    assert refusal(lambda: settle(from_assignments(items))) == message
