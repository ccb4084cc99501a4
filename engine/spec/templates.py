"""Names with gaps, such as "{name}-{seed}.png", which a run's settings fill."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from engine.errors import SpecError
from engine.spec.messages import show
from engine.spec.models import RunSpec

GAPS = ("name", "painter", "shape", "count", "seed", "n", "date")
_DIGITS = re.compile(r"0[1-9]")  # after a colon, of a number: {n:03}


def has_gap(template: str, gap: str) -> bool:
    """Whether a name has a gap; SpecError when it is no template."""
    return any(name == gap for _, name, _ in _parts(template))


def has_gaps(template: str) -> bool:
    """Whether a name has any; SpecError when it is no template."""
    return any(name is not None for _, name, _ in _parts(template))


def filled(
    template: str, spec: RunSpec, number: int | None = None, is_taken: Callable[[str], bool] | None = None
) -> str:
    """A name without gaps; SpecError for one that nothing fills.

    number: what {n} stands for; None: the first number from 1 whose name is not taken.
    """
    words = {
        "name": spec.name,
        "painter": spec.painter.name,
        "shape": _shape(spec),
        "count": getattr(spec.painter.params, "count", 0),
        "seed": spec.seed,
        "date": date.today().isoformat(),
    }
    if number is not None or not has_gap(template, "n"):
        return _joined(template, {**words, "n": number})
    names = (_joined(template, {**words, "n": number}) for number in itertools.count(1))
    return next(name for name in names if is_taken is None or not is_taken(name))


def literal(name: str) -> str:
    """The template of just this name."""
    return name.replace("{", "{{").replace("}", "}}")


def _joined(template: str, words: Mapping[str, str | int | None]) -> str:
    return "".join(
        text + ("" if gap is None else format(words[gap], form)) for text, gap, form in _parts(template)
    )


def _parts(template: str) -> Iterator[tuple[str, str | None, str]]:
    """Texts, each with the gap behind it, and how many digits that has."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as exc:
        raise SpecError(f"{show(template)} has a brace without its other one; for a brace give two.") from exc
    for text, gap, form, conversion in parts:
        if gap is not None and (gap not in GAPS or conversion):
            known = ", ".join(f"{{{each}}}" for each in GAPS)
            raise SpecError(
                f"{show(template)}: nothing fills {{{gap}}}; there are {known}, and {{{{ for a brace."
            )
        if form and (gap not in ("n", "seed", "count") or not _DIGITS.fullmatch(form)):
            raise SpecError(
                f"{show(template)}: {{{gap}:{form}}} must be digits of a number, such as {{n:03}}."
            )
        yield text, gap, form or ""


def _shape(spec: RunSpec) -> str:
    """What the painter paints with: its shapes, or its look, in letters that a file's name may have."""
    settings = spec.painter.params
    kinds = str(getattr(settings, "shape", None) or getattr(settings, "look", spec.painter.name))
    return re.sub(r"[^A-Za-z0-9.-]+", "-", kinds)
