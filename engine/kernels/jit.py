"""The one way to compile a kernel: numba, cached on disk, without the global interpreter lock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numba
from numba.core.registry import cpu_target

from engine.kernels.cache import store
from engine.kernels.numba_cache import KernelCache, rebuilds

# Sums may be reordered and divisions turned into products; NaN and infinity keep their meaning.
_FAST_MATH = {"reassoc", "contract", "arcp", "nsz"}


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
    return [name for name in names if not rebuilds(store().load(name), cpu_target.target_context)]


def functions() -> set[str]:
    """The names of all kernels of the modules that this process has imported, compiled or not."""
    modules = [module for name, module in tuple(sys.modules.items()) if name.startswith("engine.")]
    caches = (getattr(value, "_cache", None) for module in modules for value in tuple(vars(module).values()))
    return {cache.function for cache in caches if isinstance(cache, KernelCache)}


def function_of(name: str) -> str:
    """The kernel that has been saved under a name."""
    return name.rpartition("-")[0]
