"""Numba's side of the store: which file a compiled function has, and what is in it.

Numba's own caches look functions up by the path of their source and its time; here all copies of a version
share one, and nothing is written beside the package.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from typing import Any

from numba.core.caching import FunctionCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from engine.kernels.store import KernelStore


def rebuilds(body: bytes | None, target_context: Any) -> bool:
    """Whether what has been saved can be loaded."""
    try:
        CompileResult._rebuild(target_context, *pickle.loads(body or b"")[1])
    except Exception:  # a pickle from anywhere may raise anything
        return False
    return True


class KernelCache(FunctionCache):
    """The compiled forms of one function."""

    def __init__(self, function: Callable[..., Any], store: Callable[[], KernelStore]) -> None:
        """store: gives the one of this process, which is decided on when it is first needed."""
        self._py_func = function
        self._name = repr(function)
        self._store = store
        self._enabled = True
        module = function.__module__.removeprefix("engine.")
        self.function = f"{module}.{function.__qualname__.replace('<locals>', '')}"  # its name in the store

    @property
    def cache_path(self) -> str:
        """The folder."""
        return str(self._store().folder)

    def flush(self) -> None:
        """Nothing: other functions, and other processes, have their kernels in the same folder."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What was compiled for argument types; None, with what is there thrown away, when it is no use."""
        target_context.refresh()
        if not self._enabled:
            return None
        key = self._index_key(sig, target_context.codegen())
        name = self._file_name(key)
        body = self._store().load(name)
        if body is None:
            return None
        try:
            saved_key, data = pickle.loads(body)
            if saved_key == key:
                return CompileResult._rebuild(target_context, *data)
        except Exception:  # a pickle from anywhere may raise anything
            pass
        self._store().throw_away(name)
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled, when it can be loaded again."""
        if self._enabled and not data.library.has_dynamic_globals and not data.lifted:
            key = self._index_key(sig, data.codegen)
            self._store().save(self._file_name(key), dumps((key, data._reduce())))

    def _file_name(self, key: tuple[Any, ...]) -> str:
        return f"{self.function}-{hashlib.sha256(repr(key).encode()).hexdigest()[:20]}"
