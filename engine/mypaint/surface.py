"""What a brush paints on: tiles of 64 x 64 pixels, premultiplied RGBA as 15-bit fractions."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from engine.mypaint.native import Rectangle, TileRequest, library

SIDE = 64  # of a tile, pixels
ONE = 1 << 15  # a fraction of one

Tile = npt.NDArray[np.uint16]


class Surface:
    """A clear surface of some size, pixels."""

    def __init__(self, width: int, height: int) -> None:
        self._native = library()
        self._tiled = self._native.mypaint_fixed_tiled_surface_new(width, height)
        if not self._tiled:
            raise MemoryError
        self.handle = self._native.mypaint_fixed_tiled_surface_interface(self._tiled)
        weakref.finalize(self, self._native.mypaint_surface_unref, self.handle)
        self.width, self.height = width, height
        self.clear()

    def clear(self) -> None:
        """Take all paint away; a new surface of the engine's own is white."""
        for row in range(-(-self.height // SIDE)):
            for column in range(-(-self.width // SIDE)):
                with self.tile(column, row) as pixels:
                    pixels[:] = 0

    @contextmanager
    def painting(self) -> Iterator[Rectangle]:
        """While dabs come; what they have changed stands in the rectangle afterwards."""
        changed = Rectangle()
        self._native.mypaint_surface_begin_atomic(self.handle)
        try:
            yield changed
        finally:
            self._native.mypaint_surface_end_atomic(self.handle, ctypes.byref(changed))

    @contextmanager
    def tile(self, column: int, row: int) -> Iterator[Tile]:
        """A tile's pixels as they lie there, (64, 64, 4), premultiplied; what is written to them counts."""
        request = TileRequest()
        pointer = ctypes.byref(request)
        self._native.mypaint_tile_request_init(pointer, 0, column, row, 0)
        self._native.mypaint_tiled_surface_tile_request_start(self._tiled, pointer)
        try:
            yield np.ctypeslib.as_array(request.buffer, (SIDE, SIDE, 4))
        finally:
            self._native.mypaint_tiled_surface_tile_request_end(self._tiled, pointer)
