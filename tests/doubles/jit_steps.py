"""Run by tests/test_jit.py, in processes of their own: what is compiled when, and where it is loaded from."""

import json
import sys
from contextlib import closing

from numba.core.dispatcher import Dispatcher

from engine.coordinator.job import advance
from engine.coordinator.state import RunState
from engine.grid import Grid
from engine.image.source import TargetWindow
from engine.kernels.cache import cache_folder, is_compiled, store
from engine.painters.registry import painter_class, params_of
from engine.parallel.process_pool import ProcessPool
from engine.scene.kinds import CIRCLE, LINE, outline_vertices
from tests.doubles.running import jobs_of, open_workplace
from tests.doubles.toy import cut_out, picture


def call(kind):
    """What the kernel says, whether it came from the cache, where that is, and whether all is there."""
    found = outline_vertices(kind)
    hits = sum(outline_vertices.stats.cache_hits.values())  # type: ignore[attr-defined]
    return found, hits, str(cache_folder()), is_compiled("painter")


def forgotten(name, params, height=32, width=32):
    """The kernels that a small run needs in another form than those that compile() has prepared."""
    painter_class(name).warm_up()
    prepared = signatures()
    for values in params:
        grid = Grid.fit(height, width, "2x2")
        for pixels, background in ((picture(height, width), (0.5, 0.4, 0.3)), (cut_out(height, width), None)):
            workplace = open_workplace(name, params_of(name).model_validate(values), 1, pixels)
            painter = workplace.painter
            state = RunState(
                painter, painter.empty_scene(height, width, background), TargetWindow(pixels, None), grid
            )
            for index, phase in enumerate(painter.plan(grid, 0.4)):
                for job in jobs_of(state, index, phase):
                    state.apply(advance(workplace, job))
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
    if not is_compiled("painter"):
        store().note("painter", store().used)
    with closing(ProcessPool("tests.doubles.jit_steps:call", 1)) as pool:
        pool.submit(CIRCLE)
        seen += pool.completed()
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
