"""The page of a run: whole, needing nothing else, true to its numbers, whatever the run has or lacks."""

import base64
import io
import json
import math
import re
import shlex
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from engine import afterwards
from engine.cli.app import app
from engine.errors import TesseraError
from engine.events import Event, Exported, Preparing
from engine.export.metadata import command as recipe
from engine.grid import CELLS, Grid
from engine.image.alpha import straight
from engine.image.metric import rmse
from engine.image.pixels import encode_png
from engine.painters.polygons.painter import PolygonPainter
from engine.painters.polygons.params import PolygonParams
from engine.painters.registry import params_of
from engine.report import maps as heat
from engine.report import sections
from engine.report.data import read_report_data
from engine.report.maps import error_map, shares, shrunk
from engine.report.plots import ramp, step
from engine.spec.resolution import resolve
from engine.spec.settings import from_assignments, from_flags, read_document
from engine.storage.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from engine.storage.checkpoint_header import Header
from engine.storage.load import open_run
from engine.storage.run_folder import CHECKPOINTS, LOG, REPORT, RESULT, SNAPSHOTS, SPEC, RunFolder
from engine.storage.snapshots import read_snapshots
from tests.conftest import Tessera, result
from tests.doubles.toy import cut_out, picture

VOID = {"meta", "link", "img", "input", "br"}
MAGIC = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG", "image/gif": b"GIF8", "video/mp4": b"\0\0\0"}


Element = tuple[str, dict[str, Any], list[str]]  # tag, attributes, texts directly in it


class Page(HTMLParser):
    """Elements in their order, with their texts; an assertion fails where tags don't match."""

    def __init__(self, path):
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self._open == [], "all that was opened is closed"

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs)), f"an attribute of {tag} is given twice"
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self._open.append(self.elements[-1])

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        if self._open:
            self._open[-1][2].append(data)

    def all(self, tag, **attributes):
        """Attributes and text of all elements with a tag and attributes (class_ for class)."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            (found, "".join(texts))
            for name, found, texts in self.elements
            if name == tag and wanted.items() <= found.items()
        ]

    @property
    def text(self):
        """All that is to be read."""
        texts = [t for tag, _, texts in self.elements if tag not in ("style", "script") for t in texts]
        return " ".join("".join(texts).split())


def report(path):
    """Write a run's page, and read it."""
    told: list[Event] = []
    afterwards.report(path, told.append)
    assert [type(event) for event in told] == [Preparing, Exported]
    assert isinstance(told[-1], Exported)
    assert (told[-1].file, told[-1].size) == (str(path / REPORT), (path / REPORT).stat().st_size)
    return Page(path / REPORT)


def content_of(uri):
    """The bytes of a data URI, which begin as its type says."""
    head, _, data = uri.partition(";base64,")
    content = base64.b64decode(data, validate=True)
    kind = head.removeprefix("data:")
    assert content[: len(MAGIC[kind])] == MAGIC[kind]
    return content


def image(attributes):
    return Image.open(io.BytesIO(content_of(attributes["src"])))


def made(path, target, more=""):
    """A run that was killed in the middle: a few shapes over a target, and no snapshots."""
    folder = RunFolder.create(path)
    height, width, channels = target.shape
    folder.write(SPEC, f"target: some/picture.png\n{more}")
    folder.write("target.png", encode_png(target))
    grid = Grid.fit(height, width, "auto")
    painter = PolygonPainter(PolygonParams(count=4))
    scene = painter.empty_scene(height, width, (0.5, 0.25, 0.75) if channels == 3 else None)
    arrays = {f"scene.{name}": array for name, array in scene.arrays().items()}
    arrays["spent"] = np.ones((len(grid.ys) - 1, len(grid.xs) - 1))
    header = Header(None, 0.25, 0, 1234, 0.1, 9.0, "d" * 64, "/photo.png", "a" * 64)
    write_checkpoint(folder, Checkpoint(header, arrays, {"version": "0.0.9"}), 1)
    return path


@pytest.fixture
def copy(run_folder, tmp_path):
    return Path(shutil.copytree(run_folder, tmp_path / "copy"))


@pytest.fixture(scope="module")
def page(run_folder, tmp_path_factory):
    """Of the whole run; only to be read."""
    return report(Path(shutil.copytree(run_folder, tmp_path_factory.mktemp("page") / "copy")))


# --- the whole page ----------------------------------------------------------------------------------------


def test_the_command_says_where_the_page_is_and_leaves_all_else_alone(tessera: Tessera, copy):
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    done = tessera("report", copy)
    assert done.returncode == 0, done.stderr
    assert re.search(rf"  {re.escape(str(copy / REPORT))}: \d+ kB, \d\.\d s\n", done.stderr)
    after = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    assert after.pop(copy / REPORT)
    assert {**after, copy / ".lock": b""} == {**before, copy / ".lock": b""}
    done = tessera("report", copy, "--json")
    assert json.loads(done.stdout.splitlines()[-1])["event"] == "exported"


def test_a_page_needs_no_other_file_and_no_network(page):
    sources = [
        attributes[name]
        for _, attributes, _ in page.elements
        for name in ("src", "href", "srcset", "poster", "data", "action")
        if name in attributes
    ]
    assert len(sources) >= 6
    assert all(source.startswith("data:") for source in sources)
    rest = " ".join(str(each) for each in page.elements if "base64" not in str(each))
    assert "//" not in re.sub(r"// which [^\n]*|// it was [^\n]*", "", rest).replace("\\\\n", "")
    assert "@import" not in rest
    assert set(re.findall(r"url\(([^)]*)\)", rest)) == {"#errors", "#work"}


def test_ids_are_given_once_and_those_that_are_named_exist(page):
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = " ".join(attributes.get("aria-labelledby", "") for _, attributes, _ in page.elements).split()
    assert len(named) == 8
    assert set(named) <= set(ids)


def test_it_says_what_was_made(page, run_folder):
    figures = result(run_folder)
    ((_, title),) = page.all("h1")
    assert title == "photo.png"
    assert f"{figures['shapes']} shapes · error {figures['error']:.4f}" in page.text
    labels, values = page.all("th", scope="row"), page.all("td")
    table = {label: value for (_, label), (_, value) in zip(labels, values, strict=True)}
    assert table["error (RMSE, 0 to 1)"] == f"{figures['error']:.4f}"
    assert table["evaluations"] == f"{figures['evaluations']:,}"
    assert table["worked at"] == "90 × 60 px"
    assert (table["workers"], table["seed"], table["Tessera"]) == ("2", "0", figures["version"])
    assert (table["count"], table["effort"], table["grid"]) == ("60", "0.1", "2x3")
    assert "not finished" not in page.text


def test_result_and_target_are_compared_at_one_size(page, run_folder):
    (result_, _), (target, _) = page.all("img")[:2]
    pictures = [image(result_), image(target)]
    assert [picture.size for picture in pictures] == [(1600, 1067)] * 2
    assert {(each["width"], each["height"]) for each in (result_, target)} == {("1600", "1067")}
    files = [Image.open(run_folder / f"{name}.png").convert("RGB") for name in ("result", "target")]
    for embedded, file in zip(pictures, files, strict=True):
        small = embedded.resize(file.size, Image.Resampling.BOX)
        assert rmse(np.asarray(small), np.asarray(file)) < 0.02


def test_the_slider_is_a_real_one_that_waits_for_scripts(page):
    ((slider, _),) = page.all("input")
    assert slider["type"] == "range"
    assert (slider["min"], slider["max"], slider["value"]) == ("0", "100", "50")
    assert slider["aria-label"]
    assert "hidden" in slider
    assert "slider.hidden = false" in page.all("script")[0][1]


# --- curves ------------------------------------------------------------------------------------------------


def read_off(page, name):
    """The values at both ends of a curve, read off its ticks: [(x, y), (x, y)]."""
    place = next(at for at, (_, found, _) in enumerate(page.elements) if found.get("id") == f"{name}-title")
    svg = []
    for tag, found, texts in page.elements[place:]:
        if tag == "svg":
            break
        svg.append((found, "".join(texts)))
    ticks = {
        side: [
            (float(found[side]), number(text)) for found, text in svg if found.get("class") == f"{side} tick"
        ]
        for side in "xy"
    }
    (curve,) = (found["d"] for found, _ in svg if found.get("class") == "curve")
    spots = [float(part) for part in curve.removeprefix("M").split()]
    return [(value(ticks["x"], spots[at]), value(ticks["y"], spots[at + 1])) for at in (0, len(spots) - 2)]


def number(text):
    size = {"k": 1e3, "M": 1e6}.get(text[-1], 1)
    return float(text.rstrip(" kM").replace(",", "")) * size


def value(ticks, at):
    """What stands at a place: on a straight line through the ticks, or one through their logarithms."""
    places, numbers = np.array(ticks).T
    if np.allclose(np.diff(numbers) / np.diff(places), np.diff(numbers)[0] / np.diff(places)[0], rtol=0.01):
        return float(np.polyval(np.polyfit(places, numbers, 1), at))
    return math.exp(np.polyval(np.polyfit(places, np.log(numbers), 1), at))


def test_a_curve_ends_where_the_snapshots_end(page, run_folder):
    snapshots = read_snapshots(RunFolder.open(run_folder))
    first, begun, last = snapshots[0], snapshots[1], snapshots[-1]
    (x0, y0), (x1, y1) = read_off(page, "error-time")
    assert (x0, x1) == pytest.approx((first.seconds, last.seconds), abs=0.01)
    assert (y0, y1) == pytest.approx((first.error, last.error), rel=0.01)
    (x0, y0), (x1, y1) = read_off(page, "error-work")
    assert (x0, x1) == pytest.approx((begun.evaluations, last.evaluations), rel=0.02)
    assert (y0, y1) == pytest.approx((begun.error, last.error), rel=0.01)
    _, (x1, y1) = read_off(page, "shapes-time")
    assert (x1, y1) == pytest.approx((last.seconds, last.shapes), rel=0.01)
    assert f"reach, it was {first.error:.4f}" in page.text


def test_a_killed_runs_curve_ends_with_its_picture(copy):
    folder = RunFolder.open(copy)
    (copy / RESULT).unlink()
    extra = {"index": 999, "seconds": 99.0, "evaluations": 10**9, "error": 0.001, "shapes": 9, "file": "x"}
    extra["file"] = "snapshots/000099.npz"
    folder.append(SNAPSHOTS, extra)
    before = read_snapshots(folder)[-2]
    _, (_, error) = read_off(report(copy), "error-time")
    assert error == pytest.approx(before.error, rel=0.01)


# --- maps --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [picture, cut_out])
def test_the_pixels_errors_are_the_pictures(make):
    target, drawn = make(40, 60), make(40, 60, seed=1)
    errors = error_map(drawn, target)
    assert errors.shape == (40, 60)
    assert np.sqrt(np.square(errors).mean()) == pytest.approx(rmse(drawn, target), rel=1e-5)
    small = shrunk(errors, 10, 15)
    assert np.sqrt(np.square(small).mean()) == pytest.approx(rmse(drawn, target), rel=1e-5)
    assert not error_map(target, target).any()


def test_the_error_map_shows_each_pixel(page, run_folder):
    ((attributes, _),) = page.all("img", class_="map tiny")
    shown = image(attributes)
    assert shown.size == (90, 60)
    folder = RunFolder.open(run_folder)
    data = read_report_data(folder, open_run(folder.path).spec)
    assert data.error == pytest.approx(result(run_folder)["error"])
    errors = error_map(data.drawn, data.target)
    light = np.asarray(shown.convert("L")).astype(float)
    assert np.corrcoef(light.ravel(), errors.ravel())[0, 1] > 0.95


def test_colours_grow_lighter_in_equal_steps():
    linear = np.where(ramp() <= 10, ramp() / 3294.6, ((ramp() / 255 + 0.055) / 1.055) ** 2.4)  # IEC 61966-2-1
    lightness = 116 * np.cbrt(np.maximum(linear @ [0.2126, 0.7152, 0.0722], 1e-3)) - 16  # CIE 1976
    steps = np.diff(lightness[20:])
    assert (steps > 0).all()
    assert steps.max() < 2.5 * steps.mean()
    assert step(np.array([-1, 0, 0.5, 1, 9])).tolist() == [0, 0, 128, 255, 255]


@pytest.mark.parametrize("value", [1e-9, 0.0342, 0.1, 0.15, 0.151, 1, 1.57, 9.99])
def test_a_legend_ends_with_the_next_round_number(value):
    assert value <= heat.ceiling(value) <= 1.6 * value
    assert len(f"{heat.ceiling(value):g}".strip("0.").replace(".", "")) <= 6
    assert heat.ceiling(heat.ceiling(value)) == heat.ceiling(value)
    assert heat.ceiling(0.0) > 0


def test_shares_are_of_all_work_and_densities_of_its_mean():
    grid = Grid.fit(300, 410, "2x3")
    spent = np.random.default_rng(0).random((len(grid.ys) - 1, len(grid.xs) - 1))
    found = shares(spent, grid)
    assert len(found) == 6
    assert sum(each.share for each in found) == pytest.approx(1)
    areas = [each.tile.height * each.tile.width for each in found]
    assert np.average([each.density for each in found], weights=areas) == pytest.approx(1)
    assert found[0].share == pytest.approx(spent[:CELLS, :CELLS].sum() / spent.sum())
    fine = Grid.fit(600, 600, "100x100")
    each = np.ones((len(fine.ys) - 1, len(fine.xs) - 1))
    assert len(shares(each, fine)) == 50 * 50 // 4, "so many as can be told apart"


def test_each_tile_has_its_work(page, run_folder):
    tiles = [text for _, text in page.all("title") if text.startswith("row")]
    assert len(tiles) == 6
    spent = read_checkpoint(RunFolder.open(run_folder)).checkpoint.arrays["spent"]
    assert f"row 1, column 1: {spent[:CELLS, :CELLS].sum() / spent.sum():.1%} of all" in tiles[0]
    percents = [float(re.findall(r"([\d.]+)%", text)[0]) for text in tiles]
    assert f"{max(percents)}% of all" in page.text


# --- film --------------------------------------------------------------------------------------------------


def test_the_film_is_in_the_page(page, run_folder):
    ((video, _),) = page.all("video")
    assert video.keys() >= {"controls", "loop", "muted", "playsinline"}
    assert content_of(video["src"]) == (run_folder / "evolution.mp4").read_bytes()


def test_another_format_is_shown_as_a_picture(copy):
    (copy / "evolution.mp4").unlink()
    page = report(copy)
    assert page.all("video") == []
    ((film, _),) = [each for each in page.all("img") if each[0]["src"].startswith("data:image/gif")]
    assert content_of(film["src"]) == (copy / "evolution.gif").read_bytes()


def test_a_large_film_is_a_file_beside_the_page(copy, monkeypatch):
    monkeypatch.setattr(sections, "LARGEST_FILM", 1000)
    page = report(copy)
    ((video, _),) = page.all("video")
    assert video["src"] == "evolution.mp4"
    assert page.all("a", href="evolution.mp4")
    assert "which is too much for a page" in page.text


def test_without_a_film_it_says_how_to_make_one(copy, monkeypatch):
    for film in copy.glob("evolution.*"):
        film.unlink()
    monkeypatch.chdir(copy.parent)
    page = report(copy)
    assert page.all("video") == []
    assert ("tessera film copy") in [text for _, text in page.all("code")]


# --- spec and recipe ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["<script>'\"&amp;<b>.png", "</pre><script>alert(1)</script>.png"])
def test_whatever_a_user_has_named_is_escaped(copy, name):
    spec = resolve([read_document(copy / SPEC), from_flags({"target": name})], params_of)
    (copy / SPEC).write_text(spec.to_yaml())
    page = report(copy)
    assert len(page.all("script")) == 1
    assert [text for _, text in page.all("h1")] == [Path(name).name]
    assert shlex.quote(name) in page.text
    alts = [attributes["alt"] for attributes, _ in page.all("img")]
    assert f"The target: {Path(name).name}" in alts


def test_the_spec_is_there_to_read_and_to_save(page, run_folder, tmp_path):
    text = (run_folder / SPEC).read_text()
    for path in re.findall("/.*/", text):  # what lies before a file's name is nobody else's business
        text = text.replace(path, "")
    assert text in [found for _, found in page.all("code")]
    ((link, _),) = page.all("a", download="spec.yaml")
    saved = base64.b64decode(link["href"].partition("base64,")[2])
    assert saved.decode() == text


def test_commands_for_the_end_are_nobody_elses_business(copy):
    (copy / SPEC).write_text(
        (copy / SPEC).read_text().replace("on-success: null", "on-success: mail me@home")
    )
    page = report(copy)
    assert "me@home" not in (copy / REPORT).read_text()
    assert "on-success: null" in page.text


@pytest.mark.parametrize(
    ("flags", "assignments"),
    [
        ({"target": "astronaut"}, []),
        ({"target": "my photo's.png", "count": "300", "seed": "7", "shape": "triangle=2,ellipse"}, []),
        ({"target": "a", "palette": "#000000,#ffcc00", "background": "#ffffff", "opacity": "0.2-0.7"}, []),
        ({"target": "a", "palette": "8", "opacity": "0.5", "error": "0.05", "effort": "0.25"}, []),
        ({"target": "a", "from": "outputs/a b", "importance": "mask.png", "size": "64", "grid": "2x2"}, []),
        ({"target": "a", "workers": "3", "time": "10m"}, ["painter.shift=false", "painter.levels=finest"]),
    ],
)
def test_the_command_means_the_same_picture(flags, assignments, tmp_path):
    spec = resolve([from_flags(flags), from_assignments(assignments)], params_of)
    program, render, *arguments = shlex.split(recipe(spec))
    assert (program, render) == ("tessera", "render")
    printed = CliRunner().invoke(app, ["spec", *arguments])
    assert printed.exit_code == 0
    (tmp_path / "spec.yaml").write_text(printed.stdout)
    again = resolve([read_document(tmp_path / "spec.yaml")], params_of)
    assert again.digest() == spec.digest()


def test_the_page_says_what_is_needed_for_the_same_bytes(page, run_folder):
    header = read_checkpoint(RunFolder.open(run_folder)).checkpoint.header
    assert header.target_sha256 in page.text
    assert page.text.count("--out again") == 2, "with the spec and without it"
    assert "On one kind of processor the same bytes come out" in page.text
    assert "goes further" not in page.text


def test_a_run_that_the_clock_ended_says_so(copy):
    figures = result(copy)
    (copy / RESULT).write_text(json.dumps({**figures, "outcome": "time"}))
    page = report(copy)
    assert "Stopped at the time limit." in page.text
    assert "another one paints the same, but goes further" in page.text


# --- runs of all kinds -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 1), (5, 7), (3, 200), (300, 4), (130, 1700)])
def test_a_killed_run_of_any_size(tmp_path, size):
    page = report(made(tmp_path / "run", picture(*size)))
    assert "This run is not finished: 25% of the planned work is done." in page.text
    assert "0 shapes" in page.text
    assert "There are too few snapshots" in page.text
    assert "There is no film" in page.text
    assert "Tessera 0.0.9" in page.text
    for attributes, _ in page.all("img")[:2]:
        assert max(image(attributes).size) == 1600
    is_one_tile = max(size) < 193
    assert ("The picture is a single tile" in page.text) == is_one_tile
    assert len(page.all("rect")) == (1 if is_one_tile else 2 + len(page.all("title")) - 1)


def test_transparency_is_shown(tmp_path):
    target = cut_out(60, 90)
    page = report(made(tmp_path / "run", target, "background: transparent\n"))
    assert page.all("div", class_="compare clear")
    (result_, _), (shown, _) = page.all("img")[:2]
    assert image(result_).mode == image(shown).mode == "RGBA"
    assert image(result_).getextrema()[3] == (0, 0)
    small = np.asarray(image(shown).resize((90, 60), Image.Resampling.BOX))
    assert np.array_equal(small[..., 3], straight(target)[..., 3])


def test_an_older_run_without_checkpoints(copy):
    for name in CHECKPOINTS:
        (copy / name).unlink()
    page = report(copy)
    assert f"error {result(copy)['error']:.4f}" in page.text
    assert "Where the evaluations went is not known" in page.text
    assert len(page.all("path", class_="curve")) == 4
    assert "SHA-256" not in page.text


def test_an_older_run_without_the_work_of_the_cells(copy):
    folder = RunFolder.open(copy)
    checkpoint = read_checkpoint(folder).checkpoint
    arrays = {name: array for name, array in checkpoint.arrays.items() if name != "spent"}
    write_checkpoint(folder, Checkpoint(checkpoint.header, arrays, checkpoint.facts), 99)
    assert "Where the evaluations went is not known" in report(copy).text
    half = {**arrays, "spent": checkpoint.arrays["spent"] / 2}
    write_checkpoint(folder, Checkpoint(checkpoint.header, half, checkpoint.facts), 100)
    assert "This is of the last 50% of the work" in report(copy).text
    none = {**arrays, "spent": 0 * checkpoint.arrays["spent"]}
    write_checkpoint(folder, Checkpoint(checkpoint.header, none, checkpoint.facts), 101)
    assert "No work has been done yet" in report(copy).text


# --- refusals ----------------------------------------------------------------------------------------------


def test_a_run_that_goes_on_is_left_alone(tessera: Tessera, copy):
    with RunFolder.open(copy).held():
        done = tessera("report", copy)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith(f"tessera: {copy}: process ")
    assert not (copy / REPORT).exists()


def refused(path):
    with pytest.raises(TesseraError) as caught:
        afterwards.report(path, lambda event: None)
    assert str(caught.value).isprintable()
    assert str(caught.value).endswith(".")
    assert not (path / REPORT).exists()
    return str(caught.value)


def test_what_can_not_be_shown_is_named(copy, tmp_path):
    assert "is not a run folder" in refused(tmp_path)
    target = copy / "target.png"
    kept = target.read_bytes()
    for content in (b"", b"no picture", kept[:200]):
        target.write_bytes(content)
        assert f"{target}: is damaged or missing" in refused(copy)
    target.unlink()
    assert f"{target}: is damaged or missing" in refused(copy)
    target.write_bytes(encode_png(picture(61, 90)))
    assert "is not the picture that this run approximates" in refused(copy)
    target.write_bytes(kept)
    (copy / RESULT).write_text("{")
    assert "result.json: can't be read" in refused(copy)
    for name in (*CHECKPOINTS, SNAPSHOTS):
        (copy / name).unlink()
    assert "had not begun to paint" in refused(copy)


def test_the_log_is_the_runs_own(copy):
    before = (copy / LOG).read_bytes()
    report(copy)
    assert (copy / LOG).read_bytes() == before
