"""`import engine`: what it promises to a program that paints."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import engine
from engine.errors import LockError, RunError, SpecError, TargetError, TesseraError
from engine.events import Finished, Progress, Started
from engine.image.metric import rmse
from engine.image.sources import pixels_of, write_source
from engine.storage.run_folder import RunFolder
from tests import ROOT
from tests.doubles.processes import workers
from tests.doubles.toy import picture

SMALL: dict[str, Any] = {"count": 24, "effort": 0.1, "size": 60, "grid": "1x2", "workers": 1}
LONG = SMALL | {"count": 300, "effort": 1000}
SHORT_FILM: dict[str, Any] = {"size": 48, "fps": 5, "duration": 1, "hold": 0.2}


def program(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of these lines, from a file in a folder, which is the current one too."""
    file = folder / "program.py"
    file.write_text(textwrap.dedent(code))
    return subprocess.run(
        [sys.executable, str(file)], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def opened(path: Path | str) -> tuple[np.ndarray, str | None, tuple[int, int]]:
    """A picture's pixels, its format and its size."""
    with Image.open(path) as image:
        return np.asarray(image), image.format, image.size


@pytest.fixture(scope="module")
def painted(photo):
    """A run that nothing stays of, only to be looked at."""
    return engine.render(photo, **SMALL)


@pytest.fixture(scope="module")
def kept(photo, tmp_path_factory):
    """A run in a folder, with a film."""
    folder = tmp_path_factory.mktemp("kept") / "run"
    return engine.render(photo, **SMALL, folder=folder, settings={"film": SHORT_FILM})


def test_the_door():
    assert engine.__all__ == ["Run", "__version__", "errors", "events", "open_run", "painters", "render"]
    assert dir(engine) == sorted(engine.__all__)
    assert engine.painters.names() == ("polygons", "gng", "curves", "brush")
    assert engine.errors.TesseraError is TesseraError
    with pytest.raises(AttributeError, match="has no attribute 'paint'"):
        engine.paint  # type: ignore[attr-defined]  # noqa: B018


def test_to_import_it_costs_nothing(tmp_path):
    code = """
        import sys, engine
        assert engine.__version__
        heavy = {"numpy", "numba", "PIL", "pydantic", "scipy", "yaml", "typer", "rich"}
        print(sorted(heavy & sys.modules.keys()))
    """
    done = program(code, tmp_path)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_picture_is_the_same_in_whatever_form_it_comes(photo, painted):
    pixels = opened(photo)[0]
    forms = [str(photo), photo.read_bytes(), Image.open(photo), pixels, pixels / 255, pixels.tolist()]
    forms[-1] = np.asarray(forms[-1], np.uint8)
    for form in forms:
        run = engine.render(form, **SMALL)
        np.testing.assert_array_equal(run.draw(), painted.draw())
        assert run.error == painted.error
    assert painted.draw().shape == (80, 120, 3)


def test_it_is_what_the_command_line_paints(tessera, photo, painted, tmp_path):
    flags = [word for name, value in SMALL.items() for word in (f"--{name}", value)]
    assert tessera("render", photo, "--out", tmp_path / "run", *flags, "--no-film").returncode == 0
    assert (tmp_path / "run/result.svg").read_text() == painted.svg()
    assert painted.spec.digest() == engine.open_run(tmp_path / "run").spec.digest()


def test_nothing_stays_on_disk(photo, tmp_path):
    (tmp_path / "tmp").mkdir()
    code = f"""
        import os, tempfile, engine
        run = engine.render({str(photo)!r}, **{SMALL})
        print(run.folder, os.listdir(), len(os.listdir(tempfile.gettempdir())))
        other = engine.render(open({str(photo)!r}, "rb").read(), **{SMALL})
        del run
        print(len(os.listdir(tempfile.gettempdir())))
        try:
            engine.render(b"nothing")
        except engine.errors.TargetError:
            print(len(os.listdir(tempfile.gettempdir())))
    """
    before = os.environ | {"TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "here").mkdir()
    (tmp_path / "program.py").write_text(textwrap.dedent(code))
    done = subprocess.run(
        [sys.executable, tmp_path / "program.py"], cwd=tmp_path / "here",
        env=before | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("None [] 1\n1\n1\n", "")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_script_needs_no_guard_and_no_folder_is_taken_for_the_engine(photo, tmp_path):
    (tmp_path / "elsewhere/engine").mkdir(parents=True)
    (tmp_path / "elsewhere/engine/__init__.py").write_text("raise SystemExit('the wrong engine')")
    code = f"""
        import os, sys, engine
        print("once")
        sys.path.insert(0, "")
        os.chdir("elsewhere")
        run = engine.render({str(photo)!r}, **{SMALL | {"workers": 2}})
        print(run.shapes)
    """
    done = program(code, tmp_path)
    assert (done.stdout, done.stderr) == ("once\n24\n", "")


def test_twice_at_once_in_threads(photo, painted):
    events: dict[int, list[object]] = {0: [], 1: []}

    def render(number):
        return engine.render(photo, **SMALL, seed=number, on_event=events[number].append)

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(render, (0, 1))
    np.testing.assert_array_equal(first.draw(), painted.draw())
    assert not np.array_equal(second.draw(), painted.draw())
    for told in events.values():
        assert [type(event) for event in told if isinstance(event, Started | Finished)] == [Started, Finished]


def test_the_caller_is_left_alone(photo, capfd):
    numbers = sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})
    environment, seen = dict(os.environ), []

    def look(event=None):
        handlers = [signal.getsignal(number) for number in numbers]
        seen.append((handlers, dict(os.environ) == environment, os.nice(0), Path.cwd()))

    look()
    engine.render(photo, **SMALL, nice=3, on_event=look).draw(20)
    assert len(seen) > 3
    assert all(each == seen[0] for each in seen)
    assert capfd.readouterr() == ("", "")


def test_niceness_is_the_workers(photo):
    values = set[int]()

    def look(event):
        if isinstance(event, Progress):
            values.update(os.getpriority(os.PRIO_PROCESS, pid) - os.nice(0) for pid in workers())

    engine.render(photo, **SMALL | {"effort": 2}, nice=3, on_event=look)
    assert 3 in values


def test_it_stops_when_it_should_and_goes_on_later(photo):
    stop, threads = threading.Event(), set()

    def look(event):
        threads.add(threading.current_thread())
        if isinstance(event, Progress) and event.shapes >= 100:
            stop.set()

    run = engine.render(photo, **LONG, on_event=look, should_stop=stop.is_set)
    assert (run.status.state, run.status.outcome) == ("interrupted", "interrupted")
    assert run.shapes >= 100
    assert threads == {threading.current_thread()}
    before = run.error
    run.resume(error=before - 1e-5, should_stop=lambda: False)
    assert run.status.outcome == "error"
    assert run.error < before


def test_what_a_caller_raises_comes_out_and_the_run_ends_well(photo, tmp_path):
    def fail(event):
        if isinstance(event, Progress):
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        engine.render(photo, **LONG, folder=tmp_path / "run", on_event=fail)
    assert engine.open_run(tmp_path / "run").status.outcome == "interrupted"

    def refuse():
        raise ZeroDivisionError("mine too")

    with pytest.raises(ZeroDivisionError, match="mine too"):
        engine.render(photo, **LONG, should_stop=refuse)


def test_a_run_in_a_folder_is_like_any_other(kept, tessera, painted):
    assert kept.folder is not None
    assert (kept.folder / "evolution.mp4").exists()
    again = engine.open_run(kept.folder)
    assert again.status.state == "finished"
    assert again.svg() == kept.svg() == painted.svg()
    assert tessera("status", kept.folder).returncode == 0
    with pytest.raises(RunError, match="not empty"):
        engine.render("astronaut", folder=kept)


def test_a_picture_from_memory_is_kept_in_the_folder(tmp_path):
    run = engine.render(picture(40, 60), **SMALL, folder=tmp_path / "run")
    name, before = str(run.folder), run.error
    del run
    told: list[object] = []
    run = engine.open_run(name, on_event=told.append).resume(effort=0.2, settings={"film.enabled": False})
    assert run.error < before
    assert any("goes on with its own copy" in getattr(event, "message", "") for event in told)


def test_saved_files(painted, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.jpg", "c.svg", "d.pdf", "e.json"):
        assert painted.save(name) == tmp_path / name
    assert np.array_equal(opened("a.png")[0], painted.draw())
    assert rmse(opened("b.jpg")[0], painted.draw()) < 0.05
    assert Path("c.svg").read_text() == painted.svg()
    assert Path("d.pdf").read_bytes().startswith(b"%PDF")
    assert opened(painted.save(Path("a.png"), size=30))[0].shape == (20, 30, 3)
    again = engine.render(picture(80, 120), **SMALL | {"effort": 0.05}, from_="e.json")
    assert again.shapes == 24
    assert painted.draw(30).shape == (20, 30, 3)
    assert painted.draw(30).dtype == np.uint8


def test_films_and_other_files_go_where_they_are_wanted(painted, tmp_path):
    film = painted.film(tmp_path / "film.gif", **SHORT_FILM)
    assert film == tmp_path / "film.gif"
    assert opened(film)[1:] == ("GIF", (48, 32))
    burst = painted.animate(tmp_path / "burst.webp", "explode", **SHORT_FILM)
    assert opened(burst)[1:] == ("WEBP", (48, 32))
    assert painted.film(tmp_path / "film.svg").read_text().startswith("<svg")
    assert painted.export(tmp_path / "page.pdf", page="a4").read_bytes().startswith(b"%PDF")
    assert "<html" in painted.report(tmp_path / "page.html").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {
        "film.gif", "burst.webp", "film.svg", "page.pdf", "page.html",
    }  # fmt: skip


def test_transparency_is_straight_alpha():
    pixels = np.dstack([picture(40, 60), np.full((40, 60), 128, np.uint8)])
    pixels[:, :20, 3] = 0
    run = engine.render(pixels, **SMALL, background="transparent")
    assert run.draw().shape == (40, 60, 4)
    saved = Image.open(io.BytesIO(run._repr_png_()))
    np.testing.assert_array_equal(np.asarray(saved), run.draw())


def test_a_notebook_shows_the_film_or_else_the_picture(painted, kept):
    assert painted._repr_html_() is None
    assert Image.open(io.BytesIO(painted._repr_png_())).size == (120, 80)
    assert kept._repr_html_().startswith("<video controls autoplay loop muted")
    assert 'src="data:video/mp4;base64,' in kept._repr_html_()
    assert repr(painted) == f"<Run: 24 shapes, error {painted.error:.4f}, finished, not kept on disk>"
    assert str(kept.folder) in repr(kept)


def refusal(kind, call, *arguments, **keywords):
    with pytest.raises(kind) as caught:
        call(*arguments, **keywords)
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.mark.parametrize(
    ("keywords", "sentence"),
    [
        ({"count": "many"}, "count must be a whole number from 1 to 1000000, not many."),
        ({"count": True}, "count must be a whole number"),
        ({"result_size": 0}, "result_size must be a whole number from 1 to 2147483647"),
        ({"settings": {"film": {"size": 3}}}, "film.size must be a whole number from 16 to 7680, not 3."),
        ({"colour": 3}, "colour isn't a setting"),
        ({"count": 3, "settings": {"painter.count": 4}}, "painter.count sets the same as count; keep one"),
        ({"painter": "oil"}, "painter: there is no painter 'oil'"),
    ],
)
def test_settings_are_refused_by_the_name_that_they_were_given(keywords, sentence):
    assert refusal(SpecError, engine.render, "astronaut", **keywords).startswith(sentence)


def test_other_refusals(painted, kept, tmp_path):
    assert refusal(TargetError, engine.render, "no.png").startswith("no.png: no such file")
    assert refusal(TargetError, engine.render, b"no picture").startswith("target: not a PNG")
    for nothing in (np.zeros((2, 2, 5), np.uint8), np.zeros((2, 2), np.int64), np.zeros((0, 4)), None):
        assert "is no picture" in refusal(TargetError, engine.render, nothing)
    assert "not from 0 to 1" in refusal(TargetError, engine.render, np.full((4, 4), np.nan))
    assert "not from 0 to 1" in refusal(TargetError, engine.render, np.full((4, 4), 2.0))
    assert "must be one of .mp4, .webm" in refusal(SpecError, painted.film, "film.txt")
    assert "not none" in refusal(SpecError, painted.save, "picture")
    assert "make it first" in refusal(RunError, painted.save, tmp_path / "no/a.png")
    assert refusal(SpecError, painted.draw, 0).startswith("size must be a whole number from 1 to 50000")
    assert "seed" in refusal(SpecError, painted.resume, seed=5)
    assert "keep one of them" in refusal(SpecError, painted.film, tmp_path / "a.gif", format="mp4")
    assert "not a run folder" in refusal(RunError, engine.open_run, tmp_path)
    with RunFolder(kept.folder).held():
        assert "is working on it" in refusal(LockError, kept.resume, effort=0.2)


def test_images_of_any_mode_lose_nothing(tmp_path):
    rgb = Image.fromarray(picture(20, 30))
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "F", "I", "HSV"):
        image = rgb.convert("L").convert(mode) if mode in ("F", "I") else rgb.convert(mode)
        write_source(image, tmp_path / "picture")
        with Image.open(tmp_path / "picture") as again:
            if mode == "HSV":
                assert again.mode == "RGB"
            else:
                assert (again.mode, again.tobytes()) == (mode, image.tobytes())
    assert pixels_of([[0.0, 0.5, 1.0]]).tolist() == [[0, 128, 255]]


def test_callers_are_typed(tmp_path):
    pytest.importorskip("mypy", reason="types are checked by mypy, which isn't installed")
    caller = tmp_path / "caller.py"
    caller.write_text(
        textwrap.dedent("""
        from pathlib import Path

        import numpy as np
        from PIL import Image

        import engine

        def heard(event: engine.events.Event) -> None:
            if isinstance(event, engine.events.Progress):
                reveal_type(event.error)

        run: engine.Run = engine.render(Path("a.jpg"), count=5, on_event=heard)
        engine.render(np.zeros((3, 4)), workers="auto", seed=3)
        engine.render(Image.new("RGB", (3, 4)), should_stop=lambda: False)
        try:
            reveal_type(run.resume(effort=4).draw(20).shape)
        except engine.errors.SpecError as error:
            reveal_type(error.exit_code)
        reveal_type(engine.open_run("a").status.state)
        reveal_type(engine.painters.names())
        engine.render(count=5)
        engine.paint()
    """)
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(tmp_path / "cache"),
         str(caller)],
        cwd=tmp_path, env={**os.environ, "MYPYPATH": ""} | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    errors = [line.rpartition("[")[2] for line in lines if ": error: " in line]
    assert errors == ["call-arg]", "attr-defined]"], done.stdout + done.stderr
    revealed = [line.split('"')[1] for line in lines if "Revealed type" in line]
    assert len(revealed) == 5
    assert not [kind for kind in revealed if kind == "Any"], revealed
