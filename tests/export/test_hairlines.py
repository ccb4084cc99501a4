"""Between shapes that touch no paper is to be seen in an SVG's viewers, at its own size."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import resvg_py
from PIL import Image
from skimage import data

import engine
from engine.export.svg import to_svg
from tests.painters.gng.test_painter import painted

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIDE = 128
PAPER = (1.0, 0.0, 1.0)
SEEN = 40  # steps of 1/255: two edges that each cover half a pixel would let 64 through


@pytest.fixture(scope="module", params=["triangles", "faces"])
def scenes(request: Any) -> tuple[Any, Any]:
    """A picture, and the same on paper of another colour."""
    if request.param == "faces":
        scene: Any = painted(data.camera()[::4, ::4], look="low-poly", points="edges", count=300)
    else:
        pixels = np.ascontiguousarray(data.astronaut()[::4, ::4])
        scene = engine.render(pixels, count=150, effort=0.1, workers=1, opacity=1).scene
    return scene, replace(scene, background=PAPER)


def by_resvg(svg: str, folder: Path) -> Any:
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=SIDE, height=SIDE))
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def by_chromium(svg: str, folder: Path) -> Any:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"no browser is installed ({', '.join(BROWSERS)})")
    page, shot = folder / "page.html", folder / "shot.png"
    page.write_text(f'<body style="margin:0">{svg}</body>')
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--window-size={SIDE},{SIDE}", f"--screenshot={shot}", page.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return np.asarray(Image.open(shot).convert("RGB")).astype(int)[:SIDE, :SIDE]


@pytest.mark.parametrize("viewer", [by_resvg, by_chromium])
def test_no_more_paper_shows_between_shapes_than_is_bare(scenes, viewer, tmp_path):
    seen = [viewer(to_svg(scene), tmp_path) for scene in scenes]
    bare = [scene.draw(SIDE, SIDE).astype(int) for scene in scenes]
    through, ours = (np.abs(plain - strange).max(axis=2) for plain, strange in (seen, bare))
    assert (through - ours).max() <= SEEN
