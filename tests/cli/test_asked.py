"""Which of a flag, a spec, a preset, a variable and the user's file counts, and how that is told."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.cli import asked as module
from engine.cli.asked import asked
from engine.cli.asked_batch import asked_batch
from engine.cli.named import Named
from engine.errors import SpecError
from engine.spec.settings import from_assignments, from_flags, read_document
from tests.conftest import refused


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A current folder, and the user's own one for settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "config" / "tessera"
    (folder / "presets").mkdir(parents=True)
    return folder


def flags(**values):
    return [from_flags(values)]


def test_the_stronger_one_counts(home, monkeypatch):
    (home / "config.yaml").write_text("{workers: 2, count: 11, film: {size: 64, fps: 5}, size: 40, seed: 1}")
    monkeypatch.setenv("TESSERA_COUNT", "22")
    monkeypatch.setenv("TESSERA_FILM_FPS", "7")
    monkeypatch.setenv("TESSERA_SEED", "2")
    monkeypatch.setenv("TESSERA_SIZE", "50")
    (home / "presets/mine.yaml").write_text("{count: 33, seed: 3, size: 60}")
    Path("spec.yaml").write_text("{target: astronaut, seed: 4, size: 70}")
    found = asked("spec.yaml", flags(size="80"), "mine")
    spec = found.spec()
    assert (spec.workers, spec.film.size, spec.film.fps) == (2, 64, 7), "the file, the file, a variable"
    assert (spec.painter.params.count, spec.seed, spec.size) == (33, 4, 80)  # type: ignore[attr-defined]
    commented = dict(line.strip().split("  # ") for line in found.yaml().splitlines() if "  # " in line)
    assert commented == {
        "target: spec.yaml:1".replace("spec.yaml:1", "astronaut"): "spec.yaml:1",
        "size: 80": "--size",
        "seed: 4": "spec.yaml:1",
        "count: 33": "preset mine:1",
        "workers: 2": f"{home}/config.yaml:1",
        "fps: 7": "TESSERA_FILM_FPS",
        "size: 64": f"{home}/config.yaml:1",
    }


def test_what_is_printed_reads_back_as_the_same(home):
    (home / "config.yaml").write_text('background: "#abc"\nfilm: {format: "mp4,gif"}\n')
    found = asked(
        "a: b #c.png", [from_assignments(["notify.on-success=echo ' # '"]), *flags(count="7")], "linocut"
    )
    Path("again.yaml").write_text(found.yaml())
    assert "# --count" in found.yaml()
    assert asked("again.yaml", [], None).spec() == found.spec()
    assert yaml.safe_load(found.yaml())["target"] == "a: b #c.png"
    assert dict(read_document(Path("again.yaml")).settings)["painter.count"].value == "7"


def test_a_file_beside_the_pictures_is_nobodys_config(home, monkeypatch):
    for name in ("config.yaml", "tessera.yaml", ".tessera.yaml", "presets/x.yaml", "tessera/config.yaml"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("count: 5")
    assert asked("astronaut", [], None).spec().painter.params.count == 1000  # type: ignore[attr-defined]
    monkeypatch.setenv("XDG_CONFIG_HOME", "")
    monkeypatch.setenv("HOME", str(home))
    assert asked("astronaut", [], None).spec().painter.params.count == 1000  # type: ignore[attr-defined]


def test_defaults_of_another_painter_are_left_out_and_all_else_is_refused(home, monkeypatch):
    (home / "config.yaml").write_text("{shape: circle, look: stipple, painter.sigma: 2, seed: 5}")
    assert asked("a", flags(painter="gng"), None).spec().painter.params.look == "stipple"  # type: ignore[attr-defined]
    assert asked("a", [], None).spec().painter.params.shape == "circle"  # type: ignore[attr-defined]
    (home / "config.yaml").write_text("shap: circle\n")
    assert refused("spec", "a") == f"{home}/config.yaml:1: shap isn't a setting; perhaps shape is meant."
    (home / "config.yaml").write_text("shape: circel\n")
    assert refused("spec", "a").startswith(f"{home}/config.yaml:1: shape must be triangle, ")
    (home / "config.yaml").unlink()
    assert "painter gng" in refused("spec", "a", "--painter", "polygons", "--preset", "stipple")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "TESSERA_FILM_SISE",
            "3",
            "TESSERA_FILM_SISE: there is no such setting; perhaps TESSERA_FILM_SIZE is meant",
        ),
        ("TESSERA_OUT", "x", "TESSERA_OUT is a run's own, and no default; leave it out."),
        ("TESSERA_NICE", "20", "TESSERA_NICE must be a whole number from 0 to 19, not 20."),
        ("TESSERA_TIME", "10", "TESSERA_TIME needs a unit: write 10s"),
        ("TESSERA_FILM", "{size: 3}", "TESSERA_FILM: there is no such setting"),
    ],
)
def test_a_variable_that_can_not_be(home, monkeypatch, name, value, sentence):
    monkeypatch.setenv(name, value)
    assert refused("spec", "astronaut").startswith(sentence)


def test_verbose_says_what_is_no_default(home, capsys, monkeypatch):
    monkeypatch.setenv("TESSERA_NICE", "3")
    asked("astronaut", [from_assignments(["film.size=99"])], None).say()
    said = capsys.readouterr()
    assert said.out == ""
    assert (
        said.err == "target: astronaut  # TARGET\nnice: 3  # TESSERA_NICE\nfilm.size: 99  # --set film.size\n"
    )


def test_a_batchs_flags_are_those_of_render_and_count_for_all_its_jobs(home):
    (home / "config.yaml").write_text("seed: 7\n")
    Path("a.yaml").write_text("{target: chelsea, count: 5, painter.levels: finest}")
    Path("jobs.yaml").write_text(
        "defaults: {count: 6, size: 99}\njobs:\n- {target: coffee, shape: quad, count: 7}\n"
    )
    given = [from_flags({"count": "8", "workers": "3"}), from_assignments(["film.enabled=false"])]
    tasks, options = asked_batch(["a.yaml", "astronaut"], given, None, Path("jobs.yaml"), None, 2, Named())
    specs: list[Any] = [task.spec for task in tasks]
    assert [(spec.target, spec.painter.params.count, spec.seed, spec.size) for spec in specs] == [
        ("chelsea", 8, 7, 512),
        ("astronaut", 8, 7, 512),
        ("coffee", 8, 7, 99),
    ]
    assert not any(spec.film.enabled for spec in specs)
    assert specs[0].painter.params.levels == "finest"
    assert (options.flags, options.retries, options.until) == (("--workers", "3"), 2, None)


def test_a_batchs_deadline_is_not_in_the_place_of_a_jobs_own(home):
    Path("a.yaml").write_text("{target: chelsea, until: 2030-01-01 01:00}")
    tasks, options = asked_batch(["a.yaml"], flags(until="2030-01-01 06:00"), None, None, None, 1, Named())
    assert tasks[0].spec is not None
    assert tasks[0].spec.budget.until == "2030-01-01 01:00"
    assert options.until == "2030-01-01 06:00"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"shape": "trinagle"}, "--shape must be triangle, "),
        ({"nice": "20"}, "--nice must be a whole number from 0 to 19, not 20."),
        ({"out": "{x}"}, "'{x}': nothing fills {x}"),
        ({"out": "x"}, "--out is one folder for 2 pictures; give --outputs FOLDER instead, or "),
    ],
)
def test_a_mistake_in_a_batchs_flags_is_told_once_and_before_any_job(home, given, sentence):
    with pytest.raises(SpecError) as caught:
        asked_batch(["astronaut", "chelsea"], flags(**given), None, None, None, 1, Named())
    assert str(caught.value).startswith(sentence)


def test_a_flag_that_fits_some_jobs_only_fails_the_others(home):
    Path("net.yaml").write_text("{target: chelsea, painter: gng}")
    tasks, _ = asked_batch(["net.yaml", "astronaut"], flags(look="stipple"), None, None, None, 1, Named())
    assert tasks[0].problem == ""
    assert tasks[1].problem.startswith("--look is for --painter gng")


def test_a_run_in_its_folder_asks_nobody(home, monkeypatch):
    monkeypatch.setenv("TESSERA_COUNT", "22")
    monkeypatch.setenv("TESSERA_NO_SUCH", "22")
    with pytest.raises(SpecError):
        asked("astronaut", [], None)
    monkeypatch.setattr(module, "below", None)  # nothing of a run that is there comes by here
    assert "is not a run folder" in refused("film", home)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("-", "-o -: a batch makes files; give a name such as {name}.png."),
        ("svg:-", "-o svg:-: a batch makes files"),
        ("same.svg", "-o same.svg: is the file of astronaut and of chelsea; give it a gap such as {name}."),
        ("{name}.nosuch", "astronaut.nosuch: its suffix must be one of "),
    ],
)
def test_a_batchs_files_are_looked_at_before_any_job(home, name, said):
    with pytest.raises(SpecError) as caught:
        asked_batch(["astronaut", "chelsea"], flags(), None, None, None, 1, Named((name,)))
    assert str(caught.value).startswith(said)


def test_a_batchs_outputs_are_one_folder(home):
    with pytest.raises(SpecError, match=r"^--outputs is one folder for all jobs, not {name}; --out takes"):
        asked_batch(["astronaut"], flags(), None, None, Path("{name}"), 1, Named())
