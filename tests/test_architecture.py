"""The house: imports go downwards only, and there is no circle among the modules of a package."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests import ROOT

ENGINE = ROOT / "engine"

# Lowest first; a package imports from those above it in this list, and from itself. Each line is a floor:
# packages of one floor know nothing of each other.
FLOORS = (
    ("errors", "formatting", "strict_json", "standard_streams", "own_python", "installation"),
    ("kernels", "regular_files", "npz"),
    ("fork_server",),
    ("grid", "image", "spec", "events"),
    ("records",),
    ("parallel", "scene", "system", "mypaint"),
    ("painters",),
    ("storage",),
    ("export", "batch", "wordcount"),
    ("film", "report"),
    ("coordinator", "named_files"),
    ("api", "afterwards"),
    ("library",),
    ("web", "learning"),
    ("cli",),
)


def modules() -> dict[str, Path]:
    """All modules of the engine, by dotted name."""
    found = {}
    for path in ENGINE.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(path: Path) -> Iterator[str]:
    """The modules of the engine that a file imports anywhere, in functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module


def room(module: str) -> str:
    """The package, or the single file, below engine that a module belongs to."""
    return module.split(".")[1] if "." in module else ""


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


def test_every_room_has_a_floor():
    rooms = {room(module) for module in MODULES} - {"", "__main__"}
    assert rooms == {name for rooms in FLOORS for name in rooms}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_go_downwards_only(name):
    here = room(name)
    if here in ("", "__main__"):  # the doors, which everything lies below
        return
    for other in imported(MODULES[name]):
        there = room(other)
        assert there in ("", here) or floor(there) < floor(here), f"{name} imports {other}"


def test_no_module_imports_itself_by_way_of_others():
    # The door, `engine` itself, opens only when it is asked: what lies behind it may ask for the version.
    graph = {name: set(imported(path)) - {name, "engine"} for name, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as exc:
        pytest.fail(" -> ".join(exc.args[1]))


def test_painters_know_nothing_of_each_other():
    painters = [path.name for path in (ENGINE / "painters").iterdir() if (path / "painter.py").exists()]
    assert len(painters) >= 2
    for name, path in MODULES.items():
        for one in painters:
            if name.startswith(f"engine.painters.{one}"):
                others = [f"engine.painters.{other}" for other in painters if other != one]
                assert not [each for each in imported(path) if each.startswith(tuple(others))], name
