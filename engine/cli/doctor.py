"""What a machine has of what a run needs, and how to mend what is missing.

The functions without an underscore judge what was measured; examine() measures.
"""

from __future__ import annotations

import fcntl
import importlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from engine.errors import TesseraError, reason
from engine.events import EventHandler, Notice
from engine.formatting import byte_count, plural, workers
from engine.installation import to_add, to_renew, to_repair
from engine.mypaint.native import found as paint_engine
from engine.storage.files import PART
from engine.system.resources import available_cores, available_memory

if TYPE_CHECKING:
    from engine.film.encoders.tools import Tools

OLDEST, NEWEST = (3, 11), (3, 13)  # of Python, as in setup.cfg
LIBRARIES = ("numpy", "scipy", "numba", "PIL", "yaml", "pydantic")
WORKER_BYTES = 200_000_000  # of a process with all kernels loaded,
TILE_BYTES = 64 * 512 * 512  # and of the pixels of a large tile
CANVAS_BYTES = 25_000_000  # of a picture of 3840 x 2160 pixels
FEW_BYTES, LITTLE_BYTES = 50_000_000, 1_000_000_000  # a small run's folder; a long one's with a GIF
TRY_LOCK = "import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_SH | fcntl.LOCK_NB)"
BROUGHT_BY = "imageio-ffmpeg"  # which has a working ffmpeg
STYLES = {"ok": "green", "warning": "yellow", "failed": "red"}


@dataclass(frozen=True)
class Finding:
    """What was found of one thing; remedy: how to mend it, "" when it is all right."""

    name: str
    state: str  # ok | warning | failed
    found: str
    remedy: str = ""


def examine(outputs: Path) -> list[Finding]:
    """Look at everything; without Python and its libraries at nothing else.

    outputs: where runs will be; it may be missing.
    """
    first = [python(sys.version_info[:2], platform.python_version()), libraries(LIBRARIES)]
    if any(finding.state == "failed" for finding in first):
        return first
    folder = next(path for path in (outputs.absolute(), *outputs.absolute().parents) if path.is_dir())
    usable = available_cores()
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else usable
    return [
        *first,
        _kernels(),
        painters(),
        networks(),
        Finding("paint engine", "ok", paint_engine()),
        cores(usable, affinity, os.cpu_count() or usable),
        memory(available_memory(), usable),
        _shared_memory(),
        disk(folder, shutil.disk_usage(folder).free),
        locks(folder),
        *_films(),
    ]


def python(version: tuple[int, ...], text: str) -> Finding:
    """Whether this is a Python that Tessera is made for."""
    if OLDEST <= version <= NEWEST:
        return Finding("Python", "ok", text)
    ends = [".".join(map(str, end)) for end in (OLDEST, NEWEST)]
    remedy = f"install one, and {to_repair(f'python{ends[1]}')}"
    return Finding("Python", "failed", f"{text}, not {ends[0]} to {ends[1]}", remedy)


def libraries(names: Sequence[str]) -> Finding:
    """Whether the libraries can be imported."""
    versions = []
    for name in names:
        try:
            versions.append(f"{name} {importlib.import_module(name).__version__}")
        except ImportError as exc:
            found = f"{name} can't be loaded ({reason(exc)})"
            return Finding("libraries", "failed", found, to_repair())
    return Finding("libraries", "ok", ", ".join(versions))


def kernels(folder: Path, problem: str, missing: Sequence[str], damaged: int = 0) -> Finding:
    """Whether compiled kernels are kept, and can be loaded.

    problem: why nothing can be kept, a sentence or "". missing: the painters whose kernels aren't compiled
    yet. damaged: how many have been thrown away.
    """
    now = "run tessera doctor --warm to compile them now"
    if problem and missing:
        found, _, remedy = problem.rstrip(".").partition("; ")
        return Finding("kernels", "warning", found, remedy)
    if damaged:
        found = f"{plural(damaged, 'kernel')} in {folder} could not be loaded, and what is damaged is removed"
        return Finding("kernels", "warning", found, now)
    if missing:
        found = f"the first run will compile those of {', '.join(missing)} into {folder}, for about a minute"
        return Finding("kernels", "ok", found)
    return Finding("kernels", "ok", f"compiled, in {folder}")


def painters() -> Finding:
    """Who can paint here, and with what at most."""
    from engine.painters.registry import PAINTERS, load_part, missing_modules

    able, lacking, remedies = [], [], dict[str, None]()
    for name, entry in PAINTERS.items():
        if missing := missing_modules(entry):
            lacking.append(f"{name} needs {' and '.join(missing)}")
            remedies[to_add(entry.extra, missing)] = None
            continue
        most = load_part(entry.painter).resources
        crew = "any number of workers" if most.max_workers is None else workers(most.max_workers)
        threads = "a thread" if most.threads == 1 else f"{most.threads} threads"
        able.append(f"{name} ({crew} with {threads} each, {most.device})")
    found = "; ".join([*able, *lacking])
    if lacking:
        remedy = f"for the others: {'; '.join(remedies)}"
        return Finding("painters", "warning", found, remedy)
    return Finding("painters", "ok", found)


def networks() -> Finding:
    """Which pretrained networks there are, and on what they run; none is all right, too."""
    from engine.painters.curves.networks.found import found

    words, remedy = found()
    return Finding("networks", "warning" if remedy else "ok", words, remedy)


def cores(usable: int, affinity: int, total: int) -> Finding:
    """How many cores can be used; affinity: those that this process may run on, whatever its quota."""
    if usable == total:
        return Finding("cores", "ok", f"{total}")
    what = f"{usable} of {total}, because of"
    if usable < affinity:
        remedy = "if it may have more, raise docker run --cpus, or CPUQuota of its systemd service"
        return Finding("cores", "warning", f"{what} a quota", remedy)
    remedy = "if it may have more, widen taskset, docker run --cpuset-cpus, or CPUAffinity of its service"
    return Finding("cores", "warning", f"{what} the affinity", remedy)


def memory(free: int | None, workers: int) -> Finding:
    """Whether there is room for a worker on each core; free: bytes, None when unknown."""
    each = WORKER_BYTES + TILE_BYTES
    needs = f"{workers} workers take up to {byte_count(workers * each)}"
    if free is None:
        return Finding("memory", "ok", f"this system doesn't say; {needs}")
    if free >= workers * each:
        return Finding("memory", "ok", f"{byte_count(free)} available; {needs}")
    found = f"{byte_count(free)} available, but {needs}"
    if free >= each:
        return Finding("memory", "warning", found, f"render with --workers {free // each}, or free some")
    return Finding("memory", "failed", found, f"free some: a single worker takes up to {byte_count(each)}")


def shared_memory(name: str, total: int, free: int) -> Finding:
    """Whether a canvas fits; bytes."""
    found = f"{byte_count(free)} of {byte_count(total)} free"
    if free >= CANVAS_BYTES:
        return Finding(name, "ok", found)
    canvas = byte_count(CANVAS_BYTES)
    found += f"; a 4K canvas takes {canvas}, and what doesn't fit becomes a file in the run's folder"
    remedy = f"free some, or give it more: docker run --shm-size 256m, mount -o remount,size=256m {name}"
    return Finding(name, "warning", found, remedy)


def disk(folder: Path, free: int) -> Finding:
    """Whether runs find room in a folder; free: bytes."""
    if not os.access(folder, os.W_OK | os.X_OK):
        remedy = f"start in a folder of your own, give one with --out, or chown {folder}"
        return Finding("disk", "failed", f"{folder} can't be written", remedy)
    found = f"{byte_count(free)} free in {folder}"
    if free >= LITTLE_BYTES:
        return Finding("disk", "ok", found)
    state = "warning" if free >= FEW_BYTES else "failed"
    found += f"; a long run with its films may take {byte_count(LITTLE_BYTES)}"
    return Finding("disk", state, found, "free some, or give another folder with --out")


def locks(folder: Path) -> Finding:
    """Whether another process notices a lock on a file in a folder."""
    remedy = "give a folder on a local disk with --out, or mount this one with locks (NFS without nolock)"
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".", suffix=PART) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            child = [sys.executable, "-P", "-c", TRY_LOCK, file.name]
            done = subprocess.run(child, capture_output=True, check=False)
    except OSError as exc:
        return Finding("locks", "failed", f"there are none in {folder} ({reason(exc)})", remedy)
    if b"BlockingIOError" in done.stderr:
        return Finding("locks", "ok", f"work in {folder}")
    return Finding("locks", "failed", f"another process doesn't notice them in {folder}", remedy)


def warm(emit: EventHandler) -> None:
    """Compile all kernels that aren't yet; TesseraError when they can't be kept."""
    from engine.coordinator.prepare import make_ready
    from engine.kernels.cache import store
    from engine.painters.registry import PAINTERS, missing_modules

    names = [name for name, entry in PAINTERS.items() if not missing_modules(entry)]
    for name in names:
        make_ready(name, emit, emit)
    if store().is_temporary:
        raise TesseraError(store().sentence)
    emit(Notice(f"The kernels of {' and '.join(names)} are compiled, in {store().folder}."))


def table(findings: Sequence[Finding]) -> Table:
    """The findings for people, each remedy below what was found."""
    rows = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for finding in findings:
        said = [finding.found, finding.remedy] if finding.remedy else [finding.found]
        rows.add_row(
            Text(finding.name, style="bold"),
            Text(finding.state, style=STYLES[finding.state]),
            Text("\n-> ".join(said), overflow="fold"),
        )
    return rows


def _kernels() -> Finding:
    from engine.coordinator.prepare import throw_away_damaged
    from engine.kernels.cache import store
    from engine.painters.registry import PAINTERS

    damaged = throw_away_damaged(PAINTERS)
    found = store()
    missing = [name for name in PAINTERS if found.known(name) is None]
    return kernels(found.folder, found.sentence, missing, damaged)


def _shared_memory() -> Finding:
    from engine.parallel.shared_memory import SHM_FOLDER

    name = str(SHM_FOLDER)
    if sys.platform != "linux":
        return Finding(name, "ok", "this system shows it nowhere")
    if not os.access(SHM_FOLDER, os.W_OK):
        return shared_memory(name, 0, 0)
    usage = shutil.disk_usage(SHM_FOLDER)
    return shared_memory(name, usage.total, usage.free)


def _films() -> list[Finding]:
    from engine.film.encoders.encode import FORMATS, lacking
    from engine.film.encoders.mp4_webm import CODECS
    from engine.film.encoders.tools import find_tools

    try:
        tools = find_tools()
    except TesseraError as error:
        return [Finding("ffmpeg", "failed", str(error), to_renew(BROUGHT_BY))]
    with tempfile.TemporaryDirectory() as scratch:
        mp4 = _film("ffmpeg", Path(scratch, "film.mp4"), tools, to_renew(BROUGHT_BY))
        gif = _film("gifski", Path(scratch, "film.gif"), tools, "install gifski anew, or take it off PATH")
    wanted = [("mp4", codec) for codec in CODECS] + [(name, "") for name in FORMATS if name != "mp4"]
    missing = {lack for name, codec in wanted if (lack := lacking(name, codec, tools))}
    if mp4.state == "ok" and missing:
        mp4 = replace(mp4, state="warning", found=f"{mp4.found}; without {', '.join(sorted(missing))}")
        mp4 = replace(mp4, remedy="for films in those formats give another ffmpeg as film.encoder")
    if gif.state == "ok" and tools.gifski is None:
        remedy = "for finer ones install gifski (https://gif.ski) somewhere on PATH"
        gif = replace(gif, state="warning", found=f"GIFs are made by {gif.found}", remedy=remedy)
    return [mp4, gif]


def _film(name: str, path: Path, tools: Tools, remedy: str) -> Finding:
    """Make a film of two frames."""
    import numpy as np

    from engine.film.encoders.encode import encode
    from engine.film.encoders.request import Frame

    frames = [Frame(np.full((16, 16, 3), grey, np.uint8), 0.1) for grey in (0, 255)]
    try:
        return Finding(name, "ok", encode(frames, path, 10, tools))
    except TesseraError as error:
        return Finding(name, "failed", str(error), remedy)
