"""Exported files: all of one scene, as asked for, whole or not at all."""

import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from engine import afterwards
from engine.cli.messages import Lines, say
from engine.errors import LockError, RunError, SpaceError, SpecError
from engine.events import Event, Exported, Exporting
from engine.export import png
from engine.export.json_shapes import read_shapes
from engine.export.svg import Look, to_svg
from engine.image.pixels import decode_png
from engine.painters.registry import painter_class, params_of
from engine.spec.resolution import resolve
from engine.spec.settings import from_assignments, from_flags, read_document
from engine.storage.load import open_run
from engine.storage.run_folder import CHECKPOINTS, RunFolder
from engine.storage.snapshots import read_snapshots
from tests.conftest import QUICK, result
from tests.doubles.toy_specs import read

SCENE = painter_class("polygons").scene_class
RESULTS = ("result.png", "result.svg", "result.json", "log.jsonl", "spec.yaml")


@pytest.fixture
def copy(run_folder, tmp_path):
    return Path(shutil.copytree(run_folder, tmp_path / "copy"))


def files(folder):
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != ".lock"
    }


def export(folder, **flags):
    """In this process; the events."""
    events: list[Event] = []
    documents = [from_flags({f"export.{name}": value for name, value in flags.items()})]
    afterwards.export(folder, documents, events.append)
    return events


def marks_of(svg):
    return svg.partition("<g ")[2].partition(">")[2]


def scene_of(folder):
    return open_run(folder).last.scene


def test_every_format_beside_what_is_there(tessera, copy):
    before = files(copy)
    done = tessera(
        "export", copy, "--format", "svg,pdf,json,png", "--size", 300, "--page", "a4", "--group", "tile"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(str(copy)) == 4
    after = files(copy)
    assert after.keys() - before.keys() == {"picture.svg", "picture.pdf", "picture.json", "picture.png"}
    kept = before.keys() - {"made.json"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}, "the log, too"
    scene = scene_of(copy)
    np.testing.assert_array_equal(decode_png(after["picture.png"]), scene.draw(200, 300))
    assert after["picture.svg"].count(b"<path") == len(scene)
    assert b'inkscape:label="tile 1-1"' in after["picture.svg"]
    size = pypdfium2.PdfDocument(after["picture.pdf"])[0].get_size()
    assert size == pytest.approx((841.89, 595.28), abs=0.01)
    shapes = read_shapes(copy / "picture.json")
    again = SCENE.from_marks(shapes.height, shapes.width, shapes.background, shapes.marks)
    np.testing.assert_array_equal(again.draw(200, 300), scene.draw(200, 300))


def test_pictures_have_the_size_on_paper_that_was_asked_for(copy):
    events = export(copy, format="jpg,webp,tif,png", size="3x2cm", dpi="254", bleed="1mm", quality="90")
    for suffix in ("jpeg", "webp", "tiff", "png"):
        with Image.open(copy / f"picture.{suffix}") as image:
            assert image.size == (320, 220)
            dpi = image.info.get("dpi") or (image.getexif()[0x011A],) * 2
            assert dpi == pytest.approx((254, 254), abs=0.01)
            drawn = np.asarray(image.convert("RGB")).astype(float)
        whole = scene_of(copy).draw(220, 330)[:, 5:325]
        assert np.abs(drawn - whole).mean() < 3, suffix
    rows = [event for event in events if isinstance(event, Exporting)]
    assert {Path(event.file).suffix for event in rows} == {".jpeg", ".webp", ".tiff", ".png"}
    assert {event.rows for event in rows} == {220}


def test_by_default_it_is_what_the_run_has_written(copy):
    events = export(copy)
    assert [type(event) for event in events if not isinstance(event, Exporting)][1:] == [Exported, Exported]
    assert [event.size for event in events if isinstance(event, Exported)] == [
        (copy / name).stat().st_size for name in ("picture.svg", "picture.png")
    ]
    for suffix in ("svg", "png"):
        assert (copy / f"picture.{suffix}").read_bytes() == (copy / f"result.{suffix}").read_bytes()


def test_the_spec_says_what_is_wanted_and_flags_say_more(copy):
    (copy / "spec.yaml").write_text((copy / "spec.yaml").read_text().replace("precision: 2", "precision: 0"))
    export(copy, format="svg,json")
    scene = scene_of(copy)
    assert marks_of((copy / "picture.svg").read_text()) == marks_of(to_svg(scene, look=Look(0)))
    export(copy, format="svg", precision=1)
    assert marks_of((copy / "picture-2.svg").read_text()) == marks_of(to_svg(scene, look=Look(1)))


@pytest.mark.parametrize("missing", [("result.json", "result.png"), CHECKPOINTS])
def test_a_run_that_has_not_ended_has_a_picture_too(copy, missing):
    for name in missing:
        (copy / name).unlink()
    export(copy, format="json,png")
    assert len(read_shapes(copy / "picture.json").marks) == read_snapshots(RunFolder.open(copy))[-1].shapes
    with Image.open(copy / "picture.png") as image:
        assert image.size == ((90, 60) if missing == CHECKPOINTS else (120, 80)), "as far as it is known"


def test_a_picture_says_how_to_make_it_again(run_folder, tmp_path):
    with Image.open(run_folder / "result.png") as image:
        texts = image.info
    assert texts["Title"] == f"photo in {result(run_folder)['shapes']} shapes"
    spec = resolve([read_document(run_folder / "spec.yaml")], params_of)
    again = resolve([read(tmp_path / "again.yaml", texts["Spec"])], params_of)
    assert again.model_copy(update={"target": spec.target}).digest() == spec.digest()


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (
            {"format": "bmp"},
            "must be a list of svg, pdf, json, png, jpeg, webp, tiff, dzi, plotter",
        ),
        ({"format": ""}, "must be a list of svg, pdf, json, png"),
        (
            {"size": "0"},
            "must be a whole number of pixels from 1 to 2147483647, or a longest",
        ),
        ({"precision": "7"}, "must be a whole number from 0 to 6, not 7"),
        ({"group": "colour"}, "must be none, level or tile, not colour"),
        (
            {"format": "pdf", "page": "b5"},
            "must be a0, a1, a2, a3, a4, a5, a6, letter, legal, tabloid, one of",
        ),
        ({"format": "pdf", "margin": "wide"}, "must be a length such as 15mm"),
        ({"size": "30cmx"}, "must be a whole number of pixels from 1 to 2147483647, or a longest"),
        ({"format": "png", "precision": "3"}, "--export.precision isn't used by png: it is for svg."),
        ({"format": "svg,webp", "size": "17000"}, "a webp has at most 16,383 pixels a side"),
        ({"format": "svg,png", "size": "2e7cm", "dpi": "300"}, "is 2,362,204,725 pixels on a side"),
        ({"format": "svg,pdf", "page": "a6", "margin": "6cm"}, "margin: 60mm on all sides leave nothing of"),
    ],
)
def test_what_is_wrong_is_found_before_anything_is_written(copy, flags, sentence):
    before = files(copy)
    with pytest.raises(SpecError) as caught:
        export(copy, **flags)
    assert sentence in str(caught.value)
    assert files(copy) == before


@pytest.mark.parametrize(
    ("count", "text"), [(999, "999 bytes"), (1000, "1 kB"), (82_594, "82.6 kB"), (21_165_878, "21.2 MB")]
)
def test_sizes_are_said_in_few_digits(count, text):
    assert say(Exported("a.svg", count, 0.04)) == Lines([f"a.svg: {text}, 0.0 s"])


def test_nothing_else_can_be_set(copy):
    with pytest.raises(SpecError, match=r"other settings than those below export\. are for tessera render"):
        afterwards.export(copy, [from_assignments(["film.fps=5"])], lambda event: None)


def test_the_command_line_says_it_in_a_sentence(tessera, copy, tmp_path):
    done = tessera("export", copy, "--size", "huge")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "tessera: --size must be a whole number of pixels from 1 to 2147483647, or a longest side or "
        "WIDTHxHEIGHT in mm, cm, in or px such as 30cm, 30x20cm or 1920x1080px, or null, not huge.\n"
    )
    with pytest.raises(RunError, match="is not a run folder"):
        export(tmp_path)


def test_a_folder_that_somebody_works_on_is_left_alone(copy):
    before = files(copy)
    with RunFolder.open(copy).held(), pytest.raises(LockError):
        export(copy)
    assert files(copy) == before


def test_a_disk_that_gets_full_leaves_nothing_half_done(copy, monkeypatch):
    export(copy, format="png")
    before = files(copy)
    write = png._chunk

    def fail(file, kind, content):
        if kind == b"IEND":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(file, kind, content)

    monkeypatch.setattr(png, "_chunk", fail)
    with pytest.raises(SpaceError):
        export(copy, format="png", size=400)
    assert files(copy) == before


def test_a_picture_is_painted_on_from_its_file_of_shapes(tessera, photo, copy, tmp_path):
    export(copy, format="json")
    out = tmp_path / "run"
    done = tessera(
        "render", photo, "--from", copy / "picture.json", "--out", out, *QUICK, "--no-film", "--quiet"
    )
    assert done.returncode == 0, done.stderr
    first = read_snapshots(RunFolder.open(out))[0]
    assert (first.shapes, first.error) == (result(copy)["shapes"], pytest.approx(result(copy)["error"]))
    assert result(out)["error"] <= first.error
