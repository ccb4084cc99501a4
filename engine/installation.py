"""How this Tessera was installed, and so how something is added to it: hints name what there is."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).absolute().parents[1]
_NAME = "tessera"


def is_checkout(root: Path = CHECKOUT, prefix: str = sys.prefix) -> bool:
    """Whether a folder has our scripts, and this is the Python that they have made there."""
    return (root / "scripts/install").is_file() and Path(prefix) == root / ".venv"


def to_add(extra: str, modules: Sequence[str] = (), root: Path = CHECKOUT, prefix: str = sys.prefix) -> str:
    """The command that installs what an extra has, or else some modules, beside this Tessera.

    root: the folder that has the package. prefix: of its Python.
    """
    wanted = [shlex.quote(name) for name in needs_of(extra)]
    if is_checkout(root, prefix) and f"\n{extra} =" in (root / "setup.cfg").read_text():
        return f"{_script(root)} {extra}"
    names = " ".join(wanted or modules)
    if (name := _pipx_name(prefix)) is not None:
        return f"pipx inject {name} {names}"
    return f"{shlex.quote(sys.executable)} -m pip install {names}"


def to_repair(python: str = "", root: Path = CHECKOUT, prefix: str = sys.prefix) -> str:
    """What installs all of it anew. python: another one than this, such as "python3.13"."""
    if is_checkout(root, prefix):
        return f"remove .venv and run {f'PYTHON={python} ' if python else ''}{_script(root)}"
    if (name := _pipx_name(prefix)) is not None:
        return f"run pipx reinstall {f'--python {python} ' if python else ''}{name}"
    program = python or shlex.quote(sys.executable)
    return f"install Tessera anew from its source's folder: {program} -m pip install --force-reinstall ."


def to_renew(package: str, prefix: str = sys.prefix) -> str:
    """The command that installs a package anew, whatever is there of it."""
    name = _pipx_name(prefix)
    program = f"pipx runpip {name}" if name is not None else f"{shlex.quote(sys.executable)} -m pip"
    return f"{program} install --force-reinstall {package}"


def needs_of(extra: str) -> list[str]:
    """The requirements that an extra of ours has, without versions' markers; none for one that isn't ours."""
    from importlib.metadata import PackageNotFoundError, requires  # which every command would load

    try:
        lines = requires(_NAME) or []
    except PackageNotFoundError:  # run from a folder, never installed
        return []
    marker = re.compile(rf"""extra\s*==\s*['"]{re.escape(extra)}['"]""")
    return [line.partition(";")[0].strip() for line in lines if marker.search(line)]


def _script(root: Path) -> str:
    """Ours, by the shortest path from the current folder."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        here = Path("/")
    return "scripts/install" if here == root else shlex.quote(str(root / "scripts/install"))


def _pipx_name(prefix: str) -> str | None:
    """What pipx calls this, if it has installed it."""
    path = Path(prefix)
    return path.name if path.parent.name == "venvs" and (path / "pipx_metadata.json").is_file() else None
