"""What the canvas tests run in processes of their own: importable, as spawn needs it."""

import time
from multiprocessing.connection import Connection

import numpy as np

from engine.parallel.canvas import Canvas, CanvasHandle
from engine.parallel.shared_memory import Address, Segment

KEPT: list[Canvas] = []
KEPT_MEMORY: list[Segment] = []


def hammer(handle: CanvasHandle, pipe: Connection) -> None:
    """Write uniform colours into random windows until the pipe says stop; then report how many."""
    rng = np.random.default_rng(1)
    colours = [
        np.full((handle.height, handle.width, 3), rng.integers(0, 256, 3, np.uint8)) for _ in range(16)
    ]
    count = 0
    with Canvas.attach(handle) as canvas:
        while not pipe.poll():
            x0, x1 = sorted(rng.choice(handle.xs, 2, replace=False))
            y0, y1 = sorted(rng.choice(handle.ys, 2, replace=False))
            canvas.write(x0, y0, x1, y1, colours[count % 16][y0:y1, x0:x1])
            count += 1
            if count == 1:
                pipe.send("started")
    pipe.send(count)


def write_and_leave_open(handle: CanvasHandle) -> None:
    canvas = Canvas.attach(handle)
    canvas.write(0, 0, 2, 2, np.full((2, 2, 3), 9, np.uint8))
    KEPT.append(canvas)


def attach_and_sleep(address: Address) -> None:
    KEPT_MEMORY.append(Segment.attach(address))
    time.sleep(60)
