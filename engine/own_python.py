"""How a Python is started that imports this engine, and nothing that only happens to lie about.

Its modules come from where they come from here, but what lies in the current folder, or beside the program
that was started, comes last: a picture's folder may hold a signal.py or a folder `engine`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = str(Path(__file__).absolute().parents[1])  # of the folder that has the package
_BIRTH = """\
import json, sys
root, paths = json.loads(sys.argv.pop(1))
sys.path[:] = [root, *paths]
import engine
sys.path[:] = paths
"""


def python(code: str, *arguments: str) -> list[str]:
    """The command of a new process that runs some code, with arguments in sys.argv[1:], and has `engine`."""
    return [sys.executable, "-P", "-c", _BIRTH + code, json.dumps([ROOT, import_paths()]), *arguments]


def import_paths() -> list[str]:
    """Where modules are looked for, as absolute paths, accidental places last."""
    first = sys.path[:0] if sys.flags.safe_path else sys.path[:1]  # of the program, or the current folder
    accidental = {*_absolute(first), *_absolute([""])}
    paths = list(_absolute(sys.path))
    return [
        *(path for path in paths if path not in accidental),
        *dict.fromkeys(path for path in paths if path in accidental),
    ]


def _absolute(paths: Sequence[str]) -> list[str]:
    """ "" is the current folder, which may have been removed."""
    found = []
    for path in paths:
        try:
            found.append(os.path.abspath(path))  # noqa: PTH100 - "" would be "."
        except FileNotFoundError:
            continue
    return found
