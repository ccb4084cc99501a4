"""A file of a run's folder keeps its name until it is made anew with the same settings."""

import pytest

from engine.storage.made import MADE, digest_of, place_for
from engine.storage.run_folder import RunFolder

SMALL, LARGE = digest_of({"size": 1}), digest_of({"size": 2})


@pytest.fixture
def folder(tmp_path):
    return RunFolder.create(tmp_path / "run")


def make(folder, name, digest, replace=False):
    place = place_for(folder, name, digest, replace)
    folder.write(place.path.name, digest)
    place.note(folder)
    return place.path.name


def test_only_the_same_settings_replace_a_file(folder):
    assert make(folder, "picture.plotter.svg", SMALL) == "picture.plotter.svg"
    assert make(folder, "picture.plotter.svg", SMALL) == "picture.plotter.svg"
    assert make(folder, "picture.plotter.svg", LARGE) == "picture-2.plotter.svg"
    assert make(folder, "picture.plotter.svg", digest_of({})) == "picture-3.plotter.svg"
    assert make(folder, "picture.plotter.svg", LARGE) == "picture-2.plotter.svg"
    assert make(folder, "picture.plotter.svg", LARGE, replace=True) == "picture.plotter.svg"
    assert (folder / "picture-2.plotter.svg").read_text() == LARGE


def test_what_nobody_knows_the_settings_of_stays(folder):
    folder.write("evolution.mp4", "of a version without a list")
    assert make(folder, "evolution.mp4", SMALL) == "evolution-2.mp4"
    (folder / "evolution-3.mp4").symlink_to("nowhere")
    assert make(folder, "evolution.mp4", LARGE) == "evolution-4.mp4"


@pytest.mark.parametrize("content", [b"", b"\0", b"[]", b'{"evolution.mp4": 3}', b"{" * 999])
def test_a_damaged_list_replaces_nothing(folder, content):
    make(folder, "evolution.mp4", SMALL)
    (folder / MADE).write_bytes(content)
    assert make(folder, "evolution.mp4", SMALL) == "evolution-2.mp4"


def test_a_list_that_cannot_be_written_is_no_error(folder):
    (folder / MADE).mkdir()
    assert make(folder, "evolution.mp4", SMALL) == "evolution.mp4"
    assert make(folder, "evolution.mp4", SMALL) == "evolution-2.mp4"
