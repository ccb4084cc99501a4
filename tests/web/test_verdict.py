"""Each end of a process means one thing for its job, and sentences name no files of the server's."""

from pathlib import Path

import pytest

from engine.system.child_process import Ended
from engine.web.verdict import IN_USE, KILLED, NO_ROOM, UNKNOWN, Wish, plain, verdict
from tests.doubles.web_jobs import job_of

FOLDER = Path("/srv/with spaces/jobs/0123")


def judged(code, wish=Wish.NONE, is_kept=True, attempts=0, message="x: no."):
    job = job_of(state="painting", attempts=attempts)
    changes = verdict(job, Ended(code, message, ()), wish, is_kept, FOLDER)
    assert (changes["doing"], changes["remaining"]) == (None, None)
    assert changes["action"] == ("resume" if is_kept else "render")
    return changes["state"], changes.get("attempts", attempts), changes.get("message")


@pytest.mark.parametrize(
    ("code", "wish", "found"),
    [
        (0, Wish.NONE, ("finished", 0, None)),
        (0, Wish.STOP, ("finished", 0, None)),
        (0, Wish.LEAVE, ("finished", 0, None)),
        (130, Wish.STOP, ("stopped", 0, None)),
        (-9, Wish.STOP, ("stopped", 0, None)),
        (-9, Wish.FORGET, ("stopped", 0, None)),
        (130, Wish.LEAVE, ("queued", 0, None)),
        (-9, Wish.LEAVE, ("queued", 0, None)),
        (-9, Wish.NONE, ("queued", 1, None)),
        (143, Wish.NONE, ("queued", 1, None)),
        (6, Wish.NONE, ("stopped", 0, NO_ROOM)),
        (5, Wish.NONE, ("failed", 0, IN_USE)),
        (4, Wish.NONE, ("failed", 0, "X: no.")),
    ],
)
def test_what_an_end_means(code, wish, found):
    assert judged(code, wish) == found


def test_nobody_is_killed_for_ever():
    assert judged(-9, attempts=1) == ("failed", 1, KILLED)
    assert judged(0, attempts=1) == ("finished", 0, None)


def test_without_anything_painted_a_full_disk_is_a_failure():
    assert judged(6, is_kept=False) == ("failed", 0, NO_ROOM)


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (f"{FOLDER}/run: there is no space.", "There is no space."),
        (f"{FOLDER}/picture.png: can't be read.", "Can't be read."),
        (f"painter: {FOLDER}/run/a.npz is odd.", "Painter: a.npz is odd."),
        ("/etc/hosts: not a picture.", "Hosts: not a picture."),
        ("ended with exit code 1.", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_sentences_have_no_paths(message, sentence):
    assert plain(message, [FOLDER]) == sentence
