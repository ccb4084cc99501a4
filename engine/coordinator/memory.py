"""What a run may take of memory, and how many workers fit into that."""

from __future__ import annotations

from engine.coordinator.run import Run
from engine.errors import SpecError
from engine.events import EventHandler, Notice
from engine.formatting import byte_count, workers
from engine.image.stored import HELD
from engine.system.resources import available_memory

# Estimates, a little above what runs of 4,096 to 16,384 px took.
COORDINATOR = 160_000_000  # bytes, without a picture
HELD_PIXEL = 20  # bytes for each pixel of a picture that is held: target, canvas, what is drawn and compared
SHAPE = 700  # bytes for each shape: scene, parts, checkpoints and snapshots while they are written
SHARE = 0.5  # of what is free, for a large picture by default


def affordable(run: Run, wanted: int, emit: EventHandler) -> int:
    """How many of the wanted workers fit into the run's memory.

    SpecError when it is not even one, and somebody has said how much there is.
    """
    memory = _memory(run)
    if memory is None:
        return wanted
    own = _own(run)
    each = run.painter.resources.memory
    count = 1 if run.spec.memory == "auto" and memory < own + each else most_workers(memory, own, each)
    if count < wanted:
        emit(
            Notice(
                f"{workers(count)} can be had with {byte_count(memory)} of memory, and not {wanted}; "
                "--memory says how much there is."
            )
        )
    return min(count, wanted)


def check_memory(run: Run) -> None:
    """SpecError where somebody has said how much memory there is, and it is too little for one worker."""
    if run.spec.memory != "auto":
        most_workers(run.spec.memory, _own(run), run.painter.resources.memory)


def own_memory(height: int, width: int, shapes: int) -> int:
    """Bytes that the coordinator takes of a picture of that size, in pixels, with so many shapes."""
    held = height * width if height * width <= HELD else 0
    return COORDINATOR + HELD_PIXEL * held + SHAPE * shapes


def most_workers(memory: int, own: int, each: int) -> int:
    """How many workers fit, at least one; SpecError otherwise.

    memory: bytes in all. own: of the coordinator. each: of a worker.
    """
    if memory < own + each:
        raise SpecError(
            f"memory: {byte_count(memory)} are too few, as this run takes about {byte_count(own)} and "
            f"{byte_count(each)} for a worker; give more, or use a smaller --size or --count."
        )
    return (memory - own) // each


def _own(run: Run) -> int:
    """Bytes that a run's coordinator takes."""
    return own_memory(run.grid.height, run.grid.width, run.plan[-1].marks * run.painter.rows)


def _memory(run: Run) -> int | None:
    """Bytes that all processes may take; None where that doesn't matter, or nobody knows what is free."""
    if run.spec.memory != "auto":
        return run.spec.memory
    free = available_memory() if run.target.stored is not None else None
    return None if free is None else round(SHARE * free)
