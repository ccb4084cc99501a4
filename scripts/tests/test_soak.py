"""The soaks themselves: that they see what is wrong, and that a short one ends well."""

import random
import shutil
import subprocess
import sys
from collections import Counter
from itertools import islice

import pytest

from engine.painters.registry import PAINTERS
from engine.parallel.open_pool import POOLS
from engine.storage.checkpoint import read_checkpoint
from engine.storage.run_folder import RunFolder
from scripts.benches.report import Report
from scripts.soaks.__main__ import main
from scripts.soaks.blows import ALONE, DECK, ENCODER, GROUP, WORKER, Blow, Dealer, shuffled
from scripts.soaks.cases import Case, all_cases
from scripts.soaks.costs import TIMES, checkpoint_cost
from scripts.soaks.errands import ERRANDS, Ran, Undisturbed, run_errand
from scripts.soaks.fuzz import fuzz
from scripts.soaks.fuzz_worker import timed_outcome
from scripts.soaks.kills import kills
from scripts.soaks.memory import Sample, held_in_memory, memory
from scripts.soaks.mutations import KINDS
from scripts.soaks.ordeals import Ordeal, Straight, pause
from tests.conftest import QUICK
from tests.doubles.process_tree import session
from tests.doubles.runs import Heard, content, frames, left_behind

CASE_FLAGS = (*QUICK, "--effort", 1, "--set", "checkpoint.every=0.1s")


@pytest.fixture
def case(photo):
    return Case("small", photo, CASE_FLAGS)


def test_blows_are_dealt_evenly_and_at_random():
    first, other = (list(islice(shuffled(random.Random(seed)), 2 * len(DECK))) for seed in (0, 1))
    assert first != other
    assert first == list(islice(shuffled(random.Random(0)), 2 * len(DECK)))
    assert Counter(first) == Counter(2 * DECK)
    assert Counter(blow.who for blow in first) == {ALONE: 10, WORKER: 10, GROUP: 10, ENCODER: 4}


def test_what_has_not_hit_is_dealt_again():
    dealer = Dealer(DECK, random.Random(0))
    dealt = [dealer.take((ALONE, WORKER, GROUP, ENCODER)) for _ in DECK[1:]]
    dealer.put(dealt[0])
    assert dealer.take((dealt[0].who,), dealt[0].when) == dealt[0]
    last = dealer.take((ALONE, WORKER, GROUP, ENCODER))
    assert Counter([*dealt, last]) == Counter(DECK)


def test_each_painter_look_and_pool_is_a_case():
    names = {case.name for case in all_cases("astronaut")}
    assert {"polygons", "gng, net", "gng, strokes", "polygons, pool inline", "gng, net, pool inline"} <= names
    assert all(any(name.startswith(painter) for name in names) for painter in PAINTERS)
    assert all(any(pool in name for name in names) for pool in POOLS if pool != "processes")


def test_a_few_kills_lose_nothing(case, tmp_path):
    report = Report(None)
    scratch = tmp_path / "soak"
    scratch.mkdir()
    assert kills(report, scratch, [case], 3, 50, threads=1) == 0
    runs, killed, summary = report.tables
    assert sum(row["kills"] for row in runs["rows"]) == 3
    assert sum(row["in all"] for row in killed["rows"]) == runs["rows"][-1]["in all"]
    figures = {row["name"]: row["measured"] for row in summary["rows"]}
    assert figures["lost runs"] == figures["processes, segments, temporary files left"] == "0"
    assert figures["runs"] == str(len(runs["rows"]))
    assert [path.name for path in tmp_path.iterdir()] == ["soak"], "only what is lost is kept"


def test_a_film_whose_encoder_is_killed_is_made_again(run_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.soaks.blows.LINGERS", 0)
    copy = shutil.copytree(run_folder, tmp_path / "run")
    straight, ran = Straight(content(copy), frames(copy), {}), Ran("film")
    errand = next(errand for errand in ERRANDS if errand.name == "film")
    before = Undisturbed(frames(copy), 1.0)
    for seed in range(5):  # a busy machine may be late for so short a film
        dealer = Dealer([Blow(ENCODER, "film")], random.Random(seed))
        run_errand(ran, errand, copy, straight, before, dealer, random.Random(seed), 1, {})
        if ran.blows:
            break
    assert (ran.blows, ran.faults, ran.left) == ([Blow(ENCODER, "film")], [], [])


def test_what_an_errand_makes_otherwise_is_seen(run_folder, tmp_path):
    copy, ran = shutil.copytree(run_folder, tmp_path / "run"), Ran("export")
    errand = next(errand for errand in ERRANDS if errand.name == "export")
    straight, before = Straight({}, [], {}), Undisturbed(["another"], 1.0)
    run_errand(ran, errand, copy, straight, before, Dealer(DECK, random.Random(0)), random.Random(0), 0, {})
    assert "it has made something else" in ran.faults
    assert "result.svg" in ran.faults


def test_a_run_that_differs_is_seen(run_folder, tmp_path):
    straight = Straight(content(run_folder), frames(run_folder), {})
    copy = shutil.copytree(run_folder, tmp_path / "copy")
    assert straight.differences(copy) == []
    with (copy / "result.svg").open("a") as file:
        file.write(" ")
    manifest = copy / "snapshots.jsonl"
    first, _, others = manifest.read_text().partition("\n")
    assert '"shapes": 0,' in first
    manifest.write_text(first.replace('"shapes": 0,', '"shapes": 1,') + "\n" + others)
    assert straight.differences(copy) == ["result.svg", "snapshot 0"]
    longer = Straight(content(copy), [*frames(copy), "one more"], {})
    assert longer.differences(copy) == ["20 frames instead of 21"]
    other = Straight(content(copy), [*frames(copy)[:-1], "another"], {})
    assert other.differences(copy) == ["frames of the film"]
    (copy / "evolution.mp4").unlink()
    assert "evolution.mp4" in "".join(straight.differences(copy))


def test_what_is_left_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.doubles.runs.GONE", 0)
    (tmp_path / "snapshots").mkdir()
    (tmp_path / ".lock").touch()
    assert left_behind(tmp_path, 1_000_000) == []
    (tmp_path / "snapshots/.a.part").touch()
    sleep = ["sleep", "60"]
    with (
        subprocess.Popen(["sh", "-c", "sleep 60 & wait"], start_new_session=True) as leader,
        subprocess.Popen(sleep, cwd=tmp_path / "snapshots") as inside,
    ):
        try:
            left = left_behind(tmp_path, leader.pid)
            assert left[0] == "snapshots/.a.part"
            assert {f"process {leader.pid}", f"process {inside.pid}"} <= set(left)
        finally:
            for pid in session(leader.pid):
                subprocess.run(["kill", str(pid)], check=True)
            inside.kill()
    assert left_behind(tmp_path, leader.pid) == ["snapshots/.a.part"]


def test_a_run_that_fails_is_lost(tmp_path):
    nothing = Straight({}, [], {})
    ordeal = Ordeal(Case("wrong", "no-such-picture", CASE_FLAGS), tmp_path / "run", random.Random(0))
    ordeal.suffer(nothing, Dealer(DECK, random.Random(0)), most=0)
    ordeal.judge(nothing)
    assert len(ordeal.faults) == 1
    assert ordeal.faults[0].startswith("exit code 2: tessera: no-such-picture")


@pytest.mark.parametrize(("workers", "seconds"), [(1, 0.75), (2, 1.5)])
def test_the_wait_for_a_dead_workers_job_leaves_out_the_job(workers, seconds):
    def heard(at, job):
        return Heard(at, {"event": "progress", "job_seconds": job})

    events = [heard(1, 0.5), heard(3, 0.25), heard(3.5, None), heard(3.5, 0.25), heard(5.25, 0.25)]
    assert pause(events, 2, workers) == seconds
    assert pause(events, 6, workers) is None


def test_memory_is_compared_by_medians():
    samples = [Sample(own, 10 * own, 1, 1, 1, 1) for own in (1, 3, 100)]
    assert held_in_memory(samples) == (3, 30)


def test_an_endless_run_is_watched_until_it_has_been_long_enough(tmp_path):
    report = Report(None)
    memory(report, tmp_path, 0.5)
    watched, verdict = report.tables
    assert len(watched["rows"]) == 10
    assert all(row["worker MB"] > 50 and row["coordinator MB"] > 50 for row in watched["rows"])
    assert [row["measured"] for row in verdict["rows"][:2]] == [pytest.approx(1, abs=0.2)] * 2
    assert left_behind(tmp_path / "endless") == []


def test_a_checkpoints_cost_is_timed_on_a_real_run(run_folder, tmp_path):
    copy = RunFolder(shutil.copytree(run_folder, tmp_path / "copy"))
    before = read_checkpoint(copy).checkpoint
    assert 0 < checkpoint_cost(copy).wall < 1
    after = read_checkpoint(copy).checkpoint
    assert after.header.generation == before.header.generation + TIMES
    assert after.facts["recorder"]["taken"] > before.facts["recorder"]["taken"]


def test_a_hundred_odd_files_are_read_or_refused(tmp_path):
    report = Report(None)
    scratch = tmp_path / "soak"
    scratch.mkdir()
    assert fuzz(report, scratch, 120, 7) == 0
    (table,) = report.tables
    assert [row["read"] + row["refused"] for row in table["rows"]] == [30] * 4
    assert all(row["read"] > 0 and row["refused"] > 0 for row in table["rows"])
    assert [path.name for path in tmp_path.iterdir()] == ["soak"], "only what is wrong is kept"


def test_what_a_file_breaks_is_seen(tmp_path, monkeypatch):
    report = Report(None)
    scratch = tmp_path / "soak"
    scratch.mkdir()
    faults = (
        b"raise ValueError('odd')",
        b"import os; os.abort()",
        b"import sys; print('words', file=sys.stderr)",
        b"from engine.errors import RunError; raise RunError('two\\nlines.')",
        b"pass",
        b"import time; time.sleep(60)",
        b"bytearray(10**10)",
        b"from engine.errors import RunError; raise RunError('It is wrong.')",
    )
    monkeypatch.setattr("scripts.soaks.fuzz.READERS", 1)
    monkeypatch.setattr("scripts.soaks.fuzz.PATIENCE_EACH", 3.0)
    monkeypatch.setattr("scripts.soaks.fuzz.SUFFIXES", {"code": ".py"})
    left = list(faults)
    monkeypatch.setattr("scripts.soaks.fuzz.KINDS", {"code": lambda rng: left.pop(0)})
    runs_code = (
        "import scripts.soaks.fuzz_worker as worker;"
        "worker.READERS['code'] = lambda path: exec(path.read_text(), {}); worker.main(500, 5.0)"
    )
    monkeypatch.setattr("scripts.soaks.fuzz.COMMAND", (sys.executable, "-c", runs_code))
    assert fuzz(report, scratch, len(faults), 0) == 6
    seen, wrong = report.tables
    words = ("ValueError", "crash", "words", "sentence", "read", "hang", "MemoryError", "refused")
    assert {word: seen["rows"][0][word] for word in words} == dict.fromkeys(words, 1)
    assert [row["how"] for row in wrong["rows"]] == [
        "ValueError",
        "crash",
        "words",
        "sentence",
        "hang",
        "MemoryError",
    ]
    assert wrong["rows"][0]["said"] == "ValueError: odd"
    assert len(list(tmp_path.glob("soak-*"))) == 6


def test_what_takes_too_much_processor_time_is_slow(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("target: coffee")
    assert timed_outcome("spec", path, 60.0) == ("read", "")
    assert timed_outcome("spec", path, -1.0)[0] == "slow"


def test_files_are_the_same_for_a_seed():
    for make in KINDS.values():
        first, again, other = (make(random.Random(seed)) for seed in ("1", "1", "2"))
        assert first == again != other


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "arguments are required"),
        (["murder"], "invalid choice: 'murder'"),
        (["kills", "--kills", "0"], "--kills: 1 or more"),
        (["corrupt", "--damages", "0"], "--damages: 1 or more"),
        (["corrupt", "--keep", "no/where"], "there is no folder no/where"),
        (["fuzz", "--inputs", "0"], "--inputs: 1 or more"),
        (["memory", "--minutes", "0"], "--minutes: more than 0"),
        (["--json", "no/where/a.json", "costs"], "there is no folder no/where"),
    ],
)
def test_wrong_arguments_are_refused_in_words(arguments, said, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
