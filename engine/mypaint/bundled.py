"""The brushes that come along, each a .myb file made from one of mypaint-brushes, CC0."""

from __future__ import annotations

from pathlib import Path

from engine.mypaint.brush import read_brush

BUNDLED = ("oil", "bristle", "knife", "charcoal", "watercolour", "marker")


def bundled_text(name: str) -> str:
    """The text of a brush that comes along."""
    return read_brush(Path(__file__).with_name("brushes") / f"{name}.myb")
