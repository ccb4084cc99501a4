"""A Deep Zoom folder: tiles that make up the picture, what says so to viewers, and a page that shows it."""

import json
import os
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import RunError, SpaceError, SpecError
from engine.events import Exported, Exporting
from engine.export import deep_zoom, room
from engine.export.deep_zoom import write_deep_zoom
from engine.image.alpha import straight
from engine.storage.prune import Limits
from engine.storage.zoom_folder import PAGE, Names
from tests.export.test_export import copy, export, scene_of  # noqa: F401
from tests.export.test_json_shapes import scene

TEXTS = {"Title": '<b> & "title"', "Description": "how </script>"}


def written(path, picture, height, width, quality=92):
    path.mkdir()
    write_deep_zoom(path, Names.of(path), picture.drawable(height, width), TEXTS, quality)
    return path


def level_of(path, number, suffix):
    """A level, put together from its tiles."""
    folder = path / f"{path.stem}_files" / str(number)
    tiles = {tuple(map(int, each.stem.split("_"))): Image.open(each) for each in folder.iterdir()}
    assert {each.suffix for each in folder.iterdir()} == {suffix}
    columns, rows = (1 + max(place[axis] for place in tiles) for axis in (0, 1))
    lines = [[np.asarray(tiles[column, row]) for column in range(columns)] for row in range(rows)]
    return np.concatenate([np.concatenate(line, axis=1) for line in lines])


@pytest.mark.parametrize(("background", "quality"), [((0.1, 1 / 3, 0.5), 100), (None, 92)])
def test_without_loss_where_nothing_may_be_lost(tmp_path, background, quality):
    picture = scene(2, background=background)
    path = written(tmp_path / "a mural.dzi", picture, 600, 1100, quality)
    np.testing.assert_array_equal(level_of(path, 11, ".png"), straight(picture.draw(600, 1100)))
    sizes = [level_of(path, number, ".png").shape[:2] for number in range(12)]
    assert sizes[:3] == [(1, 1), (1, 2), (2, 3)]
    assert sizes[-2:] == [(300, 550), (600, 1100)]
    image = ET.parse(path / "a mural.dzi").getroot()
    assert image.attrib == {"Format": "png", "Overlap": "0", "TileSize": "512"}
    assert image[0].attrib == {"Width": "1100", "Height": "600"}
    assert sorted(each.name for each in path.iterdir()) == ["a mural.dzi", "a mural_files", PAGE]


def test_the_page_needs_nothing_else_and_believes_no_text(tmp_path):
    path = written(tmp_path / "m\u00fcral.dzi", scene(2), 600, 1100)
    page = (path / PAGE).read_text("utf-8")
    assert "http" not in page
    assert "<b>" not in page
    assert page.count("</script>") == 1
    facts = json.loads(re.findall(r"const PICTURE = (.*);", page)[0])
    assert facts == {
        "width": 1100, "height": 600, "tile": 512, "first": 9, "last": 11,
        "folder": "m%C3%BCral_files", "suffix": "jpg", "alpha": False,
    }  # fmt: skip
    drawn = level_of(path, 11, ".jpg")
    assert np.abs(drawn.astype(float) - scene(2).draw(600, 1100)).mean() < 4


def test_it_is_exported_whole_or_not_at_all(copy, monkeypatch):  # noqa: F811
    events = export(copy, format="dzi", size=600)
    path = copy / "picture.dzi"
    said = [event for event in events if isinstance(event, Exported)]
    assert said[0].size == sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
    assert [event.row for event in events if isinstance(event, Exporting)] == [400]
    drawn = level_of(path, 10, ".jpg")
    assert np.abs(drawn.astype(float) - scene_of(copy).draw(400, 600)).mean() < 4

    def times():
        return {each: each.stat().st_mtime_ns for each in copy.rglob("*") if each.name != ".lock"}

    before = times()

    def fail(*arguments):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(deep_zoom, "_page", fail)
    with pytest.raises(SpaceError, match="no space left"):
        export(copy, format="dzi", size=300)
    assert times() == before


def test_ours_is_replaced_and_a_strangers_is_not(tessera, copy, tmp_path):  # noqa: F811
    path = tmp_path / "mural.dzi"
    commands = "export", copy, "-o", path, "--size"
    assert tessera(*commands, 300).returncode == 0
    done = tessera(*commands, 200)
    assert done.returncode != 0
    assert "is there already; choose another name, or --force" in done.stderr
    assert tessera(*commands, 200, "--force").returncode == 0
    assert ET.parse(path / "mural.dzi").getroot()[0].attrib["Width"] == "200"
    assert [each.name for each in tmp_path.glob(".*")] == []
    (path / "notes.txt").write_text("mine")
    done = tessera(*commands, 100, "--force")
    assert done.returncode != 0
    assert "mural.dzi: is no Deep Zoom folder of Tessera's own" in done.stderr
    assert (path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_such_folder_stays_in_a_run(copy, kind):  # noqa: F811
    path = copy / "picture.dzi"
    if kind == "link":
        (copy / "other").mkdir()
        path.symlink_to(copy / "other")
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_text("mine")
    (copy / "made.json").unlink(missing_ok=True)
    export(copy, format="dzi", size=100)  # under another name
    assert (copy / "picture-2.dzi" / "picture-2.dzi").is_file()
    with pytest.raises(RunError, match="no Deep Zoom folder of Tessera's own"):
        afterwards_replaced(copy)
    assert path.is_symlink() == (kind == "link")


def afterwards_replaced(folder):
    from engine import afterwards
    from engine.spec.settings import from_flags

    wanted = from_flags({"export.format": "dzi", "export.size": 100})
    afterwards.export(folder, [wanted], lambda event: None, replace=True)


def test_it_is_no_stream(tessera, copy):  # noqa: F811
    done = tessera("export", copy, "-o", "dzi:-")
    assert done.returncode == 2
    assert "dzi is no format of this" in done.stderr


def test_old_runs_with_one_can_go(copy):  # noqa: F811
    from engine import afterwards

    export(copy, format="dzi", size=600)
    (copy / "events.jsonl").unlink()  # which was kept for tests
    found = afterwards.prune([copy.parent], Limits(number=0), delete=True)
    assert [each.why for each in found] == [""]
    assert not copy.exists()


def test_a_disk_that_is_too_small_is_told_before_anything_is_drawn(copy, monkeypatch):  # noqa: F811
    monkeypatch.setattr(room, "LARGE", 1)
    usage = shutil.disk_usage(copy)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda path: usage._replace(free=1000))
    before = set(Path(copy).rglob("*"))
    for form in ("dzi", "tiff", "png", "jpeg"):
        with pytest.raises(SpaceError, match=rf"900 x 600 pixels of this picture as {form} take .* kB"):
            export(copy, format=form, size=900)
    assert set(Path(copy).rglob("*")) == before
    with pytest.raises(SpecError):
        export(copy, format="webp", size=20_000)


@pytest.mark.parametrize(
    ("form", "quality"),
    [
        ("png", 92),
        ("tiff", 92),
        ("dzi", 92),
        ("dzi", 100),
    ],
)
def test_bytes_are_estimated(copy, form, quality):  # noqa: F811
    flags = {"quality": quality} if form == "dzi" else {}
    event = export(copy, format=form, size=1500, **flags)[-1]
    drawable = scene_of(copy).drawable(1000, 1500)
    estimate = room.estimated_bytes(drawable, form, quality)
    assert event.size / 2.5 < estimate < 2.5 * event.size
