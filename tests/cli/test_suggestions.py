"""What is said of slips of the pen, as newcomers make them."""

from pathlib import Path

import pytest

from tests.conftest import refused


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("outputs/photo").mkdir(parents=True)
    Path("photo.jpg").touch()


NONE = "there is no command"
NO_OPTION = "has no option"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("rende photo.jpg", f"{NONE} rende; did you mean render?"),
        ("photo.jpg", f"{NONE} photo.jpg; did you mean tessera render photo.jpg?"),
        ("assemble photo", f"{NONE} assemble; did you mean tessera animate photo --effect assemble?"),
        ("explod photo", f"{NONE} explod; did you mean tessera animate photo --effect explode?"),
        (
            "stipple a.jpg",
            f"{NONE} stipple; did you mean tessera render a.jpg --painter gng --look stipple?",
        ),
        ("circle", f"{NONE} circle; did you mean tessera render PICTURE --shape circle?"),
        ("video photo", f"{NONE} video; did you mean tessera film?"),
        ("version", f"{NONE} version; did you mean tessera --version?"),
        ("zzz", f"{NONE} zzz; there are render, resume,"),
        ("render", "render needs TARGET|SPEC.yaml: a picture, the name of a sample, blank:512x512, or a"),
        ("film", "film needs RUN: a run's folder, or"),
        ("render a b", "render takes one picture, and there are 2; did you mean tessera batch a b?"),
        ("spec a b -n 3", "spec takes one picture, and there are 2; did you mean tessera batch a b?"),
        ("film photo b", "film takes one RUN, and there are 2: photo, b."),
        ("doctor x", "doctor takes no arguments, and x is one."),
        ("render a --duration 20s", f"render {NO_OPTION} --duration, but a setting: --set film.duration"),
        ("render a --levels all", f"render {NO_OPTION} --levels, but a setting: --set painter.levels=VALUE"),
        ("resume photo --fps 3", f"resume {NO_OPTION} --fps, but a setting: --set film.fps=VALUE"),
        ("render a --sise 3", f"render {NO_OPTION} --sise; did you mean --size?"),
        ("render a --result_size 3", f"render {NO_OPTION} --result_size; did you mean --result-size?"),
        ("render a -count 5", f"render {NO_OPTION} -count; did you mean --count?"),
        ("render a -z", f"render {NO_OPTION} -z; tessera render --help lists them."),
        ("render a --effect explode", f"render {NO_OPTION} --effect; that is for animate."),
        ("film photo --count 3", f"film {NO_OPTION} --count; that is for render, resume, batch and spec."),
        ("export photo --fromat pdf", f"export {NO_OPTION} --fromat; did you mean --format?"),
        ("render a --count", "--count needs a value: a whole number from 1 to 1000000."),
        ("render a --count --shape quad", "--count needs a value: a whole number from 1 to 1000000."),
        ("render a --no-film=yes", "--no-film takes no value; leave out what follows its =."),
        ("batch a --retries x", "--retries must be a whole number of 0 or more, not x."),
        ("batch a --retries 2 --retries=x", "--retries must be a whole number of 0 or more, not x."),
        ("batch a --retries=-2", "--retries must be a whole number of 0 or more, not -2."),
        ("channels v4 -s 9999", "--size must be a whole number from 32 to 1,024, not 9999."),
        ("-q render a", "-q belongs after the command: tessera render ... -q"),
        ("--sise", "tessera has no option --sise; tessera --help lists them."),
        ("spec a --time 10", "--time needs a unit: write 10s for seconds, 10m for minutes or 10h for hours."),
        ("spec a --set film.hold=2.5", "--set film.hold needs a unit: write 2.5s for seconds,"),
        ("spec a --time 0", "--time must be a duration above 0 such as 90s"),
        ("spec a --painter polygon", "--painter: there is no painter 'polygon' (there are"),
        ("spec a --painter gng --shape quad", "--shape is for --painter polygons; gng has --look and"),
        ("spec a --look net", "--look is for --painter gng; polygons has --shape, --opacity and --palette."),
        ("spec a --set painter.sigma=3", "--set painter.sigma is for painter gng; polygons has shape,"),
        ("spec a --set durration=3s", "--set durration isn't a setting; perhaps film.duration is meant."),
        ("spec a --preset linocutt", "--preset linocutt: there is no such preset; perhaps linocut is meant."),
        ("man rendr", f"{NONE} rendr; there are"),
        ("completion tcsh", "completion is for bash, zsh and fish, not tcsh; name one of them."),
        ("film photto", "photto: doesn't exist; did you mean outputs/photo?"),
        ("film photo.jpg", "photo.jpg: is a file, and a run is a folder; perhaps outputs/photo is meant."),
    ],
)  # fmt: skip
def test_it_is_told_what_was_perhaps_meant(line, sentence):
    assert refused(*line.split()).startswith(sentence)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("--shape trinagle", "triangle"),
        ("--shape triangle=2,elipse", "ellipse"),
        ("--background redd", "red"),
        ("--palette navy,crismon", "crimson"),
        ("--set film.pacing=percieved", "perceived"),
        ("--set film.format=mp4,gfi", "gif"),
        ("--set animation.effect=asemble", "assemble"),
        ("--painter gng --look stiple", "stipple"),
    ],
)
def test_so_it_is_of_a_value(line, word):
    assert refused("spec", "astronaut", *line.split()).endswith(f"; perhaps {word} is meant.")


def test_a_number_or_a_far_word_is_no_slip():
    for value in ("-5", "9999999", "blurb"):
        assert "perhaps" not in refused("spec", "astronaut", "--count", value)
