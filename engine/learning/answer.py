"""The answer in a sentence or two, made of the figures: which paints better, by how much, at what price."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.formatting import byte_count
from engine.learning.comparison import Comparison, Figures

ALIKE = 0.03  # of a figure: what differs by less is told as the same


def answer(comparison: Comparison) -> str:
    """Which generator paints better, by how much, at what price."""
    kinds = comparison.kinds
    if len(kinds) < 2:
        return f"There is only one generator, {kinds[0].label}, and so nothing to compare it with."
    ranked, measured = _ranked(kinds)
    best, others = ranked[0], ranked[1:]
    return f"{_better(best, others, measured)} {_strokes(comparison, best, others)} {_price(best, others)}"


def _ranked(kinds: Sequence[Figures]) -> tuple[list[Figures], Callable[[Figures], float] | None]:
    """The best first, and the figure of their paintings that says so; None: they painted none."""
    if all(each.perceptual is not None for each in kinds):
        return sorted(kinds, key=lambda each: each.perceptual or 0), lambda each: each.perceptual or 0
    if all(each.psnr is not None for each in kinds):
        return sorted(kinds, key=lambda each: -(each.psnr or 0)), lambda each: _rmse(each)
    return sorted(kinds, key=lambda each: each.strokes.mse), None


def _rmse(figures: Figures) -> float:
    return sum(each.rmse for each in figures.paintings) / len(figures.paintings)


def _better(best: Figures, others: Sequence[Figures], measured: Callable[[Figures], float] | None) -> str:
    if measured is None:
        return f"{_name(best.label)} draws the truest strokes."
    what = "perceptual loss" if best.perceptual is not None else "RMSE"
    told = [f"{each.label} {measured(each):.3f}, {_more(measured(each), measured(best))}" for each in others]
    verb = "paints as well as any" if _is_alike(measured(others[0]), measured(best)) else "paints better"
    beside = "; ".join(told)
    return f"{_name(best.label)} {verb}: its paintings have a {what} of {measured(best):.3f} ({beside})."


def _strokes(comparison: Comparison, best: Figures, others: Sequence[Figures]) -> str:
    """Strokes and digits beside those of the others."""
    floor = comparison.floor
    told = []
    for each in (best, *others):
        times = f" = {each.strokes.mse / floor.mse:.2f} floors" if floor and floor.mse else ""
        told.append(f"{each.label} MSE {each.strokes.mse:.4f}{times}, grain {each.strokes.grain:.2f}")
    sentence = f"Of strokes that were held out: {'; '.join(told)}."
    if all(each.digits for each in (best, *others)):
        read = ", ".join(
            f"{each.label} {each.digits.recognised:.1%}" for each in (best, *others) if each.digits
        )
        real = comparison.digits_recognised
        beside = f" (the same digits as they are: {real:.1%})" if real is not None else ""
        sentence += f" Of painted digits are read {read}{beside}."
    return sentence


def _price(best: Figures, others: Sequence[Figures]) -> str:
    told = [
        f"{each.ms_with_slopes:.2f} ms for {each.label} ({byte_count(each.bytes)})"
        for each in (best, *others)
    ]
    return f"The price of a stroke with its slopes: {', '.join(told)}."


def _more(value: float, least: float) -> str:
    """By how much a figure is larger."""
    share = value / least - 1 if least else 0.0
    return "about the same" if abs(share) < ALIKE else f"{share:.0%} more"


def _is_alike(value: float, least: float) -> bool:
    return not least or value / least - 1 < ALIKE


def _name(label: str) -> str:
    return label.upper() if label in ("vae", "gan") else label.capitalize()
