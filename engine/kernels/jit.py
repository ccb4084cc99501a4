"""The one way to compile a kernel: numba, cached on disk, without the global interpreter lock."""

from __future__ import annotations

import atexit
import functools
import hashlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import numba
from numba.core import config

CACHE_VARIABLE = "NUMBA_CACHE_DIR"
CACHE_BYTES = 24_000_000  # what all compiled kernels may take
# Sums may be reordered and divisions turned into products; NaN and infinity keep their meaning.
_FAST_MATH = {"reassoc", "contract", "arcp", "nsz"}
_one_at_a_time = threading.RLock()  # numba's setting is one for all threads, which may import kernels at once


def cache_folder() -> Path:
    """The folder of compiled kernels, named after a digest of all their sources.

    numba notices a change of the file that a kernel stands in, but not of the kernels it calls; the digest
    does. Where no folder can be written a temporary one serves, removed at the end.
    """
    return _cache()[0]


def cache_environment() -> dict[str, str]:
    """What other processes need in their environment to use the same folder."""
    return dict(_cache()[1])


def _cache() -> tuple[Path, dict[str, str]]:
    with _one_at_a_time:
        return _found_cache()


@functools.cache
def _found_cache() -> tuple[Path, dict[str, str]]:
    name = f"tessera/kernels-{_digest()}"
    chosen = os.environ.get(CACHE_VARIABLE) or os.environ.get("XDG_CACHE_HOME")
    try:
        folder = (Path(chosen) if chosen else Path.home() / ".cache") / name
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.rglob("*.nbi")):
            with tempfile.TemporaryFile(dir=folder) as room:
                room.write(bytes(CACHE_BYTES))
    except (OSError, RuntimeError):  # RuntimeError: nobody knows where home is
        temporary = tempfile.mkdtemp(prefix="tessera-kernels-")
        atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        folder = Path(temporary) / name
        folder.mkdir(parents=True)
        return folder, {CACHE_VARIABLE: temporary}
    return folder, {}


def is_compiled(painter: str) -> bool:
    """Whether a painter's kernels of this version have been compiled on this machine before."""
    return (cache_folder() / painter).exists()


def note_compiled(painter: str) -> None:
    """Remember that they have."""
    (cache_folder() / painter).touch()


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` at its first call, or load it from the cache folder."""
    return _compiled(function, _FAST_MATH)


def exact_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same, with sums and products rounded one by one, as Python does it."""
    return _compiled(function, set())


def _compiled(function: Callable[..., Any], fast_math: set[str]) -> Callable[..., Any]:
    with _one_at_a_time:
        before = config.CACHE_DIR  # type: ignore[attr-defined]
        config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
        try:
            return numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=fast_math)(function)
        finally:
            config.CACHE_DIR = before  # type: ignore[attr-defined]


def _digest() -> str:
    # numba looks compiled code up by the path of its source, too.
    versions = f"{__file__} {sys.version} {numba.__version__} {llvmlite.__version__}"
    digest = hashlib.sha256(versions.encode())
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        text = path.read_bytes()
        if b"engine.kernels" in text or b"numba" in text:
            digest.update(text)
    return digest.hexdigest()[:16]
