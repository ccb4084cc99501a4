"""libmypaint as it lies on this machine, its functions declared; loaded when it is asked for."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
from ctypes import POINTER, Structure, c_char_p, c_double, c_float, c_int, c_uint16, c_void_p
from functools import cache

from engine.errors import ToolError

NAMES = ("libmypaint-1.5.so.1", "libmypaint.so.0", "libmypaint.0.dylib", "libmypaint-1.5.1.dylib")
COMMANDS = {"linux": "sudo apt-get install libmypaint-1.5-1", "darwin": "brew install libmypaint"}


class TileRequest(Structure):
    """MyPaintTileRequest: a tile's place and, once it is started, its pixels."""

    _fields_ = (
        ("tx", c_int),
        ("ty", c_int),
        ("readonly", c_int),
        ("buffer", POINTER(c_uint16)),
        ("context", c_void_p),
        ("thread_id", c_int),
        ("mipmap_level", c_int),
    )


class Rectangle(Structure):
    """MyPaintRectangle, pixels."""

    _fields_ = (("x", c_int), ("y", c_int), ("width", c_int), ("height", c_int))


_FUNCTIONS = {  # name: (what it returns, what it takes)
    "mypaint_brush_new": (c_void_p, ()),
    "mypaint_brush_unref": (None, (c_void_p,)),
    "mypaint_brush_from_defaults": (None, (c_void_p,)),
    "mypaint_brush_from_string": (c_int, (c_void_p, c_char_p)),
    "mypaint_brush_reset": (None, (c_void_p,)),
    "mypaint_brush_new_stroke": (None, (c_void_p,)),
    "mypaint_brush_setting_from_cname": (c_int, (c_char_p,)),
    "mypaint_brush_input_from_cname": (c_int, (c_char_p,)),
    "mypaint_brush_set_base_value": (None, (c_void_p, c_int, c_float)),
    "mypaint_brush_get_base_value": (c_float, (c_void_p, c_int)),
    "mypaint_brush_set_mapping_n": (None, (c_void_p, c_int, c_int, c_int)),
    "mypaint_brush_stroke_to": (c_int, (c_void_p, c_void_p, *[c_float] * 5, c_double)),
    "mypaint_fixed_tiled_surface_new": (c_void_p, (c_int, c_int)),
    "mypaint_fixed_tiled_surface_interface": (c_void_p, (c_void_p,)),
    "mypaint_surface_begin_atomic": (None, (c_void_p,)),
    "mypaint_surface_end_atomic": (None, (c_void_p, POINTER(Rectangle))),
    "mypaint_surface_unref": (None, (c_void_p,)),
    "mypaint_tile_request_init": (None, (POINTER(TileRequest), c_int, c_int, c_int, c_int)),
    "mypaint_tiled_surface_tile_request_start": (None, (c_void_p, POINTER(TileRequest))),
    "mypaint_tiled_surface_tile_request_end": (None, (c_void_p, POINTER(TileRequest))),
}


@cache
def library() -> ctypes.CDLL:
    """The library; ToolError, with the command that installs it, when there is none."""
    other = ctypes.util.find_library("mypaint-1.5")
    for name in dict.fromkeys([*NAMES, *([other] if other else [])]):
        try:
            loaded = ctypes.CDLL(name, mode=os.RTLD_LOCAL | os.RTLD_NOW)
        except OSError:
            continue
        try:
            for function, (returned, taken) in _FUNCTIONS.items():
                declared = getattr(loaded, function)
                declared.restype, declared.argtypes = returned, taken
        except AttributeError as exc:
            raise ToolError(f"{name}: is no libmypaint 1.5 or 1.6; {how()}.") from exc
        return loaded
    raise ToolError(f"libmypaint, the paint engine of MyPaint, is not on this machine; {how()}.")


def found() -> str:
    """Which library there is, in words; none is all right, too, for whoever doesn't draw with it."""
    try:
        return f"{library()._name}, for tessera brush dataset and painter.final"
    except ToolError as error:
        return f"{str(error).rstrip('.')}; only tessera brush dataset and painter.final=mypaint need it"


def how() -> str:
    """The clause with the command that installs it."""
    return f"install it with: {COMMANDS.get(sys.platform, COMMANDS['linux'])}"
