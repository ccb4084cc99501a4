"""Who can paint: a literal table of painters, each imported only when it is wanted."""

from __future__ import annotations

from importlib import import_module

from pydantic import BaseModel

from engine.errors import SpecError
from engine.painters.base import Painter

PAINTERS = {
    "polygons": "engine.painters.polygons.painter:PolygonPainter",
    "gng": "engine.painters.gng.painter:GasPainter",
}


def painter_class(name: str) -> type[Painter]:
    """The class behind a painter's name; SpecError for an unknown one."""
    if name not in PAINTERS:
        raise SpecError(f"painter: there is no painter {name!r} (there are: {', '.join(PAINTERS)}).")
    module, _, attribute = PAINTERS[name].partition(":")
    return getattr(import_module(module), attribute)


def params_of(name: str) -> type[BaseModel]:
    """The model that validates a painter's settings."""
    return painter_class(name).Params
