"""A spec is a frozen value that writes itself as YAML and knows what decides the picture."""

import pickle
from typing import Any

import pytest
from pydantic import ValidationError

from engine.spec.models import (
    BudgetSettings,
    CheckpointSettings,
    ExportSettings,
    FilmSettings,
    NotifySettings,
    PainterSettings,
    RecordSettings,
    RunSpec,
)
from tests.doubles.toy_specs import Cooling, Odd, Polygons


def made(**fields: Any) -> RunSpec:
    return RunSpec(
        **{"target": "a", "painter": PainterSettings(name="polygons", params=Polygons()), **fields}
    )


def test_it_is_written_whole_and_in_the_order_of_its_fields() -> None:
    assert made(target="astronaut").to_yaml() == (
        "target: astronaut\n"
        "frame: 0\n"
        "from: null\n"
        "size: 512\n"
        "background: auto\n"
        "importance: none\n"
        "painter:\n  name: polygons\n  shape: triangle\n  count: 1000\n"
        "grid: auto\n"
        "seed: 0\n"
        "budget:\n  effort: 1.0\n  time: null\n  until: null\n  error: null\n"
        "workers: auto\n"
        "nice: 0\n"
        "memory: auto\n"
        "record:\n  every: auto\n  keep: auto\n  preview: 2s\n"
        "checkpoint:\n  every: 30s\n  grace: 10m\n"
        "notify:\n  on-success: null\n  on-failure: null\n"
        "film:\n  enabled: true\n  size: 1080\n  fps: 60\n  duration: 12s\n"
        "  intro: 0s\n  intro-shows: target\n  hold: 2s\n  dedup: exact\n  pacing: perceived\n"
        "  play: forward\n  compare: none\n  poster: result\n  aspect: picture\n  fit: pad\n  strokes: draw\n"
        "  caption: false\n  grid: false\n"
        "  format: [mp4]\n  codec: h264\n  max-bytes: null\n  encoder: null\n"
        "animation:\n  effect: assemble\n  order: birth\n  seed: 0\n  to: null\n"
        "export:\n  format: [svg, png]\n  size: null\n  dpi: null\n  fit: whole\n  bleed: 0mm\n"
        "  quality: 92\n  precision: 2\n  group: none\n  clip: path\n"
        "  page: null\n  margin: null\n  pen: 0.3mm\n  pens: auto\n  hatch: none\n"
        "  preview: pens\n  device: generic\n  profile: pen\n"
        "result-size: null\n"
        "out: null\n"
    )


def test_a_painters_nested_parameters_are_written_with_dashes() -> None:
    painter = PainterSettings(name="odd", params=Odd(cooling=Cooling(end_at=0.5)))
    assert "  cooling:\n    start: 0.05\n    end-at: 0.5\n" in made(painter=painter).to_yaml()


@pytest.mark.parametrize(
    ("seconds", "text"), [(600, "10m"), (5400, "1h30m"), (2, "2s"), (90.5, "90.5s"), (3661, "1h1m1s")]
)
def test_durations_are_written_short(seconds: float, text: str) -> None:
    assert f"  time: {text}\n" in made(budget=BudgetSettings(time=seconds)).to_yaml()


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8MB", 8_000_000),
        ("8 MB", 8_000_000),
        ("1.5m", 1_500_000),
        ("8MiB", 8 << 20),
        ("500kB", 500_000),
        (9999, 9999),
    ],
)
def test_bytes_may_have_a_unit(text: str | int, size: int) -> None:
    assert FilmSettings(max_bytes=text).max_bytes == size  # type: ignore[arg-type]
    assert FilmSettings(max_bytes=size).max_bytes == size


@pytest.mark.parametrize("text", ["999", "8XB", "-8MB", "MB", "8MBs", "", "1e400", "1e400MB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        FilmSettings(max_bytes=text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "written"),
    [("exact", "exact"), ("dHash:03", "dhash:3"), ("phash:64", "phash:64"), ("mse:1e-4", "mse:0.0001")],
)
def test_a_way_to_find_duplicates_has_one_form(text: str, written: str) -> None:
    assert FilmSettings(dedup=text).dedup == written


@pytest.mark.parametrize(
    "text", ["", "dhash", "dhash:65", "dhash:-1", "phash:1.5", "mse", "mse:2", "mse:x", "exact:1", "hash:3"]
)
def test_another_way_to_find_duplicates_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        FilmSettings(dedup=text)


@pytest.mark.parametrize(
    ("text", "written"),
    [("A4", "a4"), ("Letter", "letter"), ("300x200", "300x200"), ("29.7 X 42", "29.7x42"), ("a6", "a6")],
)
def test_a_page_has_one_form(text: str, written: str) -> None:
    assert ExportSettings(page=text).page == written


@pytest.mark.parametrize("text", ["", "a7", "a", "300", "300x", "9x300", "300x5001", "1e9x1e9", "4x4x4"])
def test_another_page_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ExportSettings(page=text)


@pytest.mark.parametrize(
    ("text", "length", "written"),
    [("15mm", 15, "15mm"), ("1.5 cm", 15, "15mm"), ("0.5in", 12.7, "12.7mm"), (3, 3, "3mm"), ("7", 7, "7mm")],
)
def test_lengths_may_have_a_unit(text: str | float, length: float, written: str) -> None:
    export = ExportSettings(margin=text)  # type: ignore[arg-type]
    assert export.margin == length
    assert export.model_dump(mode="json")["margin"] == written
    assert ExportSettings(margin=written) == export  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "mm", "-3mm", "3km", "1001mm", "nan"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ExportSettings(margin=text)  # type: ignore[arg-type]


def test_no_duration_is_zero_seconds() -> None:
    assert "  hold: 0s\n" in made(film=FilmSettings(hold=0)).to_yaml()


def test_a_spec_is_frozen_and_survives_pickling() -> None:
    spec = made(
        painter=PainterSettings(name="polygons", params=Polygons(count=3)), film=FilmSettings(enabled=False)
    )
    assert pickle.loads(pickle.dumps(spec)) == spec
    with pytest.raises(ValidationError):
        spec.size = 3
    with pytest.raises(ValidationError):
        spec.painter.params.count = 4  # type: ignore[attr-defined]


def test_the_digest_covers_what_decides_the_picture_and_nothing_else() -> None:
    shown: dict[str, Any] = {
        "out": "x",
        "workers": 2,
        "nice": 9,
        "memory": 10**9,
        "checkpoint": CheckpointSettings(every=9),
        "notify": NotifySettings(on_failure="x"),
        "film": FilmSettings(fps=5, enabled=False),
        "export": ExportSettings(size=9),
        "record": RecordSettings(every=9),
        "result_size": 9,
        "budget": BudgetSettings(time=9, until="06:00"),
    }
    decisive: list[dict[str, Any]] = [
        {"target": "b"},
        {"from": "b"},
        {"size": 9},
        {"background": "black"},
        {"importance": "auto"},
        {"painter": PainterSettings(name="odd", params=Odd())},
        {"painter": PainterSettings(name="polygons", params=Polygons(shape="quad"))},
        {"painter": PainterSettings(name="polygons", params=Polygons(count=9))},
        {"grid": "2x2"},
        {"seed": 9},
        {"budget": BudgetSettings(effort=2)},
        {"budget": BudgetSettings(error=0.5)},
    ]
    plain = made().digest()
    assert len(plain) == 64
    assert {made(**{key: value}).digest() for key, value in shown.items()} == {plain}
    digests = {made(**fields).digest() for fields in decisive}
    assert len(digests) == len(decisive)
    assert plain not in digests
