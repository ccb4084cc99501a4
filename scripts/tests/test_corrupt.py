"""A short soak of damages, one of each kind, and what the long one sees."""

import random
import shutil
import subprocess

import pytest

from scripts.soaks.corrupt import Bases, Campaign, Case, cases
from scripts.soaks.damages import Damage, Site, disk
from scripts.soaks.hostile import meant
from scripts.soaks.surroundings import RAN, Surroundings
from scripts.soaks.trials import TRIALS, End, faults
from tests.doubles.warm import warm

DECK = {damage.name: damage for damage in (*disk(), *meant())}
FINISHED = "finished"
# One of each kind, with one of the commands by turns; `status` of all runs meets them all.
CHOSEN = (
    "one bit flipped, checkpoint-a",
    "one bit flipped, checkpoint-b",
    "one bit flipped, frames",
    "cut, frames",
    "a block of zeros, snapshots.jsonl",
    "all noise, checkpoint-b",
    "swapped, result.json",
    "a link to a file, .lock",
    "a link to a folder, snapshots",
    "a link to nothing, log.jsonl",
    "a link to a file, spec.yaml",
    "a pipe, log.jsonl",
    "a pipe, checkpoint-b",
    "a folder, result.json",
    "a device, result.json",
    "50 GB of holes, checkpoint-a",
    "a hard link, log.jsonl",
    "snapshots exchanged, snapshots.jsonl",
    "a line twice, snapshots.jsonl",
    "a file outside, snapshots.jsonl",
    "frames exchanged, frames",
    "a value is nested deeply, result.json",
    "a value is 400 digits, log.jsonl",
    "a value is null, snapshots.jsonl",
    "a value is 5,000 digits, checkpoint headers",
    "a value is a list, checkpoint facts",
    "an array is not a number, checkpoint scenes",
    "an array is 1e30, snapshot scenes",
    "an array is too short, checkpoint scenes",
    "an array is beyond what there is, snapshot scenes",
    "an array is another type, checkpoint states",
    "a small array says it is large, checkpoint scenes",
    "film.encoder is {tool}, spec.yaml",
    "notify.on-success is {tool}, spec.yaml",
    "a bomb of aliases, spec.yaml",
)
TURNS = ("export", "film", "report", "resume", "film as it says", "prune --yes")
BY_NAME = {
    "film.encoder is {tool}, spec.yaml": "film as it says",
    "notify.on-success is {tool}, spec.yaml": "resume",
}


@pytest.fixture(scope="module")
def campaign(run_folder, tmp_path_factory):
    copy = shutil.copytree(run_folder, tmp_path_factory.mktemp("damaged") / "photo")
    (copy / "events.jsonl").unlink()
    return Campaign(Bases({FINISHED: copy}, copy, copy.parent), tmp_path_factory.mktemp("scratch"), 0)


@pytest.mark.parametrize("number", range(len(CHOSEN)), ids=CHOSEN)
def test_a_damage_ends_in_words_and_changes_nothing_else(campaign, number):
    name = CHOSEN[number]
    trials = ("status of all", BY_NAME.get(name, TURNS[number % len(TURNS)]))
    assert campaign.perform(Case(number, DECK[name], FINISHED), warm(), trials).wrong == []


def test_all_damages_are_dealt_again_and_again_by_number():
    dealt = cases(["a", "b"], 3)
    first = [next(dealt) for _ in DECK]
    assert {case.damage.name for case in first} == DECK.keys()
    assert [(case.damage.name, case.base) for case in first] != [
        (case.damage.name, case.base) for case in (next(dealt) for _ in DECK)
    ]
    again = cases(["a", "b"], 3)
    assert [(each.number, each.damage.name, each.base) for each in first] == [
        (each.number, each.damage.name, each.base) for each in (next(again) for _ in DECK)
    ]


def test_a_damage_is_the_same_each_time(run_folder, tmp_path):
    def done(name, folder):
        run = shutil.copytree(run_folder, tmp_path / folder / "run")
        DECK[name].do(Site(run, tmp_path, random.Random(5)), DECK[name].file)
        return {path.name: path.read_bytes() for path in run.rglob("*") if path.is_file()}

    for number, name in enumerate(CHOSEN[:6]):
        assert done(name, f"{number}-a") == done(name, f"{number}-b") != done("removed, .lock", f"{number}-c")


@pytest.fixture
def around(run_folder, tmp_path):
    return Surroundings.make(tmp_path / "around", run_folder, run_folder)


def test_what_changes_outside_is_seen(around):
    changes = around.remember()
    assert changes(True) == []
    changes = around.remember()
    (around.run / "anything").touch()
    with (around.outside / "secret.txt").open("a") as file:
        file.write("more")
    assert changes(False) == ["changed outside/secret.txt"]
    changes = around.remember()
    (around.outside / "secret.txt").read_text()
    assert changes(True) == ["read outside/secret.txt"]
    changes = around.remember()
    (around.outside / "secret.txt").touch()
    (around.path / "new").touch()
    (around.neighbour / "result.svg").unlink()
    assert changes(False) == ["changed new and 2 more"]


def test_a_program_that_runs_is_seen(around):
    subprocess.run([around.outside / "tool"], check=True)
    assert (around.path / RAN).exists()


@pytest.mark.parametrize(
    ("end", "seen"),
    [
        (End(0, "{}", "", {}, ()), []),
        (End(2, "", "tessera: photo: is damaged.\n", {}, ()), []),
        (End(None, "", "", {}, ()), ["hangs"]),
        (End(1, "", "Traceback (most recent call last):\nError: a\n", {}, ()), ["traceback: Error: a"]),
        (End(-9, "", "tessera: a.\n", {}, ()), ["exit code -9"]),
        (End(2, "", "", {}, ()), ["no sentence"]),
        (End(0, "{}", "RuntimeWarning: overflow\n", {}, ()), ["foreign words: RuntimeWarning: overflow"]),
        (End(4, "", "tessera: something unexpected went wrong.\n", {}, ()),
         ["no sentence: tessera: something unexpected went wrong."]),
        (End(0, "{}", "", {"a": "other"}, ()), ["silently wrong: a"]),
        (End(0, "{}", "tessera: a is damaged.\n", {"a": "other"}, ()), []),
        (End(0, "no JSON", "", {}, ("changed outside",)), ["changed outside", "no JSON"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_seen(around, end, seen):
    damage = Damage("cut", "result.json", lambda site, name: None)
    undamaged = {"a": "same"} if end.made else {}
    assert faults(damage, TRIALS["status"], around, end, undamaged) == seen


def test_what_nobody_can_know_is_believed(around):
    damage = Damage("another setting", "spec.yaml", lambda site, name: None, is_believed=True)
    end = End(0, "{}", "", {"a": "other"}, ())
    assert faults(damage, TRIALS["status"], around, end, {"a": "same"}) == []
