"""The one way to compile a kernel: numba, cached on disk, without the global interpreter lock."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import numba
from numba.core.registry import cpu_target

from engine.kernels.numba_cache import KernelCache, rebuilds
from engine.kernels.place import INHERITED, find_place
from engine.kernels.store import KernelStore

# Sums may be reordered and divisions turned into products; NaN and infinity keep their meaning.
_FAST_MATH = {"reassoc", "contract", "arcp", "nsz"}
# What of the environment changes the code that is made.
_OF_CODE = ("BOUNDSCHECK", "DEBUGINFO", "DISABLE_JIT", "ENABLE_AVX",
            "LOOP_VECTORIZE", "OPT", "SLP_VECTORIZE")  # fmt: skip
# The files whose text decides it, too.
_SOURCE = re.compile(rb"^@(exact_)?kernel\b|^(from|import) (numba|llvmlite)\b", re.MULTILINE)
_one_at_a_time = threading.RLock()  # kernels may be called for the first time in several threads at once


def store() -> KernelStore:
    """The compiled kernels of this version, for this machine's processor.

    They are in a folder named after a digest of all their sources: numba notices when a kernel has changed,
    but not when one has that it calls.
    """
    with _one_at_a_time:
        return _store()


@functools.cache
def _store() -> KernelStore:
    return KernelStore(find_place(f"kernels-{_digest()}", os.environ))


def cache_folder() -> Path:
    """The folder of compiled kernels."""
    return store().folder


def cache_environment() -> dict[str, str]:
    """What other processes need in their environment to use the same folder."""
    return {INHERITED: str(cache_folder())}


def is_compiled(painter: str) -> bool:
    """Whether a painter's kernels have been compiled for this machine before, and all can be read."""
    return store().known(painter) is not None and not store().damaged(painter)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` at its first call, or load it from the cache folder."""
    return _compiled(function, _FAST_MATH)


def exact_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same, with sums and products rounded one by one, as Python does it."""
    return _compiled(function, set())


def _compiled(function: Callable[..., Any], fast_math: set[str]) -> Callable[..., Any]:
    compiled: Any = numba.njit(nogil=True, error_model="numpy", fastmath=fast_math)(function)
    if hasattr(compiled, "enable_caching"):  # not when NUMBA_DISABLE_JIT is set
        compiled._cache = KernelCache(function, store)
    return compiled


def unloadable(names: list[str]) -> list[str]:
    """Those of some kernels that are there, whole, and can't be loaded all the same."""
    cpu_target.target_context.refresh()
    return [name for name in names if not rebuilds(store().load(name), cpu_target.target_context)]


def functions() -> set[str]:
    """The names of all kernels of the modules that this process has imported, compiled or not."""
    modules = [module for name, module in tuple(sys.modules.items()) if name.startswith("engine.")]
    caches = (getattr(value, "_cache", None) for module in modules for value in tuple(vars(module).values()))
    return {cache.function for cache in caches if isinstance(cache, KernelCache)}


def function_of(name: str) -> str:
    """The kernel that has been saved under a name."""
    return name.rpartition("-")[0]


def _digest() -> str:
    processor = cpu_target.target_context.codegen().magic_tuple()  # or another one, as NUMBA_CPU_NAME says
    chosen = [os.environ.get(f"NUMBA_{name}", "") for name in _OF_CODE]
    made_by = sys.version, numba.__version__, llvmlite.__version__, processor, chosen
    digest = hashlib.sha256(repr(made_by).encode())
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        text = path.read_bytes()
        if _SOURCE.search(text):
            digest.update(text)
    return digest.hexdigest()[:16]
