"""A comparison as one page for a browser, which needs no other file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.formatting import byte_count, plural
from engine.learning.comparison import Comparison, Figures, Picture, Pictures
from engine.report.images import embedded
from engine.report.report import filled

GAP = 2  # pixels between strokes or digits of a row
LARGER = 2  # times that strokes are shown larger than they are
PAPER, INK, MISREAD = 250, 24, (190, 40, 40)


class _Row(NamedTuple):
    """A line of the table."""

    about: str
    of_floor: str  # the paint program's own figure
    value: Callable[[Figures], float | None]
    told: Callable[[float], str]
    is_less_better: bool | None  # None: neither


def page_of(found: Comparison, pictures: Pictures, answer: str) -> str:
    """The page as HTML; whatever users have named is escaped."""
    labels = [each.label for each in found.kinds]
    return filled(
        "engine.learning",
        "compare.html",
        name=escape(f"{found.brush}: {_listed(labels)}"),
        headline=escape(f"Neural painters of one brush · {plural(found.held_out, 'held-out stroke')}"),
        answer=escape(answer),
        table=_table(found),
        notes=_notes(found),
        strokes=_strokes(pictures),
        digits=_digits(found, pictures),
        paintings=_paintings(found, pictures),
        recipe=_recipe(found),
    )


def _rows(found: Comparison) -> Iterable[_Row]:
    floor = found.floor
    program = {name: f"{getattr(floor, name):.4f}" if floor else "" for name in ("mse", "iou", "grain")}
    yield _Row("MSE of strokes", program["mse"], lambda each: each.strokes.mse, lambda v: f"{v:.4f}", True)
    if floor and floor.mse:
        yield _Row(
            "the same in floors", "1", lambda each: each.strokes.mse / floor.mse, lambda v: f"{v:.2f}", True
        )
    yield _Row("IoU (opacity above ½)", program["iou"], lambda each: each.strokes.iou, _two, False)
    yield _Row(
        "grain (fine detail, 1: as real)", program["grain"], lambda each: each.strokes.grain, _two, None
    )
    yield _Row("ms a stroke", "", lambda each: each.ms, _two, True)
    yield _Row("ms a stroke with its slopes", "", lambda each: each.ms_with_slopes, _two, True)
    yield _Row("parameters", "", lambda each: each.parameters, lambda v: f"{v:,.0f}", True)
    yield _Row("file", "", lambda each: each.bytes, lambda v: byte_count(int(v)), True)
    if any(each.digits for each in found.kinds):
        real = "" if found.digits_recognised is None else f"{found.digits_recognised:.1%} of the handwritten"
        yield _Row(
            f"{found.digits_painted} digits recognised",
            real,
            lambda each: each.digits.recognised if each.digits else None,
            lambda v: f"{v:.1%}",
            False,
        )
        yield _Row(
            "MSE of digits",
            "",
            lambda each: each.digits.mse if each.digits else None,
            lambda v: f"{v:.4f}",
            True,
        )
        yield _Row(
            "strokes of a digit, mean",
            "",
            lambda each: each.digits.strokes if each.digits else None,
            lambda v: f"{v:.1f}",
            None,
        )
    if any(each.paintings for each in found.kinds):
        if found.perception:
            yield _Row(
                f"perceptual loss of paintings ({found.perception})",
                "",
                lambda each: each.perceptual,
                lambda v: f"{v:.3f}",
                True,
            )
        yield _Row("PSNR of paintings, dB", "", lambda each: each.psnr, _two, False)


def _two(value: float) -> str:
    return f"{value:.2f}"


def _table(found: Comparison) -> str:
    heads = "".join(f'<th scope="col">{escape(each.label)}</th>' for each in found.kinds)
    lines = []
    for row in _rows(found):
        values = [row.value(each) for each in found.kinds]
        known = [value for value in values if value is not None]
        best = None
        if row.is_less_better is not None and len(known) > 1:
            best = min(known) if row.is_less_better else max(known)
        cells = "".join(_cell(value, row, value is not None and value == best) for value in values)
        lines.append(
            f'<tr><th scope="row">{escape(row.about)}</th>{cells}<td>{escape(row.of_floor)}</td></tr>'
        )
    return (
        f'<table class="figures"><thead><tr><th></th>{heads}<th scope="col">paint program itself</th></tr>'
        "</thead>"
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def _cell(value: float | None, row: _Row, is_best: bool) -> str:
    told = "" if value is None else row.told(value)
    return f'<td class="best">{told}</td>' if is_best else f"<td>{told}</td>"


def _notes(found: Comparison) -> str:
    notes = [
        "Strokes are drawn once by each, with grain at random, and compared with the paint program's at the "
        "same actions. What the paint program differs from itself, with other random numbers, is the floor: "
        "nothing that knows only the action can be expected to come below it, but for a blurred mean, which "
        "has less grain."
        if found.floor
        else "The data set has its strokes once only, so the paint program's own noise is not known."
    ]
    if found.perception:
        notes.append(
            "The perceptual loss is 1 - the cosine of what the network sees at each place, mean over places "
            "and layers: 0 the same, 1 nothing alike."
        )
    return "".join(f'<p class="note">{escape(note)}</p>' for note in [*notes, *found.left_out])


def _strokes(pictures: Pictures) -> str:
    rows = [
        (label, _line([PAPER + (INK - PAPER) * each for each in alpha], LARGER))
        for label, alpha in pictures.strokes
    ]
    return _sheet(rows)


def _digits(found: Comparison, pictures: Pictures) -> str:
    if not pictures.digits:
        return ""
    rows = [
        (label, _line([255 * each for each in drawn], 1, misread))
        for (label, drawn), misread in zip(pictures.digits, pictures.misread, strict=True)
    ]
    settings = found.settings["digit_settings"]
    note = (
        f"Each is painted with at most {settings['strokes']} strokes, which begin along its skeleton and are "
        "moved through the generator. A plain convolutional network, trained on other handwritten digits, "
        "reads them; those with a red frame it takes for others."
    )
    return f'<section><h2>Digits</h2>{_sheet(rows)}<p class="note">{escape(note)}</p></section>'


def _paintings(found: Comparison, pictures: Pictures) -> str:
    if not pictures.paintings:
        return ""
    parts = []
    for number, (name, row) in enumerate(pictures.paintings):
        shown = []
        for label, picture in row:
            of = next((each for each in found.kinds if each.label == label), None)
            caption = label if of is None else f"{label}: {_told(of, number)}"
            image = embedded(Image.fromarray(_bytes(picture)))
            alt = escape(f"{name}, {label}")
            shown.append(
                f'<figure><img src="{image}" alt="{alt}"><figcaption>{escape(caption)}</figcaption></figure>'
            )
        parts.append(f'<div class="row">{"".join(shown)}</div>')
    note = (
        f"{found.settings['strokes']:,} strokes each, placed and moved by the same optimiser at "
        f"{found.settings['size']} px, where they are measured; here they are drawn anew, larger."
    )
    return f'<section><h2>Paintings</h2>{"".join(parts)}<p class="note">{escape(note)}</p></section>'


def _told(figures: Figures, number: int) -> str:
    """A painting's figures."""
    each = figures.paintings[number]
    seen = "" if each.perceptual is None else f"perceptual loss {each.perceptual:.3f}, "
    return f"{seen}RMSE {each.rmse:.4f}, {each.psnr:.2f} dB, {each.seconds:.0f} s of processor time"


def _recipe(found: Comparison) -> str:
    rows = [("data set", found.data), ("device", found.device), ("seed", str(found.settings["seed"]))]
    rows += [(f"weights of {each.label}", f"{each.file} (sha256 {each.sha256})") for each in found.kinds]
    cells = "".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{escape(value)}</td></tr>' for label, value in rows
    )
    return f"<table><tbody>{cells}</tbody></table>"


def _sheet(rows: Sequence[tuple[str, Image.Image]]) -> str:
    lines = "".join(
        f'<span>{escape(label)}</span><img src="{embedded(image)}" alt="{escape(label)}">'
        for label, image in rows
    )
    return f'<div class="sheet">{lines}</div>'


def _line(
    pictures: Sequence[NDArray[np.floating]], larger: int, marked: NDArray[np.bool_] | None = None
) -> Image.Image:
    """Grey pictures of one size, 0..255, beside each other; those that are marked with a red frame."""
    side = pictures[0].shape[0]
    cells = []
    for number, picture in enumerate(pictures):
        cell = np.repeat(np.clip(picture, 0, 255)[..., None], 3, 2).astype(np.uint8)
        if marked is not None and marked[number]:
            for edge in (np.s_[:2], np.s_[-2:], np.s_[:, :2], np.s_[:, -2:]):
                cell[edge] = MISREAD
        cells += [cell, np.full((side, GAP, 3), 128, np.uint8)]
    image = Image.fromarray(np.hstack(cells[:-1]))
    width, height = image.size
    return image.resize((width * larger, height * larger), Image.Resampling.LANCZOS) if larger > 1 else image


def _bytes(picture: Picture) -> NDArray[np.uint8]:
    return np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
