"""A plot as G-code, or in whatever form a profile of vpype-gcode has."""

from __future__ import annotations

import contextlib
import inspect
import io

import vpype

from engine.errors import SpecError
from engine.export.plotter.document import document_of
from engine.export.plotter.plotter import Plot

PEN = "pen"
# Absolute, in mm from the page's lower left corner; up is Z5, down is Z0, and drawn is at 50 mm/s, as the
# minutes of a plot are reckoned. Between two pens it waits.
OF_A_PEN = {
    "unit": "mm",
    "vertical_flip": True,
    "document_start": "G21\nG90\nG0 Z5\n",
    "layer_start": "(pen {vp_name})\n",
    "segment_first": "G0 X{x:.3f} Y{y:.3f}\nG1 Z0 F1000\nF3000\n",
    "segment": "G1 X{x:.3f} Y{y:.3f}\n",
    "line_end": "G0 Z5\n",
    "layer_join": "M0 (change the pen)\n",
    "document_end": "G0 X0 Y0\nM2\n",
}


def check_profile(profile: str) -> None:
    """SpecError when there is no such profile."""
    if profile not in (profiles := _profiles()):
        raise SpecError(
            f"export.profile must be {', '.join(sorted(profiles))}, not {profile}; ~/.vpype.toml can have "
            "more."
        )


def to_gcode(plot: Plot, profile: str) -> tuple[str, str]:
    """The file, and what the profile says about itself."""
    from vpype_gcode.gwrite import gwrite

    check_profile(profile)
    written, said = io.StringIO(), io.StringIO()
    written.name = "plot"  # which templates may mention
    # Its function, and not `execute`, which would want a path, and leaves its file open.
    write = inspect.unwrap(gwrite.callback)
    with contextlib.redirect_stderr(said):
        write(document_of(plot), written, profile, ())
    return written.getvalue(), " ".join(said.getvalue().split())


def _profiles() -> dict[str, object]:
    import vpype_gcode.gwrite  # noqa: F401  (it adds its own profiles)

    profiles: dict[str, object] = vpype.config_manager.config.setdefault("gwrite", {})
    profiles.setdefault(PEN, OF_A_PEN)
    return {name: each for name, each in profiles.items() if isinstance(each, dict)}
