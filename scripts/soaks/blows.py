"""Blows: who of a run's processes is killed, and at which random moment."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from tests.doubles.runs import HANGS, SOON, Command, Event, is_job, is_named, never

VICTIMS = ALONE, WORKER, GROUP = ("coordinator alone", "one worker", "all processes")
MOMENTS = ("preparing", "starting", "painting", "writing", "filming")


class Blow(NamedTuple):
    """Who is killed, and when."""

    who: str
    when: str


# All that can happen, as often as it should; workers live while there is something to paint.
DECK = (
    *(Blow(who, when) for who in (ALONE, GROUP) for when in MOMENTS),
    *(Blow(WORKER, when) for when in ("starting", *4 * ("painting",))),
)


def shuffled(rng: random.Random) -> Iterator[Blow]:
    """Blows without end: all of the deck in a random order, again and again."""
    while True:
        yield from rng.sample(DECK, len(DECK))


def strike(
    command: Command, blow: Blow, share: float, seconds: Mapping[str, float], rng: random.Random
) -> bool:
    """Wait for a random moment of the kind that is wanted, and kill; whether it hit.

    share: of the run's work that was done when last heard of. seconds: how long each kind may take.
    """
    if blow.when == "preparing" and any(map(is_named("started"), command.events())):
        return False
    beginning = _beginning(blow.when, share, rng)
    if beginning is not None and command.listen(beginning, HANGS) is None:
        return False
    command.listen(never, rng.uniform(0, seconds[blow.when]))
    return _kills[blow.who](command, rng)


def _beginning(when: str, share: float, rng: random.Random) -> Callable[[Event], bool] | None:
    """With which event a moment begins; None: with the command."""
    if when == "preparing":
        return None
    if when == "painting":
        least = rng.uniform(share, 1)
        return lambda event: is_job(event) and event["share"] >= least
    if when == "writing" and share < 1:
        return lambda event: is_job(event) and event["share"] == 1
    return is_named("filming" if when == "filming" else "started")


def _kill_coordinator(command: Command, rng: random.Random) -> bool:
    command.kill()
    return command.wait(SOON) == -signal.SIGKILL


def _kill_worker(command: Command, rng: random.Random) -> bool:
    workers = command.workers()
    with suppress(ProcessLookupError):
        if workers:
            os.kill(rng.choice(workers), signal.SIGKILL)
            return True
    return False


def _kill_group(command: Command, rng: random.Random) -> bool:
    with suppress(ProcessLookupError):
        os.killpg(command.pid, signal.SIGKILL)
    return command.wait(SOON) == -signal.SIGKILL


_kills = dict(zip(VICTIMS, (_kill_coordinator, _kill_worker, _kill_group), strict=True))
