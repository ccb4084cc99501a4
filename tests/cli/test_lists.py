"""The lists of what there is name all of it, for people and programs."""

import json
from typing import get_args

import pytest

from engine.cli.lists import CHOICES, SAMPLES
from engine.image.samples import samples
from engine.painters.polygons.params import ABOUT, KINDS, MIXED
from engine.painters.registry import PAINTERS
from engine.spec.fields import FileFormat, FilmFormat


def listed(tessera, name):
    done = tessera(name, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_painters_have_a_line_each_and_so_have_their_shapes_and_looks(tessera):
    records = listed(tessera, "painters")
    assert [record["name"] for record in records] == list(PAINTERS) == list(CHOICES)
    settings = {name: words for record in records for name, words in record["settings"].items()}
    assert {word["name"] for word in settings["shape"]} == {*KINDS, "polygon:6", MIXED} == set(ABOUT)
    assert len(settings["look"]) == 7
    assert all(word["about"] for words in settings.values() for word in words)
    shown = tessera("painters").stdout
    assert all(word["name"] in shown for words in settings.values() for word in words)
    assert "`" not in shown


def test_formats_are_all_there_and_say_what_they_are_for(tessera):
    records = listed(tessera, "formats")
    named = {
        use: [each["name"] for each in records if each["for"] == use] for use in ("read", "film", "export")
    }
    assert {"PNG", "JPEG", "WebP", "TIFF"} <= set(named["read"])
    assert named["film"] == list(get_args(FilmFormat))
    assert named["export"] == list(get_args(FileFormat))
    assert all(each["about"] for each in records)


def test_samples_are_those_that_can_be_painted(tessera):
    records = listed(tessera, "samples")
    assert [record["name"] for record in records] == list(samples())
    assert set(samples()) <= set(SAMPLES)
    assert all(record["about"] for record in records)


def test_presets_name_their_files(tessera):
    records = listed(tessera, "presets")
    assert len(records) >= 12
    assert all(record["about"] for record in records)


@pytest.mark.parametrize("name", ["painters", "formats", "samples", "presets"])
def test_a_list_for_people_has_no_line_that_is_cut(tessera, name):
    done = tessera(name)
    assert (done.returncode, done.stderr) == (0, "")
    assert "..." not in done.stdout.replace("strokes, ...", "")
