"""Who can paint: a literal table of painters, each imported only when it is wanted.

The parts of a painter are imported one by one, so that whoever reads a spec or draws a scene never loads its
kernels, nor a library that only painting needs.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import SpecError
from engine.formatting import SHAPES, Words
from engine.installation import to_add
from engine.kernels.cache import is_compiled, move_to

if TYPE_CHECKING:  # which load much, and every command reads this table for its flags
    from pydantic import BaseModel

    from engine.painters.base import Painter
    from engine.scene.scene import Drawable, Scene


@dataclass(frozen=True)
class PainterEntry:
    """A painter's parts as "module:Class"."""

    params: str  # the model that validates its settings
    scene: str
    painter: str
    about: str = ""  # a line for whoever chooses one
    flags: Mapping[str, str] = field(default_factory=dict)  # of the command line: a setting's name and help
    requires: tuple[str, ...] = ()  # modules that painting needs, beside what is always installed,
    extra: str = ""  # and the extra that brings them
    words: Words = SHAPES  # what its marks and its error are called,
    marks_by_look: Mapping[str, str] = field(default_factory=dict)  # and marks of some looks otherwise
    final: str = ""  # "module:function" that says what the result is drawn from; "": from the scene


LOAD_KERNELS = "engine.painters.registry:load_kernels"  # for fork servers
PREPARE_MACHINE = "engine.coordinator.machine:prepare_machine"  # for clusters
_loaded = set[str]()  # painters whose kernels this process has

PAINTERS: dict[str, PainterEntry] = {
    "polygons": PainterEntry(
        params="engine.painters.polygons.params:PolygonParams",
        scene="engine.scene.shape_scene:ShapeScene",
        painter="engine.painters.polygons.painter:PolygonPainter",
        about="shapes: triangles, quads, ellipses, lines, strokes, ...",
        flags={
            "shape": "Of polygons: the kind of shapes, or several: the best one for each place.",
            "opacity": "Of polygons: that of each shape, or the best there is.",
            "palette": "Of polygons: the colours that shapes may have.",
        },
    ),
    "gng": PainterEntry(
        params="engine.painters.gng.params:GasParams",
        scene="engine.painters.gng.scene:GasScene",
        painter="engine.painters.gng.painter:GasPainter",
        about="a growing neural gas: nets, low-poly faces, dots, pen strokes",
        flags={
            "look": "Of gng: what is drawn from the net.",
            "points": "Of gng: where nodes go: on dark places, by tone, or on edges.",
        },
        words=Words("node", "distance", "distance of the ink from the nearest node (RMS, 0 to 1)"),
        marks_by_look={"stipple": "dot"},
    ),
    "curves": PainterEntry(
        params="engine.painters.curves.params:CurveParams",
        scene="engine.painters.curves.scene:CurveScene",
        painter="engine.painters.curves.painter:CurvePainter",
        about="pen strokes that a network likes: seamless patterns, line drawings",
        flags={
            "objective": "Of curves: what the strokes are to be.",
            "neuron": "Of curves: the channel of a network that is to be most active.",
            "layers": "Of curves: the layers in which drawing and target are to be alike.",
            "pens": "Of curves: the colours of the pens.",
            "tile": "Of curves: the side of a pattern that is spread over a sheet.",
            "weights": "Of curves: a file of a network's weights, as torchvision has them.",
            "device": "Of curves: where a network works.",
        },
        words=Words("stroke", "loss", "how much is missing of what the objective wants (0 to 1)"),
    ),
    "brush": PainterEntry(
        params="engine.painters.brush.params:BrushParams",
        scene="engine.painters.brush.scene:BrushScene",
        painter="engine.painters.brush.painter:BrushPainter",
        about="strokes of real brushes: oil, bristle, knife, charcoal, watercolour, marker",
        flags={
            "brush": "Of brush: which one, or the file of one that was trained.",
            "generator": "Of brush: what draws a stroke: its own small network, or another one.",
            "weights": "Of brush: the file of the network that --generator vae or gan draws with.",
            "device": "Of brush: where such a network works.",
            "opaque": "Of brush: whether strokes cover what is beneath.",
            "palette": "Of polygons and brush: the colours that they may have.",
            "paper": "Of brush: what is painted on.",
        },
        words=SHAPES._replace(mark="stroke"),
        final="engine.painters.brush.final:final_drawable",
    ),
}


def entry_of(name: str) -> PainterEntry:
    """A painter's entry; SpecError for an unknown one."""
    if name not in PAINTERS:
        close = difflib.get_close_matches(name, PAINTERS, 1)
        perhaps = f"; perhaps {close[0]} is meant" if close else ""
        raise SpecError(f"there is no painter {name!r} (there are: {', '.join(PAINTERS)}){perhaps}.")
    return PAINTERS[name]


def words_of(name: str, params: object) -> Words:
    """What a painter's marks and error are called; params: its settings, a model or a mapping."""
    entry = entry_of(name)
    look = params.get("look") if isinstance(params, Mapping) else getattr(params, "look", None)
    return entry.words._replace(mark=entry.marks_by_look.get(str(look), entry.words.mark))


def painter_class(name: str) -> type[Painter]:
    """The class that paints; SpecError for an unknown one, or when a library is missing that it needs."""
    entry = entry_of(name)
    if missing := missing_modules(entry):
        raise SpecError(
            f"painter: {name} needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} "
            f"not installed; install it with: {to_add(entry.extra, missing)}."
        )
    return load_part(entry.painter)


def params_of(name: str) -> type[BaseModel]:
    """The model that validates a painter's settings."""
    return load_part(entry_of(name).params)


def earlier_settings(params: type[BaseModel]) -> Mapping[str, Any]:
    """What runs have that were begun before a painter had these settings, by name."""
    return getattr(params, "LATER", {})


def scene_class(name: str) -> type[Scene]:
    """The class of what a painter paints."""
    return load_part(entry_of(name).scene)


def final_drawable(name: str, scene: Scene, params: object, height: int, width: int) -> Drawable:
    """What the result of a finished run is drawn from, at a size."""
    if not entry_of(name).final:
        return scene.drawable(height, width)
    return load_part(entry_of(name).final)(scene, params, height, width)


def missing_modules(entry: PainterEntry) -> list[str]:
    """Of those that painting needs."""
    return [module for module in entry.requires if find_spec(module) is None]


def load_part(name: str) -> Any:
    """What "module:Class" names."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)


def load_kernels(painter: str, folder: str = "") -> None:
    """Load the kernels of a painter, by its name, if they have been compiled. folder: where they are now."""
    if folder:
        move_to(Path(folder))
    if painter not in _loaded and is_compiled(painter):
        load_part(entry_of(painter).painter).warm_up()
        _loaded.add(painter)
