"""Numba's side of the store: which file a compiled function has, and what is in it.

Numba's own caches look functions up by the path of their source and its time; here all copies of a version
share one, and nothing is written beside the package.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import sys
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
from numba.core.caching import FunctionCache
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompileResult
from numba.core.environment import Environment, lookup_environment
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

from engine.kernels.store import KernelStore


def rebuilds(body: bytes | None, target_context: Any) -> bool:
    """Whether what has been saved can be loaded."""
    try:
        _rebuilt(target_context, *_Unpickler(io.BytesIO(body or b"")).load()[1])
    except Exception:  # a pickle from anywhere may raise anything
        return False
    return True


class _Unpickler(pickle.Unpickler):
    """Reads what was saved without the modules that compiled code was inlined from.

    Machine code has no use for their globals; importing them, with SciPy behind them, takes longer than all
    the rest.
    """

    def find_class(self, module: str, name: str) -> Any:
        """What a pickle names."""
        is_environment = (module, name) == ("numba.core.environment", "_rebuild_env")
        return _environment if is_environment else super().find_class(module, name)


def _environment(module: str, constants: list[Any], name: str) -> Environment:
    """The objects that a compiled function refers to."""
    if (known := lookup_environment(name)) is not None:
        return known
    made = Environment(vars(sys.modules[module]) if module in sys.modules else {"__name__": module})
    made.consts[:] = constants
    made.env_name = name
    Environment._memo[name] = made
    return made


class _LoadedLibrary(JITCodeLibrary):
    """Machine code as it was saved; what else may be compiled into other functions is read when one is."""

    def __init__(self, codegen: Any, name: str, machine_code: bytes, bitcode: bytes) -> None:
        super().__init__(codegen, name)
        self._bitcode = bitcode
        codegen._engine._ee.add_object_file(llvm.ObjectFileRef.from_data(machine_code))
        codegen._engine._ee.finalize_object()
        self._finalized = True

    def _get_module_for_linking(self) -> Any:
        if self._shared_module is None:
            self._shared_module = llvm.parse_bitcode(self._bitcode)
            self._codegen._engine._load_defined_symbols(self._shared_module)
        return self._shared_module


def _rebuilt(target_context: Any, *reduced: Any) -> CompileResult:
    """What CompileResult._rebuild() makes, six times as quickly: see docs/decisions/071."""
    (name, kind, codes), described, environment, signature, *rest = reduced
    is_object, lifted, annotation, initialisers, environments = rest
    if kind != "object":
        return CompileResult._rebuild(target_context, *reduced)
    rtsys.initialize(target_context)
    for initialise in initialisers:
        initialise()
    codegen = target_context.codegen()
    library = _LoadedLibrary(codegen, name, *codes)
    symbols = codegen._engine._defined_symbols
    symbols.update((described.llvm_cpython_wrapper_name, described.env_name, described.mangled_name))
    symbols.update(each.env_name for each in environments)
    entry = target_context.get_executable(library, described, environment)
    for each in environments:
        codegen.set_env(each.env_name, each)
    result: Any = CompileResult
    return result(
        target_context=target_context,
        typing_context=target_context.typing_context,
        library=library,
        environment=environment,
        entry_point=entry,
        fndesc=described,
        type_annotation=annotation,
        signature=signature,
        objectmode=is_object,
        lifted=lifted,
        typing_error=None,
        call_helper=None,
        metadata=None,
        reload_init=initialisers,
        referenced_envs=environments,
    )


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
        if not self._enabled:
            return None
        key = self._index_key(sig, target_context.codegen())
        name = self._file_name(key)
        body = self._store().load(name)
        if body is None:
            return None
        try:
            saved_key, data = _Unpickler(io.BytesIO(body)).load()
            if saved_key == key:
                return _rebuilt(target_context, *data)
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
