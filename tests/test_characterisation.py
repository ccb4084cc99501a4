"""What must not change from outside, whatever moves inside: bytes, events, files, old runs, exit codes.

Only the command line and files are used here, and no module of the engine, so that this file stays as it is
when they are moved and renamed. tests/fixtures/README.md says how its fixtures were made, and how the figures
of pictures are stored anew (TESSERA_STORE=1) when they are meant to change.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

import llvmlite.binding
import pytest
import yaml
from PIL import Image

from tests.doubles.warm import warm

REPOSITORY = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "fixtures"
PICTURES = FIXTURES / "pictures.json"
OLD_RUNS = FIXTURES / "runs"
STORE = "TESSERA_STORE"

Done = subprocess.CompletedProcess[str]
Events = list[dict[str, Any]]

TINY_FILM = ("--set", "film.size=64", "--set", "film.fps=5", "--set", "film.duration=1s", "--set",
             "film.hold=0.2s", "--set", "film.format=png")  # fmt: skip
STEADY = ("--workers", "1", "--seed", "3", *TINY_FILM, "--json")
RUNS = {
    "polygons": ("target.png", "--shape", "mixed", "--count", "20", "--effort", "0.2"),
    "gng": ("target.png", "--painter", "gng", "--count", "200"),
    "classic": (str(REPOSITORY / "configs/classic.yaml"), "--set", "target=target.png", "--size", "64",
                "--count", "64", "--effort", "0.2"),
}  # fmt: skip
FILMED_LATER = "classic"  # by a command of its own; the others by the one that paints

# What each event of --json and of log.jsonl has beside its name and "at", the moment.
FIELDS = {
    "preparing": "compiled_before",
    "compiling": "painter group kernels of",
    "started": "folder height width workers",
    "resumed": "folder seconds shapes error checkpoint mark measure",
    "progress": "phase phases action level tile tiles shapes error evaluations rate elapsed remaining share "
    "peak_memory job_seconds mark measure",
    "filming": "file frame frames",
    "fitting": "file bytes max_bytes size quality",
    "filmed": "file encoder seconds",
    "exporting": "file row rows",
    "exported": "file size seconds",
    "plotted": "file ink pen_up_before pen_up minutes pens",
    "counted": "file words boxes seed",
    "drawing": "folder strokes of",
    "drawn": "folder strokes bytes seconds",
    "trouble": "message",
    "notice": "message",
    "failed": "message exit_code traceback",
    "finished": "outcome files error shapes evaluations painting_seconds wall_seconds workers peak_memory "
    "seed painter digest version mark measure",
    "taskstarted": "number tasks name folder is_resumed",
    "taskended": "number tasks name outcome why exit_code attempts folder error shapes seconds troubles "
    "mark measure",
    "batchended": "outcome exit_code began seconds counts jobs",
}
PEN = "name lines ink pen_up_before pen_up minutes"
COUNTS = "done resumed skipped failed locked left"
SNAPSHOT = "index seconds evaluations error shapes file place offset bytes checksum"
PLACE = "level lay offset box"
STATUS = (
    "folder state doing outcome share error shapes evaluations rate seconds expected_end checkpoint_age "
    "message pid host target_path target_sha256 changed mark measure asked"
)
FINDING = "name state found remedy"
FINDINGS = [
    "Python",
    "libraries",
    "kernels",
    "painters",
    "networks",
    "paint engine",
    "cores",
    "memory",
    "/dev/shm",
    "disk",
    "locks",
    "ffmpeg",
    "gifski",
]
PAINTERS = {
    "polygons": "name shape count opacity palette levels shift spread search polish",
    "gng": "name look count points sigma threshold offset invert power contrast gamma equalise detail border "
    "error step neighbour_step growth age interval split decay near line dots inks area ink total",
}
# What settings that came later are in runs that were begun without them.
BEFORE = {"gng": {"contrast": 1, "gamma": 1, "equalise": 0, "detail": 0, "growth": 2}}
FILES = """
    .lock checkpoint-a checkpoint-b log.jsonl made.json preview.png result.json result.png result.svg
    snapshots snapshots.jsonl spec.yaml target.png evolution.png
"""
SPEC = """
    target frame from size background importance painter grid seed budget workers nice memory record
    checkpoint notify film animation export result-size out
"""


def tessera(*arguments: object, cwd: Path) -> Done:
    """Run the command line in a process of its own."""
    return warm().run(*arguments, cwd=cwd)


def together(commands: Iterable[Sequence[object]], cwd: Path) -> list[Done]:
    """Run commands that don't touch each other's files."""
    return [tessera(*arguments, cwd=cwd) for arguments in commands]


def events_of(done: Done, code: int = 0) -> Events:
    """What a command with --json has printed, each line with exactly the fields that it must have."""
    assert (done.returncode, done.stderr) == (code, "")
    return checked(done.stdout)


def checked(lines: str) -> Events:
    events: Events = [json.loads(line) for line in lines.splitlines()]
    for event in events:
        assert has(event, f"event at {FIELDS[event['event']]}"), event
        if event["event"] == "finished":
            assert has(event["painter"], PAINTERS[event["painter"]["name"]])
    return events


def has(record: dict[str, Any], names: str) -> bool:
    """Whether a record has these names, and no others."""
    return set(record) == set(names.split())


def story(events: Events) -> str:
    """The names of events in their order, each once where it is said many times in a row."""
    return " ".join(name for name, _ in groupby(event["event"] for event in events))


def without(events: Events, name: str) -> Events:
    return [event for event in events if event["event"] != name]


def one(events: Events, name: str) -> dict[str, Any]:
    """The only event of a name."""
    (found,) = (event for event in events if event["event"] == name)
    return found


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pixels(content: Path) -> bytes:
    """The decoded pixels of a picture, with its mode and size before them."""
    with Image.open(content) as image:
        return f"{image.mode} {image.size} ".encode() + image.tobytes()


def machine() -> dict[str, str]:
    """What decides the bytes of a picture beside its spec."""
    cpuinfo = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"^model name\s*:\s*(.*)$", cpuinfo, re.MULTILINE)
    return {
        "processor": model[1] if model else platform.processor(),
        "instructions": llvmlite.binding.get_host_cpu_name(),  # a virtual machine may hide its model's name
        "machine": platform.machine(),
        "numba": version("numba"),
        "numpy": version("numpy"),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }


def is_at_home(made_on: dict[str, str]) -> bool:
    """Whether this is the kind of processor, with the libraries, for which bytes are promised."""
    return made_on == machine()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Events]]:
    """Three small runs with films in one folder, and what was said about each; only to be read."""
    folder = tmp_path_factory.mktemp("runs")
    shutil.copy(FIXTURES / "target.png", folder)
    commands = [
        ("render", *flags, "--out", name, *STEADY, *(["--no-film"] if name == FILMED_LATER else []))
        for name, flags in RUNS.items()
    ]
    events = dict(zip(RUNS, map(events_of, together(commands, folder)), strict=True))
    events["film"] = events_of(tessera("film", FILMED_LATER, "--format", "png", "--json", cwd=folder))
    return folder, events


def figures_of(run: Path) -> dict[str, Any]:
    frames = sorted((run / "evolution.png").iterdir())
    assert [frame.name for frame in frames] == [f"{number:06}.png" for number in range(1, 6)]
    return {
        "error": json.loads((run / "result.json").read_bytes())["error"],
        "result.svg": sha256((run / "result.svg").read_bytes()),
        "result.png": sha256((run / "result.png").read_bytes()),
        "result.png, pixels": sha256(pixels(run / "result.png")),
        "frames": sha256(b"".join(frame.read_bytes() for frame in frames)),
        "frames, pixels": sha256(b"".join(map(pixels, frames))),
    }


def test_pictures_and_films_stay_the_same_to_the_last_byte(runs: tuple[Path, dict[str, Events]]) -> None:
    """On another kind of processor, or with other libraries, the errors do, within a hundredth."""
    folder, events = runs
    figures = {name: figures_of(folder / name) for name in RUNS}
    encoders = {one(events["film" if name == FILMED_LATER else name], "filmed")["encoder"] for name in RUNS}
    made_on = {**machine(), "encoder": " ".join(sorted(encoders))}
    if os.environ.get(STORE):
        PICTURES.write_text(json.dumps({"made_on": made_on, "pictures": figures}, indent=2) + "\n")
    stored = json.loads(PICTURES.read_bytes())
    assert set(stored["pictures"]) == set(RUNS)
    errors = {name: picture["error"] for name, picture in stored["pictures"].items()}
    assert {name: picture["error"] for name, picture in figures.items()} == pytest.approx(errors, rel=0.01)
    if stored["made_on"] == made_on:
        assert figures == stored["pictures"], f"if they are meant to change: {STORE}=1 stores them anew"


def test_what_rendering_and_filming_say(runs: tuple[Path, dict[str, Events]]) -> None:
    folder, events = runs
    for name in RUNS:
        filmed = "" if name == FILMED_LATER else " filming filmed"
        assert story(events[name]) == f"preparing started progress{filmed} finished"
        files = ["result.png", "result.svg", "result.json", *(["evolution.png"] if filmed else [])]
        assert events[name][-1]["files"] == [str(folder / name / file) for file in files]
    assert story(events["film"]) == "preparing filming filmed"
    assert {event["action"] for event in without(events["polygons"], "filming") if "action" in event} == {
        "place", "refine", "relocate", "polish"
    }  # fmt: skip
    assert {event["action"] for event in events["gng"] if "action" in event} == {"grow", "rest", "finish"}


def test_the_files_of_a_run_and_what_is_in_them(runs: tuple[Path, dict[str, Events]]) -> None:
    folder, events = runs
    for name in RUNS:
        run = folder / name
        assert {path.name for path in run.iterdir()} == set(FILES.split())
        result = json.loads((run / "result.json").read_bytes())
        finished = events[name][-1]
        assert result == {key: finished[key] for key in finished if key not in ("event", "at", "files")}
        assert has(result, FIELDS["finished"].replace(" files", ""))
        snapshots = [json.loads(line) for line in (run / "snapshots.jsonl").read_text().splitlines()]
        assert all(has(snapshot, SNAPSHOT) for snapshot in snapshots)
        first, *others = (snapshot["place"] for snapshot in snapshots)
        assert first is None
        assert others
        assert all(has(place, PLACE) and len(place["box"]) == 4 for place in others)
        assert {place["lay"] for place in others} <= {"plain", "tall", "wide"}
        assert {snapshot["file"] for snapshot in snapshots} <= {
            f"snapshots/{path.name}" for path in (run / "snapshots").iterdir()
        }
        logged = without(checked((run / "log.jsonl").read_text()), "progress")
        assert logged[0]["event"] == "started"
        assert has(yaml.safe_load((run / "spec.yaml").read_bytes()), SPEC)
        with Image.open(run / "result.png") as image:
            assert set(image.info) >= {"Title", "Description", "Software", "Spec"}


def test_what_counting_words_says(tmp_path: Path) -> None:
    target = FIXTURES / "target.png"
    (event,) = events_of(tessera("words", target, "--out", "words.png", "--json", cwd=tmp_path))
    assert event["event"] == "counted"
    assert len(event["boxes"]) == event["words"] > 0
    assert all(len(box) == 4 for box in event["boxes"])
    assert (tmp_path / "words.png").is_file()


def test_what_a_batch_says_and_sums_up(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "target.png", tmp_path)
    (tmp_path / "jobs.yaml").write_text(
        "defaults: {count: 10, effort: 0.1, film: {enabled: false}}\n"
        "outputs: done\n"
        "jobs: [target: target.png, target: missing.png]\n"
    )
    done = tessera("batch", "--jobs-file", "jobs.yaml", "--workers", 1, "--json", cwd=tmp_path)
    events = events_of(done, code=4)
    assert story(events) == "taskstarted preparing started progress finished taskended batchended"
    assert [event["outcome"] for event in events if event["event"] == "taskended"] == ["done", "failed"]
    ended = events[-1]
    assert ended["outcome"] == "failed"
    assert has(ended["counts"], COUNTS)
    assert all(has(job, FIELDS["taskended"]) for job in ended["jobs"])
    summary = json.loads((tmp_path / "done/summary.json").read_bytes())
    assert summary == {key: ended[key] for key in ended if key not in ("event", "at")}
    assert {path.name for path in (tmp_path / "done").iterdir()} == {".batch.lock", "summary.json", "target"}


def test_what_status_and_doctor_say(runs: tuple[Path, dict[str, Events]], tmp_path: Path) -> None:
    status, doctor = together([("status", runs[0], "--json"), ("doctor", "--json")], tmp_path)
    assert status.returncode == 0
    found = json.loads(status.stdout)
    assert {Path(each["folder"]).name for each in found} == set(RUNS)
    assert all(has(each, STATUS) for each in found)
    assert {(each["state"], each["doing"], each["outcome"]) for each in found} == {
        ("finished", "", "finished")
    }
    assert doctor.returncode == 0, doctor.stdout
    findings = json.loads(doctor.stdout)
    assert [finding["name"] for finding in findings] == FINDINGS
    assert all(has(finding, FINDING) for finding in findings)
    assert {finding["state"] for finding in findings} <= {"ok", "warning", "failed"}


def newest_checkpoint(run: Path) -> Path:
    def generation(path: Path) -> int:
        with path.open("rb") as file:
            return json.loads(file.readline())["generation"]

    return max((run / "checkpoint-a", run / "checkpoint-b"), key=generation)


def check_export(folder: Path, formats: list[str], events: Events) -> None:
    exporting = "exported exporting exported" if "png" in formats else "exported"
    plot = " trouble plotted exported" if "plotter" in formats else ""  # its spec has no margin
    start = "preparing " if "png" in formats else ""
    assert story(events) == f"{start}{exporting}{plot}"
    written = [event["file"] for event in events if event["event"] == "exported"]
    names = [f"picture.{suffix}".replace("plotter", "plotter.svg") for suffix in formats]
    assert written == [str(folder / name) for name in names]
    if plot:
        assert all(has(pen, PEN) for pen in one(events, "plotted")["pens"])
    shapes = json.loads((folder / "picture.json").read_bytes())
    assert has(shapes, "format version width height background painter marks")
    assert (shapes["format"], shapes["version"]) == ("tessera shapes", 1)
    assert {*shapes["marks"][0]} >= {"form", "points", "colour"}


@pytest.mark.parametrize("name", ["polygons", "gng"])
def test_runs_of_before_can_be_looked_at_and_used(name: str, tmp_path: Path) -> None:
    """The fixture's run folders, which today's code may not have made."""
    for copy in ("filmed", "exported", "reported"):
        shutil.copytree(OLD_RUNS / name, tmp_path / copy)
    shutil.copy(FIXTURES / "target.png", tmp_path)
    formats, film_flags = ["svg", "json"], ["--format", "webp", "--max-bytes", "3kB"]
    if name == "polygons":
        formats, film_flags = ["svg", "pdf", "json", "png"], []
        if importlib.util.find_spec("vpype_cli"):  # which is not installed everywhere
            formats.append("plotter")
    painter = ("--painter", name, "--count", "70", "--effort", "0.1")
    status, film, export, report, more = together(
        [
            ("status", OLD_RUNS / name, "--json"),
            ("film", "filmed", *film_flags, "--json"),
            ("export", "exported", "--format", ",".join(formats), "--json"),
            ("report", "reported", "--json"),
            (
                "render",
                "target.png",
                "--from",
                OLD_RUNS / name,
                *painter,
                "--out",
                "more",
                *STEADY,
                "--no-film",
            ),
        ],
        tmp_path,
    )
    before = json.loads((OLD_RUNS / name / "result.json").read_bytes())
    (told,) = json.loads(status.stdout)
    assert has(told, STATUS)
    assert (told["state"], told["outcome"]) == ("finished", "error"), "it was stopped at an error"
    figures = ("error", "shapes", "evaluations")
    assert {key: told[key] for key in figures} == {key: before[key] for key in figures}
    assert 0 < told["share"] < 1, "in the middle of its plan"
    events = events_of(film)
    if name == "gng":
        assert re.fullmatch("preparing( filming fitting)+ filmed", story(events)), story(events)
        assert (tmp_path / "filmed/evolution.webp").stat().st_size <= 3000
    else:
        assert story(events) == "preparing filming filmed"
        assert len(list((tmp_path / "filmed/evolution.png").iterdir())) == 5
    check_export(tmp_path / "exported", formats, events_of(export))
    exported, made = (
        (folder / file).read_text().splitlines()
        for folder, file in ((tmp_path / "exported", "picture.svg"), (OLD_RUNS / name, "result.svg"))
    )
    # The second and third line say how it was made, and by whom it would be made today; a file has names
    # of its own.
    plain = [re.sub(r"t[0-9a-f]{10}-page", "page", line) for line in exported]
    assert plain[:1] + plain[3:] == made[:1] + made[3:]
    assert story(events_of(report)) == "preparing exported"
    assert "<html" in (tmp_path / "reported/report.html").read_text()[:1000]
    events = events_of(more)
    assert story(events) == "preparing started progress finished"
    first = next(event for event in events if event["event"] == "progress")
    assert first["shapes"] >= before["shapes"], "it begins with what was there"
    assert events[-1]["error"] < before["error"]


@pytest.mark.parametrize("name", ["polygons", "gng"])
def test_runs_of_before_go_on_to_about_the_error_of_a_run_that_was_never_stopped(
    name: str, tmp_path: Path
) -> None:
    """Their grids had other cells, so they go on by a new plan."""
    shutil.copytree(OLD_RUNS / name, tmp_path / "resumed")
    shutil.copy(FIXTURES / "target.png", tmp_path)
    if is_damaged := name == "polygons":  # then it goes on from the checkpoint before
        newest = newest_checkpoint(tmp_path / "resumed")
        newest.write_bytes(newest.read_bytes()[:-100])
    spec = yaml.safe_load((OLD_RUNS / name / "spec.yaml").read_bytes())
    spec["budget"]["error"] = None  # at which the fixture was stopped
    spec |= {"target": "target.png", "out": "straight"}
    spec["painter"] |= BEFORE.get(name, {})
    (tmp_path / "straight.yaml").write_text(yaml.safe_dump(spec))
    resumed, straight = together(
        [
            ("resume", "resumed", "--set", "budget.error=null", "--json"),
            ("render", "straight.yaml", "--json"),
        ],
        tmp_path,
    )
    before = json.loads((OLD_RUNS / name / "result.json").read_bytes())
    events = without(events_of(resumed), "notice")  # that the target is gone, or the version another one
    trouble = "trouble " if is_damaged else ""
    assert story(events) == f"{trouble}preparing resumed started progress finished"
    begun = one(events, "resumed")
    assert begun["checkpoint"] == ("checkpoint-b" if is_damaged else "checkpoint-a")
    progress = [event for event in events if event["event"] == "progress"]
    if is_damaged:
        assert "checkpoint-a: is damaged" in one(events, "trouble")["message"]
    else:
        assert begun["shapes"] == before["shapes"]
        assert progress[0]["evaluations"] >= before["evaluations"], "it doesn't begin anew"
    assert story(events_of(straight)) == "preparing started progress finished"
    results = [json.loads((tmp_path / run / "result.json").read_bytes()) for run in ("resumed", "straight")]
    assert {each["outcome"] for each in results} == {"finished"}
    assert all(each["error"] < before["error"] for each in results)
    assert results[0]["error"] == pytest.approx(results[1]["error"], rel=0.1)


WRONG: dict[str, tuple[int, list[str], str]] = {
    "an unknown flag": (2, ["render", "target.png", "--cuont", "5"], "has no option --cuont"),
    "a value out of range": (2, ["render", "target.png", "--count", "-5"], "--count.*-5"),
    "a missing target": (2, ["render", "missing.png"], "missing.png: no such file"),
    "no run": (2, ["film", "."], "is not a run folder"),
    "a missing encoder": (4, ["render", "target.png", "--set", "film.encoder=/no/ffmpeg"], "/no/ffmpeg"),
    "a locked run": (5, ["film", "locked"], "locked: another process is working on it"),
    "no whole checkpoint": (
        4,
        ["resume", "damaged"],
        "checkpoints .*checkpoint-a, checkpoint-b.* are damaged",
    ),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Done]]:
    """A folder in which all that is wrong was tried, and how each command ended."""
    folder = tmp_path_factory.mktemp("wrong")
    shutil.copy(FIXTURES / "target.png", folder)
    for run in ("locked", "damaged"):
        shutil.copytree(OLD_RUNS / "polygons", folder / run)
    for checkpoint in ("checkpoint-a", "checkpoint-b"):
        (folder / "damaged" / checkpoint).write_bytes(b"{}")
    with (folder / "locked/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = together([arguments for _, arguments, _ in WRONG.values()], folder)
    return folder, dict(zip(WRONG, ended, strict=True))


@pytest.mark.parametrize("what", WRONG)
def test_what_goes_wrong_has_its_exit_code_and_one_sentence(
    what: str, refused: tuple[Path, dict[str, Done]]
) -> None:
    code, _, sentence = WRONG[what]
    done = refused[1][what]
    assert (done.returncode, done.stdout) == (code, "")
    assert re.fullmatch(rf"tessera: .*({sentence}).*[.?]\n", done.stderr), done.stderr
    assert not (refused[0] / "outputs").exists()


def test_a_runs_log_has_the_error_that_ended_a_command(refused: tuple[Path, dict[str, Done]]) -> None:
    (last,) = checked((refused[0] / "damaged/log.jsonl").read_text().splitlines()[-1])
    assert (last["event"], last["exit_code"]) == ("failed", 4)
    assert last["message"] in refused[1]["no whole checkpoint"].stderr
    old = (OLD_RUNS / "polygons/log.jsonl").read_text().splitlines()[-1]
    assert json.loads(old)["event"] == "finished"
