"""What has to be done once on a machine before a painter can paint."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import Any

from engine.events import Compiling, Event, EventHandler, Notice, Preparing, Trouble
from engine.formatting import plural
from engine.kernels.cache import is_compiled, store
from engine.painters.registry import entry_of, load_part
from engine.parallel.process_pool import ProcessPool
from engine.spec.models import RunSpec

EVERY = 1.0  # seconds between two words about how far compiling is


def prepare(spec: RunSpec, emit: EventHandler) -> tuple[Event, ...]:
    """Compile the painter's kernels, if that has not been done on this machine, or they are damaged.

    Returns what was said of it that belongs in a run's log. Raises SpaceError when they can be kept nowhere.
    """
    name, said = spec.painter.name, list[Event]()

    def tell(event: Event) -> None:
        said.append(event)
        emit(event)

    emit(Preparing(is_compiled(name)))
    make_ready(name, tell, emit)
    return tuple(said)


def throw_away_damaged(painters: Iterable[str]) -> int:
    """Load each kernel that has been compiled for some painters, and throw away what can't be; how many."""
    kernels, found = store(), set[str]()
    for painter in painters:
        bad = set(kernels.damaged(painter))
        good = [name for name in kernels.known(painter) or () if name not in bad]
        bad.update(_answer("engine.kernels.jit:unloadable", good))
        if bad:
            kernels.forget(painter, bad)
            found |= bad
    return len(found)


def make_ready(painter: str, tell: EventHandler, emit: EventHandler) -> None:
    """See that all kernels of a painter can be loaded. tell: is told what is odd; emit: how far it is."""
    kernels = store()
    if is_compiled(painter):
        return
    if damaged := kernels.damaged(painter):
        what = f"{kernels.folder}: {plural(len(damaged), 'compiled kernel')} of {painter} can't be read"
        tell(
            Trouble(f"{what} and {'is' if len(damaged) == 1 else 'are'} thrown away; they are compiled anew.")
        )
        kernels.forget(painter, damaged)
    while not is_compiled(painter):
        kernels.make_room()
        if sentence := kernels.news():
            tell(Notice(sentence))
        problem = _compile(painter, emit)
        if not is_compiled(painter):
            kernels.move_out(problem or OSError("what is written there can't be read back"))


def _compile(painter: str, emit: EventHandler) -> OSError | None:
    """Compile all kernels of a painter; why they could not be saved, if they could not.

    That takes a process that does nothing else: what it has linked itself rounds sums in another order than
    what all others load.
    """
    from engine.kernels.jit import function_of, functions  # which load the compiler

    kernels, entry = store(), entry_of(painter)
    load_part(entry.painter)
    if (
        kernels.ages()
        and (names := _answer("engine.coordinator.job:find_kernels", entry.painter)) is not None
    ):
        return _noted(painter, names)
    own = ".".join(entry.painter.split(".")[1:3])
    wanted = [name for name in functions() if name.startswith(own) or not name.startswith("painters.")]
    before = kernels.ages()
    with closing(ProcessPool("engine.coordinator.job:compile_kernels", 1)) as pool:
        pool.submit(entry.painter)
        answers: list[tuple[list[str], OSError | None]] = []
        done = 0
        while not answers:
            answers = list(pool.completed(EVERY))
            new = {name: age for name, age in kernels.ages().items() if age != before.get(name)}
            if len(made := {function_of(name) for name in new}) > done:
                done = len(made)
                newest = max(new, key=lambda name: new[name])
                group = _group(function_of(newest))
                emit(Compiling(painter, group, done, max(done, len(wanted))))
    names, problem = answers[0]
    return problem or _noted(painter, names)


def _answer(step: str, job: Any) -> Any:
    """What a new process says to one job."""
    with closing(ProcessPool(step, 1)) as pool:
        pool.submit(job)
        (answer,) = pool.completed()
    return answer


def _noted(painter: str, names: Iterable[str]) -> OSError | None:
    """Save which kernels a painter needs; why that was impossible."""
    try:
        store().note(painter, names)
    except OSError as exc:
        return exc
    return None


def _group(function: str) -> str:
    """What a kernel is for: "painters.polygons.search.place.place" is for "polygons search"."""
    packages = function.split(".")[:-2]
    return " ".join(packages[1:] if packages[0] == "painters" else packages)
