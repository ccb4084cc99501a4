"""Run by tests/test_jit.py, in processes of their own: what is compiled when, and where it is loaded from."""

import json
import sys
from contextlib import closing

from numba.core.dispatcher import Dispatcher

from engine.coordinator.job import Commission, advance
from engine.coordinator.state import RunState
from engine.grid import Grid
from engine.kernels.jit import cache_folder, is_compiled, note_compiled
from engine.painters.registry import painter_class
from engine.parallel.process_pool import ProcessPool
from engine.scene.kinds import CIRCLE, LINE, outline_vertices
from tests.doubles.toy import cut_out, picture


def call(kind):
    """What the kernel says, whether it came from the cache, where that is, and whether all is there."""
    found = outline_vertices(kind)
    hits = sum(outline_vertices.stats.cache_hits.values())  # type: ignore[attr-defined]
    return found, hits, str(cache_folder()), is_compiled("painter")


def forgotten(name, params, height=32, width=32):
    """The kernels that a small run needs in another form than those that compile() has prepared."""
    painter_class(name).compile()
    prepared = signatures()
    for values in params:
        commission = Commission(name, painter_class(name).Params.model_validate(values), 1, None)
        painter, grid = commission.engage(), Grid.fit(height, width, "2x2")
        for pixels, background in ((picture(height, width), (0.5, 0.4, 0.3)), (cut_out(height, width), None)):
            state = RunState(painter, painter.empty_scene(height, width, background), pixels, grid)
            for index, phase in enumerate(painter.plan(grid, 0.4)):
                for job in state.jobs(commission, index, phase):
                    state.apply(advance(job))
    return [kernel for kernel, known in signatures().items() if known > prepared.get(kernel, set())]


def signatures():
    """The argument types that each kernel has been compiled for, or loaded."""
    modules = [module for name, module in sys.modules.items() if name.startswith("engine.")]
    kernels = [
        value for module in modules for value in vars(module).values() if isinstance(value, Dispatcher)
    ]
    return {kernel.py_func.__name__: set(kernel.signatures) for kernel in kernels}


def main():
    """Print what this process and its worker see."""
    seen = [call(LINE)]
    note_compiled("painter")
    with closing(ProcessPool("tests.doubles.jit_steps:call", 1)) as pool:
        pool.submit(CIRCLE)
        seen += pool.completed()
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
