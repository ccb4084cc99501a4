"""Each format has its settings, and one that none of them goes by is refused."""

from itertools import product
from pathlib import PurePath
from typing import get_args

import pytest

from engine.errors import SpecError
from engine.export import formats
from engine.export.export import STILLS
from engine.export.formats import FORMATS, SUFFIXES, check_used, ending_of, format_of, offers
from engine.installation import to_add
from engine.spec.fields import FileFormat
from engine.spec.models import ExportSettings
from engine.spec.settings import Document, Setting, from_assignments, from_flags, from_keywords

EACH = sorted(set(ExportSettings.model_fields) - {"format"})


def asked(name, *chosen):
    document = from_flags({f"export.{name}": "x"}, {})
    check_used(ExportSettings(format=chosen), [document])


def test_there_are_those_that_can_be_asked_for():
    assert set(FORMATS) == set(get_args(FileFormat)) >= set(SUFFIXES.values())
    assert set().union(*(form.uses for form in FORMATS.values())) == set(EACH)
    assert {"png", "jpeg", "webp", "tiff", "dzi"} == STILLS
    assert len({ending_of(name) for name in FORMATS}) == len(FORMATS)


@pytest.mark.parametrize(("name", "form"), list(product(EACH, FORMATS)))
def test_a_setting_is_taken_by_the_formats_that_go_by_it(name, form):
    if name in FORMATS[form].uses:
        asked(name, form)
        asked(name, "json", form)
        return
    with pytest.raises(SpecError) as caught:
        asked(name, form)
    assert str(caught.value).startswith(f"--export.{name} isn't used by {form}: it is for ")


def test_the_sentence_says_what_it_is_for():
    for document in (from_flags({"precision": "3"}, {"precision": "export.precision"}),
                     from_assignments(["export.precision=3"])):  # fmt: skip
        with pytest.raises(SpecError) as caught:
            check_used(ExportSettings(format=("png", "pdf")), [document])
        sentence = str(caught.value)
        assert sentence.endswith("isn't used by png and pdf: it is for svg.")
    with pytest.raises(SpecError, match="; plotter and pdf have --page"):
        check_used(ExportSettings(format=("plotter", "pdf")), [from_keywords({"size": 9}, "export.")])


def test_what_a_file_says_of_other_formats_stays_unused():
    document = Document("spec.yaml", {"export.precision": Setting(3, "spec.yaml:3: export.precision")})
    check_used(ExportSettings(format=("png",)), [document, from_keywords({"size": None}, "export.")])


def test_they_are_listed_with_what_is_missing(monkeypatch):
    assert [offer.name for offer in offers()] == list(FORMATS)
    monkeypatch.setattr(formats, "find_spec", lambda module: None)
    hints = {offer.name: offer.hint for offer in offers()}
    assert hints["png"] == ""
    assert hints["plotter"] == f"needs vpype: {to_add('plotter')}"
    assert hints["gcode"] == f"needs vpype and vpype-gcode: {to_add('plotter')}"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("a.svg", "svg"),
        ("b.JPG", "jpeg"),
        ("c/d.tif", "tiff"),
        ("e.plt", "hpgl"),
        ("f.plotter.svg", "plotter"),
        ("f.plotter.png", "plotter-preview"),
        ("g.mp4", None),
        ("h", None),
    ],
)
def test_a_path_says_which_format_is_meant(path, form):
    assert format_of(PurePath(path)) == form
