"""`python -m tests.doubles.pooled POOL WORDS`: the command line, with a pool that it can't choose itself."""

from __future__ import annotations

import sys

from engine.coordinator.loop import paint_run
from engine.parallel.place import Place


def main() -> None:
    """Take the pool from the arguments, and be the command line."""
    from engine.cli.app import main as command

    pool = sys.argv.pop(1)
    paint_run.__defaults__ = (Place(pool), None)
    command()


if __name__ == "__main__":
    main()
