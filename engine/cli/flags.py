"""The flags that set what a spec can set: by command and heading, each with a sentence.

What a flag takes, its range and its default are told from the models, see flag_facts.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.painters.registry import PAINTERS

Headed = Mapping[str, Mapping[str, str]]  # help texts by flag, by the heading that they stand below in --help

# Flags by their short or dotted names in YAML. Values stay text until the spec is resolved: it knows the
# ranges, and says the same about a flag as about a line of a file.
FLAGS: Headed = {
    "Painter": {
        "painter": "Who paints: polygons (shapes), gng (nets, dots, pen lines), curves (pens), or brush.",
        **{name: text for entry in PAINTERS.values() for name, text in entry.flags.items()},
        "count": "Shapes in the whole picture, or nodes, or strokes.",
    },
    "Picture": {
        "size": "Longest side of the copy that is approximated.",
        "frame": "Which picture of a target that moves or has pages; 0 is the first.",
        "background": "What the shapes lie on, or the paper of a net.",
        "importance": "What matters most, and is painted finer; a mask is white there.",
        "grid": "The finest grid of tiles.",
        "seed": "Another seed gives another picture.",
        "from": "Start from what another run has painted: its folder, or a file of shapes (picture.json).",
    },
    "Work": {
        "effort": "Work, as a multiple of the default.",
        "time": "Stop after this time, films included.",
        "until": "Stop at this moment, films included; resume goes on from there.",
        "error": "Stop at this error (RMSE).",
        "workers": "Processes. The picture doesn't depend on their number.",
        "nice": "How far to stand back behind other programs.",
        "memory": "What all processes may take together.",
    },
    "Output": {
        "out": "The run's folder.",
        "result-size": "Longest side of result.png.",
    },
}

RESUMED = {
    "Picture": ("count",),
    "Work": ("effort", "time", "until", "error", "workers", "nice", "memory"),
    "Output": ("result-size",),
}
RESUME_FLAGS: Headed = {
    heading: {name: next(texts[name] for texts in FLAGS.values() if name in texts) for name in names}
    for heading, names in RESUMED.items()
}

# Those of films, below `film.` in YAML.
FILM_FLAGS: Headed = {
    "Length and pace": {
        "duration": "Length of the film, intro and hold included.",
        "fps": "Frames a second.",
        "intro": "How long the first picture stays.",
        "intro-shows": "What that first picture is.",
        "hold": "How long the last picture stays: half of the film at most.",
        "pacing": "Equal steps to the eye (perceived), in RMSE (even), in shapes, in time, ...",
        "dedup": "Which snapshots are the same as the one before.",
    },
    "Picture": {
        "size": "Longest side.",
        "aspect": "Width to height.",
        "fit": "How the picture fits into that.",
        "compare": "The target: beside, or as a wipe while the last picture stays.",
        "strokes": "Of brush: drawn along their paths (draw), or appearing as wholes.",
        "poster": "What a still picture of the film is: the result (for one frame, first), or what is first.",
    },
    "File": {
        "format": "One, or several with commas: mp4,gif. png is a folder of pictures.",
        "codec": "Of mp4.",
        "max-bytes": "Size and quality are made to fit (mp4, webm, gif, webp).",
        "encoder": "Another ffmpeg.",
    },
}

# Those of animations, below `animation.`; how they are filmed is below `film.`.
ANIMATION_FLAGS: Headed = {
    "Animation": {
        "effect": "What the shapes do.",
        "order": "Whose turn it is first.",
        "seed": "Another seed gives other paths.",
        "to": "The run that a morph ends with.",
    },
}
_NOT_OF_ANIMATIONS = ("intro", "intro-shows", "pacing", "dedup", "compare")
OF_ANY_FILM: Headed = {
    heading: {name: text for name, text in texts.items() if name not in _NOT_OF_ANIMATIONS}
    for heading, texts in FILM_FLAGS.items()
}

# Those of exported files, below `export.`.
EXPORT_FLAGS: Headed = {
    "File": {
        "format": "One, or several with commas: svg,pdf.",
        "precision": "Decimals of a coordinate in picture.svg.",
        "group": "Shapes of picture.svg in groups.",
        "clip": "How picture.svg ends at its borders: by a clipPath, or with shapes cut there.",
        "quality": "Of jpeg and webp.",
    },
    "Size": {
        "size": "How large a picture is: its longest side or a box; of svg the size that it says.",
        "dpi": "Dots an inch of a picture.",
        "fit": "Into that box or page.",
        "bleed": "How far pictures and pdf go on beyond what is cut off.",
    },
    "Paper": {
        "page": "Of pdf and plotters: the paper.",
        "margin": "Around the picture on that page.",
    },
    "Plotter": {
        "pen": "The width of its pens' lines.",
        "pens": "One for each of up to 8 colours (else a black one), their number, or their colours.",
        "hatch": "Tones by lines: by their number (tone), or at this distance where it is black.",
        "preview": "What colours mean in plotter-preview.",
        "device": "Of hpgl: generic, or a plotter that vpype knows, such as hp7475a.",
        "profile": "Of gcode: pen, or a profile of vpype-gcode or ~/.vpype.toml.",
    },
}

SHORT = {"count": "n", "size": "s"}  # the letters of flags in daily use


@dataclass(frozen=True)
class Switch:
    """A flag without a value, which sets one."""

    setting: str
    value: object
    help: str
    heading: str


NO_FILM = {"no-film": Switch("film.enabled", False, "Make no film.", "Output")}
WAYS = {
    "reverse": Switch("film.play", "reverse", "Backwards.", "Length and pace"),
    "boomerang": Switch("film.play", "boomerang", "There and back again.", "Length and pace"),
}
FILM_SWITCHES = {
    **WAYS,
    "caption": Switch(
        "film.caption", True, "Write evaluations, shapes, error and time below the picture.", "Picture"
    ),
    "grid": Switch("film.grid", True, "Show the tiles, and the one that is worked on.", "Picture"),
}
