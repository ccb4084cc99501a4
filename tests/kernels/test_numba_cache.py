"""Numba's side of the store: damaged kernels are compiled anew, and copies of a version share theirs."""

import pickle

import numba
import numpy as np
import pytest

from engine.kernels.numba_cache import KernelCache
from engine.kernels.place import Place
from engine.kernels.store import KernelStore


def twice(x):
    return 2 * x


def dispatcher(store, function=twice):
    compiled = numba.njit(function)
    compiled._cache = KernelCache(function, lambda: store)
    return compiled


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A store with one kernel, and that kernel."""
    store = KernelStore(Place(tmp_path_factory.mktemp("kernels")))
    assert dispatcher(store)(4) == 8
    ((name, body),) = [(name, store.load(name)) for name in store.used]
    assert name.startswith("tests.kernels.test_numba_cache.twice-")
    return store, name, body


def hits(compiled):
    return sum(compiled.stats.cache_hits.values())


def test_a_kernel_is_loaded(saved):
    again = dispatcher(saved[0])
    assert (again(4), hits(again)) == (8, 1)


def test_a_kernel_of_another_copy_of_the_source_is_the_same(saved, tmp_path):
    """Path and time of a source are nothing to it, as in a wheel, a checkout and an image."""
    copy = compile("\n\ndef twice(x):\n    return 2 * x\n", str(tmp_path / "elsewhere.py"), "exec")
    scope = {"__name__": __name__}
    exec(copy, scope)
    again = dispatcher(saved[0], scope["twice"])
    assert (again(4), hits(again)) == (8, 1)


@pytest.mark.parametrize(
    "content",
    [b"", b"no pickle", pickle.dumps(3), pickle.dumps((1, 2)), b"cpowers\nthat_be\n.", "cut"],
    ids=["empty", "garbage", "a number", "a pair", "a missing module", "cut off"],
)
def test_what_can_not_be_loaded_is_compiled_anew(saved, content):
    store, name, body = saved
    store.save(name, body[: len(body) // 2] if content == "cut" else content)  # its checksum is right
    again = dispatcher(store)
    assert (again(4), hits(again)) == (8, 0)
    healed = dispatcher(store)
    assert (healed(4), hits(healed)) == (8, 1)


def test_where_nothing_can_be_saved_a_kernel_works_all_the_same(tmp_path):
    store = KernelStore(Place(tmp_path / "removed"))
    assert dispatcher(store)(np.float32(1.5)) == 3
    assert store.problem is not None
