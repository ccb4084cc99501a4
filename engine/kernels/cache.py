"""Which folder has the compiled kernels of this version: known without loading the compiler."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

from engine.kernels.place import INHERITED, find_place
from engine.kernels.store import KernelStore

# What of the environment changes the code that is made.
_OF_CODE = ("BOUNDSCHECK", "CPU_FEATURES", "CPU_NAME", "DEBUGINFO", "DISABLE_JIT", "ENABLE_AVX",
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


def move_to(folder: Path) -> None:
    """From now on use a folder that another process has decided on."""
    if folder != cache_folder():
        os.environ[INHERITED] = str(folder)
        _store.cache_clear()


def is_compiled(painter: str) -> bool:
    """Whether a painter's kernels have been compiled for this machine before, and all can be read."""
    return store().known(painter) is not None and not store().damaged(painter)


def _digest() -> str:
    import llvmlite.binding as llvm

    processor = llvm.get_process_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    chosen = [os.environ.get(f"NUMBA_{name}", "") for name in _OF_CODE]
    made_by = sys.version, *map(_version, ("numba", "llvmlite")), processor, chosen
    digest = hashlib.sha256(repr(made_by).encode())
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        text = path.read_bytes()
        if _SOURCE.search(text):
            digest.update(text)
    return digest.hexdigest()[:16]


def _version(package: str) -> bytes:
    """What a package says of its version: reading that takes a hundredth of the time of importing it."""
    spec = find_spec(package)
    said = Path(spec.origin if spec and spec.origin else "").with_name("_version.py")
    if said.is_file():
        return said.read_bytes()
    from importlib.metadata import version

    return version(package).encode()
