"""A batch's course with a stub for render and resume; two tests with the real ones are at the end."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.batch import batch as batch_module
from engine.batch import task_folder
from engine.batch import work as work_module
from engine.batch.batch import LOCK, BatchOptions, batch
from engine.batch.jobs_file import tasks_of
from engine.cli.console import troubles_only
from engine.errors import LockError
from engine.events import BatchEnded, Event, Preparing, TaskEnded, TaskStarted, Trouble
from engine.spec.models import NotifySettings
from engine.storage.lock import locked, owner
from engine.storage.status import read_status
from engine.system import child_process as child
from tests import ROOT
from tests.conftest import command, ends

STUB = ROOT / "tests/doubles/stub_child.py"
PAST, FUTURE = "2001-01-31 06:00", "2100-01-31 06:00"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A current folder with three pictures, where a stub does the work."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(child, "_forked", lambda *_: None)
    monkeypatch.setattr(child, "command", lambda arguments: [sys.executable, str(STUB), *arguments])
    for name in "abc":
        Path(f"{name}.png").write_text(f"a picture of {name}")
    return tmp_path


def unheard(event):
    """What nobody listens to."""


def plan(**words):
    Path("plan.json").write_text(json.dumps(words))


def calls():
    path = Path("calls.jsonl")
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return [json.loads(line) for line in lines]


def actions():
    return [call[0] for call in calls()]


def work(*sources, report=unheard, watch=unheard, **options):
    tasks = [task for source in sources for task in tasks_of(source)]
    return batch(tasks, BatchOptions(Path("outputs"), **options), report, watch)


def outcomes(ended):
    return [job.outcome for job in ended.jobs]


def test_each_picture_is_made_and_then_skipped(here):
    ended = work("a.png", "b.png", flags=("--workers", "1"))
    assert (ended.outcome, ended.exit_code, outcomes(ended)) == ("done", 0, ["done", "done"])
    first, second = calls()
    folder = str(here / "outputs" / "a")
    assert first[0] == "render"
    assert first[2:] == ["--out", folder, "--set", "budget.until=null", "--json", "--workers", "1"]
    assert second[3] == str(here / "outputs" / "b")
    job = ended.jobs[0]
    assert (job.folder, job.error, job.shapes, job.seconds, job.why) == (folder, 0.25, 7, 1.5, "")
    again = work("a.png", "b.png", "c.png")
    assert outcomes(again) == ["skipped", "skipped", "done"]
    assert again.jobs[0].error == 0.25
    assert [call[3] for call in calls()] == [str(here / "outputs" / "c")]


def test_the_summary_is_what_was_reported_and_nothing_else_is_left(here):
    plan(b=["exit 2"])
    events: list[Event] = []
    ended = work("a.png", "b.png", report=events.append)
    assert [type(event) for event in events] == [TaskStarted, TaskEnded, TaskStarted, TaskEnded, BatchEnded]
    summary = json.loads(Path("outputs/summary.json").read_text())
    assert (summary["outcome"], summary["exit_code"]) == ("failed", 4)
    assert summary["counts"] == {"done": 1, "resumed": 0, "skipped": 0, "failed": 1, "locked": 0, "left": 0}
    assert [job["why"] for job in summary["jobs"]] == ["", "it ended with 2."]
    assert summary["seconds"] == ended.seconds
    assert {path.name for path in Path("outputs").iterdir()} == {"a", "b", "summary.json", LOCK}


@pytest.mark.parametrize(
    ("words", "done", "outcome"),
    [
        (["exit 4", "done"], ["render", "render"], "done"),
        (["kill", "done"], ["render", "render"], "done"),
        (["exit 1", "done"], ["render", "render"], "done"),
        (["vanish", "done"], ["render", "render"], "done"),
        (["checkpoint exit 4", "done"], ["render", "resume"], "done"),
        (["checkpoint exit 4", "exit 4"], ["render", "resume"], "failed"),
        (["exit 2"], ["render"], "failed"),
        (["exit 5"], ["render"], "locked"),
        (["exit 6"], ["render"], "failed"),
        (["checkpoint exit 3"], ["render"], "left"),
        (["checkpoint exit 143"], ["render"], "left"),
    ],
)
def test_only_what_may_be_chance_is_tried_again(here, words, done, outcome):
    plan(a=list(words))
    ended = work("a.png", "b.png")
    assert outcomes(ended) == [outcome, "done"], "and the other one is made in any case"
    assert ended.jobs[0].attempts == len(words)
    assert actions() == [*done, "render"]


def test_a_process_that_says_all_is_well_and_has_painted_nothing_has_failed(here):
    plan(a=["nothing", "nothing"], b=["nothing"])
    ended = work("a.png", "b.png")
    assert (ended.outcome, ended.exit_code, outcomes(ended)) == ("failed", 4, ["failed", "done"])
    assert "there is no finished run" in ended.jobs[0].why


def test_retries_are_counted(here):
    plan(a=["exit 4"] * 9)
    assert work("a.png", retries=0).jobs[0].attempts == 1
    assert work("a.png", retries=3).jobs[0].attempts == 4


def test_the_reason_is_the_last_sentence_or_the_signal(here):
    plan(a=["exit 4", "kill"], b=["exit 6"], c=["vanish", "vanish"])
    ended = work("a.png", "b.png", "c.png")
    killed = "was killed, perhaps for want of memory (signal 9)."
    assert [job.why for job in ended.jobs] == [killed, "it ended with 6.", "ended with exit code 1."]
    assert [job.exit_code for job in ended.jobs] == [-9, 6, 1]
    assert ended.jobs[2].folder is None


def test_an_interrupted_one_is_gone_on_with(here):
    plan(a=["checkpoint exit 3"])
    assert (work("a.png").exit_code, actions()) == (3, ["render"])
    ended = work("a.png")
    assert (ended.exit_code, outcomes(ended)) == (0, ["resumed"])
    assert calls() == [["resume", str(here / "outputs" / "a"), "--set", "budget.until=null", "--json"]]


def test_another_picture_or_other_settings_get_a_folder_of_their_own(here, monkeypatch):
    work("a.png")
    Path("other").mkdir()
    Path("other/a.png").write_text("another picture")
    Path("more.yaml").write_text("{target: a.png, seed: 3}")
    ended = work("other/a.png", "more.yaml", "a.png")
    assert [Path(job.folder or "").name for job in ended.jobs] == ["a-2", "a-3", "a"]
    assert outcomes(ended) == ["done", "done", "skipped"]

    def seen(path):
        return replace(read_status(path), target_sha256="of the picture before")

    monkeypatch.setattr(task_folder, "read_status", seen)
    ended = work("a.png")
    assert (outcomes(ended), Path(ended.jobs[0].folder or "").name) == (["done"], "a-4")


def test_the_same_one_twice_is_made_once(here):
    Path("same.yaml").write_text("{target: a.png, film: {fps: 30}}")
    ended = work("a.png", "same.yaml")
    assert (ended.exit_code, outcomes(ended)) == (0, ["done", "skipped"])
    assert ended.jobs[1].why == "it is the same as job 1."


def test_an_out_folder_of_ones_own(here):
    Path("mine.yaml").write_text("{target: a.png, out: there}")
    Path("taken.yaml").write_text("{target: b.png, out: full}")
    Path("full").mkdir()
    Path("full/note.txt").touch()
    ended = work("mine.yaml", "taken.yaml")
    assert (outcomes(ended), ended.jobs[0].folder) == (["done", "failed"], str(here / "there"))
    assert ended.jobs[1].why.endswith("full: holds something else; choose another out, or remove it first.")
    assert outcomes(work("mine.yaml")) == ["skipped"]


def test_a_folder_and_files_of_ones_own_for_each_job(here):
    Path("gaps.yaml").write_text("{target: '[ab].png', out: 'mine/{name}-{n}'}")
    ended = work("gaps.yaml", files=["{name}-{{{n}}}.svg"])
    assert outcomes(ended) == ["done", "done"]
    assert [job.folder for job in ended.jobs] == [str(here / "mine/a-1"), str(here / "mine/b-2")]
    named = [call[call.index("-o") :][:3] for call in calls()]
    assert named == [["-o", "a-{{1}}.svg", "--force"], ["-o", "b-{{2}}.svg", "--force"]]
    Path("a-{1}.svg").touch()
    ended = work("gaps.yaml", files=["{name}-{{{n}}}.svg"])
    assert outcomes(ended) == ["skipped", "resumed"], "the file that is missing is made of what is painted"
    assert actions() == ["resume"]
    Path("copy.png").write_bytes(Path("c.png").read_bytes())
    ended = work("c.png", "copy.png", files=["{name}.svg"])
    assert outcomes(ended) == ["done", "done"], "a copy has its file, too"
    Path("d.png").write_text("a picture of d")
    ended = work("d.png", files=["a-{{1}}.svg"])
    assert ended.jobs[0].why == "a-{1}.svg: is there already; choose another name, or --force to replace it."
    assert outcomes(work("d.png", files=["a-{{1}}.svg"], force=True)) == ["done"]


def test_bad_pictures_and_specs_are_failures_of_their_own(here):
    Path("bad.yaml").write_text("{target: a.png, sise: 3}")
    ended = work("no.png", "bad.yaml", "no.yaml", "x/*.jpg", "c.png")
    assert (ended.exit_code, outcomes(ended)) == (4, ["failed"] * 4 + ["done"])
    assert [job.complaint for job in ended.jobs[:4]] == [
        "no.png: no such file; check the path.",
        "bad.yaml:1: sise isn't a setting; perhaps size is meant.",
        "no.yaml doesn't exist; give the path of a YAML file.",
        f"x/*.jpg: no file in {here} matches 'x/*.jpg'.",
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"a": ["exit 6"], "b": ["exit 6"]}, 6),
        ({"a": ["exit 5"], "b": ["exit 3"]}, 5),
        ({"a": ["exit 5"], "b": ["exit 6"]}, 4),
        ({"a": ["exit 2"]}, 4),
        ({"a": ["exit 3"]}, 3),
    ],
)
def test_the_exit_code_is_that_of_the_worst(here, words, code):
    plan(**words)
    assert work("a.png", "b.png").exit_code == code


def test_after_the_deadline_the_rest_is_left(here):
    work("b.png")
    ended = work("a.png", "b.png", "c.png", until=PAST)
    assert (ended.outcome, ended.exit_code) == ("left", 3)
    assert outcomes(ended) == ["left", "skipped", "left"]
    assert ended.jobs[0].why == "the deadline came before its turn."
    assert ended.jobs[0].folder is None, "and none is made"
    assert actions() == ["render"]


def test_the_deadline_is_passed_on_as_a_moment_and_the_sooner_one_counts(here):
    Path("soon.yaml").write_text("{target: b.png, until: 2099-01-31 06:00}")
    work("a.png", "soon.yaml", until=FUTURE)
    assert [call[5] for call in calls()] == [f"budget.until={FUTURE}", "budget.until=2099-01-31 06:00"]


def test_a_failure_is_not_tried_again_after_the_deadline(here, monkeypatch):
    plan(a=["exit 4", "done"])
    now = iter([0.0, 1.0, 3.0])
    monkeypatch.setattr(batch_module.time, "time", lambda: next(now))
    monkeypatch.setattr(batch_module, "deadline", lambda until, now: 2.0)
    ended = work("a.png", until="06:00")
    assert (outcomes(ended), ended.jobs[0].why, actions()) == (["failed"], "it ended with 4.", ["render"])


def test_more_time_goes_on_from_where_time_was_up(here):
    spec = Path("a.yaml")
    plan(a=["checkpoint exit 4", "time"])
    spec.write_text("{target: a.png, time: 1h}")
    assert outcomes(work("a.yaml")) == ["done"]
    calls()
    assert outcomes(work("a.yaml")) == ["skipped"]
    for time, setting in (("2h", "budget.time=7200.0s"), ("null", "budget.time=null")):
        plan(a=["time"])
        spec.write_text(f"{{target: a.png, time: {time}}}")
        assert outcomes(work("a.yaml")) == ["resumed"]
        assert calls()[0][2:4] == ["--set", setting]
    spec.write_text("{target: a.png, time: 30m}")
    assert outcomes(work("a.yaml")) == ["skipped"]


def test_an_interrupted_one_gets_the_time_that_is_asked_for_now(here):
    spec = Path("a.yaml")
    plan(a=["checkpoint exit 3"] * 3)
    for time in (None, "1h", "30m"):
        spec.write_text("{target: a.png, time: %s}" % (time or "null"))
        work("a.yaml")
    given = [call[3] for call in calls()]
    assert given[1:] == ["budget.time=3600.0s", "budget.time=1800.0s"]


def test_one_that_somebody_works_on_is_not_waited_for(here):
    plan(a=["checkpoint exit 3"])
    work("a.png")
    with locked(Path("outputs/a/.lock"), "a"):
        ended = work("a.png", "b.png")
    assert (ended.exit_code, outcomes(ended)) == (5, ["locked", "done"])
    assert ended.jobs[0].why.startswith(f"process {os.getpid()} on ")


def test_a_second_batch_is_refused(here):
    Path("outputs").mkdir()
    with (
        locked(Path("outputs") / LOCK, "outputs"),
        pytest.raises(LockError, match=f"^outputs: process {os.getpid()} "),
    ):
        work("a.png")
    assert calls() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_good_order(here, number):
    plan(a=["wait"])
    heard = []

    def watch(event):
        heard.append(event)
        if isinstance(event, Preparing):
            os.kill(os.getpid(), number)

    ended = work("a.png", "b.png", watch=watch)
    assert heard[1] == Trouble(f"signal {number}"), "it was passed on, once"
    assert len(heard) == 2
    assert (ended.outcome, ended.exit_code) == ("interrupted", 128 + number)
    assert [job.why for job in ended.jobs] == ["it was interrupted.", "the batch was interrupted before."]
    assert json.loads(Path("outputs/summary.json").read_text())["outcome"] == "interrupted"
    assert outcomes(work("a.png", "b.png")) == ["resumed", "done"]


def test_a_signal_just_before_a_job_begins_is_passed_on_too(here):
    plan(a=["wait"])

    def report(event):
        if isinstance(event, TaskStarted):
            os.kill(os.getpid(), signal.SIGTERM)

    ended = work("a.png", report=report)
    assert (ended.exit_code, ended.jobs[0].why) == (143, "it was interrupted.")


def test_a_second_signal_kills(here, monkeypatch):
    monkeypatch.setattr(child, "HURRY", 0.1)
    plan(a=["stubborn"])
    ended = work("a.png", watch=lambda event: os.kill(os.getpid(), signal.SIGTERM))
    assert (ended.exit_code, outcomes(ended)) == (143, ["left"])


def test_quiet_is_silent_but_for_failures(here, capsys):
    plan(a=["trouble"], b=["checkpoint exit 3"], c=["exit 4", "exit 4"])
    work("a.png", "b.png", report=troubles_only)
    assert capsys.readouterr() == ("", "")
    ended = work("a.png", "c.png", report=troubles_only)
    assert capsys.readouterr() == ("", "tessera: c.png: it ended with 4.\n")
    assert ended.jobs[0].troubles == ()


def test_troubles_are_kept_in_the_summary(here):
    plan(a=["trouble"])
    assert work("a.png").jobs[0].troubles == ("a hiccup",)


def test_real_pictures(tessera, photo, tmp_path):
    settings = "count: 60, effort: 0.1, grid: 2x3, size: 90, workers: 1"
    (tmp_path / "jobs.yaml").write_text(
        f"defaults: {{{settings}, film: {{enabled: false}}}}\n"
        "notify: {on-success: 'cat > told.json', on-failure: 'touch failed'}\n"
        f"outputs: made\njobs:\n- target: {photo.parent}/*.png\n- target: {photo}\n  seed: 3\n"
    )
    done = tessera("batch", "--jobs-file", "jobs.yaml", "--retries", 0, "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "made/photo-2/result.svg").is_file()
    told = json.loads((tmp_path / "told.json").read_text())
    assert told == json.loads((tmp_path / "made/summary.json").read_text())
    assert told["counts"]["done"] == 2
    done = tessera("batch", "--jobs-file", "jobs.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("skipped: ")) == (0, "", 2)
    assert not (tmp_path / "failed").exists()


def await_event(stream, is_it):
    """Read what a batch says until there is such an event, and return it."""
    return next(event for event in map(json.loads, stream) if is_it(event))


@pytest.fixture
def long_one(photo, tmp_path):
    """A batch that paints a picture for hours, once it is painting; and its child's pid."""
    flags = "count: 60, effort: 1000, grid: 2x3, size: 90, workers: 1, checkpoint: {every: 0s}"
    (tmp_path / "long.yaml").write_text(f"{{target: {photo}, {flags}, film: {{enabled: false}}}}")
    process = subprocess.Popen(
        command("batch", "long.yaml", "--json"), cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    await_event(process.stdout, lambda event: event.get("phase", 0) >= 2)  # so there is a checkpoint
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    yield process, int(children[0])
    process.kill()
    process.communicate()


def test_a_real_one_that_is_stopped_goes_on_next_time(tessera, long_one, tmp_path):
    process, pid = long_one
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 143
    assert ends(pid)
    summary = json.loads((tmp_path / "outputs/summary.json").read_text())
    assert [job["why"] for job in summary["jobs"]] == ["it was interrupted."]
    assert summary["jobs"][0]["error"] < 1
    assert {path.name for path in (tmp_path / "outputs").iterdir()} == {"photo", LOCK, "summary.json"}
    spec = tmp_path / "long.yaml"
    spec.write_text(spec.read_text().replace("size: 90", "size: 90, time: 1s"))
    done = tessera("batch", "long.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    summary = json.loads((tmp_path / "outputs/summary.json").read_text())
    assert summary["counts"]["resumed"] == 1


def test_a_real_one_that_is_killed_is_gone_on_with(long_one, tmp_path):
    process, pid = long_one
    os.kill(pid, signal.SIGKILL)
    assert await_event(process.stdout, lambda event: event["event"] == "taskstarted")["is_resumed"]
    await_event(process.stdout, lambda event: event["event"] == "progress")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    summary = json.loads((tmp_path / "outputs/summary.json").read_text())
    assert [(job["attempts"], job["why"]) for job in summary["jobs"]] == [(2, "it was interrupted.")]


def test_a_killed_batch_leaves_nobody_behind(long_one, tmp_path):
    process, pid = long_one
    process.kill()
    assert ends(pid)
    assert owner(tmp_path / "outputs" / LOCK) is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "batch needs pictures, specs or --jobs-file JOBS.yaml."),
        (["a.png", "--until", "noon"], "--until must be a local time such as 06:00, or"),
        (["a.png", "--nice", "20"], "--nice must be a whole number from 0 to 19, not 20."),
        (["--jobs-file", "no.yaml"], "no.yaml doesn't exist; give the path of a YAML file."),
        (["a.png", "--retries", "-1"], "--retries must be a whole number of 0 or more, not -1."),
    ],
)
def test_wrong_usage(tessera, tmp_path, arguments, sentence):
    done = tessera("batch", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"tessera: {sentence}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "outputs").exists()


def test_a_signal_ends_a_long_batch_at_once_and_with_one_summary(here, monkeypatch):
    written: list[BatchEnded] = []
    monkeypatch.setattr(batch_module, "_write_summary", lambda *arguments: written.append(arguments[1]))
    told: list[Event] = []

    def interrupt(event):
        told.append(event)
        if isinstance(event, TaskStarted):
            os.kill(os.getpid(), signal.SIGTERM)

    plan(a=["wait"])
    ended = work("a.png", *(["b.png"] * 50), report=interrupt)
    assert (ended.exit_code, set(outcomes(ended))) == (143, {"left"})
    assert len(written) == 2, "after the one that was begun, and at the end"
    assert written[-1] == ended


def summary():
    return json.loads(Path("outputs/summary.json").read_text())


def test_an_error_in_the_middle_is_no_good_end(here):
    notify = NotifySettings(on_success="touch good", on_failure="cat > told.json")

    def fail(event):
        if isinstance(event, TaskEnded):
            raise ValueError("odd")

    with pytest.raises(ValueError, match=r"^odd$"):
        work("a.png", "b.png", "c.png", report=fail, notify=notify)
    found = summary()
    assert (found["outcome"], found["exit_code"]) == ("failed", 4)
    assert [job["outcome"] for job in found["jobs"]] == ["done", "left", "left"]
    assert found["jobs"][2]["why"] == "the batch was ended by an error: ValueError('odd')."
    assert json.loads(Path("told.json").read_text()) == found
    assert not Path("good").exists()


def test_a_second_signal_between_jobs_leaves_the_rest(here):
    def interrupt(event):
        if isinstance(event, TaskEnded):
            for _ in range(3):
                os.kill(os.getpid(), signal.SIGINT)

    ended = work("a.png", "b.png", report=interrupt, notify=NotifySettings(on_success="touch good"))
    assert (ended.outcome, ended.exit_code, outcomes(ended)) == ("interrupted", 130, ["done", "left"])
    assert ended.jobs[1].why == "the batch was interrupted before."
    assert summary()["outcome"] == "interrupted"
    assert not Path("good").exists()


@pytest.mark.parametrize("error", [ValueError("odd"), MemoryError()])
def test_what_is_odd_about_one_job_is_that_jobs_own(here, monkeypatch, error):
    real = work_module.next_step

    def odd(spec, outputs, taken):
        if spec.target == "a.png":
            raise error
        return real(spec, outputs, taken)

    monkeypatch.setattr(work_module, "next_step", odd)
    assert outcomes(work("a.png", "b.png")) == ["failed", "done"]
    assert ("not enough memory" in summary()["jobs"][0]["why"]) == isinstance(error, MemoryError)


def test_a_folder_that_somebody_has_just_begun_with_is_locked(here):
    Path("mine.yaml").write_text("{target: a.png, out: there}")
    Path("there").mkdir()
    with locked(Path("there/.lock"), "there"):
        ended = work("mine.yaml")
    assert (ended.exit_code, outcomes(ended), calls()) == (5, ["locked"], [])
