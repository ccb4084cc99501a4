"""-o FILE: exactly these files are made, none that is there is lost, and pipes go in and out."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from engine.storage.made import MADE
from tests.conftest import QUICK, command

QUICKLY = ("--set", "film.size=64", "--set", "film.duration=0.2s", "--set", "film.hold=0s")


@pytest.fixture
def run(run_folder, tmp_path):
    """A finished run in the current folder, to be changed."""
    return shutil.copytree(run_folder, tmp_path / "run")


def there(folder):
    return {path.name for path in Path(folder).iterdir()}


def test_a_run_makes_the_files_that_are_named_and_its_folder(tessera, photo, tmp_path):
    names = ["{name}-{shape}.PNG", "drawing.svg", "film.gif", "film.apng", "shapes.json"]
    flags = [word for name in names for word in ("-o", name)]
    formats = ("--set", "film.format=gif")
    done = tessera("render", photo, *QUICK, *QUICKLY, *formats, *flags, "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    named = {"photo-triangle.PNG", "drawing.svg", "film.gif", "film.apng", "shapes.json"}
    assert there(tmp_path) == {*named, "outputs"}
    folder = tmp_path / "outputs/photo"
    assert (tmp_path / "film.gif").read_bytes() == (folder / "evolution.gif").read_bytes()
    assert (tmp_path / "drawing.svg").read_bytes() == (folder / "result.svg").read_bytes()
    with Image.open(tmp_path / "photo-triangle.PNG") as made, Image.open(folder / "result.png") as result:
        assert (made.tobytes(), made.format) == (result.tobytes(), "PNG")
    again = tessera("render", photo, *QUICK, "-o", "drawing.svg", cwd=tmp_path)
    assert again.stderr.startswith("tessera: drawing.svg: is there already; choose another name, or --force ")
    assert again.returncode == 2
    assert there(tmp_path / "outputs") == {"photo"}, "and nothing was painted"
    resumed = tessera("resume", folder, "-o", "drawing.svg", "--force", "--quiet", cwd=tmp_path)
    assert (resumed.returncode, resumed.stderr) == (0, "")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.psd"], "a.psd: its suffix must be one of .mp4, "),
        (["a"], "not none."),
        (["nowhere/a.png"], "nowhere/a.png: there is no folder "),
        (["a.png", "./a.png"], "-o ./a.png: is named twice; keep one of them."),
        (["{x}.png"], "nothing fills {x}"),
        (["run"], "run: its suffix must be one of"),
        (["there.svg"], "there.svg: is no plain file; choose another name, or -o - for a pipe."),
        (["psd:-"], "-o psd:-: psd is no format of this; there are mp4, "),
        (["photo.png", "--force"], "photo.png: is the picture itself; choose another name."),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_painted(tessera, photo, tmp_path, names, said):
    shutil.copy(photo, tmp_path / "photo.png")
    (tmp_path / "there.svg").mkdir()
    flags = [word for name in names for word in (["-o"] if name != "--force" else []) + [name]]
    done = tessera("render", "photo.png", *flags, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr
    assert there(tmp_path) == {"photo.png", "there.svg"}


def test_a_folder_is_not_called_like_a_picture(tessera, photo, tmp_path):
    done = tessera("render", photo, "--out", "portrait.jpg", cwd=tmp_path)
    what = "portrait.jpg is to be the run's folder; for a file of that name give -o portrait.jpg."
    assert (done.returncode, done.stderr) == (2, f"tessera: --out: {what}\n")
    done = tessera("render", photo, *QUICK, "--no-film", "-q", "--out", "runs/{name}-{n}", cwd=tmp_path)
    assert there(tmp_path / "runs") == {"photo-1"}
    done = tessera("render", photo, *QUICK, "--no-film", "-q", "--out", "runs/{name}-{n}", cwd=tmp_path)
    assert there(tmp_path / "runs") == {"photo-1", "photo-2"}
    assert done.returncode == 0


def test_a_film_of_other_settings_takes_another_name(tessera, run):
    before = (run / "evolution.mp4").read_bytes()
    for _ in range(2):
        assert tessera("film", run, *QUICKLY, "--format", "mp4", "--quiet").returncode == 0
    assert there(run) & {"evolution-2.mp4", "evolution-3.mp4"} == {"evolution-2.mp4"}
    assert (run / "evolution.mp4").read_bytes() == before
    assert tessera("film", run, *QUICKLY, "--format", "mp4", "--force", "--quiet").returncode == 0
    assert (run / "evolution.mp4").read_bytes() == (run / "evolution-2.mp4").read_bytes() != before
    for size in (40, 40, 48):
        assert tessera("export", run, "--format", "png", "--size", size, "--quiet").returncode == 0
    assert {name for name in there(run) if name.startswith("picture")} == {"picture.png", "picture-2.png"}


def test_what_is_made_of_a_run_goes_where_it_is_named(tessera, run, tmp_path):
    before = there(run) | {MADE}
    lines = [
        ("film", *QUICKLY, "-o", "a.webm", "-o", "b.gif"),
        ("animate", *QUICKLY, "--effect", "breathe", "-o", "c.gif"),
        ("export", "-o", "d.pdf", "-o", "{name}.json"),
        ("export", "--format", "plotter", "-o", "e.svg"),
        ("export", "-o", "e.plotter.svg"),
        ("report", "-o", "f.html"),
    ]
    for name, *flags in lines:
        done = tessera(name, run, *flags, "--quiet", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), name
        again = tessera(name, run, *flags, "--quiet", cwd=tmp_path)
        assert (again.returncode, "is there already" in again.stderr) == (2, True), name
    plots = [(tmp_path / name).read_bytes() for name in ("e.svg", "e.plotter.svg")]
    assert plots[0] == plots[1]
    made = {"a.webm", "b.gif", "c.gif", "d.pdf", "photo.json", "e.svg", "e.plotter.svg", "f.html"}
    assert there(tmp_path) == {*made, "run"}
    assert there(run) <= before
    target = (run / "target.png").read_bytes()
    for name in ("export", "film"):
        refused = tessera(name, run, "-o", run / "target.png", "--force", cwd=tmp_path)
        assert (refused.returncode, "is what that run needs to go on" in refused.stderr) == (2, True)
    assert (run / "target.png").read_bytes() == target
    refused = tessera("export", run, "-o", run / "importance.png")
    assert (refused.returncode, (run / "importance.png").exists()) == (2, False), "nor is one added"
    refused = tessera("export", run, "--format", "pdf", "-o", "g.svg", cwd=tmp_path)
    assert refused.stderr == "tessera: g.svg: its suffix must be one of .pdf, not .svg.\n"


def test_pictures_go_in_and_out_through_pipes(photo, tmp_path):
    done = subprocess.run(
        command("render", "-", *QUICK, "--no-film", "-o", "-"),
        input=photo.read_bytes(), cwd=tmp_path, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with Image.open(io.BytesIO(done.stdout)) as image:
        assert (image.format, image.size) == ("PNG", (120, 80))
    assert done.stderr.count(b"Finished") == 1, "progress is on standard error"
    assert there(tmp_path / "outputs") == {"stdin"}
    svg = subprocess.run(
        command("export", "stdin", "-o", "svg:-", "--quiet"),
        cwd=tmp_path, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert (svg.returncode, svg.stderr) == (0, b"")
    assert svg.stdout == (tmp_path / "outputs/stdin/result.svg").read_bytes()
    for line, said in [
        (("export", "stdin", "-o", "-", "--json"), "standard output has the lines of --json"),
        (("render", "-"), "-: nothing came by standard input; send a picture: tessera render - < photo.jpg"),
    ]:
        refused = subprocess.run(
            command(*line), stdin=subprocess.DEVNULL,
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert (refused.returncode, said in refused.stderr) == (2, True)


def test_a_run_says_when_there_is_one_like_it(tessera, photo, tmp_path):
    flags = ("render", photo, *QUICK, "--no-film")
    said = "outputs/photo: was painted with the same settings; this run comes to the same."
    assert said not in tessera(*flags, cwd=tmp_path).stderr
    assert said in tessera(*flags, cwd=tmp_path).stderr
    assert said not in tessera(*flags, "--seed", 3, cwd=tmp_path).stderr
    shutil.copy(photo, tmp_path / "photo.png")
    assert said in tessera("render", "photo.png", *flags[2:], cwd=tmp_path).stderr, "however it is called"


def test_from_takes_the_name_of_a_run_among_the_outputs(tessera, photo, run_folder, tmp_path):
    shutil.copytree(run_folder, tmp_path / "outputs/before")
    done = tessera("render", photo, *QUICK, "--no-film", "--from", "before", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "from: outputs/before" in (tmp_path / "outputs/photo/spec.yaml").read_text()
