"""The command line on real files: decode the film, parse the SVG, look at the pixels."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import resvg_py
import yaml
from PIL import Image, ImageSequence

from engine.image.metric import rmse
from engine.image.pixels import encode_png
from tests import ROOT
from tests.conftest import QUICK, command, decode, is_alive, result
from tests.doubles.pictures import damaged_fax
from tests.doubles.toy import cut_out, picture


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"))


def test_a_run_folder_holds_everything(run_folder):
    names = {path.name for path in run_folder.iterdir()}
    expected = {
        "spec.yaml", "target.png", "result.png", "result.svg", "result.json", "preview.png",
        "snapshots", "snapshots.jsonl", "log.jsonl", "evolution.mp4", "evolution.gif",
        "checkpoint-a", "checkpoint-b", ".lock", "made.json",
    }  # fmt: skip
    assert names == expected | {"events.jsonl"}, "and no temporary file"


def test_the_results_figures_are_true(run_folder, photo):
    figures = result(run_folder)
    assert pixels(run_folder / "target.png").shape == (60, 90, 3)
    assert pixels(run_folder / "result.png").shape == (80, 120, 3), "the target's own size by default"
    assert figures["shapes"] <= 60
    assert figures["evaluations"] > 1000
    assert figures["painting_seconds"] > 0
    assert figures["workers"] == 2
    assert figures["outcome"] == "finished"
    svg = (run_folder / "result.svg").read_text()
    drawn = pixels(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg))))
    assert rmse(drawn, pixels(run_folder / "target.png")) == pytest.approx(figures["error"], abs=0.004)
    assert figures["error"] < 0.12


def test_an_independent_renderer_agrees_with_result_png(run_folder):
    svg = (run_folder / "result.svg").read_text()
    root = ET.fromstring(svg)
    assert root.attrib["viewBox"] == "0 0 90 60"
    assert len(root.findall(".//{*}path")) == result(run_folder)["shapes"]
    drawn = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=120, height=80))
    assert rmse(pixels(io.BytesIO(drawn)), pixels(run_folder / "result.png")) < 0.01


def test_a_mixed_picture_keeps_its_native_elements(tessera, photo, tmp_path):
    out = tmp_path / "run"
    flags = (
        "--shape",
        "mixed",
        "--count",
        "60",
        "--effort",
        "0.1",
        "--size",
        "90",
        "--no-film",
        "--seed",
        "1",
    )
    assert tessera("render", photo, "--out", out, *flags).returncode == 0
    svg = (out / "result.svg").read_text()
    group = ET.fromstring(svg).find("{*}g")
    assert group is not None
    assert len(group) == result(out)["shapes"] + 1
    names = {element.tag.rpartition("}")[2] for element in group}
    assert names >= {"path", "rect", "ellipse", "line"}
    expected = pixels(out / "result.png")
    drawn = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=expected.shape[1], height=expected.shape[0]))
    assert rmse(pixels(io.BytesIO(drawn)), expected) < 0.006


def test_the_film_has_the_length_and_the_frames_that_were_asked_for(run_folder):
    frames = decode(run_folder / "evolution.mp4", (68, 102))
    assert len(frames) == 20
    last = frames[-1][:67, :101]
    assert (
        rmse(last, np.asarray(Image.open(run_folder / "result.png").resize((101, 67), Image.Resampling.BOX)))
        < 0.05
    )
    assert rmse(frames[-1], frames[-5]) < 0.005, "the last frame is held"
    assert rmse(frames[-1], frames[0]) < 0.03, "and is its poster"
    first = frames[1].reshape(-1, 3).astype(float)
    assert first.std(axis=0).max() < 2, "then it begins with the blank canvas"
    with Image.open(run_folder / "evolution.gif") as gif:
        assert gif.size == (101, 67)
        assert len(list(ImageSequence.Iterator(gif))) > 5


def jobs_of_all_phases(progress):
    return sum({event["phase"]: event["tiles"] for event in progress}.values())


def test_events_and_log_tell_the_run(run_folder):
    events = [json.loads(line) for line in (run_folder / "events.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events][:2] == ["preparing", "started"]
    last = events[-1]
    assert last["event"] == "finished"
    assert last["error"] == result(run_folder)["error"]
    assert all(Path(file).is_file() for file in last["files"])
    progress = [event for event in events if event["event"] == "progress"]
    assert progress[-1]["error"] == pytest.approx(last["error"])
    assert progress[-1]["remaining"] == pytest.approx(0, abs=1e-6)
    seconds = [event["job_seconds"] for event in progress if event["job_seconds"] is not None]
    assert len(seconds) == jobs_of_all_phases(progress)
    assert sum(seconds) == pytest.approx(last["painting_seconds"], abs=1e-3)
    logged = [json.loads(line) for line in (run_folder / "log.jsonl").read_text().splitlines()]
    encoders = [event["encoder"] for event in logged if event["event"] == "filmed"]
    assert len(encoders) == 2
    assert "ffmpeg" in encoders[0]
    assert re.search("gifski|palette", encoders[1])


def test_the_same_bytes_for_any_number_of_workers(tessera, photo, run_folder, tmp_path):
    for workers in (1, 3):  # the shared run has two
        out = tmp_path / str(workers)
        done = tessera("render", photo, "--out", out, *QUICK, "--workers", workers, "--no-film", "--quiet")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        for name in ("result.svg", "result.png"):
            assert (out / name).read_bytes() == (run_folder / name).read_bytes()
        scenes = sorted(path.name for path in (out / "snapshots").iterdir())
        assert scenes == sorted(path.name for path in (run_folder / "snapshots").iterdir())
        for name in scenes:
            assert (out / "snapshots" / name).read_bytes() == (run_folder / "snapshots" / name).read_bytes()


def test_film_makes_it_anew_at_any_size(tessera, run_folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(run_folder, copy)
    done = tessera("film", copy, "--size", 64, "--fps", 5, "--duration", "1s", "--format", "mp4")
    assert done.returncode == 0, done.stderr
    assert len(decode(copy / "evolution-2.mp4", (44, 64))) == 5
    assert (copy / "evolution.gif").read_bytes() == (run_folder / "evolution.gif").read_bytes()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 200), (37, 53)])
def test_odd_sizes(tessera, tmp_path, height, width):
    Image.fromarray(picture(height, width)).save(tmp_path / "odd.png")
    done = tessera("render", "odd.png", "--out", "run", *QUICK, "--grid", "auto", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert pixels(tmp_path / "run/result.png").shape == (height, width, 3)
    assert (tmp_path / "run/evolution.mp4").is_file()


def test_result_size_is_drawn_sharp(tessera, photo, tmp_path):
    out = tmp_path / "run"
    done = tessera("render", photo, "--out", out, *QUICK, "--no-film", "--result-size", 333)
    assert done.returncode == 0, done.stderr
    assert pixels(out / "result.png").shape == (222, 333, 3)


def test_a_palettes_colours_and_no_others_are_in_the_svg(tessera, photo, tmp_path):
    done = tessera("render", photo, "--out", tmp_path / "run", *QUICK, "--no-film", "--palette", 4)
    assert done.returncode == 0, done.stderr
    palette = result(tmp_path / "run")["painter"]["palette"]
    assert len(palette) == 4
    assert set(re.findall("#[0-9a-f]{6}", (tmp_path / "run" / "result.svg").read_text())) == set(palette)
    assert yaml.safe_load((tmp_path / "run" / "spec.yaml").read_text())["painter"]["palette"] == 4


def test_what_a_mask_shows_white_is_painted_better(tessera, photo, tmp_path):
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 15:40] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    errors = {}
    for importance in ("none", tmp_path / "mask.png"):
        out = tmp_path / Path(importance).stem
        done = tessera(
            "render", photo, *QUICK, "--no-film", "--out", out, "--effort", 0.5, "--importance", importance
        )
        assert done.returncode == 0, done.stderr
        drawn = np.asarray(Image.open(out / "result.png").resize((90, 60), Image.Resampling.BOX))
        window = np.s_[15:45, 23:60]
        errors[out.name] = rmse(drawn[window], pixels(out / "target.png")[window])
    assert errors["mask"] < 0.9 * errors["none"]


def test_transparency_is_kept(tessera, tmp_path):
    path, out = tmp_path / "cut.png", tmp_path / "run"
    path.write_bytes(encode_png(cut_out(80, 120)))
    done = tessera("render", path, *QUICK, "--effort", 0.5, "--background", "transparent", "--out", out)
    assert done.returncode == 0, done.stderr
    sizes = {"target": (90, 60), "preview": (90, 60), "result": (120, 80)}
    for name, size in sizes.items():
        with Image.open(out / f"{name}.png") as image:
            assert (image.mode, image.size) == ("RGBA", size)
    alpha = np.asarray(Image.open(path))[..., 3] / 255
    shown = np.asarray(Image.open(out / "result.png"))
    assert np.abs(shown[..., 3] / 255 - alpha).mean() < 0.06
    svg = (out / "result.svg").read_text()
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=120, height=80))
    drawn = np.asarray(Image.open(io.BytesIO(png)))
    assert drawn[0, 0, 3] == 0
    assert np.abs(drawn[..., 3] / 255 - shown[..., 3] / 255).mean() < 0.01
    opaque = shown[..., 3] > 250
    assert np.abs(drawn[opaque].astype(int) - shown[opaque]).mean() < 2
    assert (decode(out / "evolution.mp4", (68, 102))[-1, :5, :5] > 250).all(), "films are on white"


def test_it_stops_at_an_error_and_says_so(tessera, photo, tmp_path):
    files = []
    for workers in (1, 2):
        out = tmp_path / str(workers)
        done = tessera(
            "render", photo, "--out", out, *QUICK, "--no-film", "--error", 0.1, "--workers", workers
        )
        assert done.returncode == 0, done.stderr
        assert "Stopped at the error asked for" in done.stderr
        assert result(out)["outcome"] == "error"
        assert result(out)["error"] <= 0.1
        files.append((out / "result.svg").read_bytes())
    assert files[0] == files[1], "wherever it stops, the number of workers doesn't matter"


def test_it_stops_in_time(tessera, photo, tmp_path):
    out = tmp_path / "run"
    done = tessera(
        "render", photo, "--out", out, "--effort", 1000, "--count", 500, "--no-film", "--time", "2s"
    )
    assert done.returncode == 0, done.stderr
    assert result(out)["outcome"] == "time"


def test_a_decoders_words_are_in_the_log_and_in_no_mail(tessera, tmp_path):
    fax = damaged_fax(tmp_path / "fax.tif")
    flags = ("--count", 5, "--size", 40, "--effort", 0.1, "--workers", 1, "--no-film", "--quiet")
    done = tessera("render", fax, "--out", tmp_path / "run", *flags)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (notice,) = (line for line in (tmp_path / "run/log.jsonl").read_text().splitlines() if '"notice"' in line)
    assert "fax.tif: was decoded, but may be damaged" in notice


@pytest.mark.parametrize("suffix", ["", "--json", "--quiet"])
def test_ctrl_c_keeps_what_has_been_painted_and_leaves_nothing_behind(photo, tmp_path, suffix):
    out = tmp_path / "run"
    flags = ["--out", out, "--effort", 1000, "--count", 500, "--workers", 2, *([suffix] if suffix else [])]
    process = subprocess.Popen(
        command("render", photo, *flags), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (out / "preview.png").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the workers get it as well
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert result(out)["outcome"] == "interrupted"
    assert pixels(out / "result.png").shape == (80, 120, 3)
    ET.fromstring((out / "result.svg").read_text())
    while is_alive(process.pid):  # the standard library's resource tracker ends a moment later
        time.sleep(0.05)


BAD_TARGETS = {
    "missing.png": None,
    "text.png": b"this is no picture",
    "cut.png": "cut",
    "folder": "folder",
}


@pytest.mark.parametrize("name", BAD_TARGETS)
def test_bad_targets_get_one_sentence_and_no_folder(tessera, photo, tmp_path, name):
    content = BAD_TARGETS[name]
    path = tmp_path / name
    if content == "folder":
        path.mkdir()
    elif content == "cut":
        path.write_bytes(photo.read_bytes()[:2000])
    elif content is not None:
        path.write_bytes(content)
    done = tessera("render", path, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(rf"tessera: .*{name}.*\.\n", done.stderr), done.stderr
    assert not (tmp_path / "outputs").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--count", "-5"], ["--count", "-5", "1 to"]),
        (["--cuont", "5"], ["--cuont"]),
        (["--set", "film.fps=fast"], ["film.fps", "fast"]),
        (["--painter", "crayons"], ["crayons", "polygons"]),
        (["--palette", "rod"], ["--palette", "rod", "#ffcc00"]),
        (["--importance", "atuo"], ["importance", "atuo", "mask"]),
        (["--time", "soon"], ["--time", "soon", "10m"]),
    ],
)
def test_wrong_flags_get_one_sentence(tessera, photo, tmp_path, arguments, words):
    done = tessera("render", photo, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("tessera: ")
    assert done.stderr.count("\n") == 1
    assert all(word in done.stderr for word in words), done.stderr
    assert not (tmp_path / "outputs").exists()


def test_a_spec_names_its_wrong_line_and_flags_override_it(tessera, photo, tmp_path):
    spec = tmp_path / "spec.yaml"
    spec.write_text(f"target: {photo}\npainter:\n  count: 10\n  shape: heptagon\n")
    done = tessera("render", spec, cwd=tmp_path)
    assert done.returncode == 2
    assert f"{spec}:4" in done.stderr
    assert "heptagon" in done.stderr
    done = tessera("spec", spec, "--shape", "quad", "--count", 12, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["painter"]["shape"] == "quad"
    assert yaml.safe_load(done.stdout)["painter"]["count"] == 12
    (tmp_path / "again.yaml").write_text(done.stdout)
    again = tessera("spec", "again.yaml", cwd=tmp_path).stdout
    assert yaml.safe_load(again) == yaml.safe_load(done.stdout), "but for where they come from"


@pytest.mark.parametrize("name", ["astronaut", "portrait", "classic"])
def test_the_configs_are_valid(tessera, name):
    done = tessera("spec", ROOT / f"configs/{name}.yaml")
    assert done.returncode == 0, done.stderr


def test_a_folder_that_is_in_use_is_not_touched(tessera, photo, run_folder, tmp_path):
    before = (run_folder / "result.svg").read_bytes()
    done = tessera("render", photo, "--out", run_folder)
    assert done.returncode == 2
    assert "--out" in done.stderr
    assert (run_folder / "result.svg").read_bytes() == before
    done = tessera("film", tmp_path)
    assert done.returncode == 2
    assert "not a run folder" in done.stderr


def test_runs_without_a_name_get_one_each(tessera, photo, tmp_path):
    (tmp_path / "outputs" / "photo").mkdir(parents=True)
    assert tessera("render", photo, *QUICK, "--no-film", cwd=tmp_path).returncode == 0
    assert (tmp_path / "outputs" / "photo-2" / "result.json").is_file()
    assert sorted(path.name for path in (tmp_path / "outputs").iterdir()) == ["photo", "photo-2"]


def test_ctrl_c_while_compiling_ends_at_once_and_leaves_no_folder(photo, tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    process = subprocess.Popen(
        command("render", photo, "--out", tmp_path / "run"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True, env=environment,
    )  # fmt: skip
    assert process.stderr is not None
    assert "Compiling kernels" in process.stderr.readline()
    time.sleep(0.5)  # the compiler's process is told what to do: interrupted before that it would complain
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    words = "tessera: interrupted.\nThe same command begins again.\n"
    assert (process.returncode, stderr) == (130, words)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("suffix", ["mp4", "gif"])
def test_ctrl_c_while_filming_leaves_no_half_film(run_folder, tmp_path, suffix):
    copy = tmp_path / "copy"
    shutil.copytree(run_folder, copy)
    (copy / f"evolution.{suffix}").unlink()
    flags = ("--duration", "200s", "--format", suffix, "--json")
    process = subprocess.Popen(
        command("film", copy, *flags), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    while '"frame": 20,' not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    words = "tessera: interrupted.\nThe same command begins again.\n"
    assert (process.returncode, stderr) == (130, words)
    assert not (copy / f"evolution.{suffix}").exists()
    assert not list(copy.glob(".film-*"))


def test_sigterm_stops_in_order(photo, tmp_path):
    out = tmp_path / "run"
    process = subprocess.Popen(command("render", photo, "--out", out, "--effort", 1000, "--quiet"))
    deadline = time.monotonic() + 60
    while not (out / "preview.png").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.terminate()
    assert process.wait(10) == 128 + signal.SIGTERM
    assert result(out)["outcome"] == "interrupted"


def test_painting_goes_on_when_nobody_listens_any_more(photo, tmp_path):
    out = tmp_path / "run"
    process = subprocess.Popen(
        command("render", photo, "--out", out, *QUICK, "--no-film", "--json"), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(60) == 0
    assert result(out)["outcome"] == "finished"


def test_a_missing_encoder_is_found_before_anything_is_painted(tessera, photo, tmp_path):
    done = tessera("render", photo, "--set", "film.encoder=/no/ffmpeg", "--out", tmp_path / "run")
    assert done.returncode == 4
    assert "/no/ffmpeg" in done.stderr
    assert not (tmp_path / "run").exists()


def test_the_preview_of_a_finished_run_is_its_picture(run_folder):
    svg = (run_folder / "result.svg").read_text()
    drawn = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=90, height=60))
    assert rmse(pixels(io.BytesIO(drawn)), pixels(run_folder / "preview.png")) < 0.01


def test_a_film_survives_a_killed_run_and_names_a_damaged_snapshot(tessera, run_folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(run_folder, copy)
    manifest = copy / "snapshots.jsonl"
    listed = manifest.read_bytes()
    manifest.write_bytes(listed[:-20])  # killed in the middle of a line
    assert tessera("film", copy, "--size", 64, "--duration", "1s").returncode == 0
    manifest.write_bytes(listed)
    segment = copy / json.loads(listed.splitlines()[-1])["file"]
    content = segment.read_bytes()
    segment.write_bytes(content[:-20])  # and in that of a scene
    done = tessera("film", copy, "--size", 64)
    assert done.returncode == 0, done.stderr
    assert "snapshots: 1 snapshot is damaged or missing; the film does without.\n" in done.stderr
    segment.write_bytes(b"")
    done = tessera("film", copy, "--size", 64)
    assert done.returncode == 2
    assert "snapshots: all snapshots are damaged or missing; render the picture again.\n" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_run_keeps_its_last_state_whatever_the_interval(tessera, photo, tmp_path):
    out = tmp_path / "run"
    assert (
        tessera("render", photo, "--out", out, *QUICK, "--no-film", "--set", "record.every=7").returncode == 0
    )
    last = json.loads((out / "snapshots.jsonl").read_text().splitlines()[-1])
    assert last["error"] == pytest.approx(result(out)["error"])
    assert last["evaluations"] == result(out)["evaluations"]


def test_film_flags_are_named_as_they_were_given(tessera, run_folder):
    done = tessera("film", run_folder, "--size", 3)
    assert done.returncode == 2
    assert done.stderr.startswith("tessera: --size must be ")


def test_a_full_disk_ends_the_recording_and_not_the_painting(tessera, photo, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", disk], check=False)
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        done = tessera("render", photo, "--out", disk / "run", "--count", 300, "--effort", 2, "--no-film")
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("the disk is nearly full") == 1
        assert result(disk / "run")["shapes"] > 290
    finally:
        subprocess.run(["umount", disk], check=True)


def test_the_users_command_is_told_how_a_run_ended(tessera, photo, tmp_path):
    commands = ["--set", "notify.on-success=cat > won.json; nice > nice.txt", "--set",
                "notify.on-failure=echo $TESSERA_EXIT_CODE $TESSERA_MESSAGE > lost.txt"]  # fmt: skip
    flags = ["--out", "run", *QUICK, "--no-film", "--quiet", "--nice", 7, *commands]
    done = tessera("render", photo, *flags, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "won.json").read_text())
    assert (told["outcome"], told["folder"]) == ("finished", str(tmp_path / "run"))
    assert told["error"] == result(tmp_path / "run")["error"]
    assert int((tmp_path / "nice.txt").read_text()) == min(os.nice(0) + 7, 19)
    assert not (tmp_path / "lost.txt").exists()
    done = tessera("render", "missing.png", *flags, cwd=tmp_path)
    assert done.returncode == 2
    assert (tmp_path / "lost.txt").read_text() == f"2 {done.stderr.removeprefix('tessera: ')}"
