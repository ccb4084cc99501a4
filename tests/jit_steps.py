"""Run by tests/test_jit.py, in a process of its own: one small kernel, compiled here, loaded by a worker."""

import json
from contextlib import closing

from engine.jit import cache_folder, is_compiled, note_compiled
from engine.painters.polygons.kinds import CIRCLE, LINE, outline_vertices
from engine.pools import ProcessPool


def call(kind):
    """What the kernel says, whether it came from the cache, where that is, and whether all is there."""
    found = outline_vertices(kind)
    hits = sum(outline_vertices.stats.cache_hits.values())  # type: ignore[attr-defined]
    return found, hits, str(cache_folder()), is_compiled("painter")


def main():
    """Print what this process and its worker see."""
    seen = [call(LINE)]
    note_compiled("painter")
    with closing(ProcessPool("tests.jit_steps:call", 1)) as pool:
        pool.submit(CIRCLE)
        seen += pool.completed()
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
