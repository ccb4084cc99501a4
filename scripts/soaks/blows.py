"""Blows: who of a command's processes is killed, and at which random moment."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from tests.doubles.process_tree import family
from tests.doubles.runs import HANGS, SOON, Command, Event, is_job, is_named, never

VICTIMS = ALONE, WORKER, CHILD, ENCODER, GROUP = (
    "coordinator alone", "one worker", "the batch's command", "the encoder", "all processes"
)  # fmt: skip
MOMENTS = ("preparing", "starting", "painting", "writing", "filming")
GLANCE = 0.005  # seconds between looks for an encoder
LINGERS = 0.2  # seconds that an encoder may live before it is killed


class Blow(NamedTuple):
    """Who is killed, and when: at which moment of a run, or during which other command."""

    who: str
    when: str


# All that can happen to a run, as often as it should; workers live while there is something to paint.
DECK = (
    *(Blow(who, when) for who in (ALONE, GROUP) for when in MOMENTS),
    *(Blow(WORKER, when) for when in ("starting", *4 * ("painting",))),
    *2 * (Blow(ENCODER, "filming"),),
)


def shuffled(rng: random.Random, deck: Iterable[Blow] = DECK) -> Iterator[Blow]:
    """Blows without end: all of the deck in a random order, again and again."""
    deck = list(deck)
    while True:
        yield from rng.sample(deck, len(deck))


class Dealer:
    """Deals blows of a deck to several at a time, evenly: what has not hit is dealt again."""

    def __init__(self, deck: Iterable[Blow], rng: random.Random) -> None:
        self._blows = shuffled(rng, deck)
        self._left: list[Blow] = []
        self._lock = threading.Lock()

    def take(self, victims: Iterable[str], moment: str | None = None) -> Blow:
        """The next one that hits one of these, at that moment if one is given."""
        with self._lock:
            for place, blow in enumerate(self._left):
                if blow.who in victims and moment in (None, blow.when):
                    return self._left.pop(place)
            for blow in self._blows:
                if blow.who in victims and moment in (None, blow.when):
                    return blow
                self._left.append(blow)
        raise AssertionError("there is always one more")

    def put(self, blow: Blow) -> None:
        """Give back one that has not hit."""
        with self._lock:
            self._left.append(blow)


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
    if blow.who != ENCODER:
        command.listen(never, rng.uniform(0, seconds[blow.when]))
    return kill(command, blow.who, rng)


def kill(command: Command, who: str, rng: random.Random) -> bool:
    """Kill who is meant of a command's processes, an encoder once there is one; whether that was alive."""
    return _kills[who](command, rng)


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
    return _kill_any(command.workers(), rng)


def _kill_child(command: Command, rng: random.Random) -> bool:
    return _kill_any(command.children(), rng)


def _kill_encoder(command: Command, rng: random.Random) -> bool:
    until = time.monotonic() + HANGS
    while command.poll() is None and time.monotonic() < until:
        if command.encoders():
            command.listen(never, rng.uniform(0, LINGERS))
            return _kill_any(command.encoders(), rng)
        command.listen(never, GLANCE)
    return False


def _kill_any(pids: list[int], rng: random.Random) -> bool:
    with suppress(ProcessLookupError):
        if pids:
            os.kill(rng.choice(pids), signal.SIGKILL)
            return True
    return False


def _kill_group(command: Command, rng: random.Random) -> bool:
    """With those that have sessions of their own: encoders, and a batch's commands."""
    for pid in reversed(family(command.pid)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return command.wait(SOON) == -signal.SIGKILL


_kills = dict(
    zip(VICTIMS, (_kill_coordinator, _kill_worker, _kill_child, _kill_encoder, _kill_group), strict=True)
)
