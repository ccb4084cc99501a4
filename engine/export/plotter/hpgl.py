"""A plot as HPGL, for the plotters that vpype knows and for any other."""

from __future__ import annotations

import io
import re

import numpy as np
import vpype

from engine.errors import SpecError
from engine.events import Notice, Trouble
from engine.export.plotter.document import PIXEL, document_of
from engine.export.plotter.path_order import lengths
from engine.export.plotter.plotter import Plot
from engine.spec.paper_fields import MOST_PENS

GENERIC = "generic"
NEAR = 1.0  # mm: how far a page and a plotter's paper may differ
NOTHING = "IN;DF;PU;SP0;IN;\n"  # vpype writes no file without lines
LOST = 0.005  # of the ink: more beyond a plotter's reach is told
# A unit of HPGL is .025 mm. No limits: the page is what somebody has put into the plotter.
ANY_PLOTTER = {
    "name": "any plotter",
    "plotter_unit_length": "0.025mm",
    "pen_count": MOST_PENS,
    "paper": [
        {
            "name": "any",
            "y_axis_up": True,
            "origin_location": ["0mm", "0mm"],
            "origin_location_reference": "botleft",
        }
    ],
}


def paper_of_device(device: str, page: tuple[float, float]) -> vpype.PaperConfig:
    """What a plotter calls a page of that width and height in mm; SpecError when it has no such paper."""
    wanted = sorted(page)
    papers = _plotter(device).paper_configs
    for paper in papers:
        if paper.paper_size is not None and np.allclose(
            sorted(PIXEL * np.array(paper.paper_size)), wanted, rtol=0, atol=NEAR
        ):
            return paper
    for paper in papers:
        if paper.paper_size is None:
            return paper
    sizes = [
        f"{width:g}x{height:g}"
        for width, height in (np.round(PIXEL * np.array(paper.paper_size), 1) for paper in papers)
    ]
    raise SpecError(
        f"export.device: {device} has pages of {', '.join(dict.fromkeys(sizes))} mm, and not of "
        f"{page[0]:g}x{page[1]:g}; choose another --page."
    )


def to_hpgl(plot: Plot, device: str) -> tuple[str, list[Notice | Trouble]]:
    """The file, in absolute coordinates, and what is to be said about it."""
    width, height = plot.page.page
    plotter, paper = _plotter(device), paper_of_device(device, plot.page.page)
    content = io.StringIO()
    vpype.write_hpgl(
        output=content,
        document=document_of(plot),
        page_size=paper.name,
        landscape=width > height,
        center=False,
        device=device,
        velocity=None,
        absolute=True,
        quiet=True,
    )
    text = content.getvalue() or NOTHING
    remarks: list[Notice | Trouble] = [
        Notice(f"{device}: {' '.join(info.split())}") for info in (plotter.info, paper.info) if info
    ]
    wanted = sum(float(lengths(layer.lines).sum()) for layer in plot.layers)
    lost = wanted - PIXEL * plotter.plotter_unit_length * _drawn(text)
    if lost > LOST * wanted:
        remarks.append(
            Trouble(
                f"{device} doesn't reach {lost / 1000:.1f} m of {wanted / 1000:.1f} m of ink, and these are "
                "left out; a larger --margin keeps the picture within its reach."
            )
        )
    return text, remarks


def _plotter(device: str) -> vpype.PlotterConfig:
    devices = vpype.config_manager.config.setdefault("device", {})
    devices.setdefault(GENERIC, ANY_PLOTTER)
    if device not in devices:
        raise SpecError(
            f"export.device must be {', '.join(sorted(devices))}, not {device}; ~/.vpype.toml can have more."
        )
    try:
        plotter = vpype.config_manager.get_plotter_config(device)
    except (ValueError, LookupError, TypeError) as exc:
        raise SpecError(
            f"export.device: what vpype says of {device} can't be read ({exc}); take another one, or "
            f"{GENERIC}."
        ) from exc
    assert plotter is not None
    return plotter


def _drawn(text: str) -> float:
    """The length of all lines of a file, in its units."""
    total = 0.0
    for start, others in re.findall(r"PU(-?\d+,-?\d+);PD([-\d,]+);", text):
        places = np.array([*start.split(","), *others.split(",")], np.float64).reshape(-1, 2)
        total += float(lengths([places])[0])
    return total
