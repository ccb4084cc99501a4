"""Stands in for render and resume: does what ./plan.json says, and notes how it was called.

A plan is a list of words for each folder's name; each call takes the first word, and without any all is well.
"""

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.storage.run_folder import RunFolder

ARGUMENTS = sys.argv[1:]
FOLDER = Path(ARGUMENTS[ARGUMENTS.index("--out") + 1] if ARGUMENTS[0] == "render" else ARGUMENTS[1])


def next_word():
    path = Path("plan.json")
    plan = json.loads(path.read_text()) if path.exists() else {}
    words = plan.get(FOLDER.name, [])
    word = words.pop(0) if words else "done"
    path.write_text(json.dumps(plan))
    return word


def say(event, **fields):
    line = json.dumps({"event": event, "at": "2030-01-31T06:00:00+00:00", **fields}) + "\n"
    os.write(1, line.encode())  # print() must not be called again in a signal's handler while it is at work


def end(code, sentence):
    print(f"tessera: {sentence}", file=sys.stderr)
    sys.exit(code)


def stop(number, frame):
    say("trouble", message=f"signal {number}")
    sys.exit(128 + number)


def act(word):
    match word.split():
        case ["done" | "time" as outcome]:
            figures = {"outcome": outcome.replace("done", "finished"), "error": 0.25, "shapes": 7}
            (FOLDER / "result.json").write_text(json.dumps(figures | {"wall_seconds": 1.5}))
        case ["nothing"]:  # as a program that isn't ours does it
            shutil.rmtree(FOLDER)
        case ["trouble"]:
            say("trouble", message="a hiccup")
            act("done")
        case ["exit", code]:
            end(int(code), f"it ended with {code}.")
        case ["checkpoint", "exit", code]:
            (FOLDER / "checkpoint-a").write_text("not read here")
            act(f"exit {code}")
        case ["kill"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["vanish"]:
            shutil.rmtree(FOLDER)
            sys.exit(1)
        case ["wait"]:
            (FOLDER / "checkpoint-a").write_text("not read here")
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, stop)
            say("preparing", compiled_before=True)
            time.sleep(60)
        case ["stubborn"]:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda number, frame: say("trouble", message="I stay"))
            say("preparing", compiled_before=True)
            while True:
                time.sleep(60)
        case _:
            raise AssertionError(word)


with Path("calls.jsonl").open("a") as file:
    file.write(json.dumps(ARGUMENTS) + "\n")
if ARGUMENTS[0] == "render":
    folder = RunFolder.create(FOLDER)  # which wants an empty one, or one where nothing was painted
    with folder.held():
        folder.clear()
    shutil.copy(ARGUMENTS[1], FOLDER / "spec.yaml")
act(next_word())
