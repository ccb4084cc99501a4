"""What visitors may set, and up to where: whatever isn't here they may not, settings to come included.

By full path with underscores. Paths, programs, networks, processes and what is kept are the host's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.painters.brush.model_file import BUNDLED
from engine.web.options import Limits

MOST_FPS = 60
MOST_TILES = 16  # along a side of the grid
PAINTER = "painter.name"
TIME = "budget.time"  # which may be lowered, where the preset has one


@dataclass(frozen=True)
class Rule:
    """How far visitors may go, within what a setting's model allows."""

    most: float | None = None  # of a number, or of each end of a range
    words: tuple[str, ...] = ()  # a text is one of these, or a list of some; (): any
    unit: str = ""  # of the number, as it is said

    def admits(self, value: object) -> bool:
        """Whether a validated value goes no further."""
        values = value if isinstance(value, tuple) else (value,)
        numbers = [each for each in values if isinstance(each, int | float) and not isinstance(each, bool)]
        if self.most is not None and any(number > self.most for number in numbers):
            return False
        return not self.words or str(value) in self.words

    def __str__(self) -> str:
        """What it asks for, to go after "must be"."""
        if self.words:
            return " or ".join(
                [", ".join(self.words[:-1]), self.words[-1]] if len(self.words) > 1 else self.words
            )
        return f"at most {self.most:g}{self.unit}"


_ANY = Rule()
_ANY_OF_ALL = ("background", "seed", "budget.error", TIME)
_ANY_OF_FILMS = (
    "intro_shows",
    "pacing",
    "play",
    "compare",
    "poster",
    "aspect",
    "fit",
    "caption",
    "grid",
    "strokes",
)
_ANY_OF_EXPORTS = ("page", "margin", "pen", "pens", "fit", "precision", "group", "clip")
_ANY_OF_POLYGONS = ("shape", "opacity", "palette", "levels", "shift", "spread", "polish")
_ANY_OF_NETS = (
    "look",
    "points",
    "threshold",
    "offset",
    "invert",
    "power",
    "contrast",
    "gamma",
    "equalise",
    "error",
    "step",
    "neighbour_step",
    "split",
    "decay",
    "dots",
    "inks",
)
_ANY_OF_CURVES = ("curves", "width", "opacity", "pens", "ink", "darkness")
_ANY_OF_BRUSHES = ("size", "opaque", "paper")


def allowed(limits: Limits) -> Mapping[str, Rule]:
    """All that visitors of a server may set, of runs and of all painters, by full path."""
    count = Rule(most=limits.count)
    film = Rule(most=limits.film_seconds, unit="s")
    return {
        PAINTER: _ANY,
        **dict.fromkeys(_ANY_OF_ALL, _ANY),
        "size": Rule(most=limits.size),
        "budget.effort": Rule(most=limits.effort),
        "importance": Rule(words=("none", "auto")),
        "grid": _ANY,  # see wanted.py
        "result_size": Rule(most=limits.result_size),
        **{f"film.{name}": _ANY for name in _ANY_OF_FILMS},
        "film.size": Rule(most=limits.film_size),
        "film.fps": Rule(most=MOST_FPS),
        **{f"film.{name}": film for name in ("duration", "intro", "hold")},
        **{f"export.{name}": _ANY for name in _ANY_OF_EXPORTS},
        "export.hatch": Rule(words=("none", "tone")),
        "painter.count": count,
        **{f"painter.{name}": _ANY for name in (*_ANY_OF_POLYGONS, *_ANY_OF_NETS)},
        **{f"painter.{name}": _ANY for name in (*_ANY_OF_CURVES, *_ANY_OF_BRUSHES)},
        "painter.search": Rule(words=("annealing", "dual", "hill")),
        # The work that a net takes grows with these.
        "painter.sigma": Rule(most=20),
        "painter.detail": Rule(most=20),
        "painter.border": Rule(most=100),
        "painter.age": Rule(most=1000),
        "painter.interval": Rule(most=600),
        "painter.growth": _ANY,
        "painter.near": Rule(most=20),
        "painter.line": Rule(most=50),
        # And that of curves with these; patterns are drawn on blank paper, without a picture.
        "painter.objective": Rule(words=("auto", "picture")),
        "painter.length": Rule(most=500),
        "painter.steps": Rule(most=1000),
        "painter.rate": Rule(most=10),
        **{f"painter.{name}": Rule(most=200) for name in ("overlap", "bends", "evenness")},
        "painter.brush": Rule(words=BUNDLED),  # a file is the host's
    }
