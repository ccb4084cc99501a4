"""Settings of paper, pens and sizes on them, each with the words that its refusals need."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from engine.spec.colours import Hex, listed
from engine.spec.fields import expected, once
from engine.spec.lengths import LARGEST, PAGES, millimetres, page_name, size_of

MOST_PENS = 32


def _once_each(pens: int | str | tuple[str, ...]) -> int | str | tuple[str, ...]:
    """Each colour once, in the order given."""
    return once(pens) if isinstance(pens, tuple) else pens


def _in_millimetres(length: float | str) -> str:
    """A length as it is written; words stay."""
    return length if isinstance(length, str) else f"{length!r}mm".replace(".0mm", "mm")


Page = Annotated[
    str,
    AfterValidator(page_name),
    expected(
        f"{', '.join(PAGES)}, one of these with -portrait or -landscape, or WIDTHxHEIGHT such as 300x200 "
        "(in mm) or 11x8.5in (each 10 mm to 5 m)",
        "NAME|WxH",
        tuple(PAGES),
    ),
]
Size = Annotated[
    int | str,
    BeforeValidator(size_of),
    expected(
        f"a whole number of pixels from 1 to {LARGEST}, or a longest side or WIDTHxHEIGHT in mm, cm, in or "
        "px such as 30cm, 30x20cm or 1920x1080px",
        "SIZE",
    ),
]
Millimetres = Annotated[
    float,
    BeforeValidator(millimetres),
    Field(ge=0, le=1000),
    PlainSerializer(_in_millimetres, return_type=str, when_used="json"),
    expected("a length such as 15mm, 1.5cm or 0.5in (at most 1m)", "LENGTH"),
]
Bleed = Annotated[
    float,
    BeforeValidator(millimetres),
    Field(ge=0, le=50),
    PlainSerializer(_in_millimetres, return_type=str, when_used="json"),
    expected("a length such as 3mm or 0.125in (at most 5cm)", "LENGTH"),
]
_PenWidth = Annotated[float, Field(ge=0.05, le=20)]
Pen = Annotated[
    _PenWidth,
    BeforeValidator(millimetres),
    PlainSerializer(_in_millimetres, return_type=str, when_used="json"),
    expected("the width of a pen's line such as 0.3mm (0.05mm to 2cm)", "LENGTH"),
]
Pens = Annotated[
    Literal["auto"]
    | Annotated[int, Field(ge=1, le=MOST_PENS)]
    | Annotated[tuple[Hex, ...], Field(min_length=1, max_length=MOST_PENS)],
    BeforeValidator(listed),
    AfterValidator(_once_each),
    expected(
        f"auto, a number of pens from 1 to {MOST_PENS}, or their colours such as black,red or "
        '"#000000,#cc3300" (in YAML an unquoted # starts a comment)',
        "auto|N|COLOURS",
        ("auto",),
    ),
]
Hatch = Annotated[
    Literal["none", "tone"] | _PenWidth,
    BeforeValidator(millimetres),
    PlainSerializer(_in_millimetres, return_type=str, when_used="json"),
    expected(
        "none, tone or the distance of lines where it is black such as 1mm (0.05mm to 2cm)",
        "none|tone|LENGTH",
        ("none", "tone"),
    ),
]
