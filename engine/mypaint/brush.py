"""A brush of the engine, made from the text of a .myb file."""

from __future__ import annotations

import json
import math
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.errors import SpecError, reason
from engine.mypaint.native import library
from engine.strict_json import parse

# Whatever reads the surface or changes the colour: without it a stroke is an alpha times one colour.
PLAIN = MappingProxyType(
    dict.fromkeys(
        (
            "smudge",
            "eraser",
            "lock_alpha",
            "colorize",
            "posterize",
            "restore_color",
            "change_color_h",
            "change_color_l",
            "change_color_hsl_s",
            "change_color_v",
            "change_color_hsv_s",
        ),
        0.0,
    )
)
_INPUTS = 18  # kinds of them in libmypaint 1.6, as brushsettings.json has them
_CLEAR = -100.0  # more than any input can add to it
_MOST_BYTES = 1 << 20  # of a .myb; those of mypaint-brushes have 3 to 12 kB


def read_brush(path: Path) -> str:
    """The text of a .myb file; SpecError, with what is wrong, for what is none."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as exc:
        raise SpecError(f"{path}: can't be read as a brush ({reason(exc)}).") from exc
    return checked(content, str(path))


def checked(content: bytes, source: str) -> str:
    """The text of a brush; SpecError, beginning with its source, when the engine would not take it."""
    wrong = f"{source}: is no brush of MyPaint (a .myb file of version 3, which is JSON)"
    if len(content) > _MOST_BYTES or b"\0" in content:
        raise SpecError(f"{wrong}.")
    try:
        found = parse(content)
    except ValueError as exc:
        raise SpecError(f"{wrong}.") from exc
    settings = found.get("settings") if isinstance(found, dict) else None
    if not isinstance(settings, dict) or found.get("version") != 3:
        raise SpecError(f"{wrong}.")
    for name, setting in settings.items():
        _check_setting(setting, f"{source}: {name}")
    return content.decode()


def _check_setting(setting: object, where: str) -> None:
    """SpecError unless a setting has a base value, and curves of at most 64 points by input."""
    if not isinstance(setting, dict) or not _is_number(setting.get("base_value")):
        raise SpecError(f"{where}: has no base_value.")
    inputs = setting.get("inputs", {})
    curves: list[Any] = list(inputs.values()) if isinstance(inputs, dict) else [None]
    for curve in curves:
        if (
            not isinstance(curve, list)
            or len(curve) > 64
            or len(curve) == 1
            or not all(map(_is_point, curve))
        ):
            raise SpecError(f"{where}: an input is a list of 2 to 64 points [x, y].")


def _is_point(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def unknown_to_engine(text: str) -> list[str]:
    """Settings and inputs of a brush that this libmypaint doesn't have, sorted; they are left out."""
    return _without_unknown(text)[1]


def _without_unknown(text: str) -> tuple[str, list[str]]:
    """A brush with what this libmypaint knows of it, and the names of the rest, which it would print."""
    native, brush = library(), parse(text.encode())
    settings, unknown = {}, set()
    for name, setting in brush["settings"].items():
        if native.mypaint_brush_setting_from_cname(name.encode()) < 0:
            unknown.add(name)
            continue
        curves = setting.get("inputs", {})
        known = {each for each in curves if native.mypaint_brush_input_from_cname(each.encode()) >= 0}
        unknown |= curves.keys() - known
        settings[name] = {**setting, "inputs": {each: curves[each] for each in curves if each in known}}
    return json.dumps({**brush, "settings": settings}), sorted(unknown)


class Brush:
    """A brush and its state, its own random numbers among it; always the same at first.

    base: settings that are to be a number whatever the text says, without any input.
    """

    def __init__(self, text: str, base: Mapping[str, float] = PLAIN) -> None:
        self.native = library()
        self.handle = self.native.mypaint_brush_new()
        weakref.finalize(self, self.native.mypaint_brush_unref, self.handle)
        self.native.mypaint_brush_from_defaults(self.handle)
        if not self.native.mypaint_brush_from_string(self.handle, _without_unknown(text)[0].encode()):
            raise SpecError("the paint engine doesn't take this brush; save it anew with MyPaint 2.")
        for name, value in base.items():
            self.fix(name, value)

    def get(self, name: str) -> float:
        """The base value of a setting."""
        return float(self.native.mypaint_brush_get_base_value(self.handle, self._setting(name)))

    def set(self, name: str, value: float) -> None:
        """Set the base value of a setting; its inputs come on top."""
        self.native.mypaint_brush_set_base_value(self.handle, self._setting(name), value)

    def fix(self, name: str, value: float) -> None:
        """Set a setting without any input."""
        setting = self._setting(name)
        for number in range(_INPUTS):
            self.native.mypaint_brush_set_mapping_n(self.handle, setting, number, 0)
        self.native.mypaint_brush_set_base_value(self.handle, setting, value)

    def start(self) -> None:
        """Forget where the brush is; its random numbers go on."""
        self.native.mypaint_brush_reset(self.handle)
        self.native.mypaint_brush_new_stroke(self.handle)

    @property
    def radius(self) -> float:
        """The basic radius, pixels."""
        return math.exp(self.get("radius_logarithmic"))

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """While the brush moves above the surface: its dabs are clear."""
        before = self.get("opaque_multiply")
        self.set("opaque_multiply", _CLEAR)
        try:
            yield
        finally:
            self.set("opaque_multiply", before)

    def _setting(self, name: str) -> int:
        number = int(self.native.mypaint_brush_setting_from_cname(name.encode()))
        if number < 0:
            raise SpecError(f"{name}: is no setting of this libmypaint.")
        return number
